"""
Timestamp proofs with `opentimestamps`, the reference library: published ones, its own and ours.

Both sides must read the same attestations of the same messages, write the same bytes, and believe
a block header in the same cases.
"""

import hashlib
import random

import pytest

from ledger.bitcoin import expand_target, parse_header
from ledger.errors import ForeignChain, Malformed
from ledger.opentimestamps import check_attestation
from ledger.timestamp_proof import (
    APPEND,
    PREPEND,
    RIPEMD160,
    SHA256,
    InBitcoin,
    Operation,
    Path,
    Pending,
    TimestampProof,
    UnknownAttestation,
    build_proof,
    parse_proof,
)
from tests.interop.peer_process import PeerRefused
from tests.ledger.published_timestamps import HEADER, HEIGHT, PROOFS, TIME

pytestmark = pytest.mark.interop
OTS = "opentimestamps"
NAMES = {APPEND: "append", PREPEND: "prepend", SHA256: "sha256", RIPEMD160: "ripemd160"}
MADE = 60


def attested(proof):
    return sorted(_words(path) for path in proof.paths)


def _words(path):
    kind, what = _attestation(path.attestation)
    return [path.message.hex(), kind, what]


def _attestation(attestation):
    if isinstance(attestation, Pending):
        return "pending", attestation.address
    if isinstance(attestation, InBitcoin):
        return "bitcoin", str(attestation.height)
    return attestation.tag.hex(), attestation.payload.hex()


def made_proof(seed):
    """Paths that part and part again, with every operation and kind of attestation."""
    dice = random.Random(seed)
    digest = dice.randbytes(32)
    paths, stems = {}, [()]
    for _ in range(dice.randint(1, 12)):
        steps = list(dice.choice(stems))
        for _ in range(dice.randint(0, 6)):
            tag = dice.choice(list(NAMES))
            long = tag in {APPEND, PREPEND}
            argument = dice.randbytes(dice.choice([1, 32, 127, 128, 200])) if long else b""
            steps.append(Operation(tag, argument))
            stems.append(tuple(steps))
        attestation = dice.choice(
            [
                Pending(f"https://{dice.randint(1, 3)}.calendar.example"),
                InBitcoin(dice.choice([0, 127, 128, 800_000])),
                UnknownAttestation(dice.randbytes(8), dice.randbytes(dice.choice([0, 5, 300]))),
            ]
        )
        paths[tuple(steps), attestation] = _path(digest, steps, attestation)
    return TimestampProof(digest, tuple(paths.values()))


def _path(message, steps, attestation):
    for step in steps:
        message = step.apply(message)
    return Path(tuple(steps), message, attestation)


@pytest.mark.parametrize("name", PROOFS)
def test_a_published_proof_is_read_the_same_and_written_to_the_byte(peers, name):
    ours = parse_proof(PROOFS[name])
    theirs = peers[OTS].ask("read", proof=PROOFS[name].hex())

    assert theirs["digest"] == ours.digest.hex()
    assert theirs["attested"] == attested(ours)
    assert build_proof(ours) == PROOFS[name] == bytes.fromhex(theirs["written"])


def test_the_published_proof_holds_in_its_block_for_both(peers):
    proof = PROOFS["hello-world"]
    (path,) = parse_proof(proof).paths
    header = parse_header(HEADER, easiest_target=expand_target(0x1800FFFF) << 8)
    check_attestation(path, header)
    time = peers[OTS].ask("verify", proof=proof.hex(), height=HEIGHT, header=HEADER.hex())

    assert time == TIME == int(header.time.timestamp())


def test_a_published_proof_of_another_root_is_refused_by_both(peers):
    proof = PROOFS["another text"]
    (path,) = parse_proof(proof).paths

    assert path.attestation == InBitcoin(HEIGHT)
    with pytest.raises(ForeignChain) as refusal:
        check_attestation(path, parse_header(HEADER, easiest_target=1 << 255))
    assert refusal.value.detail == "attestation_mismatch"
    with pytest.raises(PeerRefused):
        peers[OTS].ask("verify", proof=proof.hex(), height=HEIGHT, header=HEADER.hex())


def test_proofs_that_the_reference_library_makes_are_the_bytes_that_we_make(peers):
    differing = []
    for seed in range(MADE):
        proof = made_proof(seed)
        paths = [
            ([(NAMES[step.tag], step.argument.hex()) for step in path.operations],
             *_attestation(path.attestation))
            for path in proof.paths
        ]  # fmt: skip
        theirs = bytes.fromhex(peers[OTS].ask("make", digest=proof.digest.hex(), paths=paths))
        read = parse_proof(theirs)
        same = read.digest == proof.digest and set(read.paths) == set(proof.paths)
        if theirs != build_proof(proof) or not same:
            differing.append(seed)

    assert differing == []


def test_what_the_reference_library_refuses_of_broken_proofs_we_refuse(peers):
    """Ours is the stricter: of what it refuses nothing may pass here."""
    broken = [*_broken(PROOFS["two calendars"]), *_broken(PROOFS["hello-world"])]
    theirs = [not peers[OTS].accepts("read", proof=each.hex()) for each in broken]
    ours = [_is_refused(each) for each in broken]

    assert sum(theirs) > 30
    assert [place for place, (there, here) in enumerate(zip(theirs, ours, strict=True))
            if there and not here] == []  # fmt: skip


def _broken(proof):
    dice = random.Random(hashlib.sha256(proof).digest())
    yield from (proof[:length] for length in range(0, len(proof), 29))
    yield proof + b"\0"
    for _ in range(60):
        place = dice.randrange(len(proof))
        yield proof[:place] + bytes([proof[place] ^ 1 << dice.randrange(8)]) + proof[place + 1 :]


def _is_refused(proof):
    try:
        parse_proof(proof)
    except Malformed:
        return True
    return False
