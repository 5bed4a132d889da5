"""
Where outgoing requests may go: the guard against server-side request forgery (S-139).

A URL is checked as text, its host is resolved once, and every address it resolves to must be
allowed. The caller connects to exactly these addresses, so a name that changes its answer in
between (DNS rebinding) gains nothing.
"""

import ipaddress
import re
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from runtime.errors import FetchError, UnsafeUrl

MAX_URL: Final = 4096
Resolver = Callable[[str, int], Sequence[str]]
"""Gives the addresses of a host."""

# RFC 3986 characters only: no space, control, backslash, quote or raw international letter.
_URL: Final = re.compile(r"https?://[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+")
_HOST: Final = re.compile(r"(?=.{1,253}\Z)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9-]+")
_LOOPBACK: Final = ("127.0.0.1", "::1")

_TUNNELS: Final = tuple(
    ipaddress.ip_network(network)
    for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
)
"""Ranges that carry an IPv4 address inside, which may be any address at all."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be fetched, and the addresses that it may be fetched from."""

    url: str
    is_tls: bool
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]

    @property
    def host_header(self) -> str:
        """The Host header: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_tls else 80) else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class AddressRules:
    """
    What this service may reach.

    `allow_loopback`: plain http, and loopback addresses, as in development.
    `trusted_origins`: the city's own services, reachable even at private addresses.
    `allowed_hosts`: when given, every other host is refused before any DNS query (S-145).
    """

    allow_loopback: bool
    trusted_origins: frozenset[str]
    allowed_hosts: Callable[[str], bool] | None

    def check(self, url: str, *, resolver: Resolver, timeout: float) -> Target:
        """The way to `url`, or `UnsafeUrl`."""
        parts, host, port = _split(url)
        is_tls = parts.scheme == "https"
        is_trusted = _origin(parts, host, port) in self.trusted_origins
        self._check_host(host, is_trusted=is_trusted)
        self._check_port(port, is_trusted=is_trusted)
        addresses = _resolve(host, port, resolver, timeout)
        for address in addresses:
            self._check_address(address, is_tls=is_tls, is_trusted=is_trusted)
        path = parts.path or "/"
        return Target(
            url=url,
            is_tls=is_tls,
            host=host,
            port=port,
            path=f"{path}?{parts.query}" if parts.query else path,
            addresses=addresses,
        )

    def _check_host(self, host: str, *, is_trusted: bool) -> None:
        if self.allowed_hosts is None or is_trusted:
            return
        if not self.allowed_hosts(host):
            raise UnsafeUrl("host is not on the list of this service")

    def _check_port(self, port: int, *, is_trusted: bool) -> None:
        # Below 1024 stand mail, shells and printers; none of them is a web service of anybody.
        if port < 1024 and port not in (80, 443) and not is_trusted:
            raise UnsafeUrl("port is not one of a web service")

    def _check_address(self, address: str, *, is_tls: bool, is_trusted: bool) -> None:
        parsed = ipaddress.ip_address(address)
        is_loopback = parsed.is_loopback and self.allow_loopback
        if not is_tls and not is_loopback and not (is_trusted and self.allow_loopback):
            raise UnsafeUrl("url is not https")
        if not (is_loopback or is_trusted or is_public(parsed)):
            raise UnsafeUrl("url leads to an address that is not public")


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether this is an ordinary host of the Internet."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None or address.scope_id is not None:
            return False
        if any(address in network for network in _TUNNELS):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def resolve_with_system(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def _split(url: str) -> tuple[SplitResult, str, int]:
    if len(url) > MAX_URL or not _URL.fullmatch(url):
        raise UnsafeUrl("url is not a plain http or https url")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UnsafeUrl("url is not a plain http or https url") from error
    if not host or "@" in parts.netloc or port == 0:
        raise UnsafeUrl("url has no plain host")
    _check_host_name(host)
    return parts, host, port or (443 if parts.scheme == "https" else 80)


def _check_host_name(host: str) -> None:
    if ":" in host:
        try:
            ipaddress.IPv6Address(host)
        except ValueError as error:
            raise UnsafeUrl("url has a broken address") from error
        return
    if not _HOST.fullmatch(host):
        raise UnsafeUrl("url has no plain host")
    # Browsers and resolvers read 0x7f.1, 017700000001 and 2130706433 as addresses. We do not.
    if host.rpartition(".")[2][0].isdigit():
        try:
            ipaddress.IPv4Address(host)
        except ValueError as error:
            raise UnsafeUrl("url has an address in an odd spelling") from error


def _origin(parts: SplitResult, host: str, port: int) -> str:
    name = f"[{host}]" if ":" in host else host
    default = 443 if parts.scheme == "https" else 80
    return f"{parts.scheme}://{name}" + ("" if port == default else f":{port}")


def _resolve(host: str, port: int, resolver: Resolver, timeout: float) -> tuple[str, ...]:
    if host == "localhost":
        return _LOOPBACK
    try:
        return (str(ipaddress.ip_address(host)),)
    except ValueError:
        return _resolve_name(host, port, resolver, timeout)


def _resolve_name(host: str, port: int, resolver: Resolver, timeout: float) -> tuple[str, ...]:
    """Resolvers know no deadline, so one that hangs is left behind in its thread."""
    found: list[Sequence[str]] = []

    def ask() -> None:
        try:
            found.append(resolver(host, port))
        except (OSError, UnicodeError):
            found.append(())

    asking = threading.Thread(target=ask, name="resolve", daemon=True)
    asking.start()
    asking.join(timeout)
    addresses = tuple(dict.fromkeys(found[0])) if found else ()
    if not addresses:
        raise FetchError("host has no address")
    return addresses
