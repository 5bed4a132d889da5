"""
S-206, S-209: whatever dies between two steps of closing an epoch, the log is whole afterwards.

Each case runs in a process of its own that is killed with SIGKILL, or fails, at one named place.
Then somebody else opens the same databases, and every invariant is recomputed.
"""

import hashlib
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "ledger"))

from ledgers import LOG_KEY, NOON, City, signing_key, verifier_key

from ledger import log, store
from ledger.anchor import verify_anchor
from ledger.closer import WitnessAnswer
from ledger.note import COSIGNATURE, parse_checkpoint_text, parse_note, verify_checkpoint
from register import witness_store
from register.watching import Witness
from runtime.database import Database
from runtime.errors import FailpointHit

LIST = "https://issuer.example/agencies/transport/status/1"
PLACES = (
    "register.append",
    "register.sign",
    "register.keep_signature",
    "register.cosign",
    "witness.cosign",
    "register.publish",
)
MODES = ("kill-before", "kill-after", "fail-before", "fail-after")


class DurableWitness:
    """The real witness on its own database, without the HTTP between."""

    def __init__(self, folder):
        database = Database(f"sqlite:///{folder}/witness.sqlite3")
        with database.writing() as session:
            witness_store.metadata.create_all(session.connection())
        self.key = verifier_key("witness.example/2", 2, COSIGNATURE)
        self.clock = NOON
        self.witness = Witness(
            database,
            key=self.key,
            signer=signing_key(2),
            clock=lambda: self.clock,
            find_log=lambda origin: LOG_KEY.vkey if origin == LOG_KEY.name else None,
        )

    def add_checkpoint(self, body):
        answer = self.witness.add_checkpoint(body)
        return WitnessAnswer(answer.status, answer.body.encode())

    def head(self):
        return self.witness.head(hashlib.sha256(LOG_KEY.name.encode()).hexdigest())


def open_city(folder, minutes):
    city = City(folder, [DurableWitness(folder)])
    city.now = NOON + timedelta(minutes=minutes)
    return city


def run_apart(folder, failpoint, *, first, last):
    """Close epochs with one list version each, in a child that may die; how it ended."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.environ["CITY_FAILPOINT"] = failpoint
            city = open_city(folder, first)
            for version in range(first, last):
                city.submit(LIST, version)
                city.close()
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1]


def heads(city):
    with city.database.reading() as session:
        return store.every_epoch(session)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("place", PLACES)
def test_a_log_killed_at_any_step_is_whole_and_goes_on(tmp_path, place, mode):
    assert run_apart(tmp_path, "", first=1, last=3) == 0
    status = run_apart(tmp_path, f"{place}:{mode}", first=3, last=6)
    before = open_city(tmp_path, 10)
    seen = {epoch.size: epoch.checkpoint for epoch in heads(before)}
    breaches = before.check()
    before.submit(LIST, 9)
    epoch = before.close()
    found = before.anchored(LIST)
    anchor = verify_anchor(found.proof, policy=before.policy, uri=LIST, token=found.stored.token)

    assert status != 0
    assert os.WIFSIGNALED(status) == mode.startswith("kill")
    assert not os.WIFSIGNALED(status) or os.WTERMSIG(status) == signal.SIGKILL
    assert breaches == []
    assert before.check() == []
    assert anchor.version == 9
    assert_signed_once(before, seen)
    assert verify_checkpoint(epoch.witnessed, before.policy).checkpoint.size == epoch.size


def assert_signed_once(city, seen):
    """No size has two checkpoints: what was signed before the crash is signed still."""
    for epoch in heads(city):
        if seen.get(epoch.size) is not None:
            assert epoch.checkpoint == seen[epoch.size]
    witness = city.witnesses[0]
    head = parse_checkpoint_text(parse_note(witness.head()).text)
    with city.database.reading() as session:
        assert log.root_of(session, head.size) == head.root


@pytest.mark.parametrize("visit", range(1, 9))
def test_a_log_killed_at_its_nth_epoch_loses_nothing_that_was_published(tmp_path, visit):
    status = run_apart(tmp_path, f"register.keep_signature:kill-after:{visit}", first=1, last=10)
    city = open_city(tmp_path, 30)
    with city.database.reading() as session:
        published = log.published(session).size if visit > 1 else 0
    epoch = city.closer.settle()

    assert os.WIFSIGNALED(status)
    assert published == visit - 1
    assert epoch.size == visit
    assert city.check() == []


@pytest.mark.parametrize("place", ["register.append", "register.publish"])
def test_a_process_that_only_failed_goes_on_itself(tmp_path, monkeypatch, place):
    city = open_city(tmp_path, 0)
    city.submit(LIST, 1)
    monkeypatch.setenv("CITY_FAILPOINT", f"{place}:fail-after")
    with pytest.raises(FailpointHit):
        city.close()
    monkeypatch.delenv("CITY_FAILPOINT")
    city.close()

    assert city.check() == []
    assert city.anchored(LIST).stored.leaf.version == 1


def test_s206_a_torn_copy_of_the_database_is_found(tmp_path):
    city = open_city(tmp_path, 0)
    for version in range(1, 40):
        city.submit(LIST, version, token=os.urandom(2000))
        city.close()
    city.database.close()
    path = tmp_path / "register.sqlite3"
    data = bytearray(path.read_bytes())
    place = data.find(city.anchored(LIST).stored.token[:40])
    city.database.close()
    data[place + 20] ^= 1
    path.write_bytes(data)

    assert place > 0
    assert open_city(tmp_path, 60).check() == [f"the bytes of {LIST} version 39 were changed"]
