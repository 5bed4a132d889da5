"""did:webvh: the text of the DID and where its log stands (WVH-01, WVH-07)."""

import pytest

from credentials.errors import Malformed
from credentials.webvh_identifier import parse_did_webvh
from tests.credentials.webvh_logs import SCID


@pytest.mark.parametrize(
    "rest",
    [
        "127.0.0.1#x",
        "127.0.0.1%3a8080",
        "127.0.0.1%3A8080",
        "city.example%3a8080",
        "127%2E0%2E0%2E1",
        "127%2e0%2e0%2e1",
        "169%2E254%2E169%2E254",
        "city.example:..:..:admin",
        "city.example:%2E%2E:admin",
        "city.example:%2e%2e:admin",
        "city.example:a%2Fb",
        "city.example:a%5Cb",
        "city.example:a%00b",
        "city.example:%20a",
        "city.example:%FF",
        "city.example:%2",
        "city.example:a/b",
        "city.example:",
        "city.example::a",
        "city..example",
        "-city.example",
        "city",
        "1.2.0x3",
        "2130706433",
        "%5B%3A%3A1%5D",
        "city.example%3A0",
        "city.example%3A65536",
        "city.example%3A80%3A80",
        "user@city.example",
        "city.example%2F",
        "a" * 64 + ".example",
        ".".join(["a" * 60] * 5),
        "city.example:" + "a" * 2100,
        "",
    ],
)
def test_wvh_07_a_name_that_could_lead_astray_is_refused(rest):
    """The five parser scenarios: traversal, addresses, escapes, lower case and fragments."""
    with pytest.raises(Malformed) as fault:
        parse_did_webvh(f"did:webvh:{SCID}:{rest}")
    assert fault.value.detail == "invalid_did"


@pytest.mark.parametrize("scid", ["", "{SCID}", "Qm" + "0" * 44, "z" * 46, SCID[:-1]])
def test_wvh_01_a_scid_that_is_no_sha_256_is_refused(scid):
    with pytest.raises(Malformed) as fault:
        parse_did_webvh(f"did:webvh:{scid}:city.example")
    assert fault.value.detail == "invalid_did"


@pytest.mark.parametrize(
    ("rest", "url"),
    [
        ("city.example", "https://city.example/.well-known/did.jsonl"),
        ("issuer.city.example", "https://issuer.city.example/.well-known/did.jsonl"),
        ("city.example:dids:issuer", "https://city.example/dids/issuer/did.jsonl"),
        ("city.example%3A3000:dids:i", "https://city.example:3000/dids/i/did.jsonl"),
        ("city.example%3A3000", "https://city.example:3000/.well-known/did.jsonl"),
        ("xn--fsq.jp:%E7%94%A8%e6%88%B7", "https://xn--fsq.jp/%E7%94%A8%E6%88%B7/did.jsonl"),
        ("city.example:a%252Fb", "https://city.example/a%252Fb/did.jsonl"),
    ],
)
def test_wvh_07_a_did_says_where_its_log_stands(rest, url):
    did = parse_did_webvh(f"did:webvh:{SCID}:{rest}")

    assert did.log_url(allow_http_loopback=False) == url
    assert did.witness_url(allow_http_loopback=False) == url.replace(
        "did.jsonl", "did-witness.json"
    )
    assert ".well-known" not in did.files_url(allow_http_loopback=False)


def test_plain_http_is_for_localhost_in_development_only():
    did = parse_did_webvh(f"did:webvh:{SCID}:localhost%3A8401:a")

    assert did.log_url(allow_http_loopback=True) == "http://localhost:8401/a/did.jsonl"
    with pytest.raises(Malformed) as fault:
        did.log_url(allow_http_loopback=False)
    assert fault.value.detail == "invalid_did"
