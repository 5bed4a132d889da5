"""S-208: what the log keeps of its chains is checked, and a planted corruption is found."""

import sys
from pathlib import Path

import pytest
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).parent))

from ledgers import NOON, City, signing_key, verifier_key

from ledger import chain_store, store
from ledger.chain import ChainHead, LogHead, Prepared
from ledger.chain_check import check_chains
from ledger.chain_store import Alarm, ChainRow, Cosigned, InFlight
from ledger.note import COSIGNATURE, build_cosignature, parse_note
from runtime.database import Database

CHAIN = "eip155:31337"


@pytest.fixture
def city(tmp_path):
    """Three epochs; a chain that holds the first, a transaction to the third, a cosignature."""
    city = City(tmp_path)
    for version in range(1, 4):
        city.submit("https://issuer.example/agencies/transport/status/1", version)
        city.close()
    key = verifier_key("ledger.example/evm", 9, COSIGNATURE)
    with city.database.writing() as session:
        first, third = (store.load_epoch(session, number) for number in (1, 3))
        final = ChainHead(LogHead(1, 1, first.root), height=5, block_hash=bytes(32))
        flight = InFlight(Prepared(0, 7, b"raw", b"digest"), since=1, target=3, at=NOON)
        alarm = Alarm("deep_reorg", "a head that was final is gone")
        assert chain_store.save_chain(session, ChainRow(CHAIN, 0, final, flight, alarm))
        note = parse_note(third.witnessed).text
        line = build_cosignature(note, key=key, signer=signing_key(9), now=NOON)
        cosigned = Cosigned(3, third.root, line)
        chain_store.save_cosigned(session, key.vkey, cosigned)
    return city


def test_what_is_whole_is_green(city):
    assert check_chains(city.database) == []


def test_a_log_without_chains_is_green(tmp_path):
    assert check_chains(Database(f"sqlite:///{tmp_path}/empty.sqlite3")) == []


CORRUPTIONS = {
    "another root": "UPDATE ledger_chain SET final_root = zeroblob(32)",
    "a head beyond the log": "UPDATE ledger_chain SET final_epoch = 9, final_size = 9",
    "an epoch that is not its size": "UPDATE ledger_chain SET final_epoch = 2",
    "half a head": "UPDATE ledger_chain SET final_height = NULL",
    "half a transaction": "UPDATE ledger_chain SET digest = NULL",
    "an empty transaction": "UPDATE ledger_chain SET raw = x''",
    "a target beyond the log": "UPDATE ledger_chain SET target = 4",
    "a target behind its start": "UPDATE ledger_chain SET since = 3, target = 2",
    "a way to nowhere": "UPDATE ledger_chain SET since = 3",
    "a nonce below zero": "UPDATE ledger_chain SET nonce = -1",
    "half an alarm": "UPDATE ledger_chain SET alarm = NULL",
    "a name that is none": "UPDATE ledger_chain SET caip2 = 'no name'",
    "a revision that is none": "UPDATE ledger_chain SET revision = 0",
    "a cosigned tree that never was": "UPDATE ledger_chain_witness SET root = zeroblob(32)",
    "a cosignature of another size": "UPDATE ledger_chain_witness SET size = 2",
    "a line of another tree": "UPDATE ledger_chain_witness SET size = 2, root ="
    " (SELECT root FROM ledger_epoch WHERE epoch = 2)",
    "a key that is none": "UPDATE ledger_chain_witness SET vkey = 'x'",
    "a log that lost its tiles": "DELETE FROM ledger_tile",
}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_s208_fsck_finds_a_planted_corruption_of_chains(city, name):
    with city.database.writing() as session:
        session.execute(text(CORRUPTIONS[name]))

    assert check_chains(city.database) != []
