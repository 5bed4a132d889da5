"""Credentials with Data Integrity proofs for the peers, and inputs that break one rule."""

import copy
import hashlib
import json

import rfc8785

from credentials.data_integrity import build_signing_input
from credentials.ldp_issuing import build_ldp_presentation, issue_ldp
from credentials.pinned_contexts import PINNED, read_pinned
from encoding import multibase
from tests.interop.our_side import AUDIENCE, DAY, NONCE, Party, is_accepted, now, trust
from tests.interop.peer_page import Hostile

V2 = "https://www.w3.org/ns/credentials/v2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
INLINE = {"@vocab": "https://city.example/terms#"}
TYPE = "TaxiPermit"
SUITES = (
    ("eddsa-rdfc-2022", "EdDSA"),
    ("eddsa-jcs-2022", "EdDSA"),
    ("ecdsa-rdfc-2019", "ES256"),
    ("ecdsa-jcs-2019", "ES256"),
    ("ecdsa-rdfc-2019", "ES384"),
    ("ecdsa-jcs-2019", "ES384"),
)
AGENCY = {name: Party("agency", name) for name in ("ES256", "ES384", "EdDSA")}
BY = AGENCY["EdDSA"]
RDFC, JCS = "eddsa-rdfc-2022", "eddsa-jcs-2022"


def pinned_documents():
    """Our contexts, so that a peer needs no network."""
    return {url: json.loads(read_pinned(url)) for url in PINNED}


def text_of(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def permit(issuer, **changes):
    members = {
        "@context": [V2, EXAMPLES],
        "id": "urn:uuid:58172aac-d8ba-41ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", TYPE],
        "issuer": issuer,
        "validFrom": text_of(now() - DAY),
        "validUntil": text_of(now() + 30 * DAY),
        "credentialSubject": {"plate": "2A-4417", "zone": {"code": 4, "nameKm": "មជ្ឈិម"}},
        **changes,
    }
    return {name: value for name, value in members.items() if value is not None}


def issue(suite, by):
    return issue_ldp(
        permit(by.did),
        signer=by.signer,
        verification_method=by.method,
        cryptosuite=suite,
        created=now() - DAY,
    )


def present(suite, by):
    return build_ldp_presentation(
        [issue(suite, by)],
        signer=by.signer,
        cryptosuite=suite,
        audience=AUDIENCE,
        nonce=NONCE,
        created=now(),
    )


def accepted_here(document, by=BY):
    registry = trust(issuer=by.did, key=by.key, types=[TYPE])
    text = json.dumps(document, ensure_ascii=False)
    return is_accepted(text, registry=registry, types=[TYPE], claim=("plate",), bound=False)


def altered(document):
    changed = copy.deepcopy(document)
    changed["credentialSubject"]["plate"] = "2A-9999"
    return changed


def hand_made(suite=RDFC, *, options=None, document=None):
    """Signed by the issuer's key over whatever stands here, as no builder of ours would."""
    document = document or permit(BY.did)
    members = {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": text_of(now() - DAY),
        "verificationMethod": BY.method,
        "proofPurpose": "assertionMethod",
        "@context": document["@context"],
        **(options or {}),
    }
    members = {name: value for name, value in members.items() if value is not None}
    data = build_signing_input(document, {"cryptosuite": suite, **members}, algorithm="EdDSA")
    signature = multibase.encode_multibase(BY.signer.sign(data))
    return {**document, "proof": {**members, "proofValue": signature}}


def after(document, **changes):
    """Changed after it was signed."""
    return {**document, **changes}


def with_proof(document, **changes):
    return {**document, "proof": {**document["proof"], **changes}}


def jcs_with_other_contexts():
    """The proof names a context that the document does not begin with, and signs that."""
    document, contexts = permit(BY.did), [V2, "https://city.example/other/v1"]
    options = {**hand_made(JCS)["proof"], "@context": contexts}
    del options["proofValue"]
    signed = (options, {**document, "@context": contexts})
    data = b"".join(hashlib.sha256(rfc8785.dumps(each)).digest() for each in signed)
    value = multibase.encode_multibase(BY.signer.sign(data))
    return {**document, "proof": {**options, "proofValue": value}}


MAKERS = {
    "nothing wrong (RDFC)": hand_made,
    "nothing wrong (JCS)": lambda: hand_made(JCS),
    "a context written into the document (JCS)": lambda: hand_made(
        JCS, document=permit(BY.did, **{"@context": [V2, INLINE]})
    ),
    "no proofPurpose": lambda: hand_made(JCS, options={"proofPurpose": None}),
    "another proofPurpose": lambda: hand_made(options={"proofPurpose": "authentication"}),
    "no verificationMethod": lambda: hand_made(JCS, options={"verificationMethod": None}),
    "another proof type": lambda: hand_made(JCS, options={"type": "Ed25519Signature2020"}),
    "a cryptosuite of another hash": lambda: with_proof(hand_made(), cryptosuite=JCS),
    "the proof's contexts are others": jcs_with_other_contexts,
    "a proof that expired": lambda: hand_made(options={"expires": text_of(now() - DAY)}),
    "a created that is no time": lambda: hand_made(JCS, options={"created": "yesterday"}),
    "a member added after signing": lambda: after(hand_made(), name="A permit"),
    "an undefined term added": lambda: after(
        hand_made(document=permit(BY.did, type=["VerifiableCredential"], **_WITHOUT_TERMS)),
        zonePlate="2A-9999",
    ),
    "a proofValue in base64url": lambda: with_proof(
        hand_made(), proofValue="u" + hand_made()["proof"]["proofValue"][1:]
    ),
    "an end in the past": lambda: hand_made(
        document=permit(BY.did, validUntil=text_of(now() - DAY / 2))
    ),
    "a beginning tomorrow": lambda: hand_made(
        document=permit(BY.did, validFrom=text_of(now() + DAY))
    ),
    "another first context": lambda: hand_made(
        JCS, document=permit(BY.did, **{"@context": [EXAMPLES, V2]})
    ),
    "no VerifiableCredential": lambda: hand_made(document=permit(BY.did, type=[TYPE])),
    "an issuer that is not the key's": lambda: hand_made(
        document=permit("https://issuer.city.example/agencies/transport")
    ),
}
_WITHOUT_TERMS = {"@context": [V2], "credentialSubject": {"id": "urn:example:driver"}}
_DI, _EDDSA, _VCDM = "VC-DI 1.0", "vc-di-eddsa 1.0", "VCDM 2.0"
_SET = (
    "If one or more of proof.type, proof.verificationMethod, and proof.proofPurpose does "
    "not exist, "
    "an error MUST be raised"
)
ROWS = (
    ("nothing wrong (RDFC)", True, f"{_EDDSA} 3.2.2", "every step of it succeeds (our words)"),
    ("nothing wrong (JCS)", True, f"{_EDDSA} 3.3.2", "every step of it succeeds (our words)"),
    (
        "a context written into the document (JCS)",
        True,
        f"{_VCDM} 4.3",
        "a later item is a URL or an object (our words)",
    ),
    ("no proofPurpose", False, f"{_DI} 4.4", _SET),
    (
        "another proofPurpose",
        False,
        f"{_DI} 4.4",
        "If expectedProofPurpose was given, and it does not match proof.proofPurpose, an error "
        "MUST be raised",
    ),
    ("no verificationMethod", False, f"{_DI} 4.4", _SET),
    (
        "another proof type",
        False,
        f"{_EDDSA} 3.3.3",
        "is not set to the string DataIntegrityProof [...] an error MUST be raised",
    ),
    (
        "a cryptosuite of another hash",
        False,
        f"{_EDDSA} 3.2.2",
        "the hash is made as the named suite says (our words)",
    ),
    (
        "the proof's contexts are others",
        False,
        f"{_EDDSA} 3.3.2",
        "Check that the securedDocument.@context starts with all values contained in the "
        "proofOptions.@context in the same order. Otherwise, set verified to false",
    ),
    ("a proof that expired", False, f"{_DI} 2.1", "a proof is good until its expires (our words)"),
    (
        "a created that is no time",
        False,
        f"{_EDDSA} 3.3.5",
        "if the value is not a valid [XMLSCHEMA11-2] datetime, an error MUST be raised",
    ),
    (
        "a member added after signing",
        False,
        f"{_DI} 4.4",
        "what is signed is the whole document (our words)",
    ),
    (
        "an undefined term added",
        False,
        f"{_DI} 5",
        "MUST throw an error, which SHOULD be DATA_LOSS_DETECTION_ERROR, when data is dropped",
    ),
    (
        "a proofValue in base64url",
        False,
        f"{_EDDSA} 2.2.1",
        "a multibase value in base-58-btc (our words)",
    ),
    ("an end in the past", False, f"{_VCDM} 4.9", "it ends at validUntil (our words)"),
    ("a beginning tomorrow", False, f"{_VCDM} 4.9", "it begins at validFrom (our words)"),
    (
        "another first context",
        False,
        f"{_VCDM} 4.3",
        "MUST be an ordered set where the first item is a URL",
    ),
    (
        "no VerifiableCredential",
        False,
        f"{_VCDM} 4.5",
        "type names VerifiableCredential (our words)",
    ),
    (
        "an issuer that is not the key's",
        False,
        f"{_DI} 2.3",
        "the method is controlled by the issuer (our words)",
    ),
)
HOSTILE = tuple(Hostile(*row) for row in ROWS)
