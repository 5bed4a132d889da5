"""
What type metadata says of a claim, and whether a credential keeps to it.

SD-JWT VC "Claim Metadata" (SDVC-M-02, M-04). Paths are walked over the credential as it was
issued: an element that was not disclosed still counts in its array, and a claim that may be hidden
behind a digest is never called missing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from credentials.disclosures import RESERVED, Disclosure
from credentials.display_metadata import ClaimDisplay, parse_claim_displays
from credentials.errors import Malformed
from credentials.sd_jwt import SdJwt
from encoding.strict_json import JsonValue

MAX_CLAIMS = 512
MAX_PATH = 32
MAX_SELECTED = 4096
"""Places that the paths of one document may reach in one credential."""
MAX_PASSED = 32_768
"""Places that they may pass on their way there."""

Path = tuple[str | int | None, ...]
_CHOICES = frozenset({"always", "allowed", "never"})
_SVG_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class ClaimMetadata:
    """One claim. None means not said here, so that an extending type can be told from a silent."""

    path: Path
    displays: tuple[ClaimDisplay, ...] | None
    mandatory: bool | None
    sd: str | None
    svg_id: str | None


@dataclass(frozen=True, slots=True)
class _Found:
    """A value that a path reached; `value` is None with `is_hidden` when nobody disclosed it."""

    value: JsonValue
    is_disclosable: bool
    is_hidden: bool = False


def parse_claims(value: JsonValue) -> tuple[ClaimMetadata, ...]:
    """The `claims` of a document."""
    if not isinstance(value, list) or len(value) > MAX_CLAIMS:
        raise _fault("claims must be a short array")
    claims = tuple(_parse_claim(each) for each in value)
    svg_ids = [claim.svg_id for claim in claims if claim.svg_id is not None]
    if len({claim.path for claim in claims}) != len(claims) or len(set(svg_ids)) != len(svg_ids):
        raise _fault("two claims share a path or an svg_id")
    return claims


def tighten(base: ClaimMetadata, child: ClaimMetadata) -> ClaimMetadata:
    """The claim of an extending type over the one that it extends; nothing may be loosened."""
    if base.sd in {"always", "never"} and child.sd not in {None, base.sd}:
        raise Malformed("a type changes whether a claim can be hidden", detail="loosened_claim")
    if base.mandatory and child.mandatory is False:
        raise Malformed("a type makes a claim optional", detail="loosened_claim")
    return replace(
        base,
        displays=base.displays if child.displays is None else child.displays,
        mandatory=base.mandatory if child.mandatory is None else child.mandatory,
        sd=base.sd if child.sd is None else child.sd,
        svg_id=base.svg_id if child.svg_id is None else child.svg_id,
    )


def check_claims(sd_jwt: SdJwt, claims: Sequence[ClaimMetadata], *, is_complete: bool) -> None:
    """
    Refuse a credential that is not as its type says.

    `is_complete` is for a holder, who has every disclosure. The SD-JWT must have been processed
    before, so that its digests are known to be sound.
    """
    by_digest = {each.digest: each for each in sd_jwt.disclosures}
    budget, passes = MAX_SELECTED, MAX_PASSED
    for claim in claims:
        found, doubt, passed = _select(sd_jwt.jws.payload, claim.path, by_digest)
        budget -= len(found) + 1
        passes -= passed
        if budget < 0 or passes < 0:
            raise Malformed("claim paths reach too many places", detail="too_large")
        if claim.mandatory and not found and (is_complete or not doubt):
            raise Malformed("a mandatory claim was not issued", detail="mandatory_claim_missing")
        wanted = {"always": True, "never": False}.get(claim.sd or "allowed")
        if wanted is not None and any(each.is_disclosable != wanted for each in found):
            raise Malformed(
                "a claim can be hidden or not as it must", detail="wrong_disclosability"
            )


def select_values(sd_jwt: SdJwt, path: Path) -> tuple[JsonValue, ...]:
    """What a path reaches among the disclosed claims, for display."""
    by_digest = {each.digest: each for each in sd_jwt.disclosures}
    found, _, _ = _select(sd_jwt.jws.payload, path, by_digest)
    return tuple(each.value for each in found if not each.is_hidden)


def _select(
    payload: Mapping[str, JsonValue], path: Path, by_digest: Mapping[str, Disclosure]
) -> tuple[list[_Found], bool, int]:
    """
    What a path reaches, whether more could lie behind digests that nobody disclosed, and how many
    places it passed.
    """
    found = [_Found(dict(payload), is_disclosable=False)]
    doubt, passed = False, 0
    for step in path:
        reached: list[_Found] = []
        passed += len(found)
        for each in found:
            if each.is_hidden:
                doubt = True
            elif isinstance(step, str):
                member, hides_more = _find_member(each.value, step, by_digest)
                reached += [member] if member is not None else []
                doubt = doubt or (member is None and hides_more)
            else:
                reached += _list_elements(each.value, step, by_digest)
        found = reached
        if len(found) > MAX_SELECTED:
            raise Malformed("a claim path reaches too many places", detail="too_large")
    return found, doubt, passed


def _find_member(
    value: JsonValue, name: str, by_digest: Mapping[str, Disclosure]
) -> tuple[_Found | None, bool]:
    if not isinstance(value, dict):
        raise Malformed("a claim path expects an object", detail="claim_path_mismatch")
    digests = value.get("_sd", [])
    listed = [str(each) for each in digests] if isinstance(digests, list) else []
    if name in value and name not in RESERVED:
        return _Found(value[name], is_disclosable=False), False
    for digest in listed:
        disclosure = by_digest.get(digest)
        if disclosure is not None and disclosure.name == name:
            return _Found(disclosure.value, is_disclosable=True), False
    return None, any(digest not in by_digest for digest in listed)


def _list_elements(
    value: JsonValue, place: int | None, by_digest: Mapping[str, Disclosure]
) -> list[_Found]:
    """One element or all, as issued: those that were not disclosed keep their place."""
    if not isinstance(value, list):
        raise Malformed("a claim path expects an array", detail="claim_path_mismatch")
    elements: list[_Found] = []
    for element in value if place is None else value[place : place + 1]:
        if not isinstance(element, dict) or "..." not in element:
            elements.append(_Found(element, is_disclosable=False))
        elif (disclosure := by_digest.get(str(element["..."]))) is not None:
            elements.append(_Found(disclosure.value, is_disclosable=True))
        else:
            elements.append(_Found(None, is_disclosable=True, is_hidden=True))
    return elements


def _parse_claim(value: JsonValue) -> ClaimMetadata:
    if not isinstance(value, dict):
        raise _fault("a claim must be an object")
    mandatory, sd, svg_id = (value.get(name) for name in ("mandatory", "sd", "svg_id"))
    if "mandatory" in value and not isinstance(mandatory, bool):
        raise _fault("mandatory must be true or false")
    if "sd" in value and not (isinstance(sd, str) and sd in _CHOICES):
        raise _fault("sd must be always, allowed or never")
    if "svg_id" in value and not (isinstance(svg_id, str) and _SVG_ID.match(svg_id)):
        raise _fault("an svg_id must be a name")
    displays = value.get("display")
    return ClaimMetadata(
        path=_parse_path(value.get("path")),
        displays=parse_claim_displays(displays) if "display" in value else None,
        mandatory=mandatory if isinstance(mandatory, bool) else None,
        sd=sd if isinstance(sd, str) else None,
        svg_id=svg_id if isinstance(svg_id, str) else None,
    )


def _parse_path(value: JsonValue) -> Path:
    if not isinstance(value, list) or not 0 < len(value) <= MAX_PATH:
        raise _fault("a path must be a short array")
    path: list[str | int | None] = []
    for step in value:
        is_index = isinstance(step, int) and not isinstance(step, bool) and step >= 0
        if not (step is None or isinstance(step, str) or is_index):
            raise _fault("a path holds names, indexes and null")
        path.append(step if step is None or isinstance(step, str) else int(str(step)))
    return tuple(path)


def _fault(message: str) -> Malformed:
    return Malformed(message, detail="invalid_type_metadata")
