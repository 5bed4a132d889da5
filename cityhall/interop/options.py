"""
Request bodies of VCALM, read strictly: JSON only, known members and options only (VCALM-01).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from credentials.errors import Malformed
from encoding import errors as encoding_errors
from encoding.strict_json import JsonValue, parse_object

MAX_BODY: Final = 262_144
MAX_POINTERS: Final = 256
CHECKS: Final = ("proof", "credentialStatus")


@dataclass(frozen=True, slots=True)
class IssueOptions:
    """What a credential shall be issued with; None: no pointers were named."""

    mandatory_pointers: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class ProofOptions:
    """What a proof is to answer, or must answer. `needs_status`: the status must be told."""

    challenge: str | None
    domain: str | None
    needs_status: bool


def read_body(data: bytes, *, member: str) -> tuple[JsonValue, Mapping[str, JsonValue]]:
    """The one member that the request is about, and its options."""
    try:
        body = parse_object(data, max_bytes=MAX_BODY)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    unknown = body.keys() - {member, "options"}
    if unknown or member not in body:
        raise Malformed(f"a body holds {member} and options", detail="invalid_body")
    options = body.get("options", {})
    if not isinstance(options, dict):
        raise Malformed("options must be an object", detail="invalid_options")
    return body[member], options


def read_issue_options(options: Mapping[str, JsonValue]) -> IssueOptions:
    """Options of `/credentials/issue`."""
    _refuse_unknown(options, {"mandatoryPointers"})
    if "mandatoryPointers" not in options:
        return IssueOptions(None)
    return IssueOptions(_read_pointers(options, "mandatoryPointers"))


def read_derive_options(options: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """Options of `/credentials/derive`: the pointers to what is shown."""
    _refuse_unknown(options, {"selectivePointers"})
    return _read_pointers(options, "selectivePointers")


def _read_pointers(options: Mapping[str, JsonValue], name: str) -> tuple[str, ...]:
    pointers = options.get(name)
    if not isinstance(pointers, list) or len(pointers) > MAX_POINTERS:
        raise Malformed(f"{name} must be a list", detail="invalid_options")
    texts = tuple(each for each in pointers if isinstance(each, str))
    if len(texts) != len(pointers):
        raise Malformed("a pointer must be text", detail="invalid_options")
    return texts


def read_proof_options(options: Mapping[str, JsonValue]) -> ProofOptions:
    """Options of the other endpoints. `checks` may ask for more than is checked anyway."""
    _refuse_unknown(options, {"challenge", "domain", "checks"})
    checks = options.get("checks", [])
    if not isinstance(checks, list) or any(each not in CHECKS for each in checks):
        raise Malformed("checks must be a list of known checks", detail="invalid_options")
    return ProofOptions(
        challenge=_read_text(options, "challenge"),
        domain=_read_text(options, "domain"),
        needs_status="credentialStatus" in checks,
    )


def _refuse_unknown(options: Mapping[str, JsonValue], known: Collection[str]) -> None:
    unknown = sorted(options.keys() - set(known))
    if unknown:
        raise Malformed("an option is not known", detail="unknown_option")


def _read_text(options: Mapping[str, JsonValue], name: str) -> str | None:
    value = options.get(name)
    if value is not None and (not isinstance(value, str) or not value):
        raise Malformed(f"the option {name} must be text", detail="invalid_options")
    return value if isinstance(value, str) else None


def read_status_change(data: bytes) -> tuple[str, bool]:
    """The body of `/credentials/status`: whose status, and whether it is set or cleared."""
    try:
        body = parse_object(data, max_bytes=MAX_BODY)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    _refuse_unknown(body, {"credentialId", "credentialStatus", "status"})
    name, entry, status = body.get("credentialId"), body.get("credentialStatus"), body.get("status")
    if not isinstance(name, str) or not isinstance(status, bool) or not isinstance(entry, dict):
        raise Malformed("a change names a credential and a status", detail="invalid_body")
    if (entry.get("type"), entry.get("statusPurpose")) != (
        "BitstringStatusListEntry",
        "revocation",
    ):
        raise Malformed("only revocation is kept here", detail="invalid_body")
    return name, status
