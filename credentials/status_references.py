"""
Where a credential says that its status stands: Token Status List and Bitstring references, links.

Reads shape only. A mechanism that is not known here gives a reference whose URI starts with
`unsupported:`, which no list can answer.
"""

import re
from collections.abc import Mapping

from credentials.errors import Malformed
from credentials.model import Link, StatusPurpose, StatusReference
from credentials.terse_status import TYPE as TERSE
from credentials.terse_status import expand_terse_entry
from encoding.strict_json import JsonValue

MAX_INDEX = 2**53  # what JSON can carry; whether the list reaches so far is judged
MAX_LINKS = 8
MAX_STATUSES = 8

_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,15})\Z")
_PURPOSES = {
    "revocation": StatusPurpose.REVOCATION,
    "suspension": StatusPurpose.SUSPENSION,
}
_LEGACY_ENTRIES = ("StatusList2021Entry", "BitstringStatusListEntry")
# Purposes of Bitstring Status List 1.0 that say nothing about validity.
_HARMLESS = frozenset({"refresh", "message"})


def read_token_references(claims: Mapping[str, JsonValue]) -> tuple[StatusReference, ...]:
    """The `status` claim of Token Status List section 6."""
    if "status" not in claims:
        return ()
    status = claims["status"]
    if not isinstance(status, dict) or not status:
        raise _fault("status must be an object")
    references = [
        _read_token_reference(value)
        if mechanism == "status_list"
        else StatusReference(uri=f"unsupported:{mechanism}", index=0)
        for mechanism, value in status.items()
    ]
    return tuple(references)


def read_links(claims: Mapping[str, JsonValue]) -> tuple[Link, ...]:
    """The `linked` claim of a view: the credentials that it stands for."""
    linked = claims.get("linked", [])
    if not isinstance(linked, list) or len(linked) > MAX_LINKS:
        raise Malformed("linked must be a short array", detail="invalid_link")
    links = []
    for entry in linked:
        if not isinstance(entry, dict) or set(entry) != {"type", "list", "index"}:
            raise Malformed("a link has type, list and index", detail="invalid_link")
        if not isinstance(entry["type"], str) or not entry["type"]:
            raise Malformed("a link's type must be text", detail="invalid_link")
        reference = StatusReference(uri=_uri(entry["list"]), index=_index(entry["index"]))
        links.append(Link(type=entry["type"], reference=reference))
    return tuple(links)


def read_bitstring_references(document: Mapping[str, JsonValue]) -> tuple[StatusReference, ...]:
    """The `credentialStatus` of a W3C credential: bitstring and terse entries (BSL-01)."""
    value = document.get("credentialStatus", [])
    entries = value if isinstance(value, list) else [value]
    if len(entries) > MAX_STATUSES:
        raise _fault("credentialStatus has too many entries")
    return tuple(
        reference
        for entry in entries
        if isinstance(entry, dict)
        for reference in _read_entries(entry)
    )


def read_legacy_references(document: Mapping[str, JsonValue]) -> tuple[StatusReference, ...]:
    """
    The `credentialStatus` of a VCDM 1.1 credential, one or several: StatusList2021Entry, or the
    BitstringStatusListEntry that it became.
    """
    value = document.get("credentialStatus", [])
    entries = value if isinstance(value, list) else [value]
    if len(entries) > MAX_STATUSES or not all(isinstance(entry, dict) for entry in entries):
        raise _fault("credentialStatus must hold a few objects")
    references = (
        _read_entry({**entry, "type": "BitstringStatusListEntry"})
        if any(entry.get("type") in (name, [name]) for name in _LEGACY_ENTRIES)
        else StatusReference(uri="unsupported:credentialStatus", index=0)
        for entry in entries
        if isinstance(entry, dict)
    )
    return tuple(reference for reference in references if reference is not None)


def _read_entries(entry: Mapping[str, JsonValue]) -> tuple[StatusReference, ...]:
    """One reference, or none; a terse entry stands for every purpose that is about validity."""
    expanded = (
        [expand_terse_entry(entry, purpose=purpose) for purpose in _PURPOSES]
        if entry.get("type") in (TERSE, [TERSE])
        else [entry]
    )
    references = (_read_entry(each) for each in expanded)
    return tuple(reference for reference in references if reference is not None)


def _read_entry(entry: Mapping[str, JsonValue]) -> StatusReference | None:
    if entry.get("type") not in ("BitstringStatusListEntry", ["BitstringStatusListEntry"]):
        return StatusReference(uri="unsupported:credentialStatus", index=0)
    purpose = entry.get("statusPurpose")
    if not isinstance(purpose, str):
        raise _fault("statusPurpose must be a string")
    index = entry.get("statusListIndex")
    if not isinstance(index, str) or not _DECIMAL.match(index):
        raise _fault("statusListIndex must be a decimal string")
    uri = _uri(entry.get("statusListCredential"))
    if entry.get("id") == uri:
        raise _fault("a status entry has the id of its list")
    if purpose in _HARMLESS:
        return None
    size = entry.get("statusSize", 1)
    # True is equal to 1 in Python, and no number in JSON.
    if purpose not in _PURPOSES or isinstance(size, bool) or size != 1:
        return StatusReference(uri="unsupported:statusPurpose", index=0)
    return StatusReference(uri=uri, index=_index(int(index)), purpose=_PURPOSES[purpose])


def _read_token_reference(value: JsonValue) -> StatusReference:
    if not isinstance(value, dict):
        raise _fault("status_list must be an object")
    return StatusReference(uri=_uri(value.get("uri")), index=_index(value.get("idx")))


def _uri(value: JsonValue) -> str:
    if not isinstance(value, str) or ":" not in value or len(value) > 4096:
        raise _fault("a list must be named by a URI")
    return value


def _index(value: JsonValue) -> int:
    if type(value) is not int or not 0 <= value < MAX_INDEX:
        raise _fault("an index must be a whole number within a list")
    return value


def _fault(message: str) -> Malformed:
    return Malformed(message, detail="invalid_status_reference")
