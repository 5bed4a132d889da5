"""did:jwk: its two documents, its uses, and that the text itself is the name (JWK-01)."""

import json
import re

import pytest

from credentials.did_document import parse_did_document
from credentials.did_jwk import build_did_jwk, parse_did_jwk, resolve_did_jwk
from credentials.dids import parse_key_did_url, resolve_key_did
from credentials.errors import Malformed
from encoding import base64url, strict_json
from tests.credentials.workshop import AGENCY, public_key

JWK = dict(AGENCY.public_jwk)
X25519 = {"kty": "OKP", "crv": "X25519", "use": "enc", "x": base64url.encode(bytes(32))}


def did_of(jwk):
    return "did:jwk:" + base64url.encode(strict_json.build_json(jwk))


def refusal(work, *arguments):
    with pytest.raises(Malformed) as fault:
        work(*arguments)
    return fault.value.detail


def examples(vectors):
    """Each DID of the text with the document that stands after it."""
    text = (vectors / "did-jwk" / "spec.md").read_text().partition("## Examples")[2]
    dids = re.findall(r"^(did:jwk:[A-Za-z0-9_-]+)$", text, re.MULTILINE)
    documents = re.findall(r"^```json\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    # The text has a stray $ in the authentication of its first document.
    return [
        (did, json.loads(document.replace("did:jwk:$ey", "did:jwk:ey")))
        for did, document in zip(dids, documents, strict=True)
    ]


def test_jwk_01_both_documents_of_the_method_are_built_as_published(vectors):
    found = examples(vectors)

    assert len(found) == 2
    for did, document in found:
        assert resolve_key_did(did) == document


def test_jwk_01_a_key_for_signatures_has_no_key_agreement():
    did = did_of({**JWK, "use": "sig"})
    document = resolve_did_jwk(did)

    assert "keyAgreement" not in document
    assert document["authentication"] == [f"{did}#0"]
    assert list(parse_did_document(document, did=did)) == [f"{did}#0"]


@pytest.mark.parametrize("jwk", [{**JWK, "use": "enc", "alg": "ECDH-ES"}, X25519])
def test_jwk_01_a_key_for_encryption_has_only_key_agreement(jwk):
    document = resolve_did_jwk(did_of(jwk))

    assert list(document) == ["@context", "id", "verificationMethod", "keyAgreement"]
    assert refusal(parse_did_jwk, did_of(jwk)) in {"invalid_key", "unsupported_key"}


def test_jwk_01_other_members_of_the_key_are_kept_and_its_kid_is_no_reference():
    did = did_of({**JWK, "kid": "mine", "colour": "blue"})

    assert resolve_did_jwk(did)["verificationMethod"][0]["publicKeyJwk"]["colour"] == "blue"
    assert parse_key_did_url(f"{did}#0") == public_key(AGENCY)
    assert refusal(parse_key_did_url, f"{did}#mine") == "invalid_did"


def test_jwk_01_the_exact_text_is_the_name():
    other = did_of(dict(reversed(JWK.items())))

    assert other != build_did_jwk(public_key(AGENCY))
    assert parse_did_jwk(other) == public_key(AGENCY)
    assert resolve_did_jwk(other)["id"] == other


@pytest.mark.parametrize("read", [parse_did_jwk, resolve_did_jwk])
@pytest.mark.parametrize(
    ("did", "detail"),
    [
        (did_of({**JWK, "d": "AA"}), "private_key_in_jwk"),
        (did_of({**X25519, "d": "AA"}), "private_key_in_jwk"),
        (did_of({"kty": "oct", "k": "AA"}), "private_key_in_jwk"),
        (did_of({"kty": "RSA", "n": "AQ", "e": "AQAB"}), "unsupported_key"),
        (did_of({**JWK, "y": JWK["x"]}), "invalid_key"),
        (did_of([JWK]), "invalid_did"),
        (did_of(JWK) + "=", "invalid_did"),
        ("did:jwk:", "invalid_did"),
        ("did:key:z6Mk", "invalid_did"),
        ("did:jwk:" + "A" * 2048, "invalid_did"),
    ],
)
def test_jwk_01_what_is_no_public_key_is_refused(read, did, detail):
    assert refusal(read, did) == detail


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"x": "AA"}, "invalid_key_length"),
        ({"x": "A"}, "invalid_key"),
        ({"x": 7}, "invalid_key_length"),
        ({"use": "sig"}, "invalid_key"),
    ],
)
def test_jwk_01_a_broken_key_for_encryption_is_refused(change, detail):
    assert refusal(resolve_did_jwk, did_of({**X25519, **change})) == detail
