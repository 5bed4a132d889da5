"""Whom a holder's proof is for, by the text of each format (S-040)."""

import pytest

from credentials.reading import read_presentation
from tests.credentials.read_papers import ISSUER_DID, refusal, vp_raw
from tests.credentials.test_jwt_vc import token, vp_payload
from tests.credentials.workshop import (
    AGENCY,
    DRIVER,
    NONCE,
    NOW,
    VERIFIER,
    issue_permit,
    present,
    sign_raw,
)
from tests.judge.cases import case, judge

TRUSTED = {ISSUER_DID: {"keys": [dict(AGENCY.public_jwk)], "types": ["TaxiPermit"]}}
BUILT = {
    "vp+jwt": lambda aud: vp_raw(aud=aud),
    "jwt_vc_json": lambda aud: token(vp_payload(aud=aud), by=DRIVER),
}


@pytest.mark.parametrize("name", BUILT)
def test_s_040_an_array_of_one_names_whom_it_holds(name):
    """RFC 7519 section 4.1.3: the array is the general case, one string the special one."""
    alone, listed = (read_presentation(BUILT[name](aud)) for aud in (VERIFIER, [VERIFIER]))

    assert [each.key_binding.audience for each in listed] == [VERIFIER] * len(alone)


@pytest.mark.parametrize("name", BUILT)
@pytest.mark.parametrize("aud", [[VERIFIER, "x509_san_dns:evil.example"], [VERIFIER, VERIFIER]])
def test_s_040_what_is_meant_for_several_names_nobody(name, aud):
    assert {each.key_binding.audience for each in read_presentation(BUILT[name](aud))} == {""}


def test_s_040_the_judge_takes_an_array_of_one_and_refuses_several():
    words = {"issuers": TRUSTED, "status": "ignore"}
    for aud in ([VERIFIER, "https://other.example"], ["https://other.example"]):
        answer = judge(case(vp_raw(aud=aud), **words))
        assert (answer["outcome"], answer["reasons"]) == ("failed", ["wrong_audience"])
        nobody = judge(case(vp_raw(aud=aud), **words, audience=""))
        assert nobody["reasons"] == ["wrong_audience"]
    assert judge(case(vp_raw(aud=[VERIFIER]), **words))["reasons"] != ["wrong_audience"]


@pytest.mark.parametrize("aud", [[VERIFIER], [VERIFIER, "x"], [], {"aud": VERIFIER}])
def test_sd_v_12_the_audience_of_a_key_binding_is_one_string(aud):
    """RFC 9901 section 4.3."""
    shown = present(issue_permit())
    head = shown[: shown.rindex("~") + 1]
    binding = {"aud": aud, "nonce": NONCE, "iat": int(NOW.timestamp()), "sd_hash": "x"}

    assert refusal(head + sign_raw(binding, type="kb+jwt", by=DRIVER)) == "missing_aud"
