"""
The form of a credential type: fields from its claims, and claims from what an officer typed.

Pure: no request, no database. What cannot be a value stays as it was typed, with the fault beside
its field. The lint before the offer judges the claims once more.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from credentials.catalog import ClaimType, CredentialType
from credentials.claim_kinds import check_kind
from encoding.strict_json import JsonValue

PREFIX = "claim."
YES, NO = "yes", "no"
_INTEGER = re.compile(r"-?\d{1,15}\Z")
_IMAGE_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"RIFF", "image/webp"),
)


@dataclass(frozen=True, slots=True)
class Field:
    """One claim that is filled in. `fault` names a text, None: nothing is wrong."""

    name: str
    claim: ClaimType
    text: str
    fault: str | None

    @property
    def element_id(self) -> str:
        """The id of its input."""
        return self.name.replace(".", "-")


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together; `claim` is the object that holds them, None at the top."""

    claim: ClaimType | None
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """What an officer typed, and what it means."""

    texts: Mapping[str, str] = field(default_factory=dict)
    claims: Mapping[str, JsonValue] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)


def build_groups(credential_type: CredentialType, filled: Filled) -> tuple[Group, ...]:
    """The form: what stands at the top first, then each object."""
    claims = credential_type.claims
    parents = [None, *(claim for claim in claims if claim.kind == "object")]
    groups = []
    for parent in parents:
        place = () if parent is None else parent.path
        fields = tuple(
            _build_field(claim, filled)
            for claim in claims
            if claim.path[:-1] == place and claim.kind != "object"
        )
        if fields:
            groups.append(Group(parent, fields))
    return tuple(groups)


def fill_with_example(credential_type: CredentialType) -> Filled:
    """The type's own example, as an officer would have typed it."""
    texts = {
        _field_name(claim): _build_text(claim)
        for claim in credential_type.claims
        if claim.kind != "object" and claim.example is not None
    }
    return Filled(texts=texts)


def parse_form(
    credential_type: CredentialType, sent: Mapping[str, str], images: Mapping[str, bytes]
) -> Filled:
    """Texts to claims. An image that was just chosen goes before one that was kept."""
    texts: dict[str, str] = {}
    for claim in credential_type.claims:
        name = _field_name(claim)
        if claim.kind == "image" and images.get(name):
            texts[name] = _build_data_url(images[name])
        elif claim.kind != "object":
            texts[name] = sent.get(name, "").strip()
    faults: dict[str, str] = {}
    claims = _parse_members(credential_type, (), texts, faults)
    return Filled(texts=texts, claims=claims, faults=faults)


def _parse_members(
    credential_type: CredentialType,
    place: tuple[str, ...],
    texts: Mapping[str, str],
    faults: dict[str, str],
) -> dict[str, JsonValue]:
    members: dict[str, JsonValue] = {}
    for claim in credential_type.claims:
        if claim.path[:-1] != place:
            continue
        if claim.kind == "object":
            inner_faults: dict[str, str] = {}
            inner = _parse_members(credential_type, claim.path, texts, inner_faults)
            # An object that may be left out and was not begun is not missed.
            if inner or claim.required:
                members[claim.path[-1]] = inner
                faults.update(inner_faults)
            continue
        name = _field_name(claim)
        value = _parse_text(claim, texts[name])
        fault = _find_fault(claim, value)
        if fault is not None:
            faults[name] = fault
        elif value is not None:
            members[claim.path[-1]] = value
    return members


def _find_fault(claim: ClaimType, value: JsonValue) -> str | None:
    if value is None:
        return "missing" if claim.required else None
    return claim.kind if check_kind(value, kind=claim.kind, items=claim.items) else None


def _parse_text(claim: ClaimType, text: str) -> JsonValue:
    """The value, the text itself when it cannot be one, None when nothing was typed."""
    if not text:
        return None
    if claim.kind == "array" and claim.items is not None:
        lines = (line.strip() for line in text.splitlines())
        return [_parse_one(claim.items, line) for line in lines if line]
    return _parse_one(claim.kind, text)


def _parse_one(kind: str, text: str) -> JsonValue:
    if kind == "integer" and _INTEGER.match(text):
        return int(text)
    if kind == "boolean" and text in (YES, NO):
        return text == YES
    return text


def _build_field(claim: ClaimType, filled: Filled) -> Field:
    name = _field_name(claim)
    return Field(name, claim, filled.texts.get(name, ""), filled.faults.get(name))


def _field_name(claim: ClaimType) -> str:
    return PREFIX + ".".join(claim.path)


def _build_text(claim: ClaimType) -> str:
    if isinstance(claim.example, list):
        return "\n".join(str(element) for element in claim.example)
    if isinstance(claim.example, bool):
        return YES if claim.example else NO
    return str(claim.example)


def _build_data_url(content: bytes) -> str:
    """By its first bytes, not by what the browser calls it."""
    for start, media_type in _IMAGE_STARTS:
        if content.startswith(start):
            return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
    return "data:,"
