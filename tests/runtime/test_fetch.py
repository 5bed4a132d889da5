"""Whatever the other side does, a fetch ends within its limits (S-142, S-143)."""

import http.server
import importlib.util
import json
import ssl
import threading
import time
from pathlib import Path

import pytest

from runtime.fetch import Fetcher, FetchError, UnsafeUrl
from runtime.settings import Settings

LIMIT = 1000
SECONDS = 1.0


def load_beside(name):
    """A module of this folder (tests are not a package)."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make_certificate = load_beside("certificates").make_certificate


class Answers(http.server.BaseHTTPRequestHandler):
    """A side that behaves as its path says."""

    protocol_version = "HTTP/1.1"
    seen: list = []  # noqa: RUF012 - each server has a class of its own

    def log_message(self, *arguments):
        """Say nothing."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        echo = {"type": self.headers["Content-Type"], "body": body.decode()}
        self.answer(json.dumps(echo).encode())

    def do_GET(self):
        self.seen.append((self.path, dict(self.headers)))
        try:
            getattr(self, self.path.strip("/").partition("?")[0])()
        except OSError:
            self.close_connection = True

    def answer(self, body, *, status=200, content_type="application/json", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def begin(self, **headers):
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def plain(self):
        self.answer(b'{"a":1}', ETag='"1"')

    def until_close(self):
        self.begin()
        self.wfile.write(b"{}")

    def exact(self):
        self.answer(b"x" * LIMIT)

    def one_more(self):
        self.answer(b"x" * (LIMIT + 1))

    def endless(self):
        self.begin(Content_Length=str(10**10))
        while True:
            self.wfile.write(bytes(65536))

    def endless_chunks(self):
        self.begin(Transfer_Encoding="chunked")
        while True:
            self.wfile.write(b"400\r\n" + bytes(1024) + b"\r\n")

    def drip_body(self):
        self.begin()
        for _ in range(100):
            self.wfile.write(b" ")
            time.sleep(0.1)

    def drip_headers(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(100):
            self.wfile.write(b"X-%d: y\r\n" % number)
            time.sleep(0.1)

    def drip_one_header(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        for _ in range(100):
            self.wfile.write(b"y")
            time.sleep(0.1)

    def silence(self):
        time.sleep(3)

    def many_headers(self):
        self.answer(b"{}", **{f"X_{number}": "y" for number in range(200)})

    def fat_headers(self):
        self.answer(b"{}", **{f"X_{number}": "y" * 1000 for number in range(20)})

    def cut(self):
        self.begin(Content_Length="100")
        self.wfile.write(b"{}")

    def bomb(self):
        self.answer(b"\x1f\x8b", Content_Encoding="gzip")

    def page(self):
        self.answer(b"<p>", content_type="text/html")

    def did(self):
        self.answer(b"{}", content_type="application/did+json; charset=utf-8")

    def nonsense(self):
        self.close_connection = True
        self.wfile.write(b"SSH-2.0-OpenSSH\r\n\r\n")

    def empty(self):
        self.close_connection = True

    def moved(self):
        self.answer(b"", status=302, Location="/plain")


@pytest.fixture
def serve():
    """Start a server; gives its port and what it has seen."""
    servers = []

    def start(certificate=None, key=None):
        handler = type("Handler", (Answers,), {"seen": []})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.handle_error = lambda *arguments: None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        servers.append(server)
        return server.server_port, handler.seen

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def fetcher():
    return Fetcher(ca_file=None, allow_loopback=True, total_timeout=SECONDS)


def get(fetcher, port, path, *, accept="application/json", scheme="http", **options):
    url = f"{scheme}://localhost:{port}/{path}"
    return fetcher.get(url, accept=accept, max_bytes=LIMIT, **options)


def test_an_honest_answer_comes_as_it_is(serve, fetcher):
    port, seen = serve()
    fetched = get(fetcher, port, "plain?b=%20", headers={"If-None-Match": '"0"'})

    assert (fetched.status, fetched.body, fetched.is_success) == (200, b'{"a":1}', True)
    assert fetched.headers["etag"] == '"1"'
    path, headers = seen[0]
    assert path == "/plain?b=%20"
    assert headers == {
        "Host": f"localhost:{port}",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "If-None-Match": '"0"',
        "User-Agent": "CityWallet",
    }


def test_an_answer_may_end_with_its_line(serve, fetcher):
    port, _ = serve()

    assert get(fetcher, port, "until_close").body == b"{}"


@pytest.mark.parametrize(
    "path",
    ["drip_body", "drip_headers", "drip_one_header", "silence", "endless", "endless_chunks"],
)
def test_a_slow_or_endless_side_is_left_in_time(serve, fetcher, path):
    port, _ = serve()
    start = time.perf_counter()
    with pytest.raises(FetchError):
        get(fetcher, port, path)

    assert time.perf_counter() - start < SECONDS + 1


@pytest.mark.parametrize(
    "path", ["many_headers", "fat_headers", "cut", "bomb", "page", "nonsense", "empty"]
)
def test_an_improper_answer_is_an_outage(serve, fetcher, path):
    port, _ = serve()
    with pytest.raises(FetchError):
        get(fetcher, port, path)


def test_size_is_counted_at_the_limit_and_one_beyond(serve, fetcher):
    port, _ = serve()

    assert len(get(fetcher, port, "exact").body) == LIMIT
    with pytest.raises(FetchError):
        get(fetcher, port, "one_more")


def test_a_redirect_is_shown_and_not_followed(serve, fetcher):
    port, seen = serve()
    fetched = get(fetcher, port, "moved")

    assert (fetched.status, fetched.is_success) == (302, False)
    assert [path for path, _ in seen] == ["/moved"]


def test_json_of_a_finer_kind_is_json(serve, fetcher):
    port, _ = serve()

    assert get(fetcher, port, "did").body == b"{}"
    assert get(fetcher, port, "page", accept="*/*").body == b"<p>"


def test_forms_and_json_are_posted(serve, fetcher):
    port, _ = serve()
    url = f"http://localhost:{port}/any"
    form = json.loads(fetcher.post_form(url, {"a": "b c&d"}, max_bytes=LIMIT).body)
    value = json.loads(fetcher.post_json(url, {"a": "\u6c34"}, max_bytes=LIMIT).body)
    raw = json.loads(fetcher.post(url, b"x", "text/plain", max_bytes=LIMIT).body)

    assert form == {"type": "application/x-www-form-urlencoded", "body": "a=b+c%26d"}
    assert (value["type"], json.loads(value["body"])) == ("application/json", {"a": "\u6c34"})
    assert raw == {"type": "text/plain", "body": "x"}


def test_requests_that_leave_are_counted_and_refused_ones_are_not(serve, fetcher):
    port, _ = serve()
    get(fetcher, port, "plain")
    with pytest.raises(UnsafeUrl):
        fetcher.get("https://10.0.0.1/", accept="*/*", max_bytes=1)

    assert fetcher.counter == {f"GET localhost:{port}": 1}


def test_production_does_not_reach_loopback(serve):
    port, seen = serve()
    with pytest.raises(UnsafeUrl):
        get(Fetcher(ca_file=None, allow_loopback=False), port, "plain")

    assert seen == []


def test_nobody_at_home_is_an_outage(fetcher):
    with pytest.raises(FetchError) as caught:
        get(fetcher, 1999, "plain")

    assert not isinstance(caught.value, UnsafeUrl)


def test_a_header_cannot_smuggle_another(serve, fetcher):
    port, seen = serve()
    with pytest.raises(FetchError):
        get(fetcher, port, "plain", headers={"X": "a\r\nY: b"})

    assert seen == []


def test_a_name_that_changes_its_answer_is_reached_where_it_was_checked(serve):
    """DNS rebinding: the name is asked once, and the connection goes to that answer."""
    port, _ = serve()
    asked = []

    def resolver(host, port):
        asked.append(host)
        return ("127.0.0.1",)

    fetcher = Fetcher(ca_file=None, allow_loopback=True, resolver=resolver)
    fetched = fetcher.get(
        f"http://city.example:{port}/plain", accept="application/json", max_bytes=LIMIT
    )

    assert fetched.status == 200
    assert asked == ["city.example"]


def test_the_citys_own_authority_is_trusted_for_the_name_it_signed(serve, tmp_path):
    root, _, issuer = make_certificate(tmp_path, "root", host="root")
    good, key, _ = make_certificate(tmp_path, "good", host="localhost", issuer=issuer)
    port, _ = serve(good, key)

    trusting = Fetcher(ca_file=root, allow_loopback=True, total_timeout=SECONDS)
    assert get(trusting, port, "plain", scheme="https").status == 200
    with pytest.raises(FetchError):
        get(Fetcher(ca_file=None, allow_loopback=True), port, "plain", scheme="https")


@pytest.mark.parametrize(("host", "days"), [("other.example", 1), ("localhost", -1)])
def test_a_certificate_for_another_host_or_another_time_is_refused(serve, tmp_path, host, days):
    root, _, issuer = make_certificate(tmp_path, "root", host="root")
    bad, key, _ = make_certificate(tmp_path, "bad", host=host, issuer=issuer, days=days)
    port, seen = serve(bad, key)
    with pytest.raises(FetchError):
        get(Fetcher(ca_file=root, allow_loopback=True), port, "plain", scheme="https")

    assert seen == []


def test_a_certificate_that_signed_itself_is_refused(serve, tmp_path):
    certificate, key, _ = make_certificate(tmp_path, "alone", host="localhost")
    port, seen = serve(certificate, key)
    with pytest.raises(FetchError):
        get(Fetcher(ca_file=None, allow_loopback=True), port, "plain", scheme="https")

    assert seen == []


def test_a_slow_side_behind_tls_is_left_in_time(serve, tmp_path):
    root, _, issuer = make_certificate(tmp_path, "root", host="root")
    good, key, _ = make_certificate(tmp_path, "good", host="localhost", issuer=issuer)
    port, _ = serve(good, key)
    fetcher = Fetcher(ca_file=root, allow_loopback=True, total_timeout=SECONDS)
    for path in ("drip_body", "drip_one_header", "silence"):
        start = time.perf_counter()
        with pytest.raises(FetchError):
            get(fetcher, port, path, scheme="https")

        assert time.perf_counter() - start < SECONDS + 1


def test_settings_name_what_may_be_reached(serve):
    port, seen = serve()
    environ = {"CITY_ISSUER_URL": "https://issuer.example"}
    settings = Settings.from_environment(environ, service="verifier")

    assert get(Fetcher.from_settings(settings), port, "plain").status == 200
    strict = Fetcher.from_settings(settings, allowed_hosts=lambda host: False)
    with pytest.raises(UnsafeUrl):
        get(strict, port, "plain")
    assert len(seen) == 1
