"""
One chunk of a status list: packed for a staple, unpacked, and one entry read from it. Pure.

Almost all entries of a list are zero. The packed form is a bitmap of the bytes that are not zero,
the first byte being its most significant bit, and those bytes; where that is not shorter, the chunk
as it is. Each chunk has one form.
"""

from ledger.errors import Malformed


def pack_chunk(data: bytes) -> bytes:
    """The form of a chunk in a staple."""
    bitmap = bytearray((len(data) + 7) // 8)
    for place, byte in enumerate(data):
        if byte:
            bitmap[place >> 3] |= 0x80 >> (place & 7)
    packed = bytes(bitmap) + data.replace(b"\0", b"")
    return packed if len(packed) < len(data) else data


def unpack_chunk(packed: bytes, length: int) -> bytes:
    """The chunk of `length` bytes; refused unless this is its one form."""
    width = (length + 7) // 8
    if len(packed) == length:
        # As it is, so packing must not have made it shorter.
        if width + length - packed.count(0) >= length:
            return packed
        raise _fault()
    rest, spare = packed[width:], width * 8 - length
    places = int.from_bytes(packed[:width], "big")
    # One bit for each byte that is not zero, none behind the end, fewer bytes than the chunk.
    if not (
        width <= len(packed) < length
        and places.bit_count() == len(rest)
        and 0 not in rest
        and not places & (1 << spare) - 1
    ):
        raise _fault()
    data, top = bytearray(length), width * 8 - 1
    for byte in reversed(rest):
        low = (places & -places).bit_length() - 1
        data[top - low] = byte
        places &= places - 1
    return bytes(data)


def read_entry(chunk: bytes, *, index: int, bits: int, is_bitstring: bool) -> int:
    """Entry `index` of the list, from the chunk that holds it."""
    per_byte = 8 // bits
    place = index % per_byte
    shift = 8 - bits - place * bits if is_bitstring else place * bits
    return chunk[index // per_byte % 64] >> shift & (1 << bits) - 1


def _fault() -> Malformed:
    return Malformed("the chunk is not packed as it must be", detail="malformed_staple")
