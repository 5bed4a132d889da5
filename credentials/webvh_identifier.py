"""
The text of a did:webvh, where its log stands, and which version a DID URL asks for.

did:webvh 1.0, "Method-Specific Identifier" and "The DID to HTTPS Transformation" (WVH-07).
Stricter than its ABNF on purpose: only the canonical text counts. A host is plain ASCII, so an
internationalised name stands as its `xn--` labels; the one escape in it is `%3A` before a port.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from credentials.did_web import is_address
from credentials.errors import Malformed
from credentials.instants import parse_date_time_stamp
from encoding import multibase
from encoding.errors import EncodingError

PREFIX = "did:webvh:"
PLACEHOLDER = "{SCID}"
MAX_DID = 2048
SHA256_MULTIHASH = b"\x12\x20"

_SCID = re.compile(r"[1-9A-HJ-NP-Za-km-z]{46}\Z")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\Z")
_PORT = re.compile(r"[0-9]{1,5}\Z")
_SEGMENT = re.compile(r"(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2}){1,256}\Z")
_QUERIES = frozenset({"versionId", "versionTime", "versionNumber"})


@dataclass(frozen=True, slots=True)
class WebvhDid:
    """A did:webvh in its parts; `path` holds decoded segments."""

    text: str
    scid: str
    host: str
    port: str
    path: tuple[str, ...]

    def log_url(self, *, allow_http_loopback: bool) -> str:
        """Where `did.jsonl` stands. `localhost` serves only developers, over plain http."""
        return self._url(allow_http_loopback, ".well-known") + "did.jsonl"

    def witness_url(self, *, allow_http_loopback: bool) -> str:
        """Where `did-witness.json` stands."""
        return self._url(allow_http_loopback, ".well-known") + "did-witness.json"

    def files_url(self, *, allow_http_loopback: bool) -> str:
        """What the implicit `#files` service says: paths of a DID URL are beneath it."""
        return self._url(allow_http_loopback, "")

    def _url(self, allow_http_loopback: bool, without_path: str) -> str:
        is_loopback = self.host == "localhost"
        if is_loopback and not allow_http_loopback:
            raise Malformed("a did:webvh must name a public host", detail="invalid_did")
        scheme = "http" if is_loopback else "https"
        path = "/".join(quote(each, safe="") for each in self.path) or without_path
        port = f":{self.port}" if self.port else ""
        return f"{scheme}://{self.host}{port}/{path}{'/' if path else ''}"


@dataclass(frozen=True, slots=True)
class VersionQuery:
    """Which version a DID URL asks for; at most one of them is set."""

    version_id: str | None = None
    version_time: datetime | None = None
    version_number: int | None = None


def parse_did_webvh(did: str) -> WebvhDid:
    """Read a bare did:webvh: no path, query or fragment."""
    if len(did) > MAX_DID or not did.startswith(PREFIX):
        raise _fault("a DID is too long or no did:webvh")
    parts = did.removeprefix(PREFIX).split(":")
    if len(parts) < 2:
        raise _fault("a did:webvh has a SCID and a domain")
    scid, domain, *segments = parts
    if not is_sha256_multihash(scid):
        raise _fault("a SCID is not a SHA-256 multihash")
    host, separator, port = domain.partition("%3A")
    if separator and not (_PORT.match(port) and 0 < int(port) <= 65535):
        raise _fault("a did:webvh has no usable port")
    _check_host(host)
    return WebvhDid(did, scid, host, port, tuple(_parse_segment(each) for each in segments))


def parse_did_webvh_url(url: str) -> tuple[WebvhDid, VersionQuery]:
    """Read a DID URL that asks for a document: its fragment is left to whoever dereferences it."""
    without_fragment = url.partition("#")[0]
    did, _, query = without_fragment.partition("?")
    if len(url) > 2 * MAX_DID:
        raise _fault("a DID URL is too long")
    return parse_did_webvh(did), _parse_query(query)


def is_sha256_multihash(text: str) -> bool:
    """Whether this is the base58 text of a SHA-256 multihash."""
    if not _SCID.match(text):
        return False
    try:
        data = multibase.decode_base58btc(text)
    except EncodingError:
        return False
    return len(data) == 34 and data.startswith(SHA256_MULTIHASH)


def _check_host(host: str) -> None:
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.match(label) for label in labels):
        raise _fault("a did:webvh has no usable domain")
    if is_address(host) or (len(labels) < 2 and host != "localhost"):
        raise _fault("a did:webvh must name a host")


def _parse_segment(text: str) -> str:
    if not _SEGMENT.match(text):
        raise _fault("a did:webvh has an unusable path")
    try:
        decoded = unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError as error:
        raise _fault("a path is not UTF-8") from error
    if decoded in {".", ".."} or decoded != decoded.strip():
        raise _fault("a did:webvh leads out of its path")
    if any(each in "/\\" or unicodedata.category(each) == "Cc" for each in decoded):
        raise _fault("a did:webvh leads out of its path")
    return decoded


def _parse_query(query: str) -> VersionQuery:
    if not query:
        return VersionQuery()
    try:
        pairs = parse_qsl(query.replace("+", "%2B"), strict_parsing=True, errors="strict")
    except ValueError as error:
        raise _fault("a DID URL's query cannot be read") from error
    if len(pairs) != 1 or pairs[0][0] not in _QUERIES:
        raise _fault("a DID URL asks for a version in one known way")
    name, value = pairs[0]
    if name == "versionId":
        return VersionQuery(version_id=value)
    if name == "versionTime":
        return VersionQuery(version_time=parse_date_time_stamp(value, name=name))
    if not re.match(r"[1-9][0-9]{0,8}\Z", value):
        raise _fault("a version number is a positive integer")
    return VersionQuery(version_number=int(value))


def _fault(message: str) -> Malformed:
    return Malformed(message, detail="invalid_did")
