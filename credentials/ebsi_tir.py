"""
The trust registry in the shapes of EBSI's Trusted Issuers Registry API, version 5, read only.

An issuer has one attribute for each type; the attribute's id and `hash` are the digest of the
trust leaf that says the same (`trust_projection`). `body` is base64 of a JSON object, which says
what the leaf says; it is no signed accreditation: the signature is on the epoch that holds the
leaf. `issuerType` is TI: the city accredits, agencies issue, nobody in between. Only identifiers
that are DIDs are shown, as there. Pure.
"""

import base64
import hashlib
from collections.abc import Sequence
from typing import Final

from credentials.trust_leaf import TrustStatement, build_trust_content
from encoding import base64url
from encoding.strict_json import JsonValue, canonical_json

DEFAULT_SIZE: Final = 10
MAX_SIZE: Final = 50
TRUSTED_ISSUER: Final = "TI"


def list_dids(statements: Sequence[TrustStatement]) -> list[str]:
    """Every DID that is stated, in order."""
    return sorted({each.identifier for each in statements if each.identifier.startswith("did:")})


def attribute_id(statement: TrustStatement) -> str:
    """The digest of the leaf, as hexadecimal text."""
    return "0x" + hashlib.sha256(build_trust_content(statement)).hexdigest()


def build_attribute(statement: TrustStatement, *, city: str) -> dict[str, JsonValue]:
    """One attribute: `tao` and `rootTao` name the city."""
    body: dict[str, JsonValue] = {
        "did": statement.identifier,
        "credentialType": statement.type,
        "validFrom": statement.not_before,
        "validUntil": statement.not_after,
        "credentialKeys": [base64url.encode(each) for each in statement.credential_keys],
        "statusKeys": [base64url.encode(each) for each in statement.status_keys],
        "accreditation": base64url.encode(statement.accreditation),
    }
    return {
        "hash": attribute_id(statement)[2:],
        "body": base64.b64encode(canonical_json(body)).decode(),
        "issuerType": TRUSTED_ISSUER,
        "tao": city,
        "rootTao": city,
    }


def build_issuer(
    statements: Sequence[TrustStatement], did: str, *, city: str
) -> dict[str, JsonValue] | None:
    """An issuer with its attributes; None: the registry has none under this DID."""
    own = [each for each in statements if each.identifier == did]
    if not own or not did.startswith("did:"):
        return None
    return {"did": did, "attributes": [build_attribute(each, city=city) for each in own]}


def build_page(
    items: Sequence[JsonValue], *, address: str, number: int, size: int
) -> dict[str, JsonValue]:
    """A page of a collection, counted from 1, with the links to its neighbours."""
    last = max(1, -(-len(items) // size))

    def link(page: int) -> str:
        return f"{address}?page[after]={min(max(page, 1), last)}&page[size]={size}"

    start = (number - 1) * size
    return {
        "self": f"{address}?page[after]={number}&page[size]={size}",
        "items": [*items[start : start + size]],
        "total": len(items),
        "pageSize": size,
        "links": {
            "first": link(1),
            "prev": link(number - 1),
            "next": link(number + 1),
            "last": link(last),
        },
    }
