"""Whether a credential is as its type says: walked over what was issued (SDVC-M-04)."""

import json

import pytest

from credentials.claim_metadata import check_claims, parse_claims
from credentials.errors import Malformed
from credentials.sd_jwt import issue_sd_jwt, parse_sd_jwt, select_disclosures
from credentials.type_metadata import check_type
from tests.credentials.workshop import AGENCY, salts

TYPE = "https://city.example/types/permit"


def claim(*path, **members):
    return {"path": list(path), **members}


def refusal(work, *arguments, **named):
    with pytest.raises(Malformed) as fault:
        work(*arguments, **named)
    return fault.value.detail


PAPER = {
    "vct": TYPE,
    "plate": "2A-4417",
    "zone": "Phnom Penh",
    "address": {"city": "Phnom Penh", "street": "Sisowath Quay"},
    "degrees": [{"type": "BSc"}, {"type": "MSc"}],
}
HIDDEN = [("plate",), ("address",), ("address", "street"), ("degrees", None)]


def issue():
    return issue_sd_jwt(
        PAPER, disclosable=HIDDEN, type="dc+sd-jwt", signer=AGENCY, header={}, salt=salts()
    )


def check(*claims, shown=None, is_complete=False):
    text = issue() if shown is None else select_disclosures(issue(), shown)
    sd_jwt = parse_sd_jwt(text, types=frozenset({"dc+sd-jwt"}))
    check_claims(sd_jwt, parse_claims(list(claims)), is_complete=is_complete)


@pytest.mark.parametrize(
    ("path", "sd"),
    [
        (["plate"], "always"),
        (["zone"], "never"),
        (["address"], "always"),
        (["address", "street"], "always"),
        (["address", "city"], "never"),
        (["degrees"], "never"),
        (["degrees", None], "always"),
        (["degrees", 1], "always"),
        (["degrees", None, "type"], "never"),
        (["nothing"], "always"),
    ],
)
def test_sdvc_m_04_whether_a_claim_can_be_hidden_is_told_by_its_own_disclosure(path, sd):
    check({"path": path, "sd": sd}, is_complete=True)
    check({"path": path, "sd": "allowed"}, is_complete=True)
    if path != ["nothing"]:
        other = {"always": "never", "never": "always"}[sd]

        assert refusal(check, {"path": path, "sd": other}) == "wrong_disclosability"


def test_sdvc_m_04_an_element_that_was_not_shown_still_stands_in_its_array():
    check({"path": ["degrees", None], "sd": "always"}, shown=[])
    check({"path": ["degrees", 1], "sd": "always", "mandatory": True}, shown=[("degrees", 0)])
    assert refusal(check, {"path": ["degrees", 0], "sd": "never"}, shown=[]) == (
        "wrong_disclosability"
    )


@pytest.mark.parametrize(
    "path",
    [
        ["plate"],
        ["address", "street"],
        ["degrees", 0, "type"],
        ["degrees", None, "nothing"],
        ["nothing"],
    ],
)
def test_sdvc_m_04_what_may_be_hidden_is_never_called_missing(path):
    check({"path": path, "mandatory": True}, shown=[])


def test_sdvc_m_04_what_can_only_be_absent_is_missing():
    nothing = {"path": ["nothing"], "mandatory": True}
    inner = {"path": ["address", "nothing"], "mandatory": True}

    # All digests are disclosed: there is no place left where it could be.
    assert refusal(check, nothing) == "mandatory_claim_missing"
    assert refusal(check, inner) == "mandatory_claim_missing"
    assert refusal(check, nothing, shown=[], is_complete=True) == "mandatory_claim_missing"
    check({"path": ["nothing"], "mandatory": False}, is_complete=True)


@pytest.mark.parametrize("path", [["plate", "x"], ["address", None], ["zone", 0], ["degrees", "x"]])
def test_sdvc_m_04_a_path_that_does_not_fit_fails(path):
    assert refusal(check, {"path": path}) == "claim_path_mismatch"


def test_the_places_that_paths_reach_are_counted():
    claims = {"vct": TYPE, "a": [[0] * 70] * 70}
    text = issue_sd_jwt(
        claims, disclosable=[], type="dc+sd-jwt", signer=AGENCY, header={}, salt=salts()
    )
    sd_jwt = parse_sd_jwt(text, types=frozenset({"dc+sd-jwt"}))

    check_claims(sd_jwt, parse_claims([claim("a", None, 0)]), is_complete=True)
    with pytest.raises(Malformed) as fault:
        check_claims(sd_jwt, parse_claims([claim("a", None, None)]), is_complete=True)
    assert fault.value.detail == "too_large"
    # Nobody is at the end of these paths, and the way there is long.
    ways = parse_claims([claim("a", None, 99 + each) for each in range(500)])
    with pytest.raises(Malformed) as fault:
        check_claims(sd_jwt, ways, is_complete=False)
    assert fault.value.detail == "too_large"


def test_a_reserved_name_is_no_claim():
    check({"path": ["_sd"], "sd": "always"}, is_complete=True)


def test_sdvc_m_04_a_credential_is_held_against_the_type_that_it_names():
    def held(payload, **members):
        text = issue_sd_jwt(
            payload, disclosable=[], type="dc+sd-jwt", signer=AGENCY, header={}, salt=salts()
        )
        data = json.dumps({"vct": TYPE, **members}).encode()
        sd_jwt = parse_sd_jwt(text, types=frozenset({"dc+sd-jwt"}))
        return check_type(sd_jwt, documents={TYPE: data}, is_complete=False)

    assert held({"vct": TYPE}, name="Permit").name == "Permit"
    wanted = [claim("plate", mandatory=True)]
    assert refusal(held, {"vct": TYPE}, claims=wanted) == "mandatory_claim_missing"
    assert refusal(held, {"plate": "2A"}) == "missing_vct"
    assert refusal(held, {"vct": TYPE, "vct#integrity": "sha256-AA"}) == "integrity_mismatch"
    assert refusal(held, {"vct": TYPE, "vct#integrity": 7}) == "invalid_integrity"
    assert refusal(held, {"vct": "urn:other"}) == "type_metadata_missing"
