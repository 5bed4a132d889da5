"""SDVC-M-05: one door for every URL that others wrote, of type metadata as of anything else."""

import ast
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from runtime.fetch import Fetcher, FetchError, UnsafeUrl

ROOT = Path(__file__).parents[2]
PACKAGES = (
    *("encoding", "ledger", "credentials", "openid4vc", "issuer", "wallet_api", "verifier"),
    *("register", "mobile_demo"),
)
CLIENTS = {"urllib3", "requests", "httpx", "aiohttp", "urllib.request", "http.client", "socket"}


class Side(BaseHTTPRequestHandler):
    """Answers with what its path says, and remembers that it was asked."""

    asked: list = []  # noqa: RUF012 - cleared by the fixture

    def log_message(self, *words):
        """Say nothing."""

    def do_GET(self):
        self.asked.append(self.path)
        is_redirect = self.path == "/redirect"
        body = b"x" * 5000 if self.path == "/large" else b"{}"
        self.send_response(302 if is_redirect else 200)
        if is_redirect:
            self.send_header("Location", f"http://localhost:{self.server.server_port}/internal")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def side():
    Side.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Side)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def resolve_to(address):
    """What a name server says of every name; addresses are their own."""
    return lambda host, _port: [host if host[0].isdigit() or ":" in host else address]


@pytest.mark.parametrize(
    "url",
    [
        *("http://types.example/permit", "ftp://types.example/permit", "file:///etc/passwd"),
        *("https://localhost/x", "https://127.0.0.1/x", "https://[::1]/x", "https://10.0.0.1/x"),
        *("https://169.254.169.254/latest/meta-data", "https://2130706433/x", "https://0x7f.1/x"),
        *("https://[::ffff:127.0.0.1]/x", "https://user@types.example/x", "urn:city:permit"),
    ],
)
def test_sdvc_m_05_only_https_to_a_public_address_is_asked(url):
    fetcher = Fetcher(ca_file=None, allow_loopback=False, resolver=resolve_to("93.184.216.34"))

    with pytest.raises(UnsafeUrl):
        fetcher.get(url, accept="application/json", max_bytes=1000)
    assert fetcher.counter == {}


def test_sdvc_m_05_a_public_name_that_leads_inside_is_not_asked():
    fetcher = Fetcher(ca_file=None, allow_loopback=False, resolver=resolve_to("10.0.0.7"))

    with pytest.raises(UnsafeUrl):
        fetcher.get("https://types.example/permit", accept="*/*", max_bytes=1000)
    assert fetcher.counter == {}


def test_sdvc_m_05_a_redirect_is_not_followed_and_a_large_answer_not_taken(side):
    fetcher = Fetcher(ca_file=None, allow_loopback=True)

    assert fetcher.get(f"{side}/redirect", accept="*/*", max_bytes=1000).status == 302
    with pytest.raises(FetchError):
        fetcher.get(f"{side}/large", accept="*/*", max_bytes=1000)
    assert Side.asked == ["/redirect", "/large"]


def test_sdvc_m_05_no_part_of_the_product_asks_by_another_door():
    found = []
    for path in (path for name in PACKAGES for path in (ROOT / name).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *[f"{node.module}.{each.name}" for each in node.names]]
            found += [(path.name, name) for name in names if name in CLIENTS]

    assert found == []
