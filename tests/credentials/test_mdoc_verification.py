"""Whether an mdoc holds: S-044 and the device signature, all the way through `verify`."""

from dataclasses import replace

import pytest

from credentials.handover import DcApiHandover, OpenID4VPHandover, build_transcript
from credentials.mdoc import read_device_response
from credentials.model import StatusReference
from credentials.policy import StatusRule
from credentials.reading import read_credential, read_presentation
from credentials.trust import KeyUse, TrustedKey
from credentials.verdict import Outcome
from encoding import base64url
from encoding.cbor import build_cbor
from tests.credentials.mdoc_workshop import (
    DAY,
    ELEMENTS,
    ISO,
    ROOT_DER,
    SERVER_AUTH,
    SESSION,
    agency,
    changed,
    document_of,
    embedded,
    failing,
    issue,
    judge,
    policy,
    present,
    registry,
    resigned,
    signer_certificate,
)
from tests.credentials.workshop import (
    AGENCY,
    NOW,
    STRANGER,
    ed25519_signer,
    public_key,
    signer,
)

# OpenID4VP 1.0 Final, appendix B.2.6: both examples share nonce and thumbprint.
EXAMPLE_NONCE = "exc7gBkxjx1rdc9udRrveKvSsJIq80avlXeLHhGwqtA"
EXAMPLE_THUMBPRINT = bytes.fromhex(
    "4283ec927ae0f208daaa2d026a814f2b22dca52cf85ffa8f3f8626c6bd669047"
)


@pytest.mark.parametrize(
    ("handover", "transcript"),
    [
        (
            OpenID4VPHandover(
                client_id="x509_san_dns:example.com",
                response_uri="https://example.com/response",
                jwk_thumbprint=EXAMPLE_THUMBPRINT,
            ),
            "83f6f682714f70656e494434565048616e646f7665725820"
            "048bc053c00442af9b8eed494cefdd9d95240d254b046b11b68013722aad38ac",
        ),
        (
            DcApiHandover(origin="https://example.com", jwk_thumbprint=EXAMPLE_THUMBPRINT),
            "83f6f682764f70656e4944345650444341504948616e646f7665725820"
            "fbece366f4212f9762c74cfdbf83b8c69e371d5d68cea09cb4c48ca6daab761a",
        ),
    ],
)
def test_vp_v_18_the_transcripts_of_the_specification_come_out(handover, transcript):
    assert build_cbor(build_transcript(handover, EXAMPLE_NONCE)).hex() == transcript


def test_a_licence_shown_by_its_driver_passes():
    verdict = judge(present(issue(), ("family_name", "age_over_18")))

    assert verdict.outcome is Outcome.PASSED, verdict.checks
    assert verdict.claims == {"licence": {ISO: {"family_name": "Sok", "age_over_18": True}}}


def test_a_licence_comes_in_as_text_through_the_one_door():
    response = present(issue())

    assert read_presentation(base64url.encode(response)) == read_device_response(response)
    assert read_credential(base64url.encode(issue())).key_binding is None


@pytest.mark.parametrize("make", [signer, ed25519_signer])
def test_issuer_and_device_may_use_either_algorithm(make):
    agency_key, driver_key = make("agency"), make("driver")
    issued = issue(
        signer=agency_key,
        x5chain=(signer_certificate(agency_key),),
        device_key=public_key(driver_key),
    )

    assert judge(present(issued, by=driver_key)).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "session",
    [
        None,
        replace(SESSION, client_id="x509_san_dns:other.example"),
        replace(SESSION, response_uri="https://verifier.city.example/other"),
        replace(SESSION, jwk_thumbprint=bytes(32)),
        DcApiHandover(origin="https://verifier.city.example", jwk_thumbprint=None),
    ],
    ids=["none", "client", "uri", "key", "browser"],
)
def test_s_040_a_licence_shown_in_another_session_binds_nobody(session):
    verdict = judge(present(issue()), session=session)

    assert verdict.outcome is Outcome.FAILED
    assert failing(verdict)[0][:2] == ("holder", "holder_not_bound")
    assert verdict.claims is None


@pytest.mark.parametrize("nonce", [None, "another nonce"])
def test_s_040_a_licence_for_another_nonce_binds_nobody(nonce):
    assert failing(judge(present(issue()), nonce=nonce))[0][:2] == ("holder", "holder_not_bound")


def test_s_044_another_phone_shows_nothing():
    verdict = judge(present(issue(), by=STRANGER))

    assert failing(verdict)[0] == ("holder", "holder_not_bound", "bad_holder_signature")


def test_s_044_a_device_of_another_algorithm_shows_nothing():
    verdict = judge(present(issue(), by=ed25519_signer("phone")))

    assert failing(verdict)[0] == ("holder", "holder_not_bound", "bad_holder_signature")


def set_item(**members):
    """Change the one shown item."""

    def change(response):
        items = response["documents"][0]["issuerSigned"]["nameSpaces"][ISO]
        item = {
            "digestID": 0,
            "random": bytes(16),
            "elementIdentifier": "family_name",
            "elementValue": "Chan",
        }
        items[0] = embedded({**item, **members})

    return change


@pytest.mark.parametrize(
    ("members", "detail"),
    [({}, "digest_mismatch"), ({"digestID": 99}, "digest_missing")],
)
def test_s_044_a_changed_element_is_not_genuine(members, detail):
    verdict = judge(changed(present(issue()), set_item(**members)))

    assert failing(verdict)[0] == ("signature", "bad_signature", detail)
    assert verdict.claims is None


def test_s_044_an_element_moved_to_another_namespace_is_not_genuine():
    def move(response):
        signed = response["documents"][0]["issuerSigned"]
        signed["nameSpaces"] = {"org.example": signed["nameSpaces"][ISO]}

    verdict = judge(changed(present(issue()), move))

    assert ("signature", "bad_signature", "digest_missing") in failing(verdict)


def test_s_044_an_object_signed_by_somebody_else_is_not_genuine():
    verdict = judge(present(resigned(issue(), lambda mso: None, by=STRANGER)))

    assert failing(verdict) == [("signature", "bad_signature", "bad_issuer_signature")]


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (NOW + 31 * DAY, "expired"),
        (NOW - 2 * DAY, "not_yet_valid"),
    ],
)
def test_s_044_a_licence_out_of_its_time_is_refused(now, reason):
    trust = replace(registry(), issued_at=NOW - 9 * DAY, expires_at=NOW + 99 * DAY)
    verdict = judge(present(issue()), now=now, trust=trust)

    assert ("validity", reason, reason) in failing(verdict)


def test_a_licence_from_before_its_signers_certificate_is_refused():
    early = issue(signed=NOW - 20 * DAY, valid_from=NOW - 20 * DAY)

    assert failing(judge(present(early))) == [
        ("signature", "issuer_not_trusted", "signed_outside_of_certificate")
    ]


@pytest.mark.parametrize(("country", "details"), [("KH", []), ("TH", ["wrong_country"])])
def test_a_licence_is_of_the_country_of_its_signer(country, details):
    issued = issue(namespaces={ISO: {**ELEMENTS, "issuing_country": country}})
    verdict = judge(present(issued, ("family_name", "issuing_country")))

    assert [detail for _, _, detail in failing(verdict)] == details


def test_a_licence_with_a_status_needs_its_list():
    reference = StatusReference(uri="https://status.city.example/1", index=7)
    verdict = judge(present(issue(status=reference)))

    assert failing(verdict) == [("status", "status_unknown", "status_list_missing")]


def test_a_policy_that_asks_for_a_status_refuses_a_licence_without():
    verdict = judge(present(issue()), rules=policy(status=StatusRule.REQUIRED))

    assert failing(verdict) == [("status", "status_unknown", "status_missing")]


def test_what_is_not_shown_is_missed():
    verdict = judge(present(issue(), ("given_name",)))

    assert [check[:2] for check in failing(verdict)] == [("claims", "claim_missing")]


def test_where_nobody_must_be_bound_a_stranger_may_show_it():
    verdict = judge(present(issue(), by=STRANGER), rules=policy(bound=False))

    assert verdict.outcome is Outcome.PASSED


def listed(key, **changes):
    members = {
        "key": public_key(key),
        "use": KeyUse.CREDENTIAL,
        "valid_from": NOW - 100 * DAY,
        "valid_until": None,
        "compromised_at": None,
    }
    return TrustedKey(**{**members, **changes})


def test_a_listed_key_is_enough_without_an_anchor():
    trust = registry(agency(anchors=(), keys=(listed(AGENCY),)))

    assert judge(present(issue()), trust=trust).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"compromised_at": NOW - DAY}, "key_compromised"),
        ({"use": KeyUse.STATUS}, "issuer_not_trusted"),
        ({"valid_until": NOW - DAY}, "issuer_not_trusted"),
    ],
)
def test_s_188_s_191_a_listed_key_is_judged_though_its_chain_holds(changes, reason):
    trust = registry(agency(keys=(listed(AGENCY, **changes),)))
    verdict = judge(present(issue()), trust=trust)

    assert failing(verdict)[0][:2] == ("signature", reason)


@pytest.mark.parametrize(
    "leaf",
    [
        signer_certificate(by=STRANGER),
        signer_certificate(uses=SERVER_AUTH),
        signer_certificate(valid_from=NOW - 10 * DAY, validity=DAY),
        ROOT_DER,
        b"no certificate",
    ],
    ids=["unknown root", "web server", "expired", "the root itself", "garbage"],
)
def test_s_046_a_chain_that_does_not_hold_names_nobody(leaf):
    verdict = judge(present(issue(x5chain=(leaf,))))

    assert ("issuer", "issuer_not_trusted", "unknown_issuer") in failing(verdict)
    assert verdict.outcome is Outcome.FAILED


def test_an_agency_cannot_speak_for_another_under_the_same_root():
    other = agency(identifiers=("https://issuer.city.example/agencies/police",))
    named = signer_certificate(uris=("https://issuer.city.example/agencies/police",))
    trust = registry(agency(), replace(other, accreditations=()))

    assert failing(judge(present(issue(x5chain=(named,))), trust=trust)) == [
        ("issuer", "issuer_not_authorised_for_type", "not_accredited")
    ]


def test_a_certificate_that_could_be_of_two_agencies_is_of_none():
    trust = registry(agency(), agency(identifiers=("https://issuer.city.example/police",)))

    assert ("issuer", "issuer_not_trusted", "unknown_issuer") in failing(
        judge(present(issue()), trust=trust)
    )


def test_an_agency_that_may_not_issue_licences_does_not():
    trust = registry(agency(types=("org.iso.23220.photoid.1",)))

    assert failing(judge(present(issue()), trust=trust))[0] == (
        "issuer",
        "issuer_not_authorised_for_type",
        "not_accredited",
    )


def test_nobody_is_trusted_by_an_empty_registry():
    trust = registry(agency(anchors=()))

    assert ("issuer", "issuer_not_trusted", "unknown_issuer") in failing(
        judge(present(issue()), trust=trust)
    )


def test_two_documents_for_one_question_are_refused():
    def double(response):
        response["documents"].append(document_of(issue()))

    verdict = judge(changed(present(issue()), double))

    assert failing(verdict) == [("format", "malformed", "several_credentials")]


def test_the_time_of_a_certificate_is_read_again_every_minute():
    data = present(issue(x5chain=(signer_certificate(validity=12 * DAY),)))
    trust = replace(registry(), expires_at=NOW + 99 * DAY)

    assert judge(data, trust=trust).outcome is Outcome.PASSED
    assert judge(data, trust=trust, now=NOW + 3 * DAY).outcome is Outcome.FAILED
