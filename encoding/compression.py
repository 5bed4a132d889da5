"""
zlib (RFC 1950), gzip (RFC 1952) and raw DEFLATE (RFC 1951), with a ceiling on what comes out.

Inflating stops one byte after `max_bytes`, so a bomb costs no more than an honest answer. The
stream must be whole, alone and intact: truncation, trailing bytes and wrong checksums are
refused under one name, since a browser's streams do not tell them apart. Writing is deterministic:
gzip carries no name and no time.

Status lists are large and read often, so inflating uses isal; a preset dictionary, which only the
small QR texts have, goes through zlib. Deflating is thorough (zlib's level 9) unless a caller who
writes a list at each change asks for isal's level 2: 20 to 400 times quicker, some tens of percent
longer.
"""

import zlib
from enum import Enum
from typing import Final, Protocol, cast

from isal import isal_zlib

from encoding.errors import Malformed

_ZLIB: Final = 15
_GZIP: Final = 31
_RAW: Final = -15
_DAMAGED: Final = (zlib.error, cast("type[Exception]", isal_zlib.error))


class Effort(Enum):
    """How hard to try for few bytes."""

    QUICK = 2
    """isal's level 2."""
    THOROUGH = 9
    """zlib's level 9."""


class _Stream(Protocol):
    """What the decompressors of zlib and isal have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Deflater(Protocol):
    """What the compressors of zlib and isal have in common."""

    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


def inflate_zlib(data: bytes, *, max_bytes: int) -> bytes:
    """Undo `deflate_zlib`."""
    return _inflate(data, max_bytes, isal_zlib.decompressobj(wbits=_ZLIB))


def inflate_gzip(data: bytes, *, max_bytes: int) -> bytes:
    """Undo `deflate_gzip`; exactly one member."""
    return _inflate(data, max_bytes, isal_zlib.decompressobj(wbits=_GZIP))


def inflate_raw(data: bytes, *, max_bytes: int, dictionary: bytes | None = None) -> bytes:
    """Undo `deflate_raw` with the same dictionary."""
    return _inflate(data, max_bytes, zlib.decompressobj(_RAW, zdict=dictionary or b""))


def deflate_zlib(data: bytes, *, effort: Effort = Effort.THOROUGH) -> bytes:
    """Compress as a zlib stream, as Token Status Lists want it."""
    return _deflate(data, _compressor(effort, _ZLIB))


def deflate_gzip(data: bytes, *, effort: Effort = Effort.THOROUGH) -> bytes:
    """Compress as one gzip member, as Bitstring Status Lists want it."""
    return _deflate(data, _compressor(effort, _GZIP))


def deflate_raw(data: bytes, *, level: int = 9, dictionary: bytes | None = None) -> bytes:
    """Compress without any frame, optionally against a dictionary that both sides know."""
    compressor = (
        zlib.compressobj(level, zlib.DEFLATED, _RAW, 9)
        if dictionary is None
        else zlib.compressobj(level, zlib.DEFLATED, _RAW, 9, zdict=dictionary)
    )
    return _deflate(data, compressor)


def _compressor(effort: Effort, wbits: int) -> "_Deflater":
    if effort is Effort.QUICK:
        return isal_zlib.compressobj(effort.value, isal_zlib.DEFLATED, wbits)
    return zlib.compressobj(effort.value, zlib.DEFLATED, wbits)


def _deflate(data: bytes, compressor: "_Deflater") -> bytes:
    return compressor.compress(data) + compressor.flush()


def _inflate(data: bytes, max_bytes: int, stream: _Stream) -> bytes:
    try:
        inflated = stream.decompress(data, max_bytes + 1)
    except _DAMAGED as error:
        raise Malformed("compressed data is damaged", detail="invalid_compression") from error
    if len(inflated) > max_bytes:
        raise Malformed(f"data inflates beyond {max_bytes} bytes", detail="too_large")
    if not stream.eof:
        raise Malformed("compressed data is truncated", detail="invalid_compression")
    if stream.unused_data:
        raise Malformed("bytes follow the compressed data", detail="invalid_compression")
    return inflated
