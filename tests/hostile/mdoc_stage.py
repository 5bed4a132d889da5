"""
The stage of mdocs: one good licence, alone and in a response, and a forger who signs anything.

A `Change` alters one part while it is made, so that what stands around it still holds: digests are
of the altered items, signatures over the altered objects. Everything is fixed.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from credentials.cose import ALGORITHM_NUMBERS, sig_structure
from credentials.device_authentication import build_device_authentication
from credentials.handover import OpenID4VPHandover, build_transcript
from credentials.keys import build_public_key
from credentials.x509 import (
    MDL_DOCUMENT_SIGNER,
    build_authority_certificate,
    build_leaf_certificate,
)
from encoding import base64url
from encoding.cbor import Tagged
from tests.hostile.cbor_writing import embed, write
from tests.hostile.forms import Form
from tests.hostile.proof_stage import FixedSigner, signer_of
from tests.hostile.stage import AUDIENCE, NONCE, NOW, NOW_SECONDS, with_members

Json = dict[str, Any]

MDL: Final = "org.iso.18013.5.1.mDL"
ISO: Final = "org.iso.18013.5.1"
AGENCY_URI: Final = "https://issuer.city.example/agencies/transport"
RESPONSE_URI: Final = "https://verifier.city.example/response"
DAY: Final = timedelta(days=1)
ROOT, SIGNER = signer_of("city root", "ES256"), signer_of("transport agency", "ES256")
DEVICE, STRANGER = signer_of("phone", "ES256"), signer_of("stranger", "ES256")
SESSION: Final = OpenID4VPHandover(AUDIENCE, RESPONSE_URI, None)
ISSUED: Final = Form("mdoc", "mso_mdoc")
SHOWN: Final = Form("mdoc-response", "mso_mdoc")
BOTH: Final = (ISSUED, SHOWN)


def public(some: FixedSigner) -> Any:
    """The public key of a signer."""
    return build_public_key(some.private_key.public_key())


def sign_certificate(builder: Any, by: FixedSigner) -> bytes:
    """The certificate in DER."""
    made = builder.sign(by.private_key, SHA256(), ecdsa_deterministic=True)
    return bytes(made.public_bytes(Encoding.DER))


def _authority() -> Any:
    return build_authority_certificate(
        common_name="City root",
        public_key=public(ROOT),
        serial=1,
        valid_from=NOW - 100 * DAY,
        validity=3_650 * DAY,
        country="KH",
    ).sign(ROOT.private_key, SHA256(), ecdsa_deterministic=True)


ROOT_CERTIFICATE: Final = _authority()
ROOT_PEM: Final = ROOT_CERTIFICATE.public_bytes(Encoding.PEM).decode()
LEAF: Final = sign_certificate(
    build_leaf_certificate(
        common_name="Transport agency",
        public_key=public(SIGNER),
        authority=ROOT_CERTIFICATE,
        uris=[AGENCY_URI],
        dns_names=[],
        serial=2,
        valid_from=NOW - 10 * DAY,
        validity=365 * DAY,
        country="KH",
        uses=(MDL_DOCUMENT_SIGNER,),
    ),
    ROOT,
)


def cose_key(some: FixedSigner, **members: Any) -> dict[Any, Any]:
    """A COSE key on P-256; labels as `x_-3` are negative."""
    point = some.private_key.public_key().public_bytes(
        Encoding.X962, PublicFormat.UncompressedPoint
    )
    return {1: 2, -1: 1, -2: point[1:33], -3: point[33:]}


def tdate(text: str) -> Tagged:
    """A point in time."""
    return Tagged(0, text)


Step = Callable[[Any], Any]


@dataclass(frozen=True)
class Change:
    """What is done to the parts of one mdoc; None leaves a part as it is."""

    elements: Step | None = None
    items: Step | None = None
    """Of the list of items as maps."""
    item_bytes: Callable[[bytes], bytes] | None = None
    """Of the first item, as its digest will be."""
    shown: Step | None = None
    """Of the namespaces after their digests were taken."""
    mso: Step | None = None
    mso_bytes: Callable[[bytes], bytes] | None = None
    protected: Step | None = None
    unprotected: Step | None = None
    auth: Step | None = None
    """Of the four parts of the issuer's COSE_Sign1, signed."""
    signer: FixedSigner = SIGNER
    issued: Step | None = None
    device: Step | None = None
    """Of DeviceSigned."""
    namespaces: Any = None
    """What the device signs itself."""
    device_protected: Step | None = None
    device_by: FixedSigner = DEVICE
    session: Any = SESSION
    nonce: str = NONCE
    signed_type: str = MDL
    document: Step | None = None
    response: Step | None = None
    text: Callable[[bytes], bytes] | None = None


NOTHING: Final = Change()


def _do(step: Step | None, value: Any) -> Any:
    return step(value) if step is not None else value


def elements() -> list[tuple[str, Any]]:
    """What the licence says."""
    return [
        ("family_name", "Sok"),
        ("birth_date", Tagged(1004, "1990-04-12")),
        ("age_over_18", True),
        ("issuing_country", "KH"),
    ]


def issue(change: Change = NOTHING) -> Any:
    """An IssuerSigned, as a map."""
    items = [
        {
            "digestID": number,
            "random": hashlib.sha256(name.encode()).digest()[:16],
            "elementIdentifier": name,
            "elementValue": value,
        }
        for number, (name, value) in enumerate(_do(change.elements, elements()))
    ]
    items = _do(change.items, items)
    encoded = [write(each) for each in items]
    if change.item_bytes is not None:
        encoded[0] = change.item_bytes(encoded[0])
    digests = {
        number: hashlib.sha256(write(embed(each))).digest() for number, each in enumerate(encoded)
    }
    mso = {
        "version": "1.0",
        "digestAlgorithm": "SHA-256",
        "valueDigests": {ISO: digests},
        "deviceKeyInfo": {"deviceKey": cose_key(DEVICE)},
        "docType": MDL,
        "validityInfo": {
            "signed": tdate("2026-11-21T09:00:00Z"),
            "validFrom": tdate("2026-11-21T09:00:00Z"),
            "validUntil": tdate("2026-12-21T09:00:00Z"),
        },
    }
    inner = write(_do(change.mso, mso))
    inner = change.mso_bytes(inner) if change.mso_bytes else inner
    protected = write(_do(change.protected, {1: -7}))
    payload = write(embed(inner))
    signature = change.signer.sign(sig_structure(protected, payload))
    auth = [protected, _do(change.unprotected, {33: LEAF}), payload, signature]
    namespaces = {ISO: [embed(each) for each in encoded]}
    issued = {"nameSpaces": _do(change.shown, namespaces), "issuerAuth": _do(change.auth, auth)}
    return _do(change.issued, issued)


def respond(change: Change = NOTHING, *, issued: Any = None) -> Any:
    """A DeviceResponse, as a map."""
    namespaces = embed(change.namespaces if change.namespaces is not None else {})
    algorithm = ALGORITHM_NUMBERS[change.device_by.algorithm]
    protected = write(_do(change.device_protected, {1: algorithm}))
    signing_input = build_device_authentication(
        transcript=build_transcript(change.session, change.nonce),
        doc_type=change.signed_type,
        namespaces=namespaces.value,  # type: ignore[arg-type]
        protected=protected,
    )
    signature = [protected, {}, None, change.device_by.sign(signing_input)]
    device = {"nameSpaces": namespaces, "deviceAuth": {"deviceSignature": signature}}
    document = {
        "docType": MDL,
        "issuerSigned": issued if issued is not None else issue(change),
        "deviceSigned": _do(change.device, device),
    }
    documents = [_do(change.document, document)]
    return _do(change.response, {"version": "1.0", "documents": documents, "status": 0})


def trusted(**changes: Any) -> Json:
    """The agency, by its anchor and its key."""
    entry = {"keys": [dict(SIGNER.public_jwk)], "x5c_anchors": [ROOT_PEM], "types": [MDL]}
    return {AGENCY_URI: with_members(entry, changes)}


def line(form: Form, change: Change = NOTHING, **members: Any) -> Json:
    """A judge line of one of the two forms; a member of `...` is left out."""
    made = members.pop("made", None)
    if made is None:
        made = issue(change) if form is ISSUED else respond(change)
    data = write(made)
    data = change.text(data) if change.text else data
    usual = {
        "presentation": base64url.encode(data),
        "now": NOW_SECONDS,
        "audience": AUDIENCE,
        "nonce": NONCE,
        "handover": {"client_id": AUDIENCE, "response_uri": RESPONSE_URI},
        "require_holder_binding": form is SHOWN,
        "issuers": trusted(),
    }
    return with_members(usual, members)
