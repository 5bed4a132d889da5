"""What a request may ask, to whom the answer goes, and how it is encrypted."""

import json
from urllib.parse import quote

import pytest

from credentials.jwe import generate_decryption_key
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
    read_unsigned_parameters,
    read_unsigned_request,
)
from tests.openid4vc.asked import FORMATS, LICENCE, NOW, SAN, parameters, read, signed, verify


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
