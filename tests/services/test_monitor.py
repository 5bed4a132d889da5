"""The monitor reads public data over HTTP and finds what must not be."""

import json
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).parent))

from registered_city import AGENCY, LIST, RegisteredCity

from cityhall.command_line import main
from cityhall.monitor.explain import changes, describe, explain
from cityhall.monitor.look import Monitor
from cityhall.monitor.public_log import NotReadable, PublicLog
from credentials.model import Status, StatusReference
from credentials.receipt import Receipt, sign_receipt
from ledger.chain import ChainHead, LogHead
from ledger.errors import ChainUnavailable, ForeignChain
from register.promise_check import check_promises
from runtime.fetch import Fetcher


@pytest.fixture
def city(tmp_path):
    city = RegisteredCity(tmp_path / "city")
    city.admit()
    yield city
    city.close_down()


@pytest.fixture
def monitor(city, tmp_path):
    return build(city, tmp_path / "memory")


def build(city, folder, **more):
    url = city.environ["CITY_REGISTER_URL"]
    fetcher = Fetcher(ca_file=None, allow_loopback=True, trusted_origins=frozenset({url}))
    return Monitor(
        log=PublicLog(fetcher, url),
        folder=folder,
        clock=lambda: city.now,
        max_age=timedelta(seconds=180),
        **more,
    )


def publish(city, statuses=None):
    city.submit(city.list_token(statuses=statuses))
    city.close_epoch()


def codes(report):
    return [finding.code for finding in report.breaches]


def damage(city, statement):
    with city.hall.database.writing() as session:
        session.execute(text(statement))
    city.hall.publications._snapshots.clear()
    city.hall.publications._proven = None


def receipt_for(city, *indices, status=Status.REVOKED, due_epoch=None, at=None, signer=None):
    at = at or city.now
    promise = Receipt(
        issuer=AGENCY,
        issued_at=at,
        status=status,
        entries=tuple(StatusReference(LIST, index) for index in indices),
        due_at=at + timedelta(seconds=120),
        due_epoch=due_epoch,
    )
    return sign_receipt(promise, signer=signer or city.status_key, header={})


def test_a_whole_log_is_green_look_after_look(city, monitor):
    publish(city, {7: Status.REVOKED})
    first = monitor.look()
    for _ in range(3):
        publish(city)
    second = monitor.look()
    again = monitor.look()

    assert codes(first) + codes(second) + codes(again) == []
    assert (first.figures["size"], second.figures["size"]) == (1, 4)
    assert second.figures["lists"] == 1
    assert second.figures["cosignatures"] == second.figures["cosignatures_needed"] == 1


def test_an_old_epoch_is_a_breach(city, monitor):
    publish(city)
    city.now += timedelta(minutes=10)

    assert codes(monitor.look()) == ["epoch_old"]


class Liar(PublicLog):
    """A register that answers some paths with other bytes."""

    def __init__(self, honest, path, lie):
        super().__init__(honest._fetcher, honest.url)
        self.path, self.lie = path, lie

    def data(self, path, *, max_bytes=2 << 20):
        honest = super().data(path, max_bytes=max_bytes)
        is_meant = path == self.path or path.startswith((f"{self.path}/000", f"{self.path}?"))
        return self.lie(honest) if is_meant else honest


def change_snapshot(member):
    def lie(data):
        value = json.loads(data)
        member(value["lists"])
        return json.dumps(value).encode()

    return lie


def flip_signature(lists):
    head, _, signature = lists[0]["token"].rpartition(".")
    lists[0]["token"] = f"{head}.{signature[::-1]}"


LIES = {
    "an entry": ("/tile/entries", lambda data: data[:-1] + b"x", {"wrong_root"}),
    "an entry too few": ("/tile/entries", lambda data: data[: len(data) // 2], "unreadable"),
    "half an entry": ("/tile/entries", lambda data: data[:-1], "unreadable"),
    "a tile": ("/tile/0", lambda data: bytes(len(data)), {"wrong_tiles"}),
    "a short tile": ("/tile/0", lambda data: data[:32], {"wrong_tiles"}),
    "no signature": ("/checkpoint", lambda data: data[:-60] + b"\n", {"bad_base64"}),
    "no witness": (
        "/checkpoint",
        lambda data: b"".join(data.splitlines(True)[:5]),
        {"no_quorum"},
    ),
    "no policy": ("/policy", lambda _data: b"quorum none\n", {"malformed_log"}),
    "a list's bytes": ("/snapshot", change_snapshot(flip_signature), {"list_wrong_token"}),
    "a missing list": (
        "/snapshot",
        change_snapshot(lambda lists: lists.pop()),
        {"wrong_lists_root"},
    ),
    "no bytes": (
        "/snapshot",
        change_snapshot(lambda lists: lists[0].update(token=None)),
        {"missing_list"},
    ),
    "no proof": (
        "/snapshot",
        change_snapshot(lambda lists: lists[0].update(proof={})),
        {"list_malformed_proof", "wrong_lists_root"},
    ),
    "the trust registry": ("/trust", lambda data: data[:-4] + b"AAAA", {"trust_refused"}),
    "no JSON": ("/snapshot", lambda _data: b"[", "unreadable"),
}


@pytest.mark.parametrize("name", LIES)
def test_a_register_that_lies_is_found_out(city, monitor, name):
    publish(city)
    city.submit(city.list_token(uri=f"{LIST}0"))
    publish(city)
    path, lie, expected = LIES[name]
    liar = replace(monitor, log=Liar(monitor.log, path, lie))
    if expected == "unreadable":
        with pytest.raises(NotReadable):
            liar.look()
    else:
        assert set(codes(liar.look())) == expected
    assert codes(monitor.look()) == []


def test_a_rollback_is_a_breach_and_both_notes_are_kept(city, monitor, tmp_path):
    publish(city)
    publish(city)
    monitor.look()
    damage(city, "UPDATE ledger_epoch SET witnessed = NULL WHERE epoch = 2")
    report = monitor.look()
    [kept] = (tmp_path / "memory" / "evidence").glob("rollback-*.txt")

    assert codes(report) == ["rollback"]
    assert kept.read_text().count("localhost") >= 4


def test_a_log_that_began_anew_is_a_fork(city, monitor, tmp_path):
    publish(city)
    monitor.look()
    path = tmp_path / "memory" / "seen.json"
    seen = json.loads(path.read_text())
    path.write_text(json.dumps({**seen, "subtrees": ["00" * 32]}))
    at_once = monitor.look()
    publish(city)
    later = monitor.look()

    assert codes(at_once) == ["fork"]
    assert codes(later) == ["fork"]
    assert len(list((tmp_path / "memory" / "evidence").iterdir())) == 2


def test_a_memory_that_cannot_be_read_stops_the_monitor(city, monitor, tmp_path):
    publish(city)
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / "seen.json").write_text('{"policy": 1}')

    with pytest.raises(Exception, match="memory of a monitor"):
        monitor.look()


def test_a_list_that_became_older_is_told(city, monitor, tmp_path):
    publish(city)
    monitor.look()
    path = tmp_path / "memory" / "seen.json"
    seen = json.loads(path.read_text())
    seen["lists"][LIST][0] += 1000
    path.write_text(json.dumps(seen))

    assert codes(monitor.look()) == ["list_rollback"]


def test_receipts_are_kept_waiting_late_or_refused(city, tmp_path):
    folder = tmp_path / "receipts"
    folder.mkdir()
    publish(city, {7: Status.REVOKED})
    (folder / "kept.jwt").write_text(receipt_for(city, 7, due_epoch=1))
    (folder / "waiting.jwt").write_text(receipt_for(city, 9, due_epoch=9))
    (folder / "late.jwt").write_text(receipt_for(city, 8, due_epoch=1))
    (folder / "forged.jwt").write_text(receipt_for(city, 8, due_epoch=1, signer=city.operator))
    report = build(city, tmp_path / "memory", receipts=(str(folder),)).look()

    assert report.promises == {"kept": 1, "waiting": 1, "late": 1, "gone": 0, "refused": 1}
    assert codes(report) == ["overdue"]


def test_a_newer_receipt_for_the_entry_takes_the_place_of_an_older_one(city, tmp_path):
    file = tmp_path / "receipts.txt"
    suspended = receipt_for(city, 7, status=Status.SUSPENDED, due_epoch=1)
    city.now += timedelta(seconds=1)
    lifted = receipt_for(city, 7, status=Status.VALID, due_epoch=1)
    publish(city)
    file.write_text(f"{suspended}\n{lifted}\n")
    report = build(city, tmp_path / "memory", receipts=(str(file),)).look()

    assert report.promises["kept"] == 2


def test_the_register_judges_the_receipts_that_it_was_handed(city):
    for entry in (7, 8):
        answer = city.client.post(
            "/api/v1/receipts", json={"receipt": receipt_for(city, entry, due_epoch=1)}
        )
        assert answer.status_code == 202, answer.text
    again = city.client.post(
        "/api/v1/receipts", json={"receipt": receipt_for(city, 8, signer=city.operator)}
    )
    waiting = city.hall.promises.counts()
    publish(city, {7: Status.REVOKED})
    city.hall.promises.settle()

    assert again.status_code in (400, 403)
    assert [*waiting.values()] == [2, 0, 0]
    assert [*city.hall.promises.counts().values()] == [0, 1, 1]


def test_the_history_of_an_entry_from_public_data_alone(city, monitor):
    publish(city)
    publish(city, {7: Status.SUSPENDED})
    city.close_epoch()
    publish(city, {7: Status.REVOKED})
    eras = explain(monitor.log, monitor.head(), uri=LIST, index=7)
    told = describe(eras, uri=LIST, index=7)

    assert told["changes"] == [
        {"epoch": 1, "status": "valid"},
        {"epoch": 2, "status": "suspended"},
        {"epoch": 4, "status": "revoked"},
    ]
    assert {era.source for era in eras} == {"bytes"}


def test_bytes_that_are_gone_are_filled_in_from_equal_bits_or_told_as_unknown(city, monitor):
    for statuses in (None, None, {9: Status.REVOKED}, {7: Status.REVOKED, 9: Status.REVOKED}):
        publish(city, statuses)
    damage(city, "UPDATE ledger_list SET token = NULL WHERE last_epoch IN (2, 3)")
    eras = explain(monitor.log, monitor.head(), uri=LIST, index=7)

    assert [era.status for era in eras] == ["valid", "valid", None, "revoked"]
    assert eras[1].source == "same bits as beside"
    assert [era.first_epoch for era in changes(eras)] == [1, 3, 4]


class StubChain:
    """A chain of the protocol that shows one head."""

    caip2 = "eip155:31337"

    def __init__(self, answer):
        self.answer = answer

    def head(self, *, at):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def chain_head(size, root):
    return ChainHead(LogHead(size, size, root), height=12, block_hash=bytes(32))


def test_each_chain_is_held_against_the_log(city, tmp_path):
    publish(city)
    with city.hall.database.reading() as session:
        root = bytes(session.execute(text("SELECT root FROM ledger_epoch")).scalar_one())
    publish(city)
    answers = {
        "ours": chain_head(1, root),
        "none yet": None,
        "forked": chain_head(1, bytes(32)),
        "ahead": chain_head(9, root),
        "away": ChainUnavailable("no node answers"),
        "foreign": ForeignChain("another chain id", detail="wrong_chain_id"),
    }
    found = {}
    for name, answer in answers.items():
        chain = StubChain(answer)
        report = build(
            city, tmp_path / "memory", chains=lambda _origin, chain=chain: (chain,)
        ).look()
        found[name] = (codes(report), report.lags.get("eip155:31337"))

    assert found == {
        "ours": ([], 1),
        "none yet": ([], 2),
        "forked": (["ledger_fork"], 1),
        "ahead": (["ledger_fork"], -7),
        "away": ([], None),
        "foreign": (["ledger_foreign"], None),
    }


def test_the_command_tells_in_json_and_by_its_exit_code(city, tmp_path, capsys):
    publish(city)
    words = ["--register", city.environ["CITY_REGISTER_URL"], "--json", "--data-dir", str(tmp_path)]
    exit_code = main(["monitor", *words, "--max-age", "999999999"])
    told = json.loads(capsys.readouterr().out)
    history = main(["monitor", "explain", "--list", LIST, "--index", "7", *words])
    explained = json.loads(capsys.readouterr().out)
    nowhere = main(["monitor", "--register", "http://localhost:9", "--data-dir", str(tmp_path)])

    # The city's clock stands in the test's year: its head is ahead of or behind this machine's.
    assert exit_code in (0, 1)
    assert told["figures"]["size"] == 1
    assert history == 0
    assert explained["changes"] == [{"epoch": 1, "status": "valid"}]
    assert nowhere == 3


PROMISES = {
    "a changed text": "UPDATE register_receipt SET text = 'x' WHERE state = 'late'",
    "a lost text": "UPDATE register_receipt SET text = NULL WHERE state = 'late'",
    "a kept text": "UPDATE register_receipt SET text = 'x' WHERE state = 'kept'",
    "a state that is none": "UPDATE register_receipt SET state = 'x'",
    "judged by no epoch": "UPDATE register_receipt SET judged_epoch = NULL",
    "judged by an epoch that never was": "UPDATE register_receipt SET judged_epoch = 99",
    "judged before it was due": "UPDATE register_receipt SET due_epoch = 9, due_at = due_at + 9999",
    "another issuer": "UPDATE register_receipt SET issuer = 'x' WHERE state = 'late'",
    "another time": "UPDATE register_receipt SET issued_at = 1 WHERE state = 'late'",
}


@pytest.mark.parametrize("name", PROMISES)
def test_s208_fsck_finds_a_promise_that_was_tampered_with(city, name):
    for entry in (7, 8):
        receipt = receipt_for(city, entry, due_epoch=1)
        city.client.post("/api/v1/receipts", json={"receipt": receipt})
    publish(city, {7: Status.REVOKED})
    city.hall.promises.settle()
    before = check_promises(city.hall.database)
    damage(city, PROMISES[name])

    assert before == []
    assert check_promises(city.hall.database) != []
