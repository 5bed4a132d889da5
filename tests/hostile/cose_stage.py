"""
The stage of COSE: a CWT view, the same with its holder's proof, `vc+cose`, `vp+cose`, a list.

Each paper is made of named parts, every one a COSE_Sign1 (`token`, `proof`, `list`). A `Change`
alters a part while it is made, so that what is signed is signed over the altered bytes.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from credentials.cose import ALGORITHM_NUMBERS, sig_structure
from encoding import base64url, compression
from encoding.cbor import Tagged
from encoding.strict_json import build_json
from tests.hostile.cbor_writing import write
from tests.hostile.forms import Form
from tests.hostile.mdoc_stage import DEVICE, SIGNER, STRANGER, cose_key, public
from tests.hostile.proof_stage import FixedSigner
from tests.hostile.stage import (
    AUDIENCE,
    CONTEXT,
    DAY,
    DID,
    HOUR,
    INDEX,
    ISSUER,
    LIST,
    NONCE,
    NOW_SECONDS,
    OTHER,
    TYPE,
    VCT,
    document,
    with_members,
)

Json = dict[str, Any]
Step = Callable[[Any], Any]
HOLDER_DID: Final = "did:jwk:" + base64url.encode(build_json(dict(DEVICE.public_jwk)))
CHALLENGE: Final = base64url.decode(NONCE)

CWT: Final = Form("cwt", "cwt")
BOUND: Final = Form("kb-cwt", "cwt")
LISTED: Final = Form("cwt-list", "statuslist+cwt")
VC: Final = Form("vc+cose", "vc+cose")
VP: Final = Form("vp+cose", "vp+cose")
PARTS: Final[Mapping[Form, tuple[str, ...]]] = {
    CWT: ("token",),
    BOUND: ("token", "proof"),
    LISTED: ("list",),
    VC: ("token",),
    VP: ("token", "proof"),
}


@dataclass(frozen=True)
class Change:
    """What is done to one COSE_Sign1; None leaves a step as it is."""

    protected: Step | None = None
    unprotected: Step | None = None
    payload: Step | None = None
    payload_bytes: Callable[[bytes], bytes] | None = None
    protected_bytes: Callable[[bytes], bytes] | None = None
    by: FixedSigner | None = None
    parts: Step | None = None
    """Of the four parts, signed."""
    message: Step | None = None
    """Of the tagged message."""


NOTHING: Final = Change()
Changes = Mapping[str, Change]


def _do(step: Step | None, value: Any) -> Any:
    return step(value) if step is not None else value


def forge(protected: Any, payload: Any, by: FixedSigner, change: Change, *, is_json: bool) -> Any:
    """A COSE_Sign1, whatever it holds."""
    by = change.by or by
    header = {1: ALGORITHM_NUMBERS[by.algorithm], **protected}
    headers = write(_do(change.protected, header))
    headers = _do(change.protected_bytes, headers)
    content = _do(change.payload, payload)
    body = build_json(content) if is_json else write(content)
    body = _do(change.payload_bytes, body)
    signature = by.sign(sig_structure(headers, body))
    parts = _do(change.parts, [headers, _do(change.unprotected, {}), body, signature])
    return _do(change.message, Tagged(18, parts))


def view_claims() -> dict[Any, Any]:
    """The claims of the CWT view."""
    return {
        1: ISSUER,
        4: NOW_SECONDS + 30 * DAY,
        6: NOW_SECONDS - DAY,
        8: {1: cose_key(DEVICE)},
        11: VCT,
        65535: {"status_list": {"idx": INDEX, "uri": LIST}},
        "plate": "2A-4417",
    }


def token(form: Form, change: Change) -> Any:
    """The issuer's part."""
    if form in (VC, VP):
        header = {3: "application/vc", 4: f"{DID}#key-1".encode(), 16: "application/vc+cose"}
        subject = {"id": HOLDER_DID, "plate": "2A-4417"}
        paper = document(credentialSubject=subject, credentialStatus=...)
        return forge(header, paper, SIGNER, change, is_json=True)
    key = base64url.decode(public(SIGNER).thumbprint)
    return forge({4: key, 16: 61}, view_claims(), SIGNER, change, is_json=False)


def present(form: Form, changes: Changes) -> Any:
    """What is presented, not yet encoded."""
    inner = token(form, changes.get("token", NOTHING))
    change = changes.get("proof", NOTHING)
    if form is BOUND:
        claims = {3: AUDIENCE, 6: NOW_SECONDS - 5, 39: CHALLENGE}
        return forge({13: inner, 16: 294}, claims, DEVICE, change, is_json=False)
    if form is VP:
        return envelop(inner, change)
    return inner


def envelop(inner: Any, change: Change = NOTHING, by: FixedSigner = DEVICE, **claims: Any) -> Any:
    """A `vp+cose` around one `vc+cose`."""
    text = base64.b64encode(write(inner)).decode()
    shown = {
        "@context": [CONTEXT],
        "type": ["VerifiablePresentation"],
        "holder": HOLDER_DID,
        "verifiableCredential": [
            {
                "@context": CONTEXT,
                "id": f"data:application/vc+cose;base64,{text}",
                "type": "EnvelopedVerifiableCredential",
            }
        ],
    }
    header = {
        3: "application/vp",
        4: f"{HOLDER_DID}#0".encode(),
        15: {3: AUDIENCE, 6: NOW_SECONDS - 5, 39: CHALLENGE},
        16: "application/vp+cose",
    }
    return forge(header, shown, by, change, is_json=True)


def list_token(change: Change = NOTHING) -> str:
    """A Token Status List in CBOR."""
    lst = compression.deflate_zlib(bytes(64))
    claims = {
        2: LIST,
        4: NOW_SECONDS + HOUR,
        6: NOW_SECONDS - 600,
        65533: {"bits": 2, "lst": lst},
        65534: 300,
    }
    key = base64url.decode(public(SIGNER).thumbprint)
    header = {4: key, 16: "application/statuslist+cwt"}
    return base64url.encode(write(forge(header, claims, SIGNER, change, is_json=False)))


def trusted(**changes: Any) -> Json:
    """The agency under both of its names, and another."""
    agency = with_members({"keys": [dict(SIGNER.public_jwk)], "types": [VCT, TYPE]}, changes)
    other = {"keys": [dict(STRANGER.public_jwk)], "types": ["https://city.example/title"]}
    return {ISSUER: agency, DID: agency, OTHER: other}


def line(form: Form, changes: Changes | None = None, **members: Any) -> Json:
    """A judge line of this form; a member of `...` is left out."""
    changes = changes or {}
    made = members.pop("made", None)
    data = write(made if made is not None else present(form, changes))
    text = members.pop("data", None)
    usual = {
        "presentation": base64url.encode(text(data) if text is not None else data),
        "now": NOW_SECONDS,
        "audience": AUDIENCE,
        "nonce": NONCE,
        "require_holder_binding": form in (BOUND, VP),
        "issuers": trusted(),
        "status_lists": {LIST: list_token(changes.get("list", NOTHING))},
    }
    return with_members(usual, members)
