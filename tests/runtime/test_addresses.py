"""No outgoing request is led to an address that is not public (S-139, S-145)."""

import ipaddress
import threading
import time

import pytest

from runtime.addresses import AddressRules, is_public
from runtime.errors import FetchError, UnsafeUrl

PRODUCTION = AddressRules(allow_loopback=False, trusted_origins=frozenset(), allowed_hosts=None)
DEVELOPMENT = AddressRules(allow_loopback=True, trusted_origins=frozenset(), allowed_hosts=None)

LOOPBACK = [
    "https://127.0.0.1/",
    "https://localhost/",
    "https://LOCALHOST/",
    "https://[::1]/",
    "https://127.8.9.10/",
    "https://0.0.0.0/",
    "https://[::]/",
]
ODD_SPELLINGS = [
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://127.0.0.01/",
    "https://127.0.0.1./",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:7f00:1::]/",
    "https://[fe80::1%25eth0]/",
    "https://\u2460\u2461\u2466.0.0.1/",
]
PRIVATE = [
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1]/",
    "https://192.0.2.1/",
    "https://198.18.0.1/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://240.0.0.1/",
    "https://[ff02::1]/",
]
NOT_PLAIN = [
    "",
    "/relative",
    "//host.example/",
    "https:///path",
    "https://:443/",
    "http://city.example/",
    "HTTPS//city.example",
    "ftp://city.example/",
    "file:///etc/passwd",
    "gopher://city.example/",
    "data:text/plain,x",
    "javascript:alert(1)",
    "https://user@city.example/",
    "https://user:secret@city.example/",
    "https://city.example@10.0.0.1/",
    "https://city.example\\@10.0.0.1/",
    "https://city.example\r\nHost: other/",
    "https://city.example/\r\nX: y",
    "https://city.example/ a",
    " https://city.example/",
    "https://city.example/\x00",
    "https://city.example/#part",
    "https://city.example:0/",
    "https://city.example:99999/",
    "https://city.example:http/",
    "https://city.example:25/",
    "https://city.example:22/",
    "https://city..example/",
    "https://-city.example/",
    "https://city.example%2f.other/",
    "https://c\u0456ty.example/",
    "https://city.example/\u0456",
    "https://[::1/",
    "https://[zz::1]/",
    "https://" + "a" * 300 + ".example/",
    "https://city.example/" + "a" * 5000,
]


def resolver_of(*addresses):
    return lambda host, port: addresses


def never(host, port):
    raise AssertionError("no name may be resolved here")


PUBLIC = resolver_of("203.0.114.7")


def check(url, *, rules=PRODUCTION, resolver=PUBLIC, timeout=1.0):
    return rules.check(url, resolver=resolver, timeout=timeout)


@pytest.mark.parametrize("url", [*LOOPBACK, *ODD_SPELLINGS, *PRIVATE, *NOT_PLAIN])
def test_a_hostile_url_is_refused_without_asking_any_resolver(url):
    resolver = PUBLIC if url == "http://city.example/" else never
    with pytest.raises(UnsafeUrl):
        check(url, resolver=resolver)


@pytest.mark.parametrize("url", [*ODD_SPELLINGS, *PRIVATE, *NOT_PLAIN])
def test_development_opens_loopback_and_nothing_else(url):
    with pytest.raises(UnsafeUrl):
        check(url, rules=DEVELOPMENT)


@pytest.mark.parametrize(
    ("url", "addresses"),
    [
        ("http://localhost:8400/a?b=c", ("127.0.0.1", "::1")),
        ("http://127.0.0.1:8400/", ("127.0.0.1",)),
        ("https://[::1]:8400/", ("::1",)),
    ],
)
def test_development_reaches_the_services_beside_it(url, addresses):
    assert check(url, rules=DEVELOPMENT, resolver=never).addresses == addresses


def test_a_public_host_is_reached_at_the_addresses_that_were_checked():
    target = check(
        "https://city.example:8443/did.json?x=%20", resolver=resolver_of("203.0.114.7", "2600::7")
    )

    assert target.addresses == ("203.0.114.7", "2600::7")
    assert (target.host, target.port, target.is_tls) == ("city.example", 8443, True)
    assert target.path == "/did.json?x=%20"
    assert target.host_header == "city.example:8443"


@pytest.mark.parametrize(
    "addresses", [("10.0.0.1",), ("203.0.114.7", "127.0.0.1"), ("::ffff:10.0.0.1",)]
)
def test_a_name_that_leads_inside_is_refused_whatever_else_it_leads_to(addresses):
    with pytest.raises(UnsafeUrl):
        check("https://city.example/", resolver=resolver_of(*addresses))
    if addresses != ("203.0.114.7", "127.0.0.1"):
        with pytest.raises(UnsafeUrl):
            check("https://city.example/", rules=DEVELOPMENT, resolver=resolver_of(*addresses))


def test_the_citys_own_services_may_stand_at_private_addresses():
    rules = AddressRules(
        allow_loopback=False,
        trusted_origins=frozenset(("https://issuer.city.internal", "https://10.0.0.9:8400")),
        allowed_hosts=None,
    )
    inside = resolver_of("10.0.0.5")

    assert check("https://issuer.city.internal/x", rules=rules, resolver=inside).addresses
    assert check("https://10.0.0.9:8400/x", rules=rules, resolver=never).addresses
    for url in ("https://issuer.city.internal:8443/", "https://10.0.0.9/", "http://10.0.0.9:8400/"):
        with pytest.raises(UnsafeUrl):
            check(url, rules=rules, resolver=inside)


def test_a_host_that_is_not_on_the_list_is_refused_without_a_dns_query():
    rules = AddressRules(
        allow_loopback=False,
        trusted_origins=frozenset(),
        allowed_hosts=frozenset(("agency.example",)).__contains__,
    )
    with pytest.raises(UnsafeUrl):
        check("https://other.example/", rules=rules, resolver=never)

    assert check("https://agency.example/", rules=rules).host == "agency.example"


def test_a_resolver_that_hangs_is_left_behind():
    released = threading.Event()

    def hang(host, port):
        released.wait(30)
        return ("203.0.114.7",)

    start = time.perf_counter()
    with pytest.raises(FetchError):
        check("https://city.example/", resolver=hang, timeout=0.1)
    spent = time.perf_counter() - start
    released.set()

    assert spent < 2


def test_a_name_without_address_is_an_outage():
    def fail(host, port):
        raise OSError("no such host")

    with pytest.raises(FetchError) as caught:
        check("https://city.example/", resolver=fail)
    assert not isinstance(caught.value, UnsafeUrl)


@pytest.mark.parametrize("address", ["203.0.114.7", "8.8.8.8", "2600::7"])
def test_ordinary_hosts_are_public(address):
    assert is_public(ipaddress.ip_address(address))
