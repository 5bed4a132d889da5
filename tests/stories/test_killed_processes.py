"""
kill -9 of any process while the city issues, revokes and anchors: nothing that was acknowledged is
lost, the supervisor brings the service back, and fsck is green.
"""

import os
import signal
import threading

import pytest

from cityhall.city_file import SERVICES
from cityhall.commands.demo import open_temporary_city
from cityhall.desk import desk_of
from cityhall.fsck import check_city
from mobile_demo.errors import DemoError
from mobile_demo.people import agency_for
from mobile_demo.tour import example_of
from runtime.errors import FetchError
from tests.support.cities import free_base_port

ROUNDS = 3
TYPE = "insurance-certificate"


@pytest.mark.slow
@pytest.mark.parametrize("victim", SERVICES)
def test_killing_a_process_loses_nothing_that_was_acknowledged(tmp_path, victim):
    supervisor, city = open_temporary_city(tmp_path, base_port=free_base_port(), tls=False)
    try:
        desk = desk_of(city)
        clerk = Clerk(desk)
        for _ in range(ROUNDS):
            clerk.work_while(lambda: kill(supervisor, victim))
            supervisor.keep_up()
            supervisor.wait_until_ready()
        seen = {name: clerk.status_of(name) for name in clerk.acknowledged}
        desk.close_epoch()
    finally:
        supervisor.stop()

    assert len(clerk.acknowledged) >= ROUNDS, "the clerk got work done between the kills"
    assert seen == clerk.acknowledged
    assert [breach for breaches in check_city(tmp_path).values() for breach in breaches] == []


class Clerk:
    """Offers and revokes without pause, and remembers what was acknowledged."""

    def __init__(self, desk):
        self.desk = desk
        self.agency = agency_for(TYPE)
        self.acknowledged = {}

    def letters(self):
        return self.desk.letters("issuer", role="officer", agency=self.agency)

    def work_while(self, disturb):
        """Work in a thread; after some work was acknowledged, disturb; then work a little more."""
        enough, stop = threading.Event(), threading.Event()
        worker = threading.Thread(target=self._work, args=(enough, stop))
        worker.start()
        enough.wait(30)
        disturb()
        stop.wait(0.3)
        stop.set()
        worker.join(30)
        assert enough.is_set(), "no work was acknowledged before the kill"

    def _work(self, enough, stop):
        done = 0
        while not stop.is_set():
            try:
                self._offer_and_revoke()
            except (DemoError, FetchError):
                continue
            done += 1
            if done >= 2:
                enough.set()

    def _offer_and_revoke(self):
        wish = {"agency": self.agency, "type": TYPE, "claims": example_of(TYPE)}
        offered = self.letters().post("/api/v1/offers", wish)
        name = offered["credential_id"]
        self.acknowledged[name] = "valid"
        try:
            change = {"status": "revoked", "reason": "test"}
            self.letters().post(f"/api/v1/credentials/{name}/status", change)
        except (DemoError, FetchError):
            # Unknown outcome: it may have been revoked. Only what is certain is remembered.
            self.acknowledged.pop(name)
            raise
        self.acknowledged[name] = "revoked"

    def status_of(self, name):
        return self.letters().get(f"/api/v1/credentials/{name}")["status"]


def kill(supervisor, victim):
    """SIGKILL to the service and its workers, as a crash of the machine's memory would."""
    os.killpg(supervisor.processes[victim].pid, signal.SIGKILL)
    supervisor.processes[victim].wait()
