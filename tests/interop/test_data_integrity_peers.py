"""Data Integrity with Digital Bazaar's suites and openvc-core: each way, and where they differ."""

import pytest

from credentials.did_key import parse_did_key
from credentials.dids import build_did_jwk
from tests.interop.ldp_papers import (
    AGENCY,
    BY,
    HOSTILE,
    JCS,
    MAKERS,
    SUITES,
    accepted_here,
    altered,
    issue,
    permit,
    pinned_documents,
    present,
    text_of,
)
from tests.interop.our_side import AUDIENCE, DAY, NONCE, Party, now
from tests.interop.peer_page import assert_disagreement, assert_exchange

pytestmark = pytest.mark.interop
BAZAAR, OPENVC = "@digitalbazaar/vc", "openvc-core"
CURVES = {"ES256": "P-256", "ES384": "P-384", "EdDSA": None}


def accepted_by_bazaar(peers, document, suite):
    return peers[BAZAAR].accepts(
        "verify", suite=suite, document=document, documents=pinned_documents()
    )


def accepted_by_openvc(peers, document, suite, by=BY):
    return peers[OPENVC].accepts("verify_proof", document=document, suite=suite, jwk=by.jwk)


def theirs_of_bazaar(peers, suite, algorithm):
    """Its own key: our registry lists what it has made."""
    key = peers[BAZAAR].ask("newKey", suite=suite, curve=CURVES[algorithm])
    did = f"did:key:{key['publicKeyMultibase']}"
    document = peers[BAZAAR].ask(
        "issue",
        suite=suite,
        document=permit(did),
        key=key,
        date=text_of(now() - DAY),
        documents=pinned_documents(),
    )
    by = Party("nobody")
    by.did, by.key = did, parse_did_key(did)
    return document, by


def test_digital_bazaar_accepts_ours_and_we_accept_its(peers):
    ours, changed, back = {}, {}, {}
    for case in SUITES:
        suite, algorithm = case
        document = issue(suite, AGENCY[algorithm])
        ours[case] = accepted_by_bazaar(peers, document, suite)
        changed[case] = not accepted_by_bazaar(peers, altered(document), suite)
        theirs, by = theirs_of_bazaar(peers, suite, algorithm)
        back[case] = accepted_here(theirs, by)
        assert not accepted_here(altered(theirs), by)

    assert all((*ours.values(), *changed.values(), *back.values())), (ours, changed, back)
    assert_exchange("ldp_vc", BAZAAR, ours=ours, altered=changed, theirs=back)


def test_openvc_core_accepts_our_jcs_proofs_and_we_refuse_its_for_a_missing_context(peers):
    """
    It signs the document's contexts as part of the proof but does not write them there. vc-di-eddsa
    1.0 section 3.3.1: "If unsecuredDocument.@context is present, set proof.@context to
    unsecuredDocument.@context"; a verifier hashes the proof as it stands (3.3.2).
    """
    ours, changed, back = {}, {}, {}
    for case in SUITES:
        suite, algorithm = case
        by = AGENCY[algorithm]
        if "jcs" not in suite:  # its RDFC suites need a package that its lock does not bring
            continue
        document = issue(suite, by)
        ours[case] = accepted_by_openvc(peers, document, suite, by)
        changed[case] = not accepted_by_openvc(peers, altered(document), suite, by)
        theirs = peers[OPENVC].ask(
            "issue_proof",
            document=permit(by.did),
            suite=suite,
            jwk=by.private_jwk,
            method=by.method,
        )
        back[case] = accepted_here(theirs, by)
        completed = {**theirs["proof"], "@context": theirs["@context"]}
        assert accepted_here({**theirs, "proof": completed}, by)

    assert all((*ours.values(), *changed.values())), (ours, changed)
    assert_exchange("ldp_vc", OPENVC, ours=ours, altered=changed, theirs=back)


@pytest.mark.parametrize(("suite", "algorithm"), SUITES)
def test_digital_bazaar_accepts_our_presentation_for_its_nonce_alone(peers, suite, algorithm):
    words = {
        "suite": suite,
        "document": present(suite, AGENCY[algorithm]),
        "documents": pinned_documents() | documents_of_jwk(AGENCY[algorithm]),
        "domain": AUDIENCE,
    }

    peers[BAZAAR].ask("verifyPresentation", **words, challenge=NONCE)
    assert not peers[BAZAAR].accepts("verifyPresentation", **words, challenge="another")


def documents_of_jwk(by):
    """What did:jwk resolves to, in the words that Digital Bazaar's suites read."""
    did = build_did_jwk(by.key)
    multibase = by.did.removeprefix("did:key:")
    method = {
        "@context": "https://w3id.org/security/multikey/v1",
        "type": "Multikey",
        "id": f"{did}#0",
        "controller": did,
        "publicKeyMultibase": multibase,
    }
    controller = {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "authentication": [method["id"]],
        "assertionMethod": [method["id"]],
        "verificationMethod": [method],
    }
    return {did: controller, method["id"]: method}


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda each: each.name)
def test_where_they_differ_the_text_decides(peers, hostile):
    document = MAKERS[hostile.name]()
    suite = document["proof"].get("cryptosuite")

    assert accepted_here(document) is hostile.accepted
    answers = {BAZAAR: accepted_by_bazaar(peers, document, suite)}
    answers[OPENVC] = accepted_by_openvc(peers, document, suite) if suite == JCS else None
    assert_disagreement("ldp_vc", hostile, answers)
