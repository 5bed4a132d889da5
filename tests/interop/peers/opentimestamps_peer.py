"""`opentimestamps`, the reference library, in a process of its own: reads, makes and judges."""

from io import BytesIO

from lines import serve
from opentimestamps.core.notary import (
    BitcoinBlockHeaderAttestation,
    PendingAttestation,
    UnknownAttestation,
)
from opentimestamps.core.op import OpAppend, OpPrepend, OpRIPEMD160, OpSHA256
from opentimestamps.core.serialize import StreamDeserializationContext, StreamSerializationContext
from opentimestamps.core.timestamp import DetachedTimestampFile, Timestamp

OPERATIONS = {
    "append": OpAppend,
    "prepend": OpPrepend,
    "sha256": lambda _: OpSHA256(),
    "ripemd160": lambda _: OpRIPEMD160(),
}


def load(proof):
    return DetachedTimestampFile.deserialize(StreamDeserializationContext(BytesIO(proof)))


def save(detached):
    out = BytesIO()
    detached.serialize(StreamSerializationContext(out))
    return out.getvalue().hex()


def words(message, attestation):
    if isinstance(attestation, PendingAttestation):
        return [message.hex(), "pending", attestation.uri]
    if isinstance(attestation, BitcoinBlockHeaderAttestation):
        return [message.hex(), "bitcoin", str(attestation.height)]
    return [message.hex(), attestation.TAG.hex(), attestation.payload.hex()]


def read(proof):
    """The digest, what is attested, and the same file written by this library."""
    detached = load(bytes.fromhex(proof))
    found = sorted(words(*each) for each in detached.timestamp.all_attestations())
    operation = type(detached.file_hash_op).__name__
    return {
        "operation": operation,
        "digest": detached.file_digest.hex(),
        "attested": found,
        "written": save(detached),
    }


def make(digest, paths):
    """A proof of these paths: operations by name, then a kind of attestation."""
    detached = DetachedTimestampFile(OpSHA256(), Timestamp(bytes.fromhex(digest)))
    for steps, kind, what in paths:
        stamp = detached.timestamp
        for name, argument in steps:
            build = OPERATIONS[name]
            stamp = stamp.ops.add(build(bytes.fromhex(argument)))
        if kind == "pending":
            stamp.attestations.add(PendingAttestation(what))
        elif kind == "bitcoin":
            stamp.attestations.add(BitcoinBlockHeaderAttestation(int(what)))
        else:
            stamp.attestations.add(UnknownAttestation(bytes.fromhex(kind), bytes.fromhex(what)))
    return save(detached)


class Header:
    """What that library asks of a block header."""

    def __init__(self, raw):
        self.hashMerkleRoot = raw[36:68]
        self.nTime = int.from_bytes(raw[68:72], "little")


def verify(proof, height, header):
    """The time of the block that attests; refused when none does."""
    detached = load(bytes.fromhex(proof))
    for message, attestation in detached.timestamp.all_attestations():
        if isinstance(attestation, BitcoinBlockHeaderAttestation) and attestation.height == height:
            return attestation.verify_against_blockheader(message, Header(bytes.fromhex(header)))
    raise ValueError("no block attests")


serve({"read": read, "make": make, "verify": verify})
