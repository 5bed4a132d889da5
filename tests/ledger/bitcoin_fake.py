"""Scripted calendars and a chain of easy headers, as OpenTimestamps meets them."""

import hashlib
import struct
from datetime import timedelta

from ledger.bitcoin import displayed
from ledger.errors import ChainUnavailable
from ledger.opentimestamps import OpenTimestamps, Stamp, TimestampSettings
from ledger.timestamp_proof import (
    APPEND,
    SHA256,
    InBitcoin,
    Operation,
    Path,
    Pending,
    TimestampProof,
    build_proof,
    build_timestamp,
)
from ledger.transport import HttpAnswer

EASY_BITS = 0x207FFFFF
EASY_TARGET = 0x7FFFFF << 232
CALENDARS = ("https://one.calendar.example", "https://two.calendar.example")
ORIGIN = "register.example/log"
CONFIRMATIONS = 2
STEP = Operation(APPEND, b"of the block")


class MemoryShelf:
    def __init__(self):
        self.kept = {}

    def stamps(self):
        return list(self.kept.values())

    def put(self, stamp):
        self.kept[stamp.head] = stamp


class BitcoinWorld:
    """Two calendars, a chain, and a driver."""

    name = "opentimestamps"

    def __init__(self):
        self.raw_headers = [mine(bytes(32), bytes(32))]
        self.taken = []
        self.blocks = {}
        self.trouble = None
        self.garbage = None
        self.posts = 0
        self.shelf = MemoryShelf()
        self.chain = self.driver()

    def driver(self, **changes):
        settings = {
            "caip2": f"bip122:{displayed(self.digest(0))[:32]}",
            "origin": ORIGIN,
            "calendars": CALENDARS,
            "quorum": 2,
            "confirmations": CONFIRMATIONS,
            "easiest_target": EASY_TARGET,
            "cadence": timedelta(days=1),
        } | changes
        return OpenTimestamps(TimestampSettings(**settings), self.shelf, self.header, self.answer)

    def header(self, height):
        return self.raw_headers[height] if height < len(self.raw_headers) else None

    def digest(self, height):
        return hashlib.sha256(hashlib.sha256(self.raw_headers[height]).digest()).digest()

    def add_block(self, merkle_root):
        self.raw_headers.append(mine(self.digest(-1), merkle_root))
        return len(self.raw_headers) - 1

    def land(self):
        """Each digest in a block of its own, then enough blocks above."""
        for commitment in self.taken:
            root = hashlib.sha256(STEP.apply(commitment)).digest()
            self.blocks[commitment] = (self.add_block(root), root)
        self.taken = []
        for _ in range(CONFIRMATIONS):
            self.add_block(bytes(32))

    def become_foreign(self):
        self.raw_headers[0] = mine(b"\x01" * 32, bytes(32))

    def plant(self, head):
        """A stamp that somebody else put on the shelf."""
        prepared = self.chain.prepare(head, since=None, proof=[], nonce=0, fee=0)
        paths = (pending_path(prepared.digest, CALENDARS[0]),)
        self.shelf.put(Stamp(head, build_proof(TimestampProof(prepared.digest, paths))))

    def answer(self, request):
        if self.garbage is not None:
            return HttpAnswer(200, self.garbage)
        calendar = request.url.split("/digest")[0].split("/timestamp")[0]
        if request.method == "POST":
            self.posts += 1
            return self.take(calendar, request.body)
        commitment = bytes.fromhex(request.url.rpartition("/")[2])
        if commitment not in self.blocks:
            return HttpAnswer(404, b"pending")
        height, root = self.blocks[commitment]
        path = Path((STEP, Operation(SHA256)), root, InBitcoin(height))
        return HttpAnswer(200, build_timestamp([path]))

    def take(self, calendar, digest):
        trouble = self.trouble
        if trouble and calendar == CALENDARS[-1]:
            self.trouble = None
        if trouble == "lost before":
            raise ChainUnavailable("connection refused")
        if trouble == "refused":
            return HttpAnswer(400, b"words of some server")
        path = pending_path(digest, calendar)
        if path.message not in self.taken:
            self.taken.append(path.message)
        if trouble == "lost after":
            raise ChainUnavailable("timed out")
        if trouble == "taken with an error":
            return HttpAnswer(500, b"internal")
        return HttpAnswer(200, build_timestamp([path]))


def pending_path(digest, calendar):
    step = Operation(APPEND, hashlib.sha256(calendar.encode()).digest()[:8])
    message = hashlib.sha256(step.apply(digest)).digest()
    return Path((step, Operation(SHA256)), message, Pending(calendar))


def mine(previous, merkle_root, bits=EASY_BITS):
    """A header whose work is real and small."""
    for nonce in range(10_000):
        raw = struct.pack("<i32s32sIII", 2, previous, merkle_root, 1_432_827_678, bits, nonce)
        digest = hashlib.sha256(hashlib.sha256(raw).digest()).digest()
        if int.from_bytes(digest, "little") <= EASY_TARGET:
            return raw
    raise AssertionError("no nonce was found")
