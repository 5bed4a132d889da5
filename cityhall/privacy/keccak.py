"""
Keccak-256 as EVM chains use it (Keccak submission 3.0, rate 1088, padding 0x01), many at a time.

A scan tries hundreds of thousands of guesses, so one lane of all messages is one large number: a
round costs as many steps for a thousand messages as for one. No secrets here: time is not hidden.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

RATE: Final = 136
_ROUNDS: Final = 24
_BATCH: Final = 1024


def keccak_256_many(messages: Sequence[bytes]) -> list[bytes]:
    """The digest of each message, in their order."""
    by_blocks: dict[int, list[int]] = defaultdict(list)
    for place, message in enumerate(messages):
        by_blocks[len(message) // RATE + 1].append(place)
    digests = [b""] * len(messages)
    for blocks, places in by_blocks.items():
        for start in range(0, len(places), _BATCH):
            batch = places[start : start + _BATCH]
            found = _hash_batch([messages[place] for place in batch], blocks)
            for place, digest in zip(batch, found, strict=True):
                digests[place] = digest
    return digests


def _hash_batch(messages: Sequence[bytes], blocks: int) -> list[bytes]:
    """Messages of one number of blocks."""
    count = len(messages)
    padded = [_pad(message, blocks * RATE) for message in messages]
    lanes = [0] * 25
    for block in range(blocks):
        for lane in range(RATE // 8):
            at = block * RATE + lane * 8
            column = b"".join(text[at : at + 8] for text in padded)
            lanes[lane] ^= int.from_bytes(column, "little")
        lanes = _permute(lanes, count)
    columns = [lanes[lane].to_bytes(8 * count, "little") for lane in range(4)]
    return [
        b"".join(column[8 * number : 8 * number + 8] for column in columns)
        for number in range(count)
    ]


def _pad(message: bytes, length: int) -> bytes:
    padded = bytearray(message.ljust(length, b"\0"))
    padded[len(message)] ^= 0x01
    padded[-1] ^= 0x80
    return bytes(padded)


def _permute(lanes: list[int], count: int) -> list[int]:
    """Keccak-f[1600] on `count` states at once."""
    ones = sum(1 << 64 * number for number in range(count))
    full = (1 << 64 * count) - 1
    masks = [((1 << shift) - 1) * ones for shift in range(65)]

    def rotate(value: int, shift: int) -> int:
        low = value & masks[64 - shift]
        return low << shift | (value ^ low) >> (64 - shift)

    for constant in _ROUND_CONSTANTS:
        parity = [
            lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20]
            for x in range(5)
        ]
        theta = [parity[x - 1] ^ rotate(parity[(x + 1) % 5], 1) for x in range(5)]
        moved = [0] * 25
        for place in range(25):
            moved[_TARGETS[place]] = rotate(lanes[place] ^ theta[place % 5], _OFFSETS[place])
        lanes = [
            moved[5 * y + x] ^ (moved[5 * y + (x + 1) % 5] ^ full) & moved[5 * y + (x + 2) % 5]
            for y in range(5)
            for x in range(5)
        ]
        lanes[0] ^= constant * ones
    return lanes


def _build_offsets() -> list[int]:
    """Rho: the triangular numbers along the walk of pi."""
    offsets, x, y = [0] * 25, 1, 0
    for step in range(_ROUNDS):
        offsets[5 * y + x] = (step + 1) * (step + 2) // 2 % 64
        x, y = y, (2 * x + 3 * y) % 5
    return offsets


def _build_round_constants() -> list[int]:
    """Iota: bits of the shift register x^8 + x^6 + x^5 + x^4 + 1."""
    constants, register = [], 1
    for _ in range(_ROUNDS):
        constant = 0
        for power in range(7):
            constant |= (register & 1) << ((1 << power) - 1)
            register = register << 1 ^ (0x171 if register >> 7 else 0)
        constants.append(constant)
    return constants


_OFFSETS: Final = _build_offsets()
_TARGETS: Final = [5 * ((2 * (i % 5) + 3 * (i // 5)) % 5) + i // 5 for i in range(25)]
_ROUND_CONSTANTS: Final = _build_round_constants()
