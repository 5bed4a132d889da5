"""Issuers that a certificate names: SD-JWT VC without `iss`, and DNS names (S-026, S-046)."""

import base64

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from credentials.reading import read_presentation
from credentials.x509 import issuer_host
from tests.credentials.read_papers import refusal
from tests.credentials.test_x509 import leaf_certificate, root_certificate
from tests.credentials.workshop import (
    AGENCY,
    ISSUER,
    PERMIT_VCT,
    STRANGER,
    issue_permit,
    present,
    public_key,
)
from tests.judge.cases import case, judge

HOST = "https://issuer.city.example"
ROOT_PEM = root_certificate().public_bytes(Encoding.PEM).decode()


def permit(*, iss=..., **certificate):
    """A permit whose header carries a certificate; `iss` `...` leaves that out."""
    leaf = leaf_certificate(**certificate).public_bytes(Encoding.DER)
    header = {"x5c": [base64.b64encode(leaf).decode()]}
    claims = {"iss": None if iss is ... else iss}
    return present(issue_permit(header=header, **claims))


def agency(**changes):
    return {"x5c_anchors": [ROOT_PEM], "types": [PERMIT_VCT], **changes}


def verdict(text, issuers):
    answer = judge(case(text, issuers=issuers, status="ignore"))
    return answer["outcome"], [*answer["reasons"], *answer["details"]]


def test_haip_09_without_iss_the_certificate_names_the_issuer():
    text = permit()

    assert read_presentation(text)[0].issuer == ""
    assert verdict(text, {ISSUER: agency()}) == ("passed", [])
    assert verdict(text, {ISSUER: agency(keys=[dict(AGENCY.public_jwk)])}) == ("passed", [])
    only_listed = {ISSUER: {"keys": [dict(AGENCY.public_jwk)], "types": [PERMIT_VCT]}}
    assert verdict(text, only_listed) == ("passed", [])


def test_without_iss_and_without_a_certificate_nobody_issued():
    assert refusal(present(issue_permit(iss=None))) == "missing_iss"
    assert refusal(present(issue_permit(iss=None, header={"x5c": []}))) == "missing_iss"


@pytest.mark.parametrize("iss", ["", 7, None])
def test_an_iss_that_is_no_name_is_not_a_missing_one(iss):
    shown = permit(iss=iss) if iss is not None else None

    assert shown is None or refusal(shown) == "missing_iss"


def test_s_025_a_certificate_of_nobody_in_the_registry_names_no_issuer():
    unknown = {ISSUER: {"types": [PERMIT_VCT]}}
    assert verdict(permit(), unknown)[1][0] == "issuer_not_trusted"

    stranger = {ISSUER: agency(types=["https://other.example/type"])}
    assert verdict(permit(), stranger)[1][0] == "issuer_not_authorised_for_type"


def test_s_022_a_certificate_that_another_key_signs_under_proves_nothing():
    """The city certified a stranger; the agency's signature is not the stranger's."""
    text = permit(public_key=public_key(STRANGER))

    assert "bad_signature" in verdict(text, {ISSUER: agency()})[1]


def test_s_026_of_two_agencies_under_one_anchor_the_certificate_names_one():
    other = "https://other.city.example/agencies/land"
    both = {ISSUER: agency(), other: agency()}

    assert verdict(permit(), both) == ("passed", [])
    assert verdict(permit(uris=[], dns_names=["issuer.city.example"]), both)[0] == "failed"
    hosts = {"https://issuer.city.example": agency(), other: agency()}
    assert verdict(permit(uris=[], dns_names=["issuer.city.example"]), hosts) == ("passed", [])


DNS_ONLY = {"uris": [], "dns_names": ["issuer.city.example"]}


def test_s_026_a_dns_name_speaks_for_the_issuer_that_is_its_host():
    for iss in (HOST, f"{HOST}/"):
        assert verdict(permit(iss=iss, **DNS_ONLY), {iss: agency()}) == ("passed", [])


@pytest.mark.parametrize(
    "iss",
    [
        f"{HOST}/agencies/land",
        f"{HOST}:8443",
        f"{HOST}?agency=land",
        f"{HOST}/#land",
        "http://issuer.city.example",
        "https://city.example",
        "https://deep.issuer.city.example",
        "https://ISSUER.city.example",
        "https://land@issuer.city.example",
        "did:web:issuer.city.example",
    ],
)
def test_s_046_a_dns_name_speaks_for_nothing_else(iss):
    outcome, words = verdict(permit(iss=iss, **DNS_ONLY), {iss: agency()})

    assert (outcome, words[0]) == ("failed", "issuer_not_trusted")
    assert "wrong_name" in words


def test_s_046_beside_a_uri_name_a_dns_name_does_not_count():
    text = permit(iss=HOST, uris=[f"{HOST}/agencies/land"], dns_names=["issuer.city.example"])

    assert "wrong_name" in verdict(text, {HOST: agency()})[1]


def test_s_046_a_wildcard_is_a_name_like_another():
    text = permit(iss=HOST, uris=[], dns_names=["*.city.example"])

    assert "wrong_name" in verdict(text, {HOST: agency()})[1]
    assert issuer_host("https://*.city.example") is None


@pytest.mark.parametrize("names", [[], ["evil.city.example"]])
def test_s_026_without_iss_a_certificate_that_names_nobody_listed_is_of_nobody(names):
    # The anchor alone would do for an mdoc; here it would turn `wrong_name` into `passed`.
    alone = {HOST: agency()}

    assert verdict(permit(uris=[], dns_names=["issuer.city.example"]), alone)[0] == "passed"
    assert verdict(permit(uris=[], dns_names=names), alone)[0] == "failed"
