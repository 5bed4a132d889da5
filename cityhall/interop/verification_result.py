"""
What the verification of a credential gives beside its errors: VCDM 2.0 section 7.1 (VCDM-13).

`document` is what may be believed, without its proof; it is null whenever `status` is false, so
that nobody works with what did not hold. `controller` is who signed, with the document that says
so where the name itself is a key; one that would have to be fetched is not.
"""

from collections.abc import Mapping
from typing import Final

from credentials.dids import is_key_did, resolve_key_did
from credentials.errors import Malformed
from credentials.model import Credential
from encoding.strict_json import JsonValue

MEDIA_TYPE: Final = "application/vc"


def build_result(credential: Credential | None, *, is_verified: bool) -> dict[str, JsonValue]:
    """The members of the result but for `errors` and `warnings`."""
    if credential is None or credential.document is None or not is_verified:
        return {
            "status": False,
            "document": None,
            "mediaType": None,
            "controller": None,
            "controlledIdentifierDocument": None,
        }
    return {
        "status": True,
        "document": _without_proof(credential.document),
        "mediaType": MEDIA_TYPE,
        "controller": credential.issuer,
        "controlledIdentifierDocument": _describe(credential.issuer),
    }


def _without_proof(document: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {name: value for name, value in document.items() if name != "proof"}


def _describe(controller: str) -> JsonValue:
    """The controlled identifier document of a DID that is a key; null for any other."""
    if not is_key_did(controller):
        return None
    try:
        return resolve_key_did(controller)
    except Malformed:
        return None
