"""What attackers of the judge found, each with the text that did it."""

import base64
import json
import tracemalloc
import zlib

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from cityhall.judge import read_case
from credentials.dids import build_did_jwk
from credentials.model import IssuerKeyHint
from credentials.trust import choose_keys, find_certified_issuer
from encoding import base64url
from tests.credentials.mdoc_workshop import root_certificate, signer_certificate
from tests.credentials.read_papers import ISSUER_DID, vp_raw
from tests.credentials.workshop import (
    AGENCY,
    DRIVER,
    ISSUER,
    LIST,
    NONCE,
    NOW,
    STRANGER,
    VERIFIER,
    issue_permit,
    present,
    public_key,
    sign_raw,
)
from tests.judge.cases import case, issuers, judge

V2 = "https://www.w3.org/ns/credentials/v2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
ROOT_PEM = root_certificate().public_bytes(Encoding.PEM).decode()

P256 = bytes.fromhex("06082a8648ce3d030107")
EC_KEY = bytes.fromhex("06072a8648ce3d0201")
COMMON_NAME = bytes.fromhex("0603550403")


def replaced(certificate, old, new):
    """The certificate with other bytes in it: its signature is wrong, its shape is not."""
    assert old in certificate
    return certificate.replace(old, new)


def with_odd_names(certificate):
    """Its names are of a kind of text that no name may be."""
    at = certificate.index(COMMON_NAME) + len(COMMON_NAME)
    return certificate[:at] + b"\x09" + certificate[at + 1 :]


ODD = {
    "a curve that nobody knows": replaced(signer_certificate(), P256, P256[:-1] + b"\x2f"),
    "a kind of key that nobody knows": replaced(
        signer_certificate(), EC_KEY, EC_KEY[:-1] + b"\x09"
    ),
    "a point that is none": signer_certificate().replace(b"\x03\x42\x00\x04", b"\x03\x42\x00\x07"),
    "names that are no text": with_odd_names(signer_certificate()),
    "an unknown version": replaced(
        signer_certificate(), b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x0a"
    ),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("keys", [[], [dict(AGENCY.public_jwk)]])
@pytest.mark.parametrize("place", [0, 1])
def test_s_046_a_certificate_that_nobody_can_use_is_refused_without_a_crash(name, keys, place):
    """RFC 7515 4.1.6: "the certificate or certificate chain" is the sender's to choose."""
    chain = [*[signer_certificate()][:place], ODD[name]]
    text = issue_permit(header={"x5c": [base64.b64encode(each).decode() for each in chain]})

    answer = judge(
        case(
            text,
            require_holder_binding=False,
            issuers=issuers(keys=keys, x5c_anchors=[ROOT_PEM]),
        )
    )

    assert answer["outcome"] == "failed"
    assert "issuer_not_trusted" in answer["reasons"]


@pytest.mark.parametrize("name", ODD)
def test_s_044_such_a_certificate_finds_no_issuer_of_an_mdoc(name):
    members = case(issuers=issuers(x5c_anchors=[ROOT_PEM]))
    trust = read_case(json.dumps(members)).trust
    hint = IssuerKeyHint("ES256", None, (ODD[name],))

    assert find_certified_issuer(trust, hint, now=NOW, must_be_named=False) is None
    assert choose_keys(trust.issuers[0], hint, identifier="", now=NOW).problem is not None


def test_an_anchor_of_an_unknown_version_makes_no_case():
    body = base64.encodebytes(ODD["an unknown version"]).decode()
    pem = f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n"

    assert judge(case(issuers=issuers(x5c_anchors=[pem])))["reasons"] == ["malformed"]


def vc(name, *, by=AGENCY):
    document = {
        "@context": [V2, EXAMPLES],
        "type": ["VerifiableCredential", name],
        "issuer": ISSUER,
        "credentialSubject": {"id": "urn:example:1", "name": name},
        "cnf": {"jwk": dict(DRIVER.public_jwk)},
    }
    return sign_raw(document, type="vc+jwt", by=by)


def vp(*credentials, **changes):
    document = {
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [
            {
                "@context": V2,
                "id": f"data:application/vc+jwt,{text}",
                "type": "EnvelopedVerifiableCredential",
            }
            for text in credentials
        ],
        "aud": VERIFIER,
        "nonce": NONCE,
        "iat": int(NOW.timestamp()),
        **changes,
    }
    return sign_raw(document, type="vp+jwt", by=DRIVER)


@pytest.mark.parametrize("name", ["X 2", "X 3", "X"])
def test_s_025_a_forged_credential_is_not_hidden_by_a_type_that_looks_like_a_number(name):
    trusted = issuers(types=["X", "X 2", "X 3"])

    forged = judge(case(vp(vc(name, by=STRANGER), vc("X"), vc("X")), issuers=trusted))
    honest = judge(case(vp(vc(name), vc("X"), vc("X")), issuers=trusted))

    assert (forged["outcome"], forged["claims"]) == ("failed", None)
    assert "bad_signature" in forged["reasons"]
    assert honest["outcome"] == "passed"
    assert len(honest["claims"]) == 3


def test_s_052_lists_of_sixteen_megabytes_are_not_all_remembered():
    """Zlib makes a list of 16 MiB from 22 kB of text; a line brings it, and the next another."""
    packed = base64url.encode(zlib.compress(bytes(16 << 20), 9))
    shown = present(issue_permit())

    def judged(number):
        token = sign_raw(
            {
                "sub": LIST,
                "iat": int(NOW.timestamp()),
                "exp": int(NOW.timestamp()) + 60 + number,
                "status_list": {"bits": 1, "lst": packed},
            },
            type="statuslist+jwt",
        )
        return judge(case(shown, status_lists={LIST: token}))["outcome"]

    tracemalloc.start()
    try:
        outcomes = {judged(number) for number in range(16)}
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert outcomes == {"passed"}
    assert held < 10 * (16 << 20)


OTHER_KEYS = [
    {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
    {"kty": "OKP", "crv": "X25519", "x": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"},
    {"kty": "EC", "crv": "BLS12381G2", "x": "AA", "y": "AA"},
    {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"},
    {**STRANGER.public_jwk, "use": "enc"},
]


@pytest.mark.parametrize("other", OTHER_KEYS)
def test_keys_of_other_kinds_beside_the_issuers_do_no_harm(other):
    """RFC 7517 section 5: "ignore JWKs within a JWK Set that use kty values" not understood."""
    own = dict(AGENCY.public_jwk)
    shown = present(issue_permit())

    assert judge(case(shown, issuers=issuers(keys=[other, own])))["outcome"] == "passed"
    alone = judge(case(shown, issuers=issuers(keys=[other])))
    assert alone["outcome"] == "failed"
    assert "no_key_listed" in alone["details"]


def test_s_019_a_private_key_of_another_kind_still_makes_no_case():
    private = {"kty": "RSA", "n": "AQAB", "e": "AQAB", "d": "AQAB"}

    assert judge(case(issuers=issuers(keys=[private])))["reasons"] == ["malformed"]


def test_s_042_a_presentation_names_no_other_holder_than_the_one_who_signs():
    """VCDM 2.0 section 4.13: `holder` names who makes the presentation."""
    w3c = {
        "issuers": {ISSUER_DID: {"keys": [dict(AGENCY.public_jwk)], "types": ["TaxiPermit"]}},
        "status": "ignore",
    }
    own, other = build_did_jwk(public_key(DRIVER)), build_did_jwk(public_key(STRANGER))

    assert judge(case(vp_raw(holder=own, iss=own), **w3c))["outcome"] == "passed"
    answer = judge(case(vp_raw(holder=other, iss=other), **w3c))

    assert (answer["outcome"], answer["reasons"]) == ("failed", ["holder_not_bound"])
    assert answer["details"][0] == "holder_mismatch"
