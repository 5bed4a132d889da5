"""A wallet reads requests, and refuses those it cannot make sure of (OpenID4VP 1.0 section 5)."""

import base64
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from credentials.dids import build_did_jwk
from credentials.keys import parse_jwk
from openid4vc.client_id import build_client_id_x509_hash
from openid4vc.errors import (
    InvalidRequest,
)
from openid4vc.request_object import (
    ResponseMode,
)
from openid4vc.request_reading import (
    peek_request_object,
)
from tests.openid4vc.asked import (
    HASH,
    LEAF,
    NOW,
    OTHER,
    SAN,
    SIGNER,
    parameters,
    read,
    self_signed,
    signed,
    verify,
    x5c,
)


def test_a_request_signed_by_the_host_it_names_is_read():
    """VP-W-01, VP-W-02: `iss` and unknown parameters are ignored."""
    verified = verify(signed(parameters(x_future={"y": 1}, verifier_info=[])))
    request = verified.request

    assert (verified.certificates, verified.is_certificate_anchored) == ((LEAF,), True)
    assert request.client_id.text == SAN
    assert request.response_mode is ResponseMode.DIRECT_POST
    assert (request.response_uri, request.nonce, request.state) == (
        "https://v.example/response/1",
        "n-0S6_WzA2Mj",
        "s-1",
    )
    assert [item.id for item in request.query.credentials] == ["licence"]
    assert request.encryption is None
    assert request.expires_at == NOW + timedelta(minutes=5)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "eyJhbGciOiJub25lIn0.e30.",
        signed(parameters(), type="JWT"),
        signed(parameters(), type=""),
        signed(parameters(), signer=OTHER),
        signed(parameters())[:-4] + "AAAA",
        signed(parameters(), header={}),
        signed(parameters(), header={**x5c(LEAF), "crit": ["x"]}),
        signed(parameters(), header={"x5c": []}),
        signed(parameters(), header={"x5c": ["***"]}),
        signed(parameters(), header={"x5c": ["é"]}),
        signed(parameters(), header={"x5c": ["MA=="]}),
        signed(parameters(), header={"x5c": [base64.b64encode(LEAF).decode()] * 5}),
        signed(parameters(), header={"jwk": dict(SIGNER.public_jwk)}),
        signed(parameters(client_id="x509_san_dns:other.example")),
        signed(parameters(client_id="origin:https://v.example")),
        signed(parameters(client_id=None)),
        signed(parameters(client_id=7)),
    ],
)
def test_a_request_of_which_nobody_is_sure_is_refused_without_an_answer(text):
    """VP-W-01, S-072: bad signature, wrong typ, another client than in the link."""
    with pytest.raises(InvalidRequest) as caught:
        verify(text)

    assert caught.value.reply_to is None


def test_a_host_in_a_certificate_needs_a_root_that_is_trusted():
    with pytest.raises(InvalidRequest, match="no trusted root"):
        verify(signed(parameters(), header=x5c(self_signed())))
    with pytest.raises(InvalidRequest, match="no trusted root"):
        verify(signed(parameters()), anchors=set())


def test_a_certificate_of_another_host_does_not_speak_for_this_one():
    text = signed(
        parameters(client_id="x509_san_dns:w.example", response_uri="https://w.example/r")
    )
    with pytest.raises(InvalidRequest, match="no trusted root"):
        verify(text, client_id="x509_san_dns:w.example")


def test_a_certificate_that_has_expired_signs_nothing():
    expired = self_signed(days=-1)
    client_id = build_client_id_x509_hash(expired)
    with pytest.raises(InvalidRequest, match="not valid now"):
        verify(signed(parameters(client_id=client_id), header=x5c(expired)), client_id=client_id)


def test_a_certificate_with_a_key_of_another_kind_signs_nothing():
    foreign = self_signed(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    client_id = build_client_id_x509_hash(foreign)
    with pytest.raises(InvalidRequest, match="cannot be read"):
        verify(signed(parameters(client_id=client_id), header=x5c(foreign)), client_id=client_id)


def test_a_hash_is_the_hash_of_the_certificate_that_signs():
    """VP-V-05, HAIP-05: anchored or not is for the trust registry to weigh."""
    own = self_signed()
    pinned = build_client_id_x509_hash(own)
    anchored = verify(signed(parameters(client_id=HASH)), client_id=HASH)
    alone = verify(signed(parameters(client_id=pinned), header=x5c(own)), client_id=pinned)

    assert anchored.is_certificate_anchored
    assert not alone.is_certificate_anchored
    with pytest.raises(InvalidRequest, match="not the hash"):
        verify(signed(parameters(client_id=HASH), header=x5c(own)), client_id=HASH)


@pytest.mark.parametrize("response_uri", [None, 7, "https://[::", "https://elsewhere.example/r"])
def test_a_hash_is_not_anchored_for_another_host(response_uri):
    text = signed(parameters(client_id=HASH, response_uri=response_uri))
    if response_uri == "https://elsewhere.example/r":
        assert not verify(text, client_id=HASH).is_certificate_anchored
    else:
        with pytest.raises(InvalidRequest, match="response_uri"):
            verify(text, client_id=HASH)


def test_a_did_that_holds_its_key_signs_for_itself():
    did = build_did_jwk(parse_jwk(dict(SIGNER.public_jwk)))
    client_id = f"decentralized_identifier:{did}"
    text = signed(parameters(client_id=client_id), header={"kid": f"{did}#0"})
    verified = verify(text, client_id=client_id)

    assert verified.request.client_id.value == did
    assert (verified.certificates, verified.is_certificate_anchored) == ((), False)


def test_a_did_whose_document_was_fetched_signs_with_a_key_of_it():
    client_id = "decentralized_identifier:did:web:v.example"
    text = signed(parameters(client_id=client_id), header={"kid": "did:web:v.example#1"})
    key = parse_jwk(dict(SIGNER.public_jwk))
    hint = peek_request_object(text)

    assert (hint.client_id.value, hint.key_id) == ("did:web:v.example", "did:web:v.example#1")
    assert verify(text, client_id=client_id, did_keys={"did:web:v.example#1": key}).request
    with pytest.raises(InvalidRequest, match="not known"):
        verify(text, client_id=client_id)
    other = parse_jwk(dict(OTHER.public_jwk))
    with pytest.raises(InvalidRequest, match="not signed"):
        verify(text, client_id=client_id, did_keys={"did:web:v.example#1": other})


@pytest.mark.parametrize(
    "header",
    [{}, {"kid": "did:web:other.example#1"}, {"kid": "key-1"}, {"kid": "did:jwk:e30#0"}],
)
def test_a_kid_names_a_key_of_the_very_did(header):
    """VP-V-05."""
    did = "did:jwk:e30" if header.get("kid", "").startswith("did:jwk") else "did:web:v.example"
    client_id = f"decentralized_identifier:{did}"
    with pytest.raises(InvalidRequest):
        verify(signed(parameters(client_id=client_id), header=header), client_id=client_id)


def test_a_client_of_the_prefix_redirect_uri_never_signs():
    """VP-V-05."""
    client_id = "redirect_uri:https://v.example/response/1"
    with pytest.raises(InvalidRequest, match="cannot sign"):
        verify(signed(parameters(client_id=client_id)), client_id=client_id)


@pytest.mark.parametrize(
    "change",
    [
        {"response_uri": None},
        {"response_uri": "https://evil.example/response/1"},
        {"response_uri": "https://sub.v.example/response/1"},
        {"response_uri": "http://v.example/response/1"},
        {"response_uri": "https://v.example@evil.example/1"},
        {"redirect_uri": "https://v.example/callback"},
    ],
)
def test_an_answer_goes_only_where_the_client_lives(change):
    """VP-W-01, VP-V-07, S-072: and a refusal goes nowhere at all."""
    with pytest.raises(InvalidRequest) as caught:
        read(**change)

    assert caught.value.reply_to is None
