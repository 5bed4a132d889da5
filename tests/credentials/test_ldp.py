"""`ldp_vc` and `ldp_vp`: read, judged, and every way to make words differ from statements."""

import json
from datetime import timedelta

import pytest

from credentials.did_jwk import build_did_jwk
from credentials.errors import Malformed
from credentials.keys import parse_jwk
from credentials.ldp import read_ldp
from credentials.ldp_issuing import (
    attach_ldp_signature,
    build_ldp_presentation,
    build_ldp_presentation_input,
)
from credentials.model import Format
from credentials.pinned_contexts import add_contexts, bundled_contexts
from credentials.reading import read_credential, read_presentation
from credentials.vcdm import issue_vc_jwt
from credentials.verdict import Outcome
from tests.credentials.ldp_judging import judge, reasons
from tests.credentials.ldp_workshop import (
    AGENCY,
    DRIVER,
    EXAMPLES,
    SUITES,
    UNDEFINED,
    V2,
    changed,
    did_of,
    method_of,
    permit,
    signed_permit,
    signer_of,
)
from tests.credentials.workshop import NONCE, NOW, VERIFIER

RDF = ["eddsa-rdfc-2022", "ecdsa-rdfc-2019"]
DRIVER_DID = build_did_jwk(parse_jwk(dict(DRIVER.public_jwk)))


def bound(**changes):
    """A permit whose subject is the driver's phone."""
    return permit(credentialSubject={"id": DRIVER_DID, "permitNumber": "TX-2041"}, **changes)


def shown(*credentials, by=DRIVER, suite="eddsa-rdfc-2022", **changes):
    asked = {"audience": VERIFIER, "nonce": NONCE, "created": NOW, **changes}
    return build_ldp_presentation(
        credentials or (signed_permit(document=bound()),), signer=by, cryptosuite=suite, **asked
    )


def refusal(document, **options):
    with pytest.raises(Malformed) as refused:
        read_ldp(document, **options)
    return refused.value.detail


@pytest.mark.parametrize(("suite", "algorithm"), SUITES)
def test_a_credential_reads_as_what_it_is(suite, algorithm):
    signer = signer_of(algorithm)
    (found,) = read_ldp(signed_permit(suite, signer))

    assert found.format is Format.LDP_VC
    assert found.issuer == did_of(signer)
    assert found.types == ("TaxiPermit",)
    assert found.claims["permitNumber"] == "TX-2041"
    assert found.key_hint.key_id == method_of(signer)
    assert found.key_hint.algorithm == algorithm
    assert found.statuses[0].index == 94567
    assert found.issued_at == NOW
    assert found.key_binding is None


def test_the_one_door_reads_it_as_text():
    text = json.dumps(signed_permit())

    assert read_credential(text) == read_presentation(text)[0]


@pytest.mark.parametrize(("suite", "algorithm"), SUITES)
def test_a_presentation_by_its_holder_passes(suite, algorithm):
    issuer, holder = signer_of(algorithm), signer_of(algorithm, "driver")
    subject = {"id": build_did_jwk(parse_jwk(dict(holder.public_jwk))), "permitNumber": "TX-2041"}
    credential = signed_permit(
        suite, issuer, permit(did_of(issuer), credentialSubject=subject, credentialStatus=None)
    )

    verdict = judge(json.dumps(shown(credential, by=holder, suite=suite)), issuer=issuer)

    assert verdict.outcome is Outcome.PASSED, verdict.checks
    assert verdict.claims["permit"]["permitNumber"] == "TX-2041"


PLAIN = bound(credentialStatus=None)


@pytest.mark.parametrize(
    ("document", "how", "found"),
    [
        (shown, {}, ["status_unknown"]),
        (lambda: shown(signed_permit(document=PLAIN)), {"audience": "x"}, ["wrong_audience"]),
        (lambda: shown(signed_permit(document=PLAIN)), {"nonce": "x"}, ["wrong_nonce"]),
        (lambda: signed_permit(document=PLAIN), {}, ["holder_not_bound"]),
        (lambda: shown(signed_permit(document=PLAIN), by=AGENCY), {}, ["holder_not_bound"]),
        (
            lambda: shown(signed_permit(document=PLAIN), created=NOW - timedelta(hours=1)),
            {},
            ["stale_code"],
        ),
        (
            lambda: shown(signed_permit(document=PLAIN, expires=NOW - timedelta(hours=1))),
            {},
            ["expired"],
        ),
        (
            lambda: shown(signed_permit(document=PLAIN, created=NOW + timedelta(hours=1))),
            {},
            ["not_yet_valid"],
        ),
        (
            lambda: shown(
                changed(signed_permit(document=PLAIN), "validUntil", to="2036-11-01T00:00:00Z")
            ),
            {},
            ["bad_signature"],
        ),
        (
            lambda: changed(
                shown(signed_permit(document=PLAIN)), "proof", "challenge", to="another"
            ),
            {"nonce": "another"},
            ["holder_not_bound"],
        ),
        (
            lambda: changed(
                shown(signed_permit(document=PLAIN)), "proof", "domain", to=[VERIFIER, "x:y"]
            ),
            {},
            ["holder_not_bound"],
        ),
    ],
)
def test_s_031_each_check_finds_its_fault(document, how, found):
    assert reasons(json.dumps(document()), **how) == found


def test_s_031_several_domains_are_not_ours_alone():
    several = build_ldp_presentation_input(
        [signed_permit(document=PLAIN)],
        holder_key=parse_jwk(dict(DRIVER.public_jwk)),
        cryptosuite="eddsa-jcs-2022",
        audience=[VERIFIER, "https://other.example"],
        nonce=NONCE,
        created=NOW,
    )
    document = attach_ldp_signature(several, DRIVER.sign(several.signing_input))

    assert reasons(json.dumps(document)) == ["wrong_audience"]


def test_a_device_that_keeps_its_key_signs_in_two_steps():
    prepared = build_ldp_presentation_input(
        [signed_permit(document=PLAIN)],
        holder_key=parse_jwk(dict(DRIVER.public_jwk)),
        cryptosuite="eddsa-rdfc-2022",
        audience=VERIFIER,
        nonce=NONCE,
        created=NOW,
    )
    document = attach_ldp_signature(prepared, DRIVER.sign(prepared.signing_input))

    assert judge(json.dumps(document)).outcome is Outcome.PASSED
    with pytest.raises(Malformed):
        attach_ldp_signature(prepared, b"\1" * 63)


def test_documents_are_embedded_and_texts_enveloped():
    jwt = issue_vc_jwt(PLAIN, signer=AGENCY, key_id=method_of(AGENCY), issued_at=NOW)

    found = read_ldp(shown(signed_permit(document=PLAIN), jwt, signed_permit("eddsa-jcs-2022")))

    assert [each.format for each in found] == [Format.LDP_VC, Format.VC_JWT, Format.LDP_VC]
    assert len({each.key_binding.digest for each in found}) == 1


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_di_05_every_proof_of_a_set_or_chain_must_hold(suite):
    first = signed_permit(suite, document=PLAIN, proof_id="urn:uuid:1")
    chain = signed_permit(suite, document=first, previous=["urn:uuid:1"])
    broken = changed(chain, "proof", 1, "proofValue", to=chain["proof"][0]["proofValue"])

    assert judge(json.dumps(shown(chain, suite=suite))).outcome is Outcome.PASSED
    assert reasons(json.dumps(shown(broken, suite=suite))) == ["bad_signature"]


def test_di_07_a_proof_of_another_controller_or_purpose_is_refused():
    stranger = signer_of("EdDSA", "stranger")
    foreign = changed(signed_permit(), "proof", "verificationMethod", to=method_of(stranger))
    near = changed(signed_permit(), "proof", "verificationMethod", to=did_of(AGENCY) + "x#1")
    purpose = changed(signed_permit(), "proof", "proofPurpose", to="authentication")
    holder = changed(shown(), "holder", to=did_of(stranger))
    assertion = changed(shown(), "proof", "proofPurpose", to="assertionMethod")

    assert refusal(foreign) == refusal(near) == refusal(holder) == "invalid_verification_method"
    assert refusal(purpose) == refusal(assertion) == "invalid_proof_purpose"
    with pytest.raises(Malformed):
        signed_permit(document=permit(did_of(stranger)))


def test_a_presentation_that_is_addressed_to_nobody_binds_nobody():
    document = shown(signed_permit(document=PLAIN))
    for name in ("domain", "challenge"):
        document = changed(document, "proof", name, to=None)

    assert read_ldp(document)[0].key_binding is None
    assert read_ldp({k: v for k, v in document.items() if k != "proof"})[0].key_binding is None


def test_a_presentation_has_one_proof_and_its_credentials_have_theirs():
    document = shown(signed_permit(document=PLAIN))

    assert refusal({**document, "proof": [document["proof"]] * 2}) == "several_proofs"
    assert refusal(shown(PLAIN)) == "missing_proof"
    unproven = {name: value for name, value in document.items() if name != "proof"}
    assert refusal({**unproven, "verifiableCredential": []}) == "empty_presentation"


# What a stranger can rewrite without touching one statement, and what he would gain by it.
CRED = "https://www.w3.org/2018/credentials#"
REWRITTEN = {
    "an end that is written as its IRI": lambda vc: {
        **{name: value for name, value in vc.items() if name != "validUntil"},
        f"{CRED}validUntil": {
            "@value": vc["validUntil"],
            "@type": "http://www.w3.org/2001/XMLSchema#dateTime",
        },
    },
    "a status that is written as its IRI": lambda vc: {
        **{name: value for name, value in vc.items() if name != "credentialStatus"},
        f"{CRED}credentialStatus": vc["credentialStatus"],
    },
    "a status under a prefix": lambda vc: {
        **{name: value for name, value in vc.items() if name != "credentialStatus"},
        "@context": [*vc["@context"], {"c": CRED}],
        "c:credentialStatus": vc["credentialStatus"],
    },
    "a claim under another name": lambda vc: {
        **vc,
        "@context": [
            *vc["@context"],
            {"over18": "https://www.w3.org/ns/credentials/examples#permitNumber"},
        ],
        "credentialSubject": {"id": DRIVER_DID, "over18": "TX-2041"},
    },
    "a claim under another name by vocabulary": lambda vc: {
        **vc,
        "@context": [
            *vc["@context"],
            {"@vocab": "https://www.w3.org/ns/credentials/examples#permit"},
        ],
        "type": ["VerifiableCredential", "https://www.w3.org/ns/credentials/examples#TaxiPermit"],
        "credentialSubject": {"id": DRIVER_DID, "Number": "TX-2041"},
    },
    "a claim that states nothing": lambda vc: {
        **vc,
        "credentialSubject": {**vc["credentialSubject"], "over18": []},
    },
    "a claim that is null": lambda vc: {
        **vc,
        "credentialSubject": {**vc["credentialSubject"], "over18": None},
    },
    "a claim on the side": lambda vc: {**vc, "@included": [{"id": DRIVER_DID}]},
    "an end in a list": lambda vc: {**vc, "validUntil": [vc["validUntil"]]},
    "an end as a value object": lambda vc: {
        **vc,
        "validUntil": {
            "@value": vc["validUntil"],
            "@type": "http://www.w3.org/2001/XMLSchema#dateTime",
        },
    },
    "a status in a set": lambda vc: {**vc, "credentialStatus": {"@set": [vc["credentialStatus"]]}},
    "a status by name only": lambda vc: {**vc, "credentialStatus": vc["credentialStatus"]["id"]},
    "a subject by name only": lambda vc: {**vc, "credentialSubject": DRIVER_DID},
    "types that are hidden": lambda vc: {
        **{name: value for name, value in vc.items() if name != "type"},
        "@type": vc["type"],
    },
}


@pytest.mark.parametrize("suite", RDF)
@pytest.mark.parametrize("name", REWRITTEN)
def test_s_033_words_that_hide_or_rename_a_signed_statement_are_refused(name, suite):
    signer = signer_of("EdDSA" if suite.startswith("eddsa") else "ES256")
    document = signed_permit(suite, signer, {**bound(), "issuer": did_of(signer)})

    assert read_ldp(document)
    refusal(REWRITTEN[name](document))


def test_s_033_a_node_that_has_the_credentials_name_cannot_take_its_end_away():
    inner = {"id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33"}
    document = signed_permit(document={**bound(), "evidence": {"type": "Copy", "of": inner}})
    moved = {name: value for name, value in document.items() if name != "validUntil"}
    moved["evidence"] = {
        "type": "Copy",
        "of": {**inner, "type": "VerifiableCredential", "validUntil": document["validUntil"]},
    }

    assert read_ldp(document)
    assert refusal(moved) == "described_twice"


def test_s_033_a_type_may_demand_its_exact_list_of_contexts():
    """DI-03: context validation."""
    lists = {"TaxiPermit": [(V2, EXAMPLES)]}
    jcs = signed_permit("eddsa-jcs-2022")

    assert read_ldp(signed_permit(), context_lists=lists)
    assert refusal({**jcs, "@context": [V2, EXAMPLES, UNDEFINED]}, context_lists=lists) == (
        "unexpected_context"
    )


def test_the_citys_own_context_is_handed_in():
    url = "https://issuer.city.example/contexts/taxi-permit"
    terms = {
        "@context": {
            "@protected": True,
            "TaxiPermit": "https://issuer.city.example/types#TaxiPermit",
            "permitNumber": "https://issuer.city.example/terms#permitNumber",
        }
    }
    own = add_contexts(bundled_contexts(), {url: terms})
    document = signed_permit(document={**PLAIN, "@context": [V2, url]}, contexts=own)

    assert read_ldp(document, contexts=own)[0].claims["permitNumber"] == "TX-2041"
    assert refusal(document) == "unknown_context"


@pytest.mark.parametrize("member", ["issuer", "credentialSubject", "type", "@context", "proof"])
def test_s_030_a_document_without_what_vcdm_asks_for_is_refused(member):
    refusal(changed(signed_permit(), member, to=None))
    refusal(changed(signed_permit("eddsa-jcs-2022"), member, to=None))


def test_jcs_signs_what_rdf_has_no_form_for():
    name = {"@value": "تاكسي", "@language": "ar", "@direction": "rtl"}

    assert read_ldp(signed_permit("eddsa-jcs-2022", document={**PLAIN, "name": name}))
    with pytest.raises(Malformed) as refused:
        signed_permit(document={**PLAIN, "name": name})
    assert refused.value.detail == "unsupported_json_ld"
