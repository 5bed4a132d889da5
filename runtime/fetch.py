"""
The only door for outgoing HTTP.

Each request goes to one checked address (see `addresses.py`), follows no redirect, sends no
cookie, and ends within its limits of time and size whatever the other side does: slow headers,
endless bodies and compressed bombs cost no more than an honest answer.
"""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

import urllib3

from encoding.strict_json import build_json
from runtime.addresses import AddressRules, Resolver, Target, resolve_with_system
from runtime.errors import FetchError, UnsafeUrl
from runtime.settings import Settings

__all__ = ["FetchError", "Fetched", "Fetcher", "UnsafeUrl"]

CONNECT_SECONDS: Final = 2.0
TOTAL_SECONDS: Final = 5.0
_CHUNK: Final = 65_536
_MAX_HEADER_BYTES: Final = 16_384


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer as it came. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300


class Fetcher:
    """Fetches within limits. Safe to share between threads."""

    def __init__(
        self,
        *,
        ca_file: Path | None,
        allow_loopback: bool,
        trusted_origins: frozenset[str] = frozenset(),
        allowed_hosts: Callable[[str], bool] | None = None,
        connect_timeout: float = CONNECT_SECONDS,
        total_timeout: float = TOTAL_SECONDS,
        resolver: Resolver = resolve_with_system,
    ) -> None:
        self.counter: Counter[str] = Counter()
        """Requests that left, by method and host; for tests of the outgoing budget."""
        self._rules = AddressRules(
            allow_loopback=allow_loopback,
            trusted_origins=trusted_origins,
            allowed_hosts=allowed_hosts,
        )
        self._connect_timeout = connect_timeout
        self._total_timeout = total_timeout
        self._resolver = resolver
        self._tls = _build_tls_context(ca_file)

    @classmethod
    def from_settings(
        cls, settings: Settings, *, allowed_hosts: Callable[[str], bool] | None = None
    ) -> "Fetcher":
        """A fetcher that knows the city's own services and, in development, loopback."""
        return cls(
            ca_file=settings.ca_file,
            allow_loopback=not settings.is_production,
            trusted_origins=settings.city_origins,
            allowed_hosts=allowed_hosts,
        )

    def get(
        self, url: str, *, accept: str, max_bytes: int, headers: Mapping[str, str] | None = None
    ) -> Fetched:
        """GET. A 2xx answer of another media type than `accept` names is a `FetchError`."""
        fetched = self._request("GET", url, None, {"Accept": accept, **(headers or {})}, max_bytes)
        if fetched.is_success and fetched.body:
            _check_media_type(fetched.headers.get("content-type", ""), accept)
        return fetched

    def post(
        self,
        url: str,
        body: bytes,
        content_type: str,
        *,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
    ) -> Fetched:
        """POST bytes."""
        sent = {"Accept": "*/*", "Content-Type": content_type, **(headers or {})}
        return self._request("POST", url, body, sent, max_bytes)

    def post_form(
        self,
        url: str,
        fields: Mapping[str, str],
        *,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
    ) -> Fetched:
        """POST a form."""
        body = urlencode(fields).encode("ascii")
        content_type = "application/x-www-form-urlencoded"
        return self.post(url, body, content_type, max_bytes=max_bytes, headers=headers)

    def post_json(
        self,
        url: str,
        value: object,
        *,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
    ) -> Fetched:
        """POST a JSON value."""
        return self.post(
            url, build_json(value), "application/json", max_bytes=max_bytes, headers=headers
        )

    def send(
        self,
        method: str,
        url: str,
        body: bytes | None,
        *,
        content_type: str,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
    ) -> Fetched:
        """Any other method, for APIs that use PUT and DELETE; without a body no type is sent."""
        sent = {"Accept": "*/*", **(headers or {})}
        if body is not None:
            sent["Content-Type"] = content_type
        return self._request(method, url, body, sent, max_bytes)

    def _request(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], max_bytes: int
    ) -> Fetched:
        deadline = time.monotonic() + self._total_timeout
        target = self._rules.check(url, resolver=self._resolver, timeout=self._connect_timeout)
        self.counter[f"{method} {target.host_header}"] += 1
        sent = {"Host": target.host_header, "Accept-Encoding": "identity", **headers}
        sent.setdefault("User-Agent", "CityWallet")
        connection = self._connect(target)
        try:
            with _cut_at(connection, deadline):
                connection.request(
                    method, target.path, body=body, headers=sent, preload_content=False
                )
                response = connection.getresponse()
                return _read(response, target.url, max_bytes, deadline)
        except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
            reason = "too late" if time.monotonic() >= deadline else "not properly"
            raise FetchError(f"{target.host} answered {reason}") from error
        except ValueError as error:
            raise FetchError("request or answer has a broken header") from error
        finally:
            connection.close()

    def _connect(self, target: Target) -> urllib3.connection.HTTPConnection:
        """A connection to the first checked address that takes it."""
        failure: Exception | None = None
        for address in target.addresses:
            connection = self._build_connection(target, address)
            try:
                with _cut_at(connection, time.monotonic() + self._connect_timeout):
                    connection.connect()
            except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                connection.close()
                failure = error
            else:
                connection.timeout = self._total_timeout
                return connection
        raise FetchError(f"{target.host} cannot be reached") from failure

    def _build_connection(self, target: Target, address: str) -> urllib3.connection.HTTPConnection:
        if not target.is_tls:
            return urllib3.connection.HTTPConnection(
                address, target.port, timeout=self._connect_timeout
            )
        return urllib3.connection.HTTPSConnection(
            address,
            target.port,
            timeout=self._connect_timeout,
            ssl_context=self._tls,
            server_hostname=target.host,
        )


def _build_tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """The system's authorities and the city's own."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # The default since Python 3.13: an operator may pin one server's certificate in the CA file.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


@contextlib.contextmanager
def _cut_at(connection: urllib3.connection.HTTPConnection, deadline: float) -> Iterator[None]:
    """
    Cut the line at the deadline.

    Socket timeouts begin again with every byte, so a side that drips could hold us forever.
    """

    held = connection.sock

    def cut() -> None:
        # http.client lets go of the socket before the body is read, so ours is remembered.
        line = held or connection.sock
        if line is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(line, socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, deadline - time.monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _read(response: urllib3.HTTPResponse, url: str, max_bytes: int, deadline: float) -> Fetched:
    headers = {name.lower(): value for name, value in response.headers.items()}
    if sum(len(name) + len(value) for name, value in headers.items()) > _MAX_HEADER_BYTES:
        raise FetchError("answer has too many headers")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise FetchError("answer is compressed, which was not asked for")
    body = bytearray()
    while chunk := response.read1(_CHUNK, decode_content=False):
        body += chunk
        if len(body) > max_bytes:
            raise FetchError(f"answer is larger than {max_bytes} bytes")
    # A line that was cut looks like the end of a body without length.
    if time.monotonic() >= deadline:
        raise FetchError("answer took too long")
    return Fetched(
        status=response.status, headers=MappingProxyType(headers), body=bytes(body), url=url
    )


def _check_media_type(content_type: str, accept: str) -> None:
    """Whether the answer is of a kind that was asked for; `application/json` takes `+json` too."""
    sent = content_type.partition(";")[0].strip().lower()
    wanted = {entry.partition(";")[0].strip().lower() for entry in accept.split(",")}
    if sent in wanted or "*/*" in wanted:
        return
    if "application/json" in wanted and sent.endswith("+json"):
        return
    raise FetchError("answer is of another media type than asked for")
