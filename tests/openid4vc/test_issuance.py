"""Nonce, credential and notification messages (OpenID4VCI 1.0 sections 7, 8 and 11)."""

import json
import re

import pytest

from openid4vc.errors import (
    InvalidCredentialRequest,
    InvalidMetadata,
    InvalidNotificationRequest,
    InvalidProof,
    UnknownCredentialConfiguration,
    UnknownCredentialIdentifier,
)
from openid4vc.issuance import (
    CredentialRequest,
    CredentialResponse,
    Notification,
    NotificationEvent,
    build_credential_request,
    build_credential_response,
    build_nonce_response,
    build_notification,
    parse_credential_request,
    parse_credential_response,
    parse_nonce_response,
    parse_notification,
    resolve_configuration,
)


def body(message):
    return json.dumps(message).encode()


def read(message, *, tolerate_single_proof=False):
    return parse_credential_request(body(message), tolerate_single_proof=tolerate_single_proof)


REQUEST = {"credential_configuration_id": "licence", "proofs": {"jwt": ["a.b.c"]}}


def test_a_nonce_goes_from_the_issuer_to_the_wallet():
    """VCI-I-19, VCI-W-05."""
    assert build_nonce_response("wKI4LT17ac15ES9bw8ac4") == {"c_nonce": "wKI4LT17ac15ES9bw8ac4"}
    assert parse_nonce_response(b'{"c_nonce":"n","x":1}') == "n"
    with pytest.raises(InvalidMetadata):
        parse_nonce_response(b'{"nonce":"n"}')


def test_the_issuer_reads_what_the_wallet_asks():
    """VCI-W-04: an identifier goes before the configuration id."""
    by_id = build_credential_request(configuration_id="licence", proofs=["a.b.c", "d.e.f"])
    by_identifier = build_credential_request(
        configuration_id="licence", identifier="licence-1", proofs=[]
    )

    assert read(by_id) == CredentialRequest("licence", None, "jwt", ("a.b.c", "d.e.f"))
    assert read(by_identifier) == CredentialRequest(None, "licence-1", None, ())
    with pytest.raises(InvalidCredentialRequest):
        build_credential_request(proofs=["a.b.c"])


def test_unknown_request_parameters_are_ignored():
    """VCI-I-30: the older `proof` and `format` are such."""
    sprinkled = {**REQUEST, "format": "vc+sd-jwt", "proof": 7, "x": {}}

    assert read(sprinkled) == read(REQUEST)


@pytest.mark.parametrize(
    "message",
    [
        [],
        {"proofs": {"jwt": ["a.b.c"]}},
        {**REQUEST, "credential_identifier": "licence-1"},
        {**REQUEST, "credential_configuration_id": 7},
        {**REQUEST, "credential_configuration_id": ""},
    ],
)
def test_exactly_one_of_the_two_ids_is_needed(message):
    """VCI-I-20."""
    with pytest.raises(InvalidCredentialRequest):
        read(message)


@pytest.mark.parametrize(
    "proofs",
    [
        [],
        {},
        {"jwt": []},
        {"jwt": "a.b.c"},
        {"jwt": [7]},
        {"jwt": [""]},
        {"jwt": ["a.b.c"], "attestation": ["a.b.c"]},
        {"ldp_vp": [{}]},
    ],
)
def test_proofs_have_one_type_and_are_not_empty(proofs):
    """VCI-I-21."""
    with pytest.raises(InvalidProof):
        read({**REQUEST, "proofs": proofs})


def test_the_older_single_proof_is_read_only_where_it_is_tolerated():
    """interop 5."""
    older = {
        "credential_identifier": "licence",
        "proof": {"proof_type": "jwt", "jwt": "a.b.c"},
    }

    assert read(older) == CredentialRequest(None, "licence", None, ())
    assert read(older, tolerate_single_proof=True) == CredentialRequest(
        None, "licence", "jwt", ("a.b.c",)
    )
    assert read(REQUEST, tolerate_single_proof=True) == read(REQUEST)
    assert read({"credential_identifier": "a"}, tolerate_single_proof=True).proofs == ()


@pytest.mark.parametrize("proof", ["a.b.c", {"proof_type": "cwt"}, {"proof_type": "jwt"}])
def test_a_malformed_single_proof_is_refused(proof):
    with pytest.raises(InvalidProof):
        read({**REQUEST, "proofs": None} | {"proof": proof}, tolerate_single_proof=True)
    with pytest.raises(InvalidProof):
        read({"credential_configuration_id": "licence", "proof": proof}, tolerate_single_proof=True)


def resolve(request, *, require_identifier=False):
    return resolve_configuration(
        request,
        granted={"licence"},
        identifiers={"licence-1": "licence", "permit-1": "permit"},
        require_identifier=require_identifier,
    )


def test_a_request_is_for_what_its_token_covers():
    """VCI-I-20, S-101."""
    assert resolve(CredentialRequest("licence", None, None, ())) == "licence"
    assert resolve(CredentialRequest(None, "licence-1", None, ())) == "licence"
    with pytest.raises(UnknownCredentialConfiguration):
        resolve(CredentialRequest("permit", None, None, ()))
    with pytest.raises(UnknownCredentialConfiguration):
        resolve(CredentialRequest(None, None, None, ()))
    with pytest.raises(UnknownCredentialIdentifier):
        resolve(CredentialRequest(None, "permit-1", None, ()))
    with pytest.raises(UnknownCredentialIdentifier):
        resolve(CredentialRequest(None, "unknown", None, ()))


def test_an_identifier_once_given_has_to_be_used():
    """VCI-I-20."""
    with pytest.raises(InvalidCredentialRequest):
        resolve(CredentialRequest("licence", None, None, ()), require_identifier=True)

    given = CredentialRequest(None, "licence-1", None, ())

    assert resolve(given, require_identifier=True) == "licence"


def test_the_wallet_reads_what_the_issuer_gives():
    """VCI-I-26: strings stay as they are, JSON-LD is an object; interop 4: the next nonce."""
    message = build_credential_response(
        ["a.b.c~", {"@context": []}], notification_id="n-1", nonce="next"
    )

    assert message == {
        "credentials": [{"credential": "a.b.c~"}, {"credential": {"@context": []}}],
        "notification_id": "n-1",
        "c_nonce": "next",
    }
    assert parse_credential_response(body(message)) == CredentialResponse(
        credentials=("a.b.c~", {"@context": []}),
        notification_id="n-1",
        transaction_id=None,
        interval=None,
        faces=((), ()),
    )
    assert build_credential_response(["a"], notification_id=None) == {
        "credentials": [{"credential": "a"}]
    }


def test_a_face_travels_beside_its_credential_and_nothing_else_is_taken_for_one():
    """VCI-I-30: a member that we do not know is no fault of the issuer."""
    face = ("CF1:1/2:AB", "CF1:2/2:CD")
    message = build_credential_response(["a", "b"], faces=[face, ()], notification_id=None)

    assert message == {"credentials": [{"credential": "a", "face": [*face]}, {"credential": "b"}]}
    assert parse_credential_response(body(message)).faces == (face, ())
    for other in ("CF1:1/1:AB", {"image": "x"}, [7], ["data:"], [face[0], None], [face[0]] * 7):
        strange = {"credentials": [{"credential": "a", "face": other}]}
        assert parse_credential_response(body(strange)).faces == ((),)


def test_the_wallet_reads_that_it_has_to_wait():
    """VCI-I-27."""
    assert parse_credential_response(b'{"transaction_id":"t","interval":5}') == CredentialResponse(
        credentials=(), notification_id=None, transaction_id="t", interval=5
    )


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"credentials": []},
        {"credentials": ["a"]},
        {"credentials": [{"credential": 7}]},
        {"credentials": [{"credential": "a"}], "transaction_id": "t", "interval": 5},
        {"transaction_id": "t"},
        {"transaction_id": "t", "interval": 0},
        {"credentials": [{"credential": "a"}], "notification_id": 7},
    ],
)
def test_the_wallet_refuses_a_malformed_credential_response(message):
    with pytest.raises(InvalidMetadata):
        parse_credential_response(body(message))


def test_the_examples_of_the_specification_are_read(vectors):
    """VCI-I-26; the line breaks that the printed page put into strings are taken out."""
    folder = vectors / "openid4vci" / "examples"
    kinds = {}
    for file in sorted(folder.glob("credential_response_*.txt")):
        raw = file.read_text()
        text = re.sub(r'"[^"]*"', _unwrap, raw[raw.index("{") :])
        [credential] = parse_credential_response(text.encode()).credentials
        kinds[file.stem.removeprefix("credential_response_")] = type(credential)

    assert kinds == {"jwt_vc_json": str, "ldp_vc": dict, "mso_mdoc": str, "sd_jwt_vc": str}


def _unwrap(string):
    return re.sub(r"\n\s*", "", string[0])


@pytest.mark.parametrize("event", list(NotificationEvent))
def test_a_notification_says_what_became_of_a_credential(event):
    """VCI-I-32: exactly three events."""
    notification = Notification("n-1", event, "stored")

    assert parse_notification(body(build_notification(notification))) == notification


def test_a_notification_needs_no_description():
    short = Notification("n-1", NotificationEvent.DELETED, None)

    assert build_notification(short) == {
        "notification_id": "n-1",
        "event": "credential_deleted",
    }
    assert parse_notification(body({**build_notification(short), "x": 1})) == short


@pytest.mark.parametrize(
    "message",
    [
        [],
        {"event": "credential_accepted"},
        {"notification_id": "n-1"},
        {"notification_id": "n-1", "event": "credential_lost"},
        {"notification_id": 7, "event": "credential_accepted"},
        {"notification_id": "n-1", "event": "credential_accepted", "event_description": 7},
    ],
)
def test_a_malformed_notification_is_refused(message):
    """VCI-I-32."""
    with pytest.raises(InvalidNotificationRequest):
        parse_notification(body(message))
