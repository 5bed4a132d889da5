"""What a judge's answer never rests on: the network, lists of another time, sizes of others."""

import socket
from datetime import timedelta

import pytest

from credentials.model import Status, StatusPurpose
from credentials.status import (
    StatusArray,
    build_bitstring_credential,
    build_status_list_token,
)
from tests.credentials.read_papers import ISSUER_DID, permit_document, vc_jwt
from tests.credentials.workshop import (
    AGENCY,
    LIST,
    NOW,
    PERMIT_VCT,
    issue_permit,
    present,
)
from tests.judge.cases import case, judge, status_list

W3C_ISSUER = {ISSUER_DID: {"keys": [dict(AGENCY.public_jwk)], "types": ["TaxiPermit"]}}
ENTRY = {
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "7",
    "statusListCredential": f"{LIST}/revocation",
}


@pytest.fixture
def asked(monkeypatch):
    """Every attempt to reach anybody."""
    attempts = []

    def refuse(*words, **more):
        attempts.append(words)
        raise OSError("there is no network")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    return attempts


def test_vcdm_14_no_word_of_a_credential_makes_us_ask_anybody(asked):
    """The issuer must not learn where its credentials are shown; section 7 of S-145 as well."""
    url = "https://tracker.example/who-checks"
    everything = vc_jwt(
        **{
            "@context": [*permit_document()["@context"], f"{url}/context"],
            "id": f"{url}/permit",
            "credentialSchema": {"id": f"{url}/schema", "type": "JsonSchema"},
            "credentialStatus": {**ENTRY, "statusListCredential": f"{url}/list"},
            "refreshService": {"id": url, "type": "Refresh"},
            "termsOfUse": {"id": url, "type": "Terms"},
            "evidence": {"id": url, "type": "Evidence"},
        }
    )
    answer = judge(case(everything, issuers=W3C_ISSUER, require_holder_binding=False))

    assert answer["outcome"] == "indeterminate"
    assert answer["reasons"] == ["status_unknown"]
    assert asked == []


def test_sdvc_m_05_a_vct_or_a_type_that_extends_is_never_asked_for(asked):
    internal = "http://169.254.169.254/latest/meta-data"
    types = {PERMIT_VCT: {"vct": PERMIT_VCT, "extends": internal}}
    shown = present(issue_permit())

    assert judge(case(shown, type_metadata=types))["details"] == ["type_metadata_missing"]
    elsewhere = present(issue_permit(vct=internal))
    assert judge(case(elsewhere, type_metadata=types))["outcome"] == "failed"
    assert asked == []


def list_of(begin, end):
    return build_status_list_token(
        StatusArray.all_valid(1024),
        uri=LIST,
        signer=AGENCY,
        issued_at=NOW + begin,
        expires_at=NOW + end,
        ttl=timedelta(minutes=1),
    )


@pytest.mark.parametrize(
    ("begin", "end", "outcome", "reasons"),
    [
        (timedelta(hours=-1), timedelta(hours=1), "passed", []),
        (timedelta(0), timedelta(hours=1), "passed", []),
        (timedelta(hours=-2), timedelta(hours=-1), "indeterminate", ["status_stale"]),
        (timedelta(hours=1), timedelta(hours=2), "indeterminate", ["status_unknown"]),
    ],
)
def test_tsl_v_07_a_list_counts_only_for_a_time_between_its_issue_and_its_end(
    begin, end, outcome, reasons
):
    answer = judge(case(status_lists={LIST: list_of(begin, end)}))

    assert (answer["outcome"], answer["reasons"]) == (outcome, reasons)


def test_tsl_v_07_a_question_about_the_past_is_not_answered_by_a_list_of_today():
    then = int((NOW - timedelta(hours=12)).timestamp())
    bound = {"nonce": None, "require_holder_binding": False, "now": then}
    yesterday = list_of(timedelta(hours=-13), timedelta(hours=-11))

    assert judge(case(status_lists={LIST: yesterday}, **bound))["outcome"] == "passed"
    assert judge(case(status_lists={LIST: status_list()}, **bound))["outcome"] == "indeterminate"


def test_tsl_v_01_an_expired_permit_with_a_good_status_is_expired():
    gone = present(issue_permit(exp=int((NOW - timedelta(days=1)).timestamp())))
    answer = judge(case(gone, status_lists={LIST: status_list(Status.VALID)}))

    assert (answer["outcome"], answer["reasons"]) == ("failed", ["expired"])


@pytest.mark.parametrize("size", [2, 8, 0, "1", True, None])
def test_bsl_10_an_entry_of_another_size_than_one_is_never_good(size):
    uri = ENTRY["statusListCredential"]
    bitstring = build_bitstring_credential(
        StatusArray.all_valid(131_072),
        purpose=StatusPurpose.REVOCATION,
        uri=uri,
        issuer=ISSUER_DID,
        valid_from=NOW - timedelta(hours=1),
        valid_until=NOW + timedelta(hours=1),
        ttl=timedelta(minutes=1),
        signer=AGENCY,
    )

    def outcome(**members):
        shown = vc_jwt(credentialStatus={**ENTRY, **members})
        how = {"issuers": W3C_ISSUER, "require_holder_binding": False, "status": "required"}
        return judge(case(shown, status_lists={uri: bitstring}, **how))["outcome"]

    assert outcome() == outcome(statusSize=1) == "passed"
    assert outcome(statusSize=size) == "indeterminate"
    messages = [{"status": hex(value), "message": "fine"} for value in range(4)]
    assert outcome(statusSize=size, statusMessage=messages) == "indeterminate"
