"""A wallet shows its keys; every proof must hold (OpenID4VCI 1.0 appendix F)."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from cityhall.vectors.authored import judge_key_proof
from credentials.dids import build_did_jwk, build_did_key
from credentials.jose import build_signing_input, join_signature
from credentials.keys import SoftwareSigner, parse_jwk
from encoding import base64url
from openid4vc.errors import InvalidNonce, InvalidProof
from openid4vc.key_proof import PROOF_TYPE, build_key_proof_input, verify_key_proofs

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ISSUER = "https://issuer.example/agencies/transport"
DEVICE = SoftwareSigner(ec.derive_private_key(7, ec.SECP256R1()))
OTHER = SoftwareSigner(ec.derive_private_key(8, ec.SECP256R1()))
EDWARDS = SoftwareSigner(ed25519.Ed25519PrivateKey.from_private_bytes(b"\x07" * 32))


def key_of(signer):
    return parse_jwk(dict(signer.public_jwk))


def did(signer):
    return build_did_jwk(key_of(signer)) + "#0"


def signed(signer, signing_input):
    return join_signature(signing_input, signer.sign(signing_input.encode()))


def proof(signer=DEVICE, *, key_id=None, **changes):
    words = {
        "public_jwk": None if key_id else signer.public_jwk,
        "key_id": key_id,
        "algorithm": signer.algorithm,
        "audience": ISSUER,
        "nonce": "live",
        "now": NOW,
        **changes,
    }
    return signed(signer, build_key_proof_input(**words))


def forged(header=None, claims=None, *, type=PROOF_TYPE, signer=DEVICE):
    """A proof whose header or claims are changed; None takes a member away."""
    full_header = {"jwk": dict(signer.public_jwk), **(header or {})}
    full_claims = {"aud": ISSUER, "iat": int(NOW.timestamp()), "nonce": "live", **(claims or {})}
    return signed(
        signer,
        build_signing_input(
            {name: value for name, value in full_claims.items() if value is not None},
            type=type,
            algorithm=signer.algorithm,
            header={name: value for name, value in full_header.items() if value is not None},
        ),
    )


def verify(*proofs, **changes):
    words = {
        "audience": ISSUER,
        "now": NOW,
        "window": timedelta(seconds=300),
        "accepts_nonce": lambda nonce: nonce == "live",
        "algorithms": {"ES256", "EdDSA"},
        "binding_methods": {"jwk", "did:jwk", "did:key"},
        "batch_size": 3,
        "client_id": None,
        **changes,
    }
    return verify_key_proofs(proofs, **words)


def test_a_key_in_the_header_is_proven():
    """VCI-I-22."""
    [verified] = verify(proof())

    assert verified.holder_key == key_of(DEVICE)
    assert verified.key_id is None
    assert (verified.nonce, verified.issued_at) == ("live", NOW)
    assert len(verified.digest) == 43


@pytest.mark.parametrize("signer", [DEVICE, EDWARDS])
@pytest.mark.parametrize("build", [build_did_jwk, build_did_key])
def test_a_key_may_be_named_by_its_did(signer, build):
    """interop 3: W3C formats bind to did:jwk and did:key."""
    name = build(key_of(signer))
    key_id = name + "#0" if build is build_did_jwk else f"{name}#{name.removeprefix('did:key:')}"
    [verified] = verify(proof(signer, key_id=key_id))

    assert verified.holder_key == key_of(signer)
    assert verified.key_id == key_id


def test_a_batch_proves_a_key_for_each_credential():
    """VCI-I-21, VCI-W-06."""
    verified = verify(proof(), proof(OTHER), proof(EDWARDS))

    assert [item.holder_key for item in verified] == [
        key_of(DEVICE),
        key_of(OTHER),
        key_of(EDWARDS),
    ]


def test_no_proof_too_many_and_one_key_twice_are_refused():
    """VCI-I-21, VCI-I-26: no credential without a key, and each key for one credential."""
    with pytest.raises(InvalidProof, match="is needed"):
        verify()
    with pytest.raises(InvalidProof, match="at most 2"):
        verify(proof(), proof(OTHER), proof(EDWARDS), batch_size=2)
    with pytest.raises(InvalidProof, match="same key"):
        verify(proof(), proof(key_id=did(DEVICE)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b.c",
        "é.b.c",
        forged(type="JWT"),
        forged(type="dpop+jwt"),
        forged({"crit": ["exp"]}),
        forged({"jwk": None}),
        forged({"kid": did(DEVICE)}),
        forged({"x5c": ["MA=="]}),
        forged({"jwk": None, "x5c": ["MA=="]}),
        forged({"jwk": None, "kid": "did:web:issuer.example#1"}),
        forged({"jwk": None, "kid": "key-1"}),
        forged({"jwk": None, "kid": did(OTHER)}),
        forged({"jwk": None, "kid": "did:jwk:e30#0"}),
        forged({"jwk": {**DEVICE.public_jwk, "d": "AAAA"}}),
        forged({"jwk": OTHER.public_jwk}),
        forged({"jwk": EDWARDS.public_jwk}),
        forged(claims={"aud": None}),
        forged(claims={"aud": [ISSUER]}),
        forged(claims={"aud": ISSUER + "/"}),
        forged(claims={"iss": "wallet"}),
        forged(claims={"nonce": None}),
        forged(claims={"nonce": ""}),
        forged(claims={"nonce": 7}),
        forged(claims={"iat": None}),
        forged(claims={"iat": "1790000000"}),
        forged(claims={"iat": True}),
        forged(claims={"iat": 2**53}),
        forged(claims={"iat": int(NOW.timestamp()) - 301}),
        forged(claims={"iat": int(NOW.timestamp()) + 301}),
        proof()[:-4] + "AAAA",
    ],
)
def test_a_proof_that_does_not_hold_is_refused(text):
    """VCI-I-22, S-093: and it takes the whole batch with it."""
    with pytest.raises(InvalidProof):
        verify(text)
    with pytest.raises(InvalidProof):
        verify(proof(EDWARDS), text)


def test_the_window_is_open_to_its_very_edge():
    early, late = NOW - timedelta(seconds=300), NOW + timedelta(seconds=300)

    assert len(verify(proof(now=early), proof(OTHER, now=late))) == 2


def test_algorithms_and_ways_to_name_a_key_are_those_of_the_metadata():
    with pytest.raises(InvalidProof, match="not listed"):
        verify(proof(EDWARDS), algorithms={"ES256"})
    with pytest.raises(InvalidProof, match="supported way"):
        verify(proof(), binding_methods={"did:jwk"})
    with pytest.raises(InvalidProof, match="supported way"):
        verify(proof(key_id=did(DEVICE)), binding_methods={"jwk"})


def test_iss_names_the_client_and_is_absent_after_anonymous_access():
    """VCI-I-22."""
    assert len(verify(proof(client_id="wallet"), client_id="wallet")) == 1
    assert len(verify(proof(), client_id="wallet")) == 1
    with pytest.raises(InvalidProof, match="another client"):
        verify(proof(client_id="mallory"), client_id="wallet")


def test_a_stale_nonce_is_its_own_error_and_comes_last():
    """VCI-I-23."""
    with pytest.raises(InvalidNonce):
        verify(proof(), proof(OTHER, nonce="stale"))
    with pytest.raises(InvalidProof):
        verify(proof(nonce="stale"), proof(OTHER, audience="https://other.example"))
    with pytest.raises(InvalidProof, match="lacks the nonce"):
        verify(proof(nonce=None))


@pytest.mark.parametrize(
    ("public_jwk", "key_id"), [(None, None), (DEVICE.public_jwk, "did:jwk:x#0")]
)
def test_a_wallet_names_its_key_in_one_way(public_jwk, key_id):
    with pytest.raises(InvalidProof):
        proof(public_jwk=public_jwk, key_id=key_id)


def test_the_published_proofs_are_judged_as_the_specification_says(vectors):
    suite = json.loads((vectors / "authored" / "openid4vci-proofs.json").read_text())
    outcomes = [(case["id"], judge_key_proof(case, suite["issuer"])) for case in suite["cases"]]

    assert len(outcomes) == 13
    assert outcomes == [(case["id"], case["expect"]) for case in suite["cases"]]


def test_the_hmac_of_a_public_key_is_no_proof():
    """S-002."""
    header = {"alg": "HS256", "typ": PROOF_TYPE, "jwk": dict(DEVICE.public_jwk)}
    text = ".".join(
        [
            base64url.encode(json.dumps(header).encode()),
            base64url.encode(json.dumps({"aud": ISSUER, "nonce": "live"}).encode()),
            base64url.encode(b"\x00" * 32),
        ]
    )

    with pytest.raises(InvalidProof, match="algorithm"):
        verify(text)
