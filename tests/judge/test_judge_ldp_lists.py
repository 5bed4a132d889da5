"""A Bitstring Status List that is a credential with a Data Integrity proof, as a case brings it."""

import json

import pytest

from credentials.ldp_issuing import issue_ldp
from credentials.model import Status, StatusPurpose
from credentials.status import StatusArray
from credentials.status_lists import STATUS_OF_PURPOSE
from encoding import base64url, compression
from tests.credentials.ldp_workshop import (
    AGENCY,
    SUITES,
    V2,
    did_of,
    method_of,
    permit,
    signer_of,
)
from tests.credentials.workshop import NOW
from tests.judge.cases import judge

URI = "https://issuer.city.example/status/9"
ENTRY = {
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "94567",
    "statusListCredential": URI,
}


def sign(document, by=AGENCY, suite="eddsa-rdfc-2022", **changes):
    return issue_ldp(
        document,
        signer=by,
        verification_method=method_of(by),
        cryptosuite=suite,
        created=NOW,
        **changes,
    )


def listed(status=Status.VALID, *, by=AGENCY, suite="eddsa-rdfc-2022", **changes):
    array = StatusArray.all_valid(131_072).with_statuses({94_567: status})
    bits = array.bitstring(STATUS_OF_PURPOSE[StatusPurpose.REVOCATION])
    document = {
        "@context": [V2],
        "id": URI,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": did_of(by),
        "validFrom": "2026-11-22T08:00:00Z",
        "validUntil": "2026-11-23T08:00:00Z",
        "credentialSubject": {
            "id": f"{URI}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": "u" + base64url.encode(compression.deflate_gzip(bits)),
        },
    }
    return sign({**document, **changes}, by, suite)


def outcome(status_list, *, by=AGENCY, **changes):
    shown = sign(
        permit(issuer=did_of(by), credentialStatus=ENTRY),
        by,
        changes.pop("suite", "eddsa-rdfc-2022"),
    )
    answer = judge(
        {
            "id": 1,
            "presentation": shown,
            "now": int(NOW.timestamp()),
            "require_holder_binding": False,
            "issuers": {
                did_of(by): {"keys": [dict(by.public_jwk)], "types": ["TaxiPermit"], **changes}
            },
            "status_lists": {URI: status_list},
        }
    )
    return answer["outcome"], *answer["reasons"], *answer["details"]


@pytest.mark.parametrize(("suite", "algorithm"), SUITES)
def test_bsl_02_a_list_may_be_secured_by_a_proof_in_it(suite, algorithm):
    by = signer_of(algorithm)

    assert outcome(listed(by=by, suite=suite), by=by, suite=suite) == ("passed",)
    assert outcome(json.dumps(listed(by=by, suite=suite)), by=by, suite=suite) == ("passed",)
    assert outcome(listed(Status.REVOKED, by=by, suite=suite), by=by, suite=suite) == (
        "failed",
        "revoked",
        "revoked",
    )


def test_s_052_an_altered_list_says_nothing():
    honest, revoking = listed(), listed(Status.REVOKED)
    swapped = {**revoking, "credentialSubject": honest["credentialSubject"]}

    assert outcome(swapped) == ("indeterminate", "status_unknown", "status_list_not_authentic")


@pytest.mark.parametrize(
    ("made", "detail"),
    [
        (lambda: listed(by=signer_of("EdDSA", "stranger")), "status_list_not_authentic"),
        (lambda: listed(id="https://issuer.city.example/status/8"), "wrong_list_named"),
        (lambda: listed(validUntil="2026-11-22T08:30:00Z"), "status_list_expired"),
        (lambda: listed(validFrom="2026-11-22T10:00:00Z"), "status_list_not_yet_valid"),
        (lambda: {**listed(), "proof": []}, "missing_proof"),
        (lambda: sign(listed()), "several_proofs"),
        (lambda: {**listed(), "type": ["VerifiableCredential"]}, "status_verification_error"),
        (
            lambda: {**listed(), "@context": ["https://www.w3.org/2018/credentials/v1"]},
            "invalid_context",
        ),
        (lambda: "{", "invalid_json"),
        (lambda: "{}", "status_verification_error"),
    ],
)
def test_s_052_a_list_that_is_not_this_one_says_nothing(made, detail):
    found = outcome(made())

    assert found[0] == "indeterminate"
    assert detail in found


def test_s_191_a_status_key_signs_the_list_and_another_name_does_not():
    """The proof's controller is the list's issuer, which must be one of the agency's names."""
    by = signer_of("EdDSA", "status signer")
    keys = [dict(by.public_jwk)]

    assert outcome(listed(by=by), status_keys=keys)[0] == "indeterminate"
