"""Timestamp proofs, block headers and calendars that lie: named refusals, and bounded work."""

import hashlib

import pytest

from ledger.bitcoin import displayed, expand_target, parse_header
from ledger.chain import LogHead
from ledger.errors import ChainUnavailable, ForeignChain, Malformed
from ledger.opentimestamps import Stamp, check_attestation, checkpoint_text
from ledger.stamp_shelf import FolderShelf
from ledger.timestamp_proof import (
    APPEND,
    MAX_OPERATIONS,
    SHA256,
    InBitcoin,
    Operation,
    Path,
    TimestampProof,
    build_proof,
    build_timestamp,
    parse_proof,
    parse_timestamp,
)
from ledger.transport import HttpAnswer
from tests.ledger.bitcoin_fake import CALENDARS, CONFIRMATIONS, ORIGIN, BitcoinWorld, mine
from tests.ledger.published_timestamps import (
    BLOCK,
    HEADER,
    HEIGHT,
    HELLO_WORLD_TEXT,
    PROOFS,
    TIME,
)

HEAD = LogHead(1, 3, b"\x01" * 32)
NEXT = LogHead(2, 5, b"\x02" * 32)
OF_2015 = expand_target(0x181686F5)
DIGEST = bytes(32)
START = build_proof(TimestampProof(DIGEST, (Path((), DIGEST, InBitcoin(1)),)))[:-11]
IN_BLOCK_1 = bytes.fromhex("000588960d73d719010101")
BROKEN = {
    "nothing": b"",
    "another magic": b"\x01" + START[1:] + IN_BLOCK_1,
    "bytes after the end": START + IN_BLOCK_1 + b"\x00",
    "an end too early": START + IN_BLOCK_1[:-1],
    "no path": START,
    "a branch that ends": START + b"\xff" + IN_BLOCK_1,
    "two markers in a row": START + b"\xff\xff" + IN_BLOCK_1 * 3,
    "the same path twice": START + b"\xff" + IN_BLOCK_1 * 2,
    "nothing appended": START + b"\xf0\x00" + IN_BLOCK_1,
    "a length that is no shortest number": START + b"\xf0\x81\x00a" + IN_BLOCK_1,
    "a length without end": START + b"\xf0" + b"\xff" * 20,
    "an argument that is too long": START + b"\xf0\x81\x20" + b"a" * 4097 + IN_BLOCK_1,
    "a message that grows too long": START + b"\xf0\x80\x20" + b"a" * 4096 + IN_BLOCK_1,
    "a height with bytes after it": START + bytes.fromhex("000588960d73d71901020100"),
    "a height beyond any block": START + bytes.fromhex("000588960d73d719010580808080 08"),
    "a calendar with a blank": START + bytes.fromhex("0083dfe30d2ef90c8e0403612062"),
    "too many operations": START + b"\x08" * (MAX_OPERATIONS + 1) + IN_BLOCK_1,
    "too many branches": START + b"\xff\x08" * 200 + IN_BLOCK_1,
    "too many bytes": START + b"\x08" * 70_000,
}
UNSUPPORTED = {
    "version 2": START[:31] + b"\x02" + START[32:] + IN_BLOCK_1,
    "a SHA-1 digest": START[:32] + b"\x02" + START[33:] + IN_BLOCK_1,
    "SHA-1 on the way": START + b"\x02" + IN_BLOCK_1,
    "Keccak on the way": START + b"\x67" + IN_BLOCK_1,
    "an unknown operation": START + b"\x42" + IN_BLOCK_1,
}


@pytest.fixture
def world():
    return BitcoinWorld()


def anchor(world, head):
    chain = world.chain
    chain.broadcast(chain.prepare(head, since=None, proof=[], nonce=chain.next_nonce(), fee=0))
    world.land()


def final(world):
    found = world.chain.head(at="final")
    return None if found is None else found.head


def test_the_shortest_proof_is_read():
    assert parse_proof(START + IN_BLOCK_1).paths == (Path((), DIGEST, InBitcoin(1)),)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_proof_is_refused(name):
    with pytest.raises(Malformed) as refusal:
        parse_proof(BROKEN[name])
    assert refusal.value.detail == "malformed_timestamp_proof"


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_a_proof_that_needs_something_else_is_refused_by_another_name(name):
    with pytest.raises(Malformed) as refusal:
        parse_proof(UNSUPPORTED[name])
    assert refusal.value.detail == "unsupported_timestamp_proof"


@pytest.mark.parametrize("name", PROOFS)
def test_a_published_proof_is_written_to_the_byte(name):
    assert build_proof(parse_proof(PROOFS[name])) == PROOFS[name]


def test_a_published_proof_leads_from_its_text_to_its_block():
    proof = parse_proof(PROOFS["hello-world"])
    header = parse_header(HEADER, easiest_target=OF_2015)
    (path,) = proof.paths
    check_attestation(path, header)

    assert proof.digest == hashlib.sha256(HELLO_WORLD_TEXT).digest()
    assert path.attestation == InBitcoin(HEIGHT)
    assert displayed(header.digest) == BLOCK
    assert header.time.timestamp() == TIME


@pytest.mark.parametrize("place", [0, 4, 36, 68, 72, 76])
def test_a_changed_header_has_no_work(place):
    raw = HEADER[:place] + bytes([HEADER[place] ^ 1]) + HEADER[place + 1 :]

    with pytest.raises(ForeignChain) as refusal:
        parse_header(raw, easiest_target=OF_2015 << 1)
    assert refusal.value.detail == "header_without_work"


def test_a_header_that_names_an_easier_target_is_refused_though_its_work_is_real():
    raw = mine(bytes(32), bytes(32))

    with pytest.raises(ForeignChain) as refusal:
        parse_header(raw, easiest_target=OF_2015)
    assert refusal.value.detail == "header_without_work"


@pytest.mark.parametrize("bits", [0, 0x1D800000, 0xFF00FFFF, 0x01000000, 0x22010000])
def test_a_compact_target_that_is_none_is_refused(bits):
    with pytest.raises(Malformed):
        expand_target(bits)


@pytest.mark.parametrize(
    ("bits", "target"),
    [(0x1D00FFFF, 0xFFFF << 208), (0x03123456, 0x123456), (0x02123456, 0x1234), (0x01120000, 0x12)],
)
def test_a_compact_target_is_that_of_bitcoin(bits, target):
    assert expand_target(bits) == target


@pytest.mark.parametrize("raw", [b"", HEADER[:79], HEADER + b"\0"])
def test_a_header_has_80_bytes(raw):
    with pytest.raises(Malformed):
        parse_header(raw, easiest_target=OF_2015)


def test_a_block_is_final_under_enough_others_and_not_before(world):
    anchor(world, HEAD)
    above = world.raw_headers[2:]
    del world.raw_headers[2:]

    for header in above[:CONFIRMATIONS]:
        assert final(world) is None
        world.raw_headers.append(header)
    assert final(world) == HEAD


def test_headers_that_are_no_chain_are_refused(world):
    anchor(world, HEAD)
    world.raw_headers[2] = mine(b"\x07" * 32, bytes(32))

    with pytest.raises(ForeignChain) as refusal:
        final(world)
    assert refusal.value.detail == "broken_header_chain"


def test_a_block_that_no_longer_holds_a_stamp_is_reported(world):
    anchor(world, HEAD)
    assert final(world) == HEAD
    del world.raw_headers[1:]
    for _ in range(6):
        world.add_block(b"\x09" * 32)

    with pytest.raises(ForeignChain) as refusal:
        final(world)
    assert refusal.value.detail == "attestation_mismatch"


def test_a_calendar_that_lies_about_a_block_is_not_believed(world):
    anchor(world, HEAD)
    lie = world.add_block(b"\x0a" * 32)
    world.blocks = {key: (lie, root) for key, (_, root) in world.blocks.items()}

    assert final(world) is None
    assert len(parse_proof(world.shelf.stamps()[0].proof).paths) == len(CALENDARS)


def test_only_calendars_of_the_settings_are_asked_again(world):
    anchor(world, HEAD)
    asked = []
    answer = world.answer
    chain = world.driver(calendars=(CALENDARS[0],), quorum=1)
    object.__setattr__(
        chain, "transport", lambda request: asked.append(request.url) or answer(request)
    )
    chain.upgrade()

    assert asked
    assert all(url.startswith(CALENDARS[0]) for url in asked)


def test_too_few_calendars_leave_nothing_behind(world):
    answer = world.answer
    object.__setattr__(
        world.chain,
        "transport",
        lambda request: HttpAnswer(500, b"") if "two" in request.url else answer(request),
    )
    with pytest.raises(ChainUnavailable):
        anchor(world, HEAD)

    assert world.shelf.stamps() == []
    assert world.chain.next_nonce() == 0


def test_a_proof_of_another_head_on_the_shelf_is_refused(world):
    anchor(world, HEAD)
    world.shelf.put(Stamp(NEXT, world.shelf.stamps()[0].proof))

    with pytest.raises(ForeignChain) as refusal:
        final(world)
    assert refusal.value.detail == "foreign_timestamp"


def test_what_was_prepared_for_another_log_is_not_sent(world):
    prepared = world.chain.prepare(HEAD, since=None, proof=[], nonce=0, fee=0)
    other = world.driver(origin="other.example/log")

    with pytest.raises(Malformed):
        other.broadcast(prepared)
    assert world.posts == 0


def test_paths_of_a_calendar_share_what_they_share():
    steps = (Operation(APPEND, b"a"), Operation(SHA256))
    message = hashlib.sha256(DIGEST + b"a").digest()
    paths = (Path(steps, message, InBitcoin(1)), Path(steps, message, InBitcoin(2)))
    written = build_timestamp(paths)

    assert set(parse_timestamp(written, DIGEST)) == set(paths)
    assert written.count(b"\xf0\x01a") == 1


def test_a_folder_keeps_stamps_beside_the_texts_that_they_stamp(tmp_path, world):
    shelf = FolderShelf(tmp_path, ORIGIN)
    for head in (HEAD, LogHead(10, 12, b"\x03" * 32), NEXT):
        text = checkpoint_text(ORIGIN, head)
        digest = hashlib.sha256(text.encode()).digest()
        paths = (Path((), digest, InBitcoin(head.epoch)),)
        shelf.put(Stamp(head, build_proof(TimestampProof(digest, paths))))
    (tmp_path / ".half.txt.ots.new").write_bytes(b"half")
    stamps = shelf.stamps()

    assert [stamp.head.epoch for stamp in stamps] == [1, 2, 10]
    assert len(list(tmp_path.glob("*.txt"))) == 3
    for path in tmp_path.glob("*.txt"):
        proof = parse_proof(path.with_name(path.name + ".ots").read_bytes())
        assert proof.digest == hashlib.sha256(path.read_bytes()).digest()
