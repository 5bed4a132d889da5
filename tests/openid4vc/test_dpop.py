"""DPoP proofs hold for one request, one key and one use (RFC 9449)."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from credentials.jose import build_signing_input, join_signature
from credentials.keys import SoftwareSigner, parse_jwk
from openid4vc.dpop import (
    NonceRule,
    build_access_token_hash,
    build_dpop_input,
    normalise_url,
    verify_dpop,
)
from openid4vc.errors import (
    InvalidDpopProof,
    InvalidDpopProofAtResource,
    InvalidToken,
    ProtocolError,
    UseDpopNonce,
    UseDpopNonceAtResource,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
URL = "https://wallet.example/api/v1/credentials"
TOKEN = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
DEVICE = SoftwareSigner(ec.derive_private_key(7, ec.SECP256R1()))
OTHER = SoftwareSigner(ec.derive_private_key(8, ec.SECP256R1()))
THUMBPRINT = parse_jwk(dict(DEVICE.public_jwk)).thumbprint
NONCES = NonceRule(accepts=lambda nonce: nonce == "ours", issue=lambda: "fresh")


def signed(signer, signing_input):
    return join_signature(signing_input, signer.sign(signing_input.encode()))


def proof(signer=DEVICE, **changes):
    words = {
        "public_jwk": signer.public_jwk,
        "algorithm": "ES256",
        "method": "POST",
        "url": URL,
        "now": NOW,
        "token_id": "jti-1",
        "access_token": TOKEN,
        **changes,
    }
    return signed(signer, build_dpop_input(**words))


def forged(header=None, claims=None, *, type="dpop+jwt", signer=DEVICE):
    full_header = {"jwk": dict(DEVICE.public_jwk), **(header or {})}
    full_claims = {
        "jti": "jti-1",
        "htm": "POST",
        "htu": URL,
        "iat": int(NOW.timestamp()),
        "ath": build_access_token_hash(TOKEN),
        **(claims or {}),
    }
    return signed(
        signer,
        build_signing_input(
            {name: value for name, value in full_claims.items() if value is not None},
            type=type,
            algorithm="ES256",
            header={name: value for name, value in full_header.items() if value is not None},
        ),
    )


def verify(*headers, **changes):
    words = {
        "method": "POST",
        "url": URL,
        "now": NOW,
        "window": timedelta(seconds=60),
        "access_token": TOKEN,
        "bound_to": THUMBPRINT,
        "nonce_rule": None,
        "claim": lambda proof: True,
        **changes,
    }
    return verify_dpop(headers, **words)


def at_token_endpoint(*headers, **changes):
    return verify(*headers, **{"access_token": None, "bound_to": None, **changes})


def test_a_proof_holds_at_both_kinds_of_endpoint():
    """DPOP-02, DPOP-03, DPOP-05."""
    verified = verify(proof(nonce="n"))
    without_token = at_token_endpoint(proof(access_token=None))

    assert verified.thumbprint == THUMBPRINT
    assert (verified.token_id, verified.issued_at, verified.nonce) == ("jti-1", NOW, "n")
    assert without_token.nonce is None


BAD = [
    (),
    (proof(), proof(token_id="jti-2")),
    ("",),
    ("not a jwt",),
    (proof() + "," + proof(),),
    (forged(type="JWT"),),
    (forged(type=""),),
    (forged({"alg": "HS256"}),),
    (forged({"alg": "none"}),),
    (forged({"alg": "RS256"}),),
    (forged({"jwk": None}),),
    (forged({"jwk": {**DEVICE.public_jwk, "d": "AAAA"}}),),
    (forged({"jwk": {"kty": "oct", "k": "AAAA"}}),),
    (forged(signer=OTHER),),
    (proof()[:-4] + "AAAA",),
    (forged(claims={"jti": None}),),
    (forged(claims={"jti": ""}),),
    (forged(claims={"jti": 7}),),
    (forged(claims={"jti": "x" * 257}),),
    (forged(claims={"htm": None}),),
    (forged(claims={"htm": "GET"}),),
    (forged(claims={"htm": "post"}),),
    (forged(claims={"htu": None}),),
    (forged(claims={"htu": "https://wallet.example/api/v1/other"}),),
    (forged(claims={"htu": "http://wallet.example/api/v1/credentials"}),),
    (forged(claims={"htu": "https://wallet.example:444/api/v1/credentials"}),),
    (forged(claims={"htu": "https://u@wallet.example/api/v1/credentials"}),),
    (forged(claims={"htu": "https://[::"}),),
    (forged(claims={"htu": "/api/v1/credentials"}),),
    (forged(claims={"iat": None}),),
    (forged(claims={"iat": "now"}),),
    (forged(claims={"iat": True}),),
    (forged(claims={"iat": 2**53}),),
    (forged(claims={"iat": int(NOW.timestamp()) - 3600}),),
    (forged(claims={"iat": int(NOW.timestamp()) + 3600}),),
]


@pytest.mark.parametrize("headers", BAD)
def test_a_proof_that_does_not_hold_is_refused_with_400_at_the_token_endpoint(headers):
    """DPOP-01 to DPOP-04, S-109."""
    with pytest.raises(InvalidDpopProof) as caught:
        at_token_endpoint(*headers)

    assert caught.value.kind == "refused"
    assert caught.value.headers == {}


@pytest.mark.parametrize(
    "headers",
    [
        *BAD,
        (forged(claims={"ath": None}),),
        (forged(claims={"ath": 7}),),
        (forged(claims={"ath": build_access_token_hash("another")}),),
    ],
)
def test_a_proof_that_does_not_hold_is_refused_with_401_at_a_resource(headers):
    """DPOP-05, S-109."""
    with pytest.raises(InvalidDpopProofAtResource) as caught:
        verify(*headers)

    assert caught.value.kind == "unauthenticated"
    assert caught.value.headers["WWW-Authenticate"].startswith('DPoP error="invalid_dpop_proof"')


def test_a_token_of_another_key_or_of_none_is_refused():
    """DPOP-05, DPOP-07: the downgrade to a token that is bound to nothing."""
    with pytest.raises(InvalidToken) as caught:
        verify(proof(OTHER))
    with pytest.raises(InvalidToken):
        verify(proof(), bound_to=None)

    assert caught.value.headers["WWW-Authenticate"].startswith('DPoP error="invalid_token"')


@pytest.mark.parametrize(
    "htu",
    [
        URL + "?page=2",
        URL + "#top",
        "HTTPS://WALLET.example/api/v1/credentials",
        "https://wallet.example:443/api/v1/credentials",
        "https://wallet.example/api/v1/%63redentials",
    ],
)
def test_an_address_counts_in_its_normal_form(htu):
    """DPOP-03, S-110."""
    assert verify(forged(claims={"htu": htu, "x_extra": 1})).token_id == "jti-1"


def test_ten_seconds_of_skew_and_fractions_of_a_second_are_fine():
    """S-110."""
    for offset in (-10, 10, 0.25):
        verified = verify(forged(claims={"iat": NOW.timestamp() + offset}))

        assert verified.issued_at == NOW + timedelta(seconds=offset)


def test_the_nonce_of_the_server_is_demanded():
    """DPOP-06: 400 at the token endpoint, 401 at a resource, both with a new nonce."""
    with pytest.raises(UseDpopNonce) as at_server:
        at_token_endpoint(proof(access_token=None), nonce_rule=NONCES)
    with pytest.raises(UseDpopNonceAtResource) as at_resource:
        verify(proof(nonce="older"), nonce_rule=NONCES)

    assert at_server.value.kind == "refused"
    assert at_server.value.headers == {"DPoP-Nonce": "fresh", "Cache-Control": "no-store"}
    assert at_resource.value.kind == "unauthenticated"
    assert at_resource.value.headers["DPoP-Nonce"] == "fresh"
    assert 'error="use_dpop_nonce"' in at_resource.value.headers["WWW-Authenticate"]
    assert verify(proof(nonce="ours"), nonce_rule=NONCES).nonce == "ours"
    with pytest.raises(UseDpopNonce):
        at_token_endpoint(forged(claims={"nonce": 7}), nonce_rule=NONCES)


def test_a_proof_is_used_once():
    """DPOP-04, S-111: the key of a replay is this jti by this key."""
    seen = set()

    def claim(used):
        is_new = used.replay_key not in seen
        seen.add(used.replay_key)
        return is_new

    verify(proof(), claim=claim)
    verify(proof(token_id="jti-2"), claim=claim)
    at_token_endpoint(proof(OTHER), claim=claim)
    with pytest.raises(InvalidDpopProofAtResource, match="used before"):
        verify(proof(nonce="changed"), claim=claim)

    assert len(seen) == 3


def test_a_proof_that_does_not_hold_uses_nothing_up():
    def claim(used):
        raise AssertionError("claimed")

    with pytest.raises(InvalidDpopProofAtResource):
        verify(proof(url="https://other.example"), claim=claim)
    with pytest.raises(UseDpopNonce):
        verify(proof(), claim=claim, nonce_rule=NONCES)


def test_the_address_of_a_proof_has_neither_query_nor_fragment():
    """RFC 9449 section 4.2."""
    assert verify(proof(url=URL + "?a=b#c")).token_id == "jti-1"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://LOCALHOST:8402", "http://localhost:8402/"),
        ("http://localhost:80/a", "http://localhost/a"),
        ("https://[2001:DB8::1]:8402/a?b", "https://[2001:db8::1]:8402/a"),
        ("https://h/%7euser/%e1%2f", "https://h/~user/%E1%2F"),
        ("https:///a", None),
        ("https://h/a b", None),
    ],
)
def test_urls_have_one_normal_form(url, expected):
    assert normalise_url(url) == expected


def test_the_published_proofs_are_judged_as_the_specification_says(vectors):
    suite = json.loads((vectors / "authored" / "dpop-proofs.json").read_text())
    outcomes = [(case["id"], _judge(case, suite)) for case in suite["cases"]]

    assert len(outcomes) == 13
    assert outcomes == [(case["id"], case["expect"]) for case in suite["cases"]]
    assert build_access_token_hash(TOKEN) == suite["ath"]


def _judge(case, suite):
    nonce = case.get("server_nonce")
    try:
        verify_dpop(
            [case["dpop"]],
            method=case["method"],
            url=case["url"],
            now=datetime.fromtimestamp(suite["now"], UTC),
            window=timedelta(seconds=suite["window_s"]),
            access_token=case["access_token"],
            bound_to=case["token_jkt"],
            nonce_rule=NonceRule(lambda given: given == nonce, lambda: nonce) if nonce else None,
            claim=lambda proof: proof.token_id not in case.get("seen_jti", []),
        )
    except ProtocolError as error:
        return error.code
    return "accept"


def test_the_example_of_the_specification_holds(vectors):
    """RFC 9449 section 4.1 and figure 12, with the times that they were made at."""
    folder = vectors / "dpop" / "spec-blocks"
    token_request = _read_header(folder / "001-the-dpop-http-header.txt")
    resource_request = _read_header(folder / "012-the-dpop-authentication-scheme.txt")

    assert (
        at_token_endpoint(
            token_request,
            url="https://server.example.com/token",
            now=datetime.fromtimestamp(1562262616, UTC),
        ).thumbprint
        == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
    )
    assert (
        verify(
            resource_request,
            method="GET",
            url="https://resource.example.org/protectedresource",
            now=datetime.fromtimestamp(1562262618, UTC),
            bound_to="0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I",
        ).token_id
        == "e1j3V_bKic8-LAEB"
    )


def _read_header(file):
    text = file.read_text().partition("DPoP: ")[2]
    return text.replace("\\\n ", "").strip()
