"""
The register as any stranger reads it over HTTP: checkpoint, policy, entries, tiles, lists, past.

Nothing here is believed; every reader below checks what it got.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from urllib.parse import urlencode

from cityhall.errors import DeskError
from encoding.errors import EncodingError
from encoding.strict_json import JsonValue, parse_object
from ledger.errors import Malformed
from ledger.merkle import NodeReader
from ledger.tiles import TILE_WIDTH, TileName, build_tile_path, read_nodes
from runtime.errors import FetchError
from runtime.fetch import Fetcher

MAX_SNAPSHOT = 256 << 20
MAX_LIST = 8 << 20
MAX_TEXT = 2 << 20
MAX_MEMBERS = 2_000_000


class NotReadable(DeskError):
    """The register does not answer, or not as a register does."""

    kind = "unavailable"
    code = "register_unreadable"


class Absent(NotReadable):
    """The register says that it does not have this."""


class PublicLog:
    """Reads one register."""

    def __init__(self, fetcher: Fetcher, url: str) -> None:
        self._fetcher = fetcher
        self.url = url.rstrip("/")
        self._bundle = lru_cache(maxsize=64)(self._load_bundle)

    def data(self, path: str, *, max_bytes: int = MAX_TEXT) -> bytes:
        """The body of a public path of the register, or of any public address."""
        url = path if path.startswith(("http://", "https://")) else self.url + path
        try:
            answer = self._fetcher.get(url, accept="*/*", max_bytes=max_bytes)
        except FetchError as error:
            raise NotReadable(f"{url}: {error}") from error
        if answer.status == 404:
            raise Absent(f"{url} answered 404")
        if answer.status != 200:
            raise NotReadable(f"{url} answered {answer.status}")
        return answer.body

    def text(self, path: str) -> str:
        """The same as text."""
        try:
            return self.data(path).decode()
        except UnicodeDecodeError as error:
            raise NotReadable(f"{path} is no text") from error

    def json(self, path: str, *, max_bytes: int = MAX_TEXT) -> dict[str, JsonValue]:
        """The same as a JSON object."""
        body = self.data(path, max_bytes=max_bytes)
        try:
            return parse_object(body, max_bytes=max_bytes, max_members=MAX_MEMBERS)
        except EncodingError as error:
            raise NotReadable(f"{path} is no JSON: {error}") from error

    def past(self, what: str, **query: object) -> str:
        """The path of something in the past of a list."""
        return f"/history/{what}?{urlencode(query)}"

    def entries(self, start: int, end: int, *, size: int) -> list[bytes]:
        """The leaves from `start` to `end` of a log of `size`, from its entry bundles."""
        found: list[bytes] = []
        while start < end:
            index, place = divmod(start, TILE_WIDTH)
            bundle = self._bundle(index, min(TILE_WIDTH, size - index * TILE_WIDTH))
            wanted = bundle[place : place + end - start]
            if not wanted:
                raise NotReadable("an entry bundle is too short")
            found += wanted
            start += len(wanted)
        return found

    def nodes(self, size: int) -> NodeReader:
        """The hashes of the log of `size` as its tiles give them."""
        return read_nodes(self._tiles(size))

    def tile(self, level: int, index: int, *, size: int) -> bytes:
        """The bytes of one tile of a log of `size`."""
        return self._tiles(size)(level, index)

    def _tiles(self, size: int) -> Callable[[int, int], bytes]:
        @lru_cache(maxsize=256)
        def load(level: int, index: int) -> bytes:
            width = min(TILE_WIDTH, (size >> 8 * level) - index * TILE_WIDTH)
            if width <= 0:
                raise Malformed("the log has no such tile", detail="short_tile")
            return self.data(f"/tile/{build_tile_path(TileName(level, index, width))}")

        return load

    def _load_bundle(self, index: int, width: int) -> Sequence[bytes]:
        return parse_bundle(
            self.data(f"/tile/{build_tile_path(TileName(None, index, width))}"), width
        )


def parse_bundle(data: bytes, width: int) -> list[bytes]:
    """The entries of a bundle, exactly so many (C2SP tlog-tiles)."""
    found: list[bytes] = []
    place = 0
    while place < len(data):
        length = int.from_bytes(data[place : place + 2], "big")
        entry = data[place + 2 : place + 2 + length]
        if len(data) < place + 2 or len(entry) != length:
            raise NotReadable("an entry bundle is cut off")
        found.append(entry)
        place += 2 + length
    if len(found) != width:
        raise NotReadable("an entry bundle has the wrong number of entries")
    return found
