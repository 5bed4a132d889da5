"""
The Mobile Security Object: what the issuer of an mdoc signs (ISO 18013-5 section 9.1.2.4).

It holds a digest of every element, so that a holder may show some of them; the key of the
device; the times; and where the status stands (Token Status List section 6.3).
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from credentials.cose import build_cose_key, build_value, parse_cose_key, parse_value
from credentials.errors import Malformed
from credentials.keys import PublicKey
from credentials.mdoc_values import (
    build_json,
    build_tdate,
    parse_embedded,
    parse_map,
    parse_tdate,
)
from credentials.model import StatusReference
from credentials.status_references import read_token_references
from encoding.cbor import CborKey, CborValue

VERSION: Final = "1.0"
DIGEST_ALGORITHM: Final = "SHA-256"

# ISO 18013-5 table 21.
_HASHES = {"SHA-256": hashlib.sha256, "SHA-384": hashlib.sha384, "SHA-512": hashlib.sha512}


@dataclass(frozen=True, slots=True)
class Authorizations:
    """What the device may sign itself: every element of `namespaces`, and these `elements`."""

    namespaces: frozenset[str]
    elements: frozenset[tuple[str, str]]

    def allows(self, namespace: str, element: str) -> bool:
        """Whether the issuer lets the device sign this element."""
        return namespace in self.namespaces or (namespace, element) in self.elements


_NONE = Authorizations(frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class MobileSecurityObject:
    """As read. `digests`: namespace to digest id to digest, not yet looked at one by one."""

    doc_type: str
    digest_algorithm: str
    digests: Mapping[str, CborValue]
    device_key: PublicKey
    authorizations: Authorizations
    signed: datetime
    valid_from: datetime
    valid_until: datetime
    statuses: tuple[StatusReference, ...]

    def alteration(self, namespace: str, number: int, item: bytes) -> str | None:
        """Why this IssuerSignedItemBytes is not what was signed, or None."""
        digests = self.digests.get(namespace)
        expected = digests.get(number) if isinstance(digests, dict) else None
        if expected is None:
            return "digest_missing"
        found = _HASHES[self.digest_algorithm](item).digest()
        return None if found == expected else "digest_mismatch"


def parse_mso(payload: bytes) -> MobileSecurityObject:
    """Read the payload of an IssuerAuth: the object embedded in tag 24."""
    members = parse_map(parse_value(parse_embedded(parse_value(payload))))
    check_version(members.get("version"))
    algorithm = members.get("digestAlgorithm")
    if not isinstance(algorithm, str) or algorithm not in _HASHES:
        raise Malformed("the digests are of an unknown kind", detail="unsupported_digest")
    device, validity = parse_map(members.get("deviceKeyInfo")), members.get("validityInfo")
    times = parse_map(validity)
    return MobileSecurityObject(
        doc_type=parse_name(members.get("docType")),
        digest_algorithm=algorithm,
        digests=parse_map(members.get("valueDigests")),
        device_key=parse_cose_key(device.get("deviceKey")),
        authorizations=_parse_authorizations(device["keyAuthorizations"])
        if "keyAuthorizations" in device
        else _NONE,
        signed=parse_tdate(times.get("signed")),
        valid_from=parse_tdate(times.get("validFrom")),
        valid_until=parse_tdate(times.get("validUntil")),
        statuses=read_token_references({"status": build_json(members["status"])})
        if "status" in members
        else (),
    )


def build_mso(
    *,
    doc_type: str,
    digests: Mapping[str, Mapping[int, bytes]],
    device_key: PublicKey,
    signed: datetime,
    valid_from: datetime,
    valid_until: datetime,
    status: StatusReference | None,
) -> bytes:
    """The object, encoded; the digests are of SHA-256."""
    members: dict[CborKey, CborValue] = {
        "version": VERSION,
        "digestAlgorithm": DIGEST_ALGORITHM,
        "valueDigests": {name: dict(each.items()) for name, each in digests.items()},
        "deviceKeyInfo": {"deviceKey": build_cose_key(device_key)},
        "docType": doc_type,
        "validityInfo": {
            "signed": build_tdate(signed),
            "validFrom": build_tdate(valid_from),
            "validUntil": build_tdate(valid_until),
        },
    }
    if status is not None:
        members["status"] = {"status_list": {"idx": status.index, "uri": status.uri}}
    return build_value(members)


def check_version(value: CborValue) -> None:
    """Every 1.x is read: what a later one adds is not understood and not needed."""
    if not isinstance(value, str) or not value.startswith("1.") or not value[2:].isdecimal():
        raise Malformed("this version is not known", detail="unsupported_version")


def parse_name(value: CborValue) -> str:
    """A document type, a namespace or an element name."""
    if not isinstance(value, str) or not value:
        raise Malformed("a name must be text", detail="invalid_mdoc")
    return value


def _parse_authorizations(value: CborValue) -> Authorizations:
    members = parse_map(value)
    namespaces = _parse_names(members.get("nameSpaces", []))
    elements = parse_map(members.get("dataElements", {}))
    return Authorizations(
        namespaces=frozenset(namespaces),
        elements=frozenset(
            (namespace, element)
            for namespace, names in elements.items()
            for element in _parse_names(names)
        ),
    )


def _parse_names(value: CborValue) -> Collection[str]:
    if not isinstance(value, list):
        raise Malformed("names must be an array", detail="invalid_mdoc")
    return [parse_name(each) for each in value]
