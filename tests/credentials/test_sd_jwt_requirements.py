"""What RFC 9901 and VC-JOSE-COSE ask of tokens and keys, where no other test says it by name."""

import json

import pytest

from credentials.did_document import parse_did_document
from credentials.dids import build_did_key, resolve_key_did
from credentials.disclosures import digest_text
from credentials.errors import Malformed
from credentials.keys import verify_signature
from credentials.model import IssuerKeyHint
from credentials.reading import read_presentation
from credentials.sd_jwt import issue_sd_jwt, parse_sd_jwt
from encoding import base64url
from tests.credentials.workshop import (
    AGENCY,
    STRANGER,
    issue_permit,
    permit_claims,
    public_key,
    salts,
    sign_raw,
)

TYPES = frozenset({"dc+sd-jwt"})


def digests_in(value):
    """Every digest, wherever it stands."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name == "_sd":
                yield from member
            elif name == "...":
                yield member
            else:
                yield from digests_in(member)
    if isinstance(value, list):
        for member in value:
            yield from digests_in(member)


def test_sd_i_03_each_digest_stands_once_and_the_algorithm_only_at_the_top():
    claims = permit_claims(address={"khan": "Daun Penh", "city": "Phnom Penh"}, cover=["a", "a"])
    text = issue_sd_jwt(
        claims,
        disclosable=[("address",), ("address", "khan"), ("address", "city"), ("cover", None)],
        type="dc+sd-jwt",
        signer=AGENCY,
        header={},
        salt=salts(),
        decoys=3,
    )
    payload = parse_sd_jwt(text, types=TYPES).jws.payload
    contents = [json.loads(base64url.decode(part)) for part in text.split("~")[1:-1]]
    digests = [*digests_in(payload), *digests_in(contents)]

    assert len(digests) == len(set(digests)) >= 5
    assert payload["_sd_alg"] == "sha-256"
    assert "_sd_alg" not in json.dumps([contents, payload["cover"]])


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "ES256", "crit": ["exp"]},
        {"alg": "ES256", "crit": ["b64"], "b64": False},
    ],
)
def test_sd_v_03_only_listed_algorithms_and_no_critical_headers(header):
    token = issue_permit().split("~")[0]
    parts = token.split(".")
    changed = base64url.encode(json.dumps({"typ": "dc+sd-jwt", **header}).encode())

    assert parse_sd_jwt(f"{token}~", types=TYPES)
    with pytest.raises(Malformed):
        parse_sd_jwt(f"{changed}.{parts[1]}.{parts[2]}~", types=TYPES)


def test_sd_v_04_a_token_never_brings_the_key_that_it_is_checked_with():
    header = {"jwk": dict(STRANGER.public_jwk)}
    text = sign_raw(permit_claims(), type="dc+sd-jwt", by=STRANGER, header=header) + "~"
    (credential,) = read_presentation(text)

    assert credential.key_hint == IssuerKeyHint("ES256", None, ())
    for key, is_right in ((public_key(STRANGER), True), (public_key(AGENCY), False)):
        assert verify_signature(key, credential.signing_input, credential.signature) is is_right


@pytest.mark.parametrize("name", ["iss", "vct"])
def test_sd_v_11_what_a_credential_must_say_is_looked_for_after_processing(name):
    text = sign_raw(permit_claims(**{name: None}), type="dc+sd-jwt") + "~"

    with pytest.raises(Malformed):
        read_presentation(text)


@pytest.mark.parametrize("name", ["exp", "nbf"])
def test_sd_v_11_times_that_were_concealed_never_come_by_disclosure(name):
    disclosure = base64url.encode(json.dumps(["salt-salt-salt-salt-", name, 1]).encode())
    payload = permit_claims()
    payload |= {"_sd": [digest_of(disclosure)], "_sd_alg": "sha-256"}
    payload.pop(name, None)

    with pytest.raises(Malformed):
        read_presentation(sign_raw(payload, type="dc+sd-jwt") + f"~{disclosure}~")


def digest_of(disclosure):
    return digest_text(disclosure, hash_name="sha-256")


def test_jc_07_a_controlled_identifier_document_lists_keys_as_json_web_keys():
    did = build_did_key(public_key(AGENCY))
    document = resolve_key_did(did, method_type="JsonWebKey")
    (method,) = document["verificationMethod"]

    assert method["type"] == "JsonWebKey"
    assert list(parse_did_document(document, did=did).values()) == [public_key(AGENCY)]
    method["publicKeyJwk"] = {**method["publicKeyJwk"], "d": "AA"}
    with pytest.raises(Malformed):
        parse_did_document(document, did=did)
