"""ecdsa-sd-2023 and bbs-2023 with Digital Bazaar's suites: all four ways to divide the work."""

import copy
import secrets

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from credentials.bbs import derive_secret_key
from credentials.bbs_proof import verify_proof
from credentials.bls import parse_bbs_public_key
from credentials.errors import Malformed
from credentials.keys import SoftwareSigner, verify_signature
from credentials.multikey import parse_multikey
from credentials.pinned_contexts import add_contexts, bundled_contexts
from credentials.selective_credentials import (
    derive_credential,
    issue_bbs,
    issue_ecdsa_sd,
    read_selective,
)
from encoding.multibase import (
    decode_multibase,
    decode_multicodec,
    encode_multibase,
    encode_multicodec,
)
from tests.interop.ldp_papers import V2, pinned_documents, text_of
from tests.interop.our_side import DAY, Party, now
from tests.interop.peer_page import Hostile, assert_disagreement, assert_exchange

pytestmark = pytest.mark.interop
BAZAAR = "@digitalbazaar/vc"
SUITES = ("ecdsa-sd-2023", "bbs-2023")
CONTEXT = "https://city.example/contexts/permit/v1"
TERMS = "https://city.example/terms#"
CITY = {
    "@context": {
        "@version": 1.1,
        "@protected": True,
        "PermitCredential": f"{TERMS}PermitCredential",
        "Permit": f"{TERMS}Permit",
        "permits": {"@id": f"{TERMS}permits", "@type": "@id"},
        "fullName": f"{TERMS}fullName",
        "isOver18": f"{TERMS}isOver18",
        "plate": f"{TERMS}plate",
        "zone": f"{TERMS}zone",
    }
}
CONTEXTS = add_contexts(bundled_contexts(), {CONTEXT: CITY})
MANDATORY = ["/issuer", "/validFrom", "/validUntil"]
SHOWN = {
    "one claim": ["/credentialSubject/isOver18"],
    "of several lists": ["/credentialSubject/permits/1", "/credentialSubject/fullName"],
    "one leaf": ["/credentialSubject/permits/2/plate"],
    "everything": ["/credentialSubject"],
}
HEADER = b"n-0S6_WzA2Mj-7f3bXkq0A"
BBS_CODE = 0xEB


def documents():
    return pinned_documents() | {CONTEXT: CITY}


def permit(issuer):
    return {
        "@context": [V2, CONTEXT],
        "type": ["VerifiableCredential", "PermitCredential"],
        "issuer": issuer,
        "validFrom": text_of(now() - DAY),
        "validUntil": text_of(now() + 30 * DAY),
        "credentialSubject": {
            "fullName": 'សុខ ដារ៉ា "Dara"',
            "isOver18": True,
            "permits": [
                {"type": "Permit", "plate": f"2A-{number}", "zone": "A"} for number in range(3)
            ],
        },
    }


def ours(suite):
    """Our credential and the key that reads it."""
    if suite == "bbs-2023":
        secret = derive_secret_key(b"the BBS key of an agency of this test")
        key = secret.public_key
        name = encode_multibase(encode_multicodec(BBS_CODE, key.octets))
        words = {"secret": secret}
    else:
        by = Party("agency")
        key, name = by.key, by.did.removeprefix("did:key:")
        once = SoftwareSigner(ec.generate_private_key(ec.SECP256R1()))
        words = {"signer": by.signer, "created": now() - DAY, "proof_signer": once}
    issue = issue_bbs if suite == "bbs-2023" else issue_ecdsa_sd
    issued = issue(
        permit(f"did:key:{name}"),
        verification_method=f"did:key:{name}#{name}",
        mandatory_pointers=(),
        hmac_key=secrets.token_bytes(32),
        contexts=CONTEXTS,
        **words,
    )
    return issued, key


def theirs(peers, suite):
    made = peers[BAZAAR].ask("newKey", suite=suite, curve="P-256")
    name = made["publicKeyMultibase"]
    issued = peers[BAZAAR].ask(
        "issue",
        suite=suite,
        document=permit(f"did:key:{name}"),
        key=made,
        date=text_of(now() - DAY),
        mandatory=MANDATORY,
        documents=documents(),
    )
    if suite == "ecdsa-sd-2023":
        return issued, parse_multikey(name)
    return issued, parse_bbs_public_key(decode_multicodec(decode_multibase(name))[1])


def derive_here(issued, pointers):
    return derive_credential(
        issued,
        selective_pointers=pointers,
        contexts=CONTEXTS,
        presentation_header=HEADER,
        random_bytes=secrets.token_bytes,
    )


def derive_there(peers, suite, issued, pointers):
    return peers[BAZAAR].ask(
        "derive",
        suite=suite,
        document=issued,
        selective=pointers,
        header=HEADER.hex(),
        documents=documents(),
    )


def accepted_here(document, key):
    try:
        read = read_selective(document, contexts=CONTEXTS)
    except Malformed:
        return False
    if read.alteration is not None or read.options.purpose != "assertionMethod":
        return False
    if read.unlinkable is None:
        return verify_signature(key, read.signed.signing_input, read.signed.signature)
    shown = read.unlinkable
    return shown.presentation_header == HEADER and verify_proof(
        key, shown.proof, shown.disclosed, header=shown.header, presentation_header=HEADER
    )


def accepted_there(peers, suite, document):
    return peers[BAZAAR].accepts(
        "verify", suite=suite, document=document, header=HEADER.hex(), documents=documents()
    )


def altered(document):
    changed = copy.deepcopy(document)
    changed["validUntil"] = text_of(now() + 900 * DAY)
    return changed


@pytest.mark.parametrize("suite", SUITES)
def test_issuer_holder_and_verifier_may_each_be_theirs_or_ours(peers, suite):
    there, changed, here = {}, {}, {}
    for owner, (issued, key) in {"ours": ours(suite), "theirs": theirs(peers, suite)}.items():
        for name, pointers in SHOWN.items():
            for holder in ("our holder", "their holder"):
                case = (owner, holder, name)
                shown = (
                    derive_here(issued, pointers)
                    if holder == "our holder"
                    else derive_there(peers, suite, issued, pointers)
                )
                there[case] = accepted_there(peers, suite, shown)
                here[case] = accepted_here(shown, key)
                changed[case] = not accepted_there(peers, suite, altered(shown))
                assert not accepted_here(altered(shown), key)

    assert all((*there.values(), *changed.values(), *here.values())), (there, changed, here)
    assert_exchange(suite, BAZAAR, ours=there, altered=changed, theirs=here)


def hidden_member(shown):
    changed = copy.deepcopy(shown)
    changed["credentialSubject"]["fullName"] = "Somebody Else"
    return changed


def without(shown, name):
    return {key: value for key, value in shown.items() if key != name}


def with_proof(shown, **changes):
    return {**shown, "proof": {**shown["proof"], **changes}}


HOSTILE = {
    Hostile(
        "nothing wrong", True, "vc-di-ecdsa 1.0 3.4.7", "every step of it succeeds (our words)"
    ): lambda _, shown: shown,
    Hostile(
        "the base proof itself",
        False,
        "vc-di-ecdsa 1.0 3.5.8",
        "does not start with the ECDSA-SD disclosure proof header bytes 0xd9, 0x5d, and 0x01, an "
        "error MUST be raised",
    ): lambda issued, _: issued,
    Hostile(
        "a claim added to what was shown",
        False,
        "vc-di-ecdsa 1.0 3.5.9",
        "If the length of signatures does not match the length of nonMandatory, an error MUST be "
        "raised",
    ): lambda _, shown: hidden_member(shown),
    Hostile(
        "a mandatory member taken away",
        False,
        "vc-di-ecdsa 1.0 3.4.7",
        "what is mandatory is signed (our words)",
    ): lambda _, shown: without(shown, "validUntil"),
    Hostile(
        "a proof value in base58", False, "vc-di-ecdsa 1.0 3.5.8", "does not start with u"
    ): lambda _, shown: with_proof(shown, proofValue="z" + shown["proof"]["proofValue"][1:]),
    Hostile(
        "another cryptosuite's name",
        False,
        "vc-di-ecdsa 1.0 3.4.7",
        "the suite is part of what is signed (our words)",
    ): lambda _, shown: with_proof(shown, cryptosuite="ecdsa-rdfc-2019"),
    Hostile(
        "another purpose", False, "VC-DI 1.0 4.4", "does not match proof.proofPurpose"
    ): lambda _, shown: with_proof(shown, proofPurpose="authentication"),
    Hostile(
        "an undefined term added",
        False,
        "VC-DI 1.0 5",
        "MUST throw an error, which SHOULD be DATA_LOSS_DETECTION_ERROR, when data is dropped",
    ): lambda _, shown: {**shown, "colourOfCar": "green"},
}


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda each: each.name)
def test_where_they_differ_the_text_decides(peers, suite, hostile):
    issued, key = ours(suite)
    document = HOSTILE[hostile](issued, derive_here(issued, SHOWN["one claim"]))

    assert accepted_here(document, key) is hostile.accepted
    answers = {BAZAAR: accepted_there(peers, suite, document)}
    assert_disagreement(suite, hostile, answers)
