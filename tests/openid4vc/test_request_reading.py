"""A wallet reads requests, and refuses those it cannot make sure of (OpenID4VP 1.0 section 5)."""

import base64
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from credentials.dids import build_did_jwk
from credentials.jose import sign_jws
from credentials.jwe import generate_decryption_key
from credentials.keys import SoftwareSigner, build_public_key, parse_jwk
from credentials.x509 import build_authority_certificate, build_leaf_certificate
from openid4vc.client_id import build_client_id_x509_hash
from openid4vc.errors import (
    InvalidRequest,
    InvalidScope,
    InvalidTransactionData,
    ProtocolError,
    ReplyAddress,
    VpFormatsNotSupported,
)
from openid4vc.request_object import (
    RequestLink,
    ResponseMode,
    build_request_link,
    parse_request_link,
)
from openid4vc.request_reading import (
    peek_request_object,
    read_unsigned_parameters,
    read_unsigned_request,
    verify_request_object,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ROOT_KEY = ec.derive_private_key(41, ec.SECP256R1())
KEY = ec.derive_private_key(42, ec.SECP256R1())
SIGNER = SoftwareSigner(KEY)
OTHER = SoftwareSigner(ec.derive_private_key(43, ec.SECP256R1()))
FORMATS = {"dc+sd-jwt", "vc+jwt"}
LICENCE = {"id": "licence", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:licence"]}}
SAN = "x509_san_dns:v.example"


def der(certificate):
    return certificate.public_bytes(Encoding.DER)


ROOT = build_authority_certificate(
    common_name="City root",
    public_key=build_public_key(ROOT_KEY.public_key()),
    serial=1,
    valid_from=NOW - timedelta(days=30),
    validity=timedelta(days=365),
).sign(ROOT_KEY, SHA256())
LEAF = der(
    build_leaf_certificate(
        common_name="Verifier",
        public_key=build_public_key(KEY.public_key()),
        authority=ROOT,
        uris=[],
        dns_names=["v.example"],
        serial=2,
        valid_from=NOW - timedelta(days=1),
        validity=timedelta(days=90),
    ).sign(ROOT_KEY, SHA256())
)
HASH = build_client_id_x509_hash(LEAF)


def self_signed(key=KEY, *, days=90):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Anybody")])
    return der(
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(3)
        .not_valid_before(NOW - timedelta(days=100))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("v.example")]), critical=False)
        .sign(key, SHA256())
    )


def parameters(**changes):
    """Request parameters; None takes one away."""
    words = {
        "iss": "ignored",
        "aud": "https://self-issued.me/v2",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 300,
        "response_type": "vp_token",
        "response_mode": "direct_post",
        "client_id": SAN,
        "response_uri": "https://v.example/response/1",
        "nonce": "n-0S6_WzA2Mj",
        "state": "s-1",
        "dcql_query": {"credentials": [LICENCE]},
        **changes,
    }
    return {name: value for name, value in words.items() if value is not None}


def x5c(*certificates):
    return {"x5c": [base64.b64encode(item).decode() for item in certificates]}


def signed(claims, *, header=None, signer=SIGNER, type="oauth-authz-req+jwt"):
    return sign_jws(
        claims, type=type, signer=signer, header=x5c(LEAF) if header is None else header
    )


def verify(text, *, client_id=SAN, **changes):
    words = {
        "link": RequestLink(
            client_id, "https://v.example/request/1", use_post=False, parameters={}
        ),
        "now": NOW,
        "wallet_nonce": None,
        "anchors": {der(ROOT)},
        "did_keys": {},
        "supported_formats": FORMATS,
        "allow_http_loopback": False,
        **changes,
    }
    return verify_request_object(text, **words)


def read(**changes):
    return verify(signed(parameters(**changes)))


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


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"aud": "https://other.example"}, InvalidRequest),
        ({"iat": int(NOW.timestamp()) + 61}, InvalidRequest),
        ({"iat": "now"}, InvalidRequest),
        ({"exp": int(NOW.timestamp()) - 60}, InvalidRequest),
        ({"exp": True}, InvalidRequest),
        ({"response_type": None}, InvalidRequest),
        ({"response_type": "vp_token id_token"}, InvalidRequest),
        ({"response_mode": None}, InvalidRequest),
        ({"response_mode": "fragment"}, InvalidRequest),
        ({"response_mode": "dc_api"}, InvalidRequest),
        ({"nonce": None}, InvalidRequest),
        ({"nonce": ""}, InvalidRequest),
        ({"nonce": "a b+c"}, InvalidRequest),
        ({"nonce": 7}, InvalidRequest),
        ({"nonce": "x" * 1025}, InvalidRequest),
        ({"state": 7}, InvalidRequest),
        ({"request_uri": "https://v.example/2"}, InvalidRequest),
        ({"request": "eyJ"}, InvalidRequest),
        ({"dcql_query": None}, InvalidRequest),
        ({"dcql_query": {}}, InvalidRequest),
        ({"scope": "licence"}, InvalidRequest),
        ({"dcql_query": None, "scope": "licence"}, InvalidScope),
        (
            {"dcql_query": {"credentials": [{**LICENCE, "format": "ac_vp"}]}},
            VpFormatsNotSupported,
        ),
        ({"transaction_data": ["eyJ0eXBlIjoicGF5bWVudCJ9"]}, InvalidTransactionData),
        ({"transaction_data": []}, InvalidTransactionData),
        ({"response_mode": "direct_post.jwt"}, InvalidRequest),
    ],
)
def test_what_cannot_be_answered_is_refused_to_the_verifiers_face(change, refusal):
    """VP-W-01, VP-W-02, VP-W-09: by now it is known who asks and where to say no."""
    with pytest.raises(refusal) as caught:
        read(**change)

    state = None if change.get("state") == 7 else "s-1"
    assert type(caught.value) is refusal
    assert caught.value.reply_to == ReplyAddress("https://v.example/response/1", state)


def test_a_request_without_times_is_read_and_has_no_end():
    assert read(iat=None, exp=None, aud=None).request.expires_at is None


def test_a_request_may_be_meant_for_wallets_or_for_its_own_address():
    """VP-V-03; openid4vc-ts names the request_uri."""
    own = "https://v.example/request/1"

    assert read(aud=["https://self-issued.me/v2"]).request.nonce == "n-0S6_WzA2Mj"
    assert read(aud=own).request.nonce == "n-0S6_WzA2Mj"
    for aud in ("https://v.example/request/2", ["https://v.example"], [], 7):
        with pytest.raises(InvalidRequest, match="another audience"):
            read(aud=aud)
    nowhere = RequestLink(SAN, None, use_post=False, parameters={})
    with pytest.raises(InvalidRequest, match="another audience"):
        verify(signed(parameters(aud=own)), link=nowhere)


def test_long_nonces_and_states_are_no_reason_to_refuse():
    """S-073."""
    request = read(nonce="x" * 1024, state="s" * 4096).request

    assert (len(request.nonce), len(request.state)) == (1024, 4096)


def test_without_holder_binding_a_state_is_needed():
    """VP-V-02."""
    query = {"credentials": [{**LICENCE, "require_cryptographic_holder_binding": False}]}

    assert read(dcql_query=query).request.state == "s-1"
    with pytest.raises(InvalidRequest, match="needs a state"):
        read(dcql_query=query, state=None)


def test_our_own_nonce_has_to_come_back():
    """VP-W-03."""
    text = signed(parameters(wallet_nonce="w-1"))

    assert verify(text, wallet_nonce="w-1").request
    assert verify(text).request
    for other in (signed(parameters()), signed(parameters(wallet_nonce="w-2"))):
        with pytest.raises(InvalidRequest, match="wallet_nonce"):
            verify(other, wallet_nonce="w-1")


def encrypted(jwks, **metadata):
    return {
        "response_mode": "direct_post.jwt",
        "client_metadata": {"jwks": jwks, **metadata},
    }


KEY_1 = generate_decryption_key("k1").public_jwk
ENC = "encrypted_response_enc_values_supported"


def test_the_answer_is_encrypted_to_the_first_key_that_can_be_used():
    """VP-W-06 [OIDF ignores-unusable-encryption-key]."""
    unusable = [
        {"kty": "RSA", "alg": "RSA-OAEP-256", "n": "AQAB", "e": "AQAB"},
        {**KEY_1, "alg": "ECDH-ES+A256KW"},
        {**KEY_1, "use": "sig"},
        {**KEY_1, "x": "AAAA"},
        "key",
    ]
    request = read(
        **encrypted({"keys": [*unusable, KEY_1]}, **{ENC: ["A128GCM", "A256GCM"]})
    ).request

    assert request.response_mode is ResponseMode.DIRECT_POST_JWT
    assert request.encryption.key.key_id == "k1"
    assert request.encryption.method == "A256GCM"
    assert read(**encrypted({"keys": [KEY_1]})).request.encryption.method == "A128GCM"


@pytest.mark.parametrize(
    "change",
    [
        {"response_mode": "direct_post.jwt", "client_metadata": []},
        encrypted(None),
        encrypted({"keys": []}),
        encrypted({"keys": [{**KEY_1, "use": "sig"}]}),
        encrypted({"keys": [{name: KEY_1[name] for name in KEY_1 if name != "alg"}]}),
        encrypted({"keys": [KEY_1]}, **{ENC: ["A128CBC-HS256"]}),
        encrypted({"keys": [KEY_1]}, **{ENC: []}),
    ],
)
def test_without_a_key_no_encrypted_answer(change):
    """VP-W-06, S-016."""
    with pytest.raises(InvalidRequest):
        read(**change)


UNSIGNED = "redirect_uri:https://v.example/response/1"


def test_an_unsigned_request_is_read_from_its_link():
    query = json.dumps({"credentials": [LICENCE]})
    link = parse_request_link(
        build_request_link(client_id=UNSIGNED, request_uri="x").partition("&request_uri")[0]
        + "&response_type=vp_token&response_mode=direct_post&nonce=n"
        + "&response_uri=https%3A%2F%2Fv.example%2Fresponse%2F1"
        + "&dcql_query="
        + quote(query),
        allow_http_loopback=False,
    )
    request = read_unsigned_request(link, supported_formats=FORMATS, allow_http_loopback=False)

    assert (request.client_id.text, request.state, request.expires_at) == (UNSIGNED, None, None)


def test_an_unsigned_request_with_unreadable_json_is_refused():
    link = RequestLink(
        UNSIGNED, None, use_post=False, parameters={"client_id": UNSIGNED, "dcql_query": "{"}
    )
    with pytest.raises(InvalidRequest, match="dcql_query"):
        read_unsigned_request(link, supported_formats=FORMATS, allow_http_loopback=False)


def test_other_clients_have_to_sign():
    """VP-V-05."""
    with pytest.raises(InvalidRequest, match="must be signed"):
        read_unsigned_parameters(parameters(), supported_formats=FORMATS, allow_http_loopback=False)


def test_the_published_requests_are_judged_as_the_specification_says(vectors):
    suite = json.loads((vectors / "authored" / "oid4vp-requests.json").read_text())
    wrong = []
    for case in suite["cases"]:
        outcome = _judge(case["request"])
        if outcome not in case["expect"].split("|"):
            wrong.append((case["id"], outcome, case["expect"]))

    assert len(suite["cases"]) == 15
    assert wrong == []


def _judge(request):
    try:
        read_unsigned_parameters(request, supported_formats=FORMATS, allow_http_loopback=False)
    except ProtocolError as error:
        return error.code
    return "accept"
