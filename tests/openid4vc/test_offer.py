"""Offers are made, and taken in with suspicion (OpenID4VCI 1.0 section 4)."""

import json

import pytest

from openid4vc.errors import InvalidRequest
from openid4vc.offer import (
    AuthorizationCodeGrant,
    CredentialOffer,
    OfferReference,
    PreAuthorizedGrant,
    TxCode,
    build_offer,
    build_offer_reference_uri,
    build_offer_uri,
    parse_offer,
    parse_offer_uri,
)

GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
ISSUER = "https://issuer.example/agencies/transport"
OFFER = CredentialOffer(
    credential_issuer=ISSUER,
    configuration_ids=("driving-licence.dc+sd-jwt",),
    pre_authorized=PreAuthorizedGrant(code="adhjhdjajkdkhjhdj", tx_code=TxCode(length=6)),
)
MESSAGE = {
    "credential_issuer": ISSUER,
    "credential_configuration_ids": ["driving-licence.dc+sd-jwt"],
    "grants": {GRANT: {"pre-authorized_code": "adhjhdjajkdkhjhdj"}},
}


def read(message):
    return parse_offer(json.dumps(message), allow_http_loopback=False)


def test_an_offer_says_what_the_specification_says():
    assert build_offer(OFFER) == {
        "credential_issuer": ISSUER,
        "credential_configuration_ids": ["driving-licence.dc+sd-jwt"],
        "grants": {
            GRANT: {
                "pre-authorized_code": "adhjhdjajkdkhjhdj",
                "tx_code": {"input_mode": "numeric", "length": 6},
            }
        },
    }


@pytest.mark.parametrize(
    "offer",
    [
        OFFER,
        CredentialOffer(ISSUER, ("a", "b"), None),
        CredentialOffer(ISSUER, ("a",), None, AuthorizationCodeGrant(issuer_state=None)),
        CredentialOffer(
            ISSUER,
            ("a",),
            PreAuthorizedGrant("code", None, authorization_server="https://as.example"),
            AuthorizationCodeGrant("state", authorization_server="https://as.example"),
        ),
        CredentialOffer(
            ISSUER, ("a",), PreAuthorizedGrant("c", TxCode("text", 8, "sent by post ភាសា"))
        ),
    ],
)
def test_an_offer_survives_its_link(offer):
    """VCI-I-11, both by value and after fetching."""
    assert parse_offer_uri(build_offer_uri(offer), allow_http_loopback=False) == offer
    assert read(build_offer(offer)) == offer


def test_the_link_holds_no_plus_for_a_space():
    """interop 6: a plus breaks Sphereon."""
    offer = CredentialOffer(ISSUER, ("a",), PreAuthorizedGrant("c", TxCode(description="a b")))
    link = build_offer_uri(offer, endpoint="https://wallet.example/offer?lang=km")

    assert link.startswith(
        "https://wallet.example/offer?lang=km&credential_offer=%7B%22credential_issuer%22%3A"
    )
    assert "a%20b" in link
    assert "+" not in link
    assert parse_offer_uri(link, allow_http_loopback=False) == offer


def test_an_offer_by_reference_is_not_fetched_but_named():
    """VCI-W-01."""
    url = "https://issuer.example/agencies/transport/offers/7?a=b"
    link = build_offer_reference_uri(url)

    assert link == (
        "openid-credential-offer://?credential_offer_uri="
        "https%3A%2F%2Fissuer.example%2Fagencies%2Ftransport%2Foffers%2F7%3Fa%3Db"
    )
    assert parse_offer_uri(link, allow_http_loopback=False) == OfferReference(url=url)


def test_plain_http_to_this_machine_is_for_development_only():
    local = "http://localhost:8401/agencies/transport/offers/1"
    link = build_offer_reference_uri(local)

    assert parse_offer_uri(link, allow_http_loopback=True) == OfferReference(url=local)
    with pytest.raises(InvalidRequest):
        parse_offer_uri(link, allow_http_loopback=False)


@pytest.mark.parametrize(
    "link",
    [
        "",
        "javascript:alert(1)?credential_offer=%7B%7D",
        "openid-credential-offer://",
        "openid-credential-offer://?credential_offer=%FF",
        "openid-credential-offer://?credential_offer=%7B%7D&credential_offer_uri=https%3A%2F%2Fi",
        "openid-credential-offer://?credential_offer=1&credential_offer=2",
        "openid-credential-offer://?credential_offer_uri=http%3A%2F%2Fissuer.example%2F1",
        "openid-credential-offer://?credential_offer_uri=http%3A%2F%2F10.0.0.7%2F1",
        "openid-credential-offer://?credential_offer_uri=file%3A%2F%2F%2Fetc%2Fpasswd",
        "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fu%3Ap%40issuer.example",
        "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fissuer.example%2F%23a",
        "openid-credential-offer://?credential_offer_uri=https%3A%2F%2F",
        "openid-credential-offer://?credential_offer_uri=https%3A%2F%2F%5B%3A%3A",
        "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fi%3A99999%2F",
        "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fi%0D%0A",
        "openid-credential-offer://?" + "&".join("a=1" for _ in range(17)),
        "openid-credential-offer://?credential_offer=" + "a" * 16_400,
    ],
)
def test_a_link_that_is_no_offer_is_refused(link):
    with pytest.raises(InvalidRequest):
        parse_offer_uri(link, allow_http_loopback=True)


@pytest.mark.parametrize(
    "change",
    [
        {"credential_issuer": None},
        {"credential_issuer": "http://issuer.example"},
        {"credential_issuer": "https://issuer.example?a=b"},
        {"credential_issuer": "https://issuer.example/#a"},
        {"credential_configuration_ids": []},
        {"credential_configuration_ids": ["a", "a"]},
        {"credential_configuration_ids": "a"},
        {"credential_configuration_ids": [1]},
        {"grants": []},
        {"grants": {GRANT: "code"}},
        {"grants": {GRANT: {}}},
        {"grants": {GRANT: {"pre-authorized_code": 1}}},
        {"grants": {GRANT: {"pre-authorized_code": "c", "tx_code": None}}},
        {"grants": {GRANT: {"pre-authorized_code": "c", "tx_code": {"input_mode": "voice"}}}},
        {"grants": {GRANT: {"pre-authorized_code": "c", "tx_code": {"length": 0}}}},
        {"grants": {GRANT: {"pre-authorized_code": "c", "tx_code": {"length": True}}}},
        {"grants": {GRANT: {"pre-authorized_code": "c", "tx_code": {"description": "x" * 301}}}},
        {"grants": {"authorization_code": []}},
        {"grants": {"authorization_code": {"issuer_state": 1}}},
    ],
)
def test_a_malformed_offer_is_refused(change):
    """VCI-I-11, VCI-I-12."""
    with pytest.raises(InvalidRequest):
        read({**MESSAGE, **change})


def test_a_doubled_member_is_refused():
    """S-012."""
    with pytest.raises(InvalidRequest, match="duplicate"):
        parse_offer('{"credential_issuer":"a","credential_issuer":"b"}', allow_http_loopback=False)


def test_a_description_of_three_hundred_characters_is_read():
    """VCI-I-12: at the limit."""
    grant = {"pre-authorized_code": "c", "tx_code": {"description": "x" * 300}}

    assert (
        read({**MESSAGE, "grants": {GRANT: grant}}).pre_authorized.tx_code.description == "x" * 300
    )


def test_an_empty_tx_code_means_that_one_is_needed():
    """VCI-I-12."""
    with_code = {**MESSAGE, "grants": {GRANT: {"pre-authorized_code": "c", "tx_code": {}}}}

    assert read(with_code).pre_authorized.tx_code == TxCode()
    assert read(MESSAGE).pre_authorized.tx_code is None


def test_unknown_parameters_and_grants_are_ignored():
    """VCI-I-30, VCI-W-01."""
    sprinkled = {**MESSAGE, "x": 1, "grants": {**MESSAGE["grants"], "urn:x": {"y": []}}}

    assert read(sprinkled) == read(MESSAGE)


def test_the_examples_of_the_specification_are_read(vectors):
    folder = vectors / "openid4vci" / "examples"
    offers = [
        parse_offer(file.read_text(), allow_http_loopback=False)
        for file in sorted(folder.glob("credential_offer_*.json"))
    ]
    raw = (folder / "credential_offer_authz_code.txt").read_text()
    by_code = parse_offer(raw[raw.index("{") :], allow_http_loopback=False)

    assert [offer.pre_authorized.tx_code for offer in offers] == [
        TxCode(),
        TxCode(
            length=4,
            description="Please provide the one-time code that was sent via e-mail",
        ),
        TxCode(
            description="Please provide the one-time code which was sent to your mobile phone "
            "via SMS"
        ),
    ]
    assert by_code.authorization_code.issuer_state == "eyJhbGciOiJSU0Et...FYUaBy"
    assert by_code.pre_authorized is None
