"""DIDs: keys inside the text, the URL of a did:web, documents (WEB-01, KEY-01, JWK-01)."""

import re

import pytest

from credentials.dids import (
    build_did_document,
    build_did_jwk,
    build_did_key,
    build_did_web,
    did_web_url,
    is_key_did,
    parse_did_document,
    parse_key_did,
    parse_key_did_url,
)
from credentials.errors import Malformed
from encoding import base64url, multibase, strict_json
from encoding import errors as encoding_errors
from tests.credentials.workshop import AGENCY, DRIVER, STRANGER, ed25519_signer, public_key

KEYS = [public_key(AGENCY), public_key(ed25519_signer("clerk"))]
DID = "did:web:issuer.city.example:agencies:transport"


def refusal(work, *arguments, **named):
    with pytest.raises(Malformed) as fault:
        work(*arguments, **named)
    return fault.value.detail


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("build", [build_did_jwk, build_did_key])
def test_a_key_did_holds_its_key(key, build):
    did = build(key)

    assert is_key_did(did)
    assert parse_key_did(did) == key


def test_jwk_01_the_example_of_the_did_jwk_method_reads(vectors):
    text = (vectors / "did-jwk" / "spec.md").read_text()
    did = re.findall(r"^(did:jwk:[A-Za-z0-9_-]+)$", text, re.MULTILINE)[0]
    key = parse_key_did(did)

    assert key.jwk["x"] == "acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0"
    assert build_did_jwk(key) == did
    assert parse_key_did_url(f"{did}#0") == key


def test_jwk_01_a_key_for_encryption_is_not_one_for_signatures(vectors):
    text = (vectors / "did-jwk" / "spec.md").read_text()
    did = re.findall(r"^(did:jwk:eyJrdHkiOiJPS1Ai[A-Za-z0-9_-]+)$", text, re.MULTILINE)[0]

    assert refusal(parse_key_did, did) == "unsupported_key"


@pytest.mark.parametrize(
    ("did", "detail"),
    [
        ("did:web:city.example", "unsupported_did"),
        ("did:key:f1234", "unsupported_did"),
        ("did:key:z0OIl", "invalid_did"),
        ("did:key:z", "invalid_did"),
        ("did:jwk:!!", "invalid_did"),
        ("did:jwk:" + base64url.encode(b'{"kty":"EC","kty":"EC"}'), "invalid_did"),
        ("did:jwk:" + base64url.encode(b'{"kty":"oct","k":"AA"}'), "private_key_in_jwk"),
        ("did:jwk:" + "A" * 2100, "invalid_did"),
        ("did:key:" + multibase.encode_multibase(b"\xed\x01" + bytes(31)), "invalid_key_length"),
        ("did:key:" + multibase.encode_multibase(b"\x80\x24\x05" + bytes(32)), "invalid_key"),
        (
            "did:key:" + multibase.encode_multibase(b"\x80\x24\x02" + bytes(31)),
            "invalid_key_length",
        ),
    ],
)
def test_a_did_without_a_usable_key_is_refused(did, detail):
    assert refusal(parse_key_did, did) == detail


def test_a_did_url_names_no_other_key_than_its_own():
    did = build_did_key(KEYS[0])

    assert parse_key_did_url(did) == KEYS[0]
    assert parse_key_did_url(f"{did}#{did.removeprefix('did:key:')}") == KEYS[0]
    assert refusal(parse_key_did_url, f"{did}#0") == "invalid_did"
    assert refusal(parse_key_did_url, f"{build_did_jwk(KEYS[0])}#1") == "invalid_did"


@pytest.mark.parametrize(
    ("did", "url"),
    [
        ("did:web:w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json"),
        ("did:web:w3c-ccg.github.io:user:alice", "https://w3c-ccg.github.io/user/alice/did.json"),
        ("did:web:example.com%3A3000:user", "https://example.com:3000/user/did.json"),
        ("did:web:localhost%3A8401:agencies:a", "https://localhost:8401/agencies/a/did.json"),
    ],
)
def test_web_01_a_did_web_says_where_its_document_stands(did, url):
    assert did_web_url(did, allow_http_loopback=False) == url


def test_plain_http_is_for_localhost_in_development_only():
    did = "did:web:localhost%3A8401:agencies:transport"

    assert (
        did_web_url(did, allow_http_loopback=True)
        == "http://localhost:8401/agencies/transport/did.json"
    )
    assert did_web_url("did:web:city.example", allow_http_loopback=True).startswith("https:")


@pytest.mark.parametrize(
    "did",
    [
        "did:web:",
        "did:jwk:city.example",
        "did:web:127.0.0.1",
        "did:web:127.1",
        "did:web:2130706433",
        "did:web:0x7f000001",
        "did:web:0x7f.1",
        "did:web:1.2.0x3",
        "did:web:%5B%3A%3A1%5D",
        "did:web:city.example%3a8400",
        "did:web:city.example%3A99999",
        "did:web:city.example%3A",
        "did:web:city.example:..:secrets",
        "did:web:city.example:.",
        "did:web:city.example::a",
        "did:web:city.example:a%2Fb",
        "did:web:city.example:a/b",
        "did:web:city.example#key",
        "did:web:user@city.example",
        "did:web:city.example?x",
        "did:web:city.example:" + "a" * 2100,
        "did:web:-city.example",
    ],
)
def test_s_139_a_did_web_that_could_lead_astray_is_refused(did):
    assert refusal(did_web_url, did, allow_http_loopback=True) == "invalid_did"


@pytest.mark.parametrize(
    ("url", "did"),
    [
        ("http://localhost:8401/agencies/transport", "did:web:localhost%3A8401:agencies:transport"),
        ("https://city.example", "did:web:city.example"),
        ("https://city.example/", "did:web:city.example"),
    ],
)
def test_a_did_web_is_made_from_where_it_stands(url, did):
    assert build_did_web(url) == did


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1",
        "https://u@city.example",
        "https://c.example?x",
        "nowhere",
        "https://c.example:99999",
        "https://[",
    ],
)
def test_a_did_web_is_not_made_from_anything_else(url):
    assert refusal(build_did_web, url) == "invalid_did"


# Documents.


def test_a_document_gives_back_the_keys_that_it_was_built_with():
    document = build_did_document(DID, KEYS)

    assert parse_did_document(document, did=DID) == {f"{DID}#{key.thumbprint}": key for key in KEYS}
    assert document["@context"][0] == "https://www.w3.org/ns/did/v1"
    assert len(document["@context"]) == 2


def test_a_document_without_keys_is_not_built():
    assert refusal(build_did_document, DID, []) == "invalid_did"


def method(key=KEYS[0], **changes):
    members = {
        "id": f"{DID}#1",
        "type": "JsonWebKey",
        "controller": DID,
        "publicKeyJwk": key.jwk,
        **changes,
    }
    return {name: value for name, value in members.items() if value is not ...}


def document(*methods, **changes):
    return {
        "id": DID,
        "verificationMethod": list(methods),
        "assertionMethod": [each["id"] for each in methods],
        **changes,
    }


def test_keys_count_only_in_the_relationship_that_lists_them():
    value = document(method(), assertionMethod=[])

    assert parse_did_document(value, did=DID) == {}
    assert parse_did_document(value, did=DID, relationship="authentication") == {}


def test_methods_may_be_relative_embedded_or_multikeys():
    multikey = build_did_key(KEYS[1]).removeprefix("did:key:")
    other = public_key(STRANGER)
    value = document(
        method(id="#1"),
        method(id="#2", type="Multikey", publicKeyMultibase=multikey),
        assertionMethod=["#1", f"{DID}#2", method(other, id="#3", type="JsonWebKey2020")],
    )

    assert parse_did_document(value, did=DID) == {
        f"{DID}#1": KEYS[0],
        f"{DID}#2": KEYS[1],
        f"{DID}#3": other,
    }


def test_kinds_of_key_that_the_city_does_not_know_are_passed_over():
    value = document(
        method(id="#1", type="EcdsaSecp256k1RecoveryMethod2020"),
        method(id="#2", publicKeyJwk={"kty": "EC", "crv": "P-224"}),
        method(id="#3"),
    )

    assert list(parse_did_document(value, did=DID)) == [f"{DID}#3"]


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        ([], "invalid_did_document"),
        ({}, "invalid_did_document"),
        (document(method(), id="did:web:other.example"), "invalid_did_document"),
        (document(method(controller="did:web:other.example")), "invalid_did_document"),
        (document(method(controller=...)), "invalid_did_document"),
        (document(method(), method()), "invalid_did_document"),
        (document(method(), assertionMethod=[f"{DID}#9"]), "invalid_did_document"),
        (document(method(), assertionMethod=[7]), "invalid_did_document"),
        (document(method(), assertionMethod="#1"), "invalid_did_document"),
        (document(method(id="nofragment")), "invalid_did_document"),
        (document(method(), verificationMethod=["x"]), "invalid_did_document"),
        (document(method(), verificationMethod=[method()] * 33), "invalid_did_document"),
        (document(method(publicKeyJwk={**DRIVER.public_jwk, "d": "AA"})), "private_key_in_jwk"),
        (document(method(publicKeyJwk="x")), "invalid_key"),
        (document(method(type="Multikey", publicKeyMultibase=7)), "invalid_multibase"),
        (document(method(type="Multikey", publicKeyMultibase="zO")), "invalid_multibase"),
    ],
)
def test_a_document_that_does_not_hold_together_is_refused(value, detail):
    assert refusal(parse_did_document, value, did=DID) == detail


# The examples of the did:web method.


def test_web_01_every_mapping_of_the_method_is_ours(vectors):
    folder = vectors / "did-web" / "spec-examples"
    pairs = [re.split(r"\s*->\s*", (folder / f"0{n}.txt").read_text().strip()) for n in (5, 6, 7)]
    pairs.append([(folder / f"0{n}.txt").read_text().strip() for n in (8, 9)])

    assert len(pairs) == 4
    for did, url in pairs:
        assert did_web_url(did, allow_http_loopback=False) == url
    for did in (folder / "04.txt").read_text().split():
        assert did_web_url(did, allow_http_loopback=False).endswith("/did.json")


def test_web_01_the_documents_of_the_method_are_read(vectors):
    folder, did = vectors / "did-web" / "spec-examples", "did:web:example.com"
    # The first has a comma too many, which no strict reader takes.
    first = (folder / "01.txt").read_text()
    with pytest.raises(encoding_errors.Malformed):
        strict_json.parse_json(first)
    keys = parse_did_document(strict_json.parse_json(re.sub(r"\},(\s*\])", r"}\1", first)), did=did)
    other = strict_json.parse_json((folder / "02.txt").read_text())

    assert list(keys) == [f"{did}#key-0", f"{did}#key-2"]
    assert parse_did_document(other, did=did, relationship="authentication") == {}


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"publicKeyBase58": "4zvwRjXUKGfvwnParsHAS3HuSVzV5cA4McphgmoCtajS"}, None),
        ({"publicKeyBase58": "4zvwRjXUKGfvwnParsHAS3HuSVzV5cA4Mcphgm"}, "invalid_key_length"),
        ({"publicKeyBase58": "0"}, "invalid_multibase"),
        ({"publicKeyBase58": 7}, "invalid_key_length"),
    ],
)
def test_an_ed25519_method_of_2018_is_read(change, detail):
    value = document(method(type="Ed25519VerificationKey2018", publicKeyJwk=..., **change))

    if detail is None:
        assert len(parse_did_document(value, did=DID)) == 1
    else:
        assert refusal(parse_did_document, value, did=DID) == detail


def test_an_ed25519_method_of_2020_holds_no_other_key():
    texts = [build_did_key(key).removeprefix("did:key:") for key in KEYS]
    right = method(type="Ed25519VerificationKey2020", publicKeyMultibase=texts[1])
    wrong = method(type="Ed25519VerificationKey2020", publicKeyMultibase=texts[0])

    assert list(parse_did_document(document(right), did=DID).values()) == [KEYS[1]]
    assert refusal(parse_did_document, document(wrong), did=DID) == "invalid_key"
