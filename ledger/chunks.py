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
    data = packed if len(packed) == length else _spread(packed, length)
    if len(data) != length or pack_chunk(data) != packed:
        raise Malformed("the chunk is not packed as it must be", detail="malformed_staple")
    return data


def read_entry(chunk: bytes, *, index: int, bits: int, is_bitstring: bool) -> int:
    """Entry `index` of the list, from the chunk that holds it."""
    per_byte = 8 // bits
    place = index % per_byte
    shift = 8 - bits - place * bits if is_bitstring else place * bits
    return chunk[index // per_byte % 64] >> shift & (1 << bits) - 1


def _spread(packed: bytes, length: int) -> bytes:
    """The bytes where the bitmap has them; too few or too many show when it is packed again."""
    width = (length + 7) // 8
    rest = iter(packed[width:])
    places = int.from_bytes(packed[:width].ljust(width, b"\0"), "big")
    top = width * 8 - 1
    return bytes(next(rest, 0) if places >> (top - place) & 1 else 0 for place in range(length))
