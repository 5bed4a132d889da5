"""Answers travel whole, and to the right question (OpenID4VP 1.0 section 8)."""

import json

import pytest

from credentials.jwe import encrypt_jwe, generate_decryption_key, parse_encryption_jwk
from openid4vc.client_id import parse_client_id
from openid4vc.dcql import parse_query
from openid4vc.errors import InvalidRequest, ReplyAddress
from openid4vc.presentation import (
    WalletAnswer,
    WalletRefusal,
    build_error_form,
    build_response_form,
    build_response_receipt,
    build_vp_token,
    parse_response_form,
    parse_response_receipt,
    parse_vp_token,
)
from openid4vc.request_object import AnswerEncryption, PresentationRequest, ResponseMode

QUERY = parse_query(
    {
        "credentials": [
            {"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:a"]}},
            {"id": "t", "format": "ldp_vc", "meta": {"type_values": [["T"]]}, "multiple": True},
        ],
        "credential_sets": [{"options": [["a"]]}, {"options": [["t"]], "required": False}],
    }
)
KEY = generate_decryption_key("k1")


def request(*, state="s", encryption=None):
    return PresentationRequest(
        client_id=parse_client_id("x509_san_dns:v.example"),
        response_mode=ResponseMode.DIRECT_POST,
        response_uri="https://v.example/response/1",
        nonce="n",
        state=state,
        query=QUERY,
        encryption=encryption,
        expires_at=None,
    )


def encryption(method="A256GCM", key=KEY):
    return AnswerEncryption(key=parse_encryption_jwk(dict(key.public_jwk)), method=method)


def parse(form, *, query=QUERY, expected_state="s", decryption=None):
    return parse_response_form(
        form, query=query, expected_state=expected_state, decryption=decryption
    )


def form_of(members):
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in members.items()
    }


def test_the_verifier_reads_what_the_wallet_sends():
    form = build_response_form(request(), build_vp_token({"a": ["sd~jwt~kb"]}))

    assert form == {"vp_token": '{"a":["sd~jwt~kb"]}', "state": "s"}
    assert parse(form) == WalletAnswer({"a": ("sd~jwt~kb",)})


def test_without_a_state_none_is_sent_and_none_is_expected():
    form = build_response_form(request(state=None), build_vp_token({"a": ["p"]}))

    assert form == {"vp_token": '{"a":["p"]}'}
    assert parse(form, expected_state=None) == WalletAnswer({"a": ("p",)})


@pytest.mark.parametrize("method", ["A128GCM", "A256GCM"])
def test_an_encrypted_answer_is_for_the_key_of_its_question(method):
    """VP-V-10, VP-W-06."""
    form = build_response_form(request(encryption=encryption(method)), build_vp_token({"a": ["p"]}))

    assert sorted(form) == ["response"]
    assert parse(form, decryption=KEY) == WalletAnswer({"a": ("p",)})
    with pytest.raises(InvalidRequest, match="cannot be read"):
        parse(form, decryption=generate_decryption_key("k1"))
    with pytest.raises(InvalidRequest, match="cannot be read"):
        parse(form, decryption=generate_decryption_key("k2"))


def test_a_plain_answer_to_a_question_for_an_encrypted_one_is_refused():
    """VP-V-10, and the other way round."""
    plain = build_response_form(request(), build_vp_token({"a": ["p"]}))
    secret = build_response_form(request(encryption=encryption()), build_vp_token({"a": ["p"]}))
    with pytest.raises(InvalidRequest, match="must be encrypted"):
        parse(plain, decryption=KEY)
    with pytest.raises(InvalidRequest, match="no encrypted answer"):
        parse(secret)


@pytest.mark.parametrize("text", ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_jwe_is_refused(text):
    with pytest.raises(InvalidRequest):
        parse({"response": text}, decryption=KEY)


def test_a_wallet_says_no():
    """VP-V-10, S-088: recorded, also in plain where an encrypted answer was asked for."""
    form = build_error_form(request(), error="access_denied", description="not today")
    short = build_error_form(ReplyAddress("https://v.example/r", None), error="invalid_request")

    assert form == {"error": "access_denied", "error_description": "not today", "state": "s"}
    assert parse(form) == WalletRefusal("access_denied", "not today")
    assert parse(form, decryption=KEY) == WalletRefusal("access_denied", "not today")
    assert short == {"error": "invalid_request"}
    assert parse(short, expected_state=None) == WalletRefusal("invalid_request", None)


def test_a_wallet_may_say_no_in_secret():
    text = encrypt_jwe(
        b'{"error":"access_denied","state":"s"}', key=encryption().key, method="A256GCM"
    )
    both = encrypt_jwe(
        b'{"error":"access_denied","vp_token":{"a":["p"]},"state":"s"}',
        key=encryption().key,
        method="A256GCM",
    )

    assert parse({"response": text}, decryption=KEY) == WalletRefusal("access_denied", None)
    with pytest.raises(InvalidRequest, match="both"):
        parse({"response": both}, decryption=KEY)


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"state": "s"},
        {"vp_token": '{"a":["p"]}'},
        {"vp_token": '{"a":["p"]}', "state": "S"},
        {"vp_token": '{"a":["p"]}', "state": "ក"},
        {"vp_token": "p", "state": "s"},
        {"vp_token": '["p"]', "state": "s"},
        {"vp_token": '{"a":["p"],"a":["q"]}', "state": "s"},
        {"error": "access_denied"},
        {"error": "access_denied", "state": "x"},
        {"error": "", "state": "s"},
        {"error": "access_denied", "error_description": "x" * 4097, "state": "s"},
        {"error": "access_denied", "vp_token": '{"a":["p"]}', "state": "s"},
        {"error": "access_denied", "response": "a.b.c.d.e", "state": "s"},
    ],
)
def test_an_answer_to_another_question_or_to_none_is_refused(form):
    """VP-V-11."""
    with pytest.raises(InvalidRequest):
        parse(form)


@pytest.mark.parametrize(
    "token",
    [
        None,
        [],
        "p",
        {},
        {"a": "p"},
        {"a": []},
        {"a": [7]},
        {"a": [""]},
        {"a": [{"@context": []}]},
        {"a": ["p", "q"]},
        {"a": ["p"], "t": []},
        {"a": ["p"], "z": ["p"]},
        {"t": ["p"]},
        {"a": ["p"], "t": ["p"] * 17},
        {"a": ["x" * 262_145]},
    ],
)
def test_a_vp_token_of_the_wrong_shape_is_refused(token):
    """VP-V-09."""
    with pytest.raises(InvalidRequest):
        parse_vp_token(token, query=QUERY)


def test_a_json_ld_presentation_is_kept_as_its_text():
    """VP-V-09: several where `multiple` says so."""
    token = parse_vp_token({"a": ["p"], "t": [{"type": ["T"]}, "p"]}, query=QUERY)

    assert token == {"a": ("p",), "t": ('{"type":["T"]}', "p")}


@pytest.mark.parametrize("presentations", [{}, {"a": []}, {"a": ["p"], "t": []}])
def test_a_wallet_never_sends_an_empty_token(presentations):
    """VP-W-04, S-072."""
    with pytest.raises(InvalidRequest):
        build_vp_token(presentations)


def test_the_browser_goes_on_where_the_verifier_says():
    """VP-V-15, VP-W-08."""
    receipt = build_response_receipt("https://v.example/done#response_code=c")

    assert parse_response_receipt(json.dumps(receipt).encode()) == (
        "https://v.example/done#response_code=c"
    )
    assert build_response_receipt() == {}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b'{"redirect_uri":7}',
        b'{"redirect_uri":"javascript:alert(1)"}',
        b'{"redirect_uri":"http://v.example/"}',
        b'{"redirect_uri":"https://[::"}',
        b'{"redirect_uri":"/done"}',
    ],
)
def test_the_browser_goes_nowhere_else(body):
    assert parse_response_receipt(body) is None


def test_the_published_shapes_are_judged_as_the_specification_says(vectors):
    suite = json.loads((vectors / "authored" / "oid4vp-vp-token-shapes.json").read_text())
    outcomes = [(case["id"], _judge(case)) for case in suite["cases"]]

    assert len(outcomes) == 8
    assert outcomes == [(case["id"], case["expect"]) for case in suite["cases"]]


def _judge(case):
    try:
        said = parse(form_of(case["response"]), query=parse_query(case["dcql_query"]))
    except InvalidRequest:
        return "reject"
    return "accept" if isinstance(said, WalletAnswer) else "error-recorded"
