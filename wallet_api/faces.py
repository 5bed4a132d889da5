"""
The face of a card: what a resident sees of a credential, with labels by language.

Labels come from the issuer's metadata at the time of receipt (VCI-I-06); a claim without one is
called by its own name. Faces are values; screens escape them (VCI-W-11).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from credentials.model import Credential, StatusReference
from credentials.verdict import format_instant
from encoding.strict_json import JsonValue
from openid4vc.metadata import CredentialConfiguration
from wallet_api.details import ClaimLabel, OfferedCredential, Party

Path = tuple[str | int, ...]

_SUBJECT = "credentialSubject"
_HIDDEN = frozenset({"id"})
"""The subject's `id` is the holder's key, which says nothing to a person."""


def describe_configuration(configuration: CredentialConfiguration) -> OfferedCredential:
    """An offered configuration as the wallet remembers it."""
    types = [configuration.vct] if configuration.vct else list(configuration.types)
    type_name = configuration.id.removesuffix(f".{configuration.format}")
    labels = {display.locale or "en": display.name for display in configuration.display}
    return OfferedCredential(
        id=configuration.id,
        type=type_name,
        format=configuration.format,
        types=types,
        label=labels or {"en": _words(type_name)},
        claims=[
            ClaimLabel(
                path=list(claim.path),
                label={display.locale or "en": display.name for display in claim.display},
            )
            for claim in configuration.claims
        ],
        binding="jwk" if "jwk" in configuration.binding_methods else "did:jwk",
    )


def build_face(
    credential: Credential, offered: OfferedCredential, *, issuer: Party, is_view: bool
) -> dict[str, JsonValue]:
    """The card as JSON, in the order in which the issuer lists the claims."""
    return {
        "type": offered.type,
        "types": list(credential.types),
        "format": credential.format.value,
        "label": dict(offered.label),
        "issuer": issuer.model_dump(mode="json"),
        "claims": [
            {"path": list(path), "label": {**claim_label(path, offered.claims)}, "value": value}
            for path, value in order_claims(credential.claims, offered.claims)
        ],
        "valid_from": _instant(credential.valid_from),
        "valid_until": _instant(credential.valid_until),
        "statuses": [_status(reference) for reference in credential.statuses],
        "is_view": is_view,
    }


def claim_label(path: Sequence[str | int | None], labels: Sequence[ClaimLabel]) -> dict[str, str]:
    """What to call the claim at this path, by language."""
    bare = [part for part in path if part != _SUBJECT]
    for known in labels:
        if known.label and [part for part in known.path if part != _SUBJECT] == bare:
            return dict(known.label)
    names = [part for part in bare if isinstance(part, str)]
    return {"en": _words(names[-1])} if names else {"en": "Value"}


def order_claims(
    claims: Mapping[str, JsonValue], labels: Sequence[ClaimLabel]
) -> list[tuple[Path, JsonValue]]:
    """Every leaf of the claims with its path, listed ones first."""
    listed = [tuple(part for part in label.path if part != _SUBJECT) for label in labels]
    leaves = [(path, value) for path, value in _leaves(claims) if path[0] not in _HIDDEN]

    def rank(item: tuple[Path, JsonValue]) -> int:
        return listed.index(item[0]) if item[0] in listed else len(listed)

    return sorted(leaves, key=rank)


def _leaves(claims: Mapping[str, JsonValue], before: Path = ()) -> Iterator[tuple[Path, JsonValue]]:
    """Depth is bounded by the strict reader. Lists are shown whole."""
    for name, value in claims.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*before, name))
        else:
            yield (*before, name), value


def _words(name: str) -> str:
    spaced = name.replace("_", " ").replace("-", " ").strip()
    return spaced[:1].upper() + spaced[1:]


def _instant(instant: datetime | None) -> str | None:
    return format_instant(instant) if instant is not None else None


def _status(reference: StatusReference) -> dict[str, JsonValue]:
    return {
        "uri": reference.uri,
        "index": reference.index,
        "purpose": reference.purpose.value,
    }


def face_labels(face: Mapping[str, JsonValue]) -> list[ClaimLabel]:
    """The claim labels that a stored face carries."""
    claims = face.get("claims")
    if not isinstance(claims, list):
        return []
    return [
        ClaimLabel.model_validate({"path": one["path"], "label": one["label"]})
        for one in claims
        if isinstance(one, dict)
    ]
