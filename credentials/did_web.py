"""
`did:web` (W3C CCG): a DID that says where its document stands (WEB-01). Nothing here fetches.
"""

import ipaddress
import re
from urllib.parse import urlsplit

from credentials.errors import Malformed

MAX_DID = 2048

_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(?:%3A[0-9]{1,5})?\Z")
_SEGMENT = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._~-]{1,128}\Z")


def did_web_url(did: str, *, allow_http_loopback: bool) -> str:
    """
    Where the document of a `did:web` stands (WEB-01).

    https only; plain http for `localhost` is the development exception. IP addresses, path
    traversal, fragments and lower-case escapes are refused.
    """
    domain, *segments = did.removeprefix("did:web:").split(":")
    if len(did) > MAX_DID or not did.startswith("did:web:") or not _DOMAIN.match(domain):
        raise Malformed("a did:web has no usable domain", detail="invalid_did")
    if not all(_SEGMENT.match(segment) for segment in segments):
        raise Malformed("a did:web has an unusable path", detail="invalid_did")
    host, _, port = domain.partition("%3A")
    if is_address(host) or int(port or 1) > 65535:
        raise Malformed("a did:web must name a host", detail="invalid_did")
    scheme = "http" if allow_http_loopback and host == "localhost" else "https"
    path = "/".join(segments) if segments else ".well-known"
    return f"{scheme}://{host}{':' + port if port else ''}/{path}/did.json"


def build_did_web(url: str) -> str:
    """The `did:web` whose document stands beneath this base URL."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Malformed("a base URL cannot be read", detail="invalid_did") from error
    if not host or parts.query or parts.fragment or parts.username is not None:
        raise Malformed("a base URL is scheme, host and path", detail="invalid_did")
    domain = host if port is None else f"{host}%3A{port}"
    did = ":".join(["did:web", domain, *filter(None, parts.path.split("/"))])
    did_web_url(did, allow_http_loopback=True)
    return did


def is_address(host: str) -> bool:
    """Whether a host is an IP address, also one that only some resolvers take for one."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        # 2130706433, 0x7f.1 and 127.0x1 are addresses to some resolvers: the last label decides.
        last = host.rstrip(".").rpartition(".")[2]
        return bool(re.match(r"(?:[0-9]+|0[xX][0-9a-fA-F]*)\Z", last))
    return True
