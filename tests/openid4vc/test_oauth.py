"""Forms, headers, PKCE and the tokens of the city."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from credentials.jose import encode_token
from credentials.keys import SoftwareSigner, parse_jwk
from openid4vc.errors import InsufficientScope, InvalidRequest, InvalidToken
from openid4vc.oauth import (
    AccessToken,
    Authorization,
    ServiceToken,
    build_pkce_challenge,
    issue_access_token,
    issue_service_token,
    parse_authorization,
    parse_form,
    require_role,
    verify_access_token,
    verify_pkce,
    verify_service_token,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SIGNER = SoftwareSigner(ec.derive_private_key(21, ec.SECP256R1()))
KEY = parse_jwk(dict(SIGNER.public_jwk))
MALLORY = SoftwareSigner(ec.derive_private_key(22, ec.SECP256R1()))
WALLET = "https://wallet.example"


def test_a_form_is_read_and_what_has_no_value_is_left_out():
    """RFC 6749 3.2."""
    assert parse_form(b"") == {}
    assert parse_form(b"a=1&b=&c=x%20y+z&d=%E1%9E%80") == {
        "a": "1",
        "c": "x y z",
        "d": "ក",
    }


@pytest.mark.parametrize(
    "body",
    [
        b"code=1&code=1",
        b"code=&code=1",
        b"code=1&code=2",
        b"code",
        b"&",
        b"a=%FF",
        b"a=\xff",
        b"&".join(b"a%d=1" % number for number in range(65)),
        b"a=" + b"x" * 65_535,
    ],
)
def test_a_form_that_two_readers_would_read_differently_is_refused(body):
    """RFC 6749 3.2: no parameter twice."""
    with pytest.raises(InvalidRequest):
        parse_form(body)


def test_a_form_at_its_limits_is_read():
    fields = b"&".join(b"a%d=1" % number for number in range(64))

    assert len(parse_form(fields)) == 64
    assert len(parse_form(b"a=" + b"x" * 65_534)["a"]) == 65_534


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("DPoP abc.def", Authorization("DPoP", "abc.def")),
        ("dpop abc", Authorization("DPoP", "abc")),
        ("BEARER  a-b~c+d/e==", Authorization("Bearer", "a-b~c+d/e==")),
    ],
)
def test_an_authorization_header_is_read(header, expected):
    assert parse_authorization(header) == expected


@pytest.mark.parametrize("header", ["", "DPoP", "DPoP ", "Basic YTpi", "DPoP a b", "Bearer é"])
def test_an_odd_authorization_header_is_refused(header):
    with pytest.raises(InvalidToken) as caught:
        parse_authorization(header)

    assert 'error="invalid_token"' in caught.value.headers["WWW-Authenticate"]


def test_who_shows_no_token_is_asked_for_one():
    """RFC 6750 3.1: without a code."""
    with pytest.raises(InvalidToken) as caught:
        parse_authorization(None)

    assert caught.value.headers == {"WWW-Authenticate": 'DPoP algs="ES256 EdDSA"'}


def test_pkce_is_s256_only():
    """RFC 7636 appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

    assert build_pkce_challenge(verifier) == challenge
    assert verify_pkce(verifier=verifier, challenge=challenge)
    assert not verify_pkce(verifier=verifier, challenge=verifier)
    assert not verify_pkce(verifier="short", challenge=build_pkce_challenge("short"))
    assert not verify_pkce(verifier=verifier, challenge="ក")


def access_token(**changes):
    words = {
        "signer": SIGNER,
        "key_id": "k1",
        "issuer": WALLET,
        "audience": WALLET,
        "subject": "resident-1",
        "now": NOW,
        "lifetime": timedelta(minutes=5),
        "token_id": "t-1",
        "thumbprint": "jkt-1",
        "scope": "wallet",
        "extra": {"device": "d-1"},
        **changes,
    }
    return issue_access_token(**words)


def read_access_token(text, **changes):
    words = {"keys": [KEY], "issuer": WALLET, "audience": WALLET, "now": NOW, **changes}
    return verify_access_token(text, **words)


def signed_claims(signer=SIGNER, *, type="at+jwt", **changes):
    claims = {
        "iss": WALLET,
        "aud": WALLET,
        "sub": "resident-1",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 300,
        "jti": "t-1",
        **changes,
    }
    present = {name: value for name, value in claims.items() if value is not None}
    return encode_token(present, type=type, signer=signer, key_id="k1")


def test_an_access_token_says_who_and_which_key():
    assert read_access_token(access_token()) == AccessToken(
        subject="resident-1",
        audience=WALLET,
        thumbprint="jkt-1",
        scope="wallet",
        issued_at=NOW,
        expires_at=NOW + timedelta(minutes=5),
        token_id="t-1",
        extra={"device": "d-1"},
    )
    plain = read_access_token(access_token(thumbprint=None, scope=None, extra=None))

    assert (plain.thumbprint, plain.scope, plain.extra) == (None, None, {})


def test_extra_claims_cannot_replace_registered_ones():
    token = access_token(extra={"sub": "mayor", "exp": 9_999_999_999})

    assert read_access_token(token).subject == "resident-1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b.c",
        signed_claims(MALLORY),
        signed_claims(type="JWT"),
        signed_claims(type="dpop+jwt"),
        signed_claims(iss="https://other.example"),
        signed_claims(aud="https://verifier.example"),
        signed_claims(aud=[WALLET]),
        signed_claims(exp=int(NOW.timestamp()) - 61),
        signed_claims(exp=None),
        signed_claims(iat=None),
        signed_claims(sub=None),
        signed_claims(sub=""),
        signed_claims(jti=None),
        signed_claims(cnf={"x5t#S256": "abc"}),
        signed_claims(cnf="jkt"),
        signed_claims(cnf={"jkt": 7}),
    ],
)
def test_an_access_token_that_does_not_hold_is_refused(text):
    with pytest.raises(InvalidToken) as caught:
        read_access_token(text)

    assert caught.value.kind == "unauthenticated"
    assert "WWW-Authenticate" in caught.value.headers


def test_without_trusted_keys_nobody_gets_in():
    with pytest.raises(InvalidToken):
        read_access_token(access_token(), keys=[])


def service_token(**changes):
    words = {
        "signer": SIGNER,
        "issuer": "https://city.example",
        "subject": "script",
        "audience": WALLET,
        "role": "officer",
        "agency": "transport",
        "now": NOW,
        "token_id": "t-1",
        **changes,
    }
    return issue_service_token(**words)


def read_service_token(text, **changes):
    words = {"keys": [KEY], "audience": WALLET, "now": NOW, **changes}
    return verify_service_token(text, **words)


def test_a_service_token_says_who_acts_in_which_role():
    assert read_service_token(service_token()) == ServiceToken(
        role="officer",
        agency="transport",
        subject="script",
        token_id="t-1",
        expires_at=NOW + timedelta(minutes=15),
    )
    assert read_service_token(service_token(role="operator", agency=None)).agency is None


@pytest.mark.parametrize(
    "text",
    [
        service_token(signer=MALLORY),
        service_token(audience="https://verifier.example"),
        service_token(now=NOW - timedelta(minutes=17)),
        access_token(),
        signed_claims(role="mayor"),
        signed_claims(role=None),
        signed_claims(role="officer", agency=7),
        signed_claims(role="officer", cnf={"jkt": "jkt-1"}),
        signed_claims(role="officer", exp=int(NOW.timestamp()) + 901),
    ],
)
def test_a_service_token_that_does_not_hold_is_refused(text):
    with pytest.raises(InvalidToken):
        read_service_token(text)


def test_no_service_token_lives_long_or_has_an_unknown_role():
    with pytest.raises(InvalidRequest):
        service_token(role="mayor")
    with pytest.raises(InvalidRequest):
        service_token(lifetime=timedelta(minutes=16))


def test_a_role_allows_what_it_allows():
    token = read_service_token(service_token())
    require_role(token, "operator", "officer")
    with pytest.raises(InsufficientScope):
        require_role(token, "operator")
    with pytest.raises(InsufficientScope):
        require_role(token)
