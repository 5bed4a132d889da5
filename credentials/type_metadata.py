"""
SD-JWT VC type metadata: one document, and the chain of those that it extends.

SD-JWT VC section "SD-JWT VC Type Metadata" (SDVC-M-02 to M-04, S-049). Nothing here fetches:
documents are handed in as bytes by the name of their type. A chain is processed in full or not at
all: one that is missing, of another type, altered, circular or too long is refused.
Unknown properties are ignored, known ones must be right.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from credentials.claim_metadata import ClaimMetadata, check_claims, parse_claims, tighten
from credentials.display_metadata import TypeDisplay, parse_displays
from credentials.errors import Malformed
from credentials.integrity import check_integrity, read_integrity
from credentials.sd_jwt import SdJwt
from encoding import errors as encoding_errors
from encoding import strict_json
from encoding.strict_json import JsonValue

MAX_DOCUMENT = 262_144
MAX_CHAIN = 8


@dataclass(frozen=True, slots=True)
class TypeMetadata:
    """What is said of a type; after `process_type_metadata`, with all that it inherits."""

    vct: str
    name: str | None
    description: str | None
    extends: str | None
    extends_integrity: str | None
    displays: tuple[TypeDisplay, ...] | None
    claims: tuple[ClaimMetadata, ...]
    lineage: tuple[str, ...] = ()
    """This type and all that it extends, nearest first."""

    def claim_of_svg_id(self, svg_id: str) -> ClaimMetadata | None:
        """The claim that a placeholder in an SVG template names."""
        for claim in self.claims:
            if claim.svg_id == svg_id:
                return claim
        return None


def parse_type_metadata(data: bytes, *, vct: str) -> TypeMetadata:
    """Read one document, which must be about exactly this type."""
    try:
        document = strict_json.parse_object(data, max_bytes=MAX_DOCUMENT)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    if document.get("vct") != vct:
        raise Malformed("type metadata is about another type", detail="another_vct")
    extends = _text(document, "extends")
    displays = document.get("display")
    return TypeMetadata(
        vct=vct,
        name=_text(document, "name"),
        description=_text(document, "description"),
        extends=extends,
        extends_integrity=read_integrity(document, "extends"),
        displays=None if "display" not in document else parse_displays(displays),
        claims=parse_claims(document.get("claims", [])),
        lineage=(vct,),
    )


def process_type_metadata(
    vct: str, *, integrity: str | None, documents: Mapping[str, bytes]
) -> TypeMetadata:
    """
    The effective metadata of a type, with everything inherited.

    `integrity` is the credential's `vct#integrity`, None when it has none. `documents` holds the
    bytes of each type of the chain under its `vct`.
    """
    chain = tuple(_collect_chain(vct, integrity=integrity, documents=documents))
    effective = chain[-1]
    for child in reversed(chain[:-1]):
        effective = _extend(effective, child)
    return effective


def check_type(sd_jwt: SdJwt, *, documents: Mapping[str, bytes], is_complete: bool) -> TypeMetadata:
    """
    Refuse an SD-JWT VC that is not as its type says; give the metadata that it was held against.

    For a holder `is_complete`, for a verifier not. What a type extends gives no issuer the right
    to issue it, nor does a claim `aka_vcts`: who may issue what says the trust registry.
    """
    vct = sd_jwt.jws.payload.get("vct")
    if not isinstance(vct, str):
        raise Malformed("vct must be a string", detail="missing_vct")
    integrity = read_integrity(sd_jwt.jws.payload, "vct")
    metadata = process_type_metadata(vct, integrity=integrity, documents=documents)
    check_claims(sd_jwt, metadata.claims, is_complete=is_complete)
    return metadata


def required_documents(vct: str, *, documents: Mapping[str, bytes]) -> str | None:
    """The type whose document must be brought next; None when the chain is complete."""
    try:
        process_type_metadata(vct, integrity=None, documents=documents)
    except MissingDocument as missing:
        return missing.vct
    return None


class MissingDocument(Malformed):
    """The chain names a type whose document was not handed in."""

    def __init__(self, vct: str) -> None:
        super().__init__("the metadata of a type is not at hand", detail="type_metadata_missing")
        self.vct = vct


def _collect_chain(
    vct: str, *, integrity: str | None, documents: Mapping[str, bytes]
) -> Iterator[TypeMetadata]:
    """The documents from the type to the one that extends nothing."""
    seen: set[str] = set()
    name: str | None = vct
    while name is not None:
        if name in seen:
            raise Malformed("types extend each other in a circle", detail="circular_extends")
        seen.add(name)
        if len(seen) > MAX_CHAIN:
            raise Malformed(f"more than {MAX_CHAIN} types extend", detail="too_many_types")
        data = documents.get(name)
        if data is None:
            raise MissingDocument(name)
        if integrity is not None:
            check_integrity(integrity, data)
        metadata = parse_type_metadata(data, vct=name)
        yield metadata
        name, integrity = metadata.extends, metadata.extends_integrity


def _extend(base: TypeMetadata, child: TypeMetadata) -> TypeMetadata:
    """The child with all that it inherits: displays as a whole, claims one by one."""
    return replace(
        child,
        displays=base.displays if child.displays is None else child.displays,
        claims=_merge_claims(base.claims, child.claims),
        lineage=(*child.lineage, *base.lineage),
    )


def _merge_claims(
    base: Sequence[ClaimMetadata], child: Sequence[ClaimMetadata]
) -> tuple[ClaimMetadata, ...]:
    own = {claim.path: claim for claim in child}
    merged = [tighten(claim, own.pop(claim.path)) if claim.path in own else claim for claim in base]
    merged += own.values()
    svg_ids = [claim.svg_id for claim in merged if claim.svg_id is not None]
    if len(set(svg_ids)) != len(svg_ids):
        raise Malformed("two claims have one svg_id", detail="invalid_type_metadata")
    return tuple(merged)


def _text(document: Mapping[str, JsonValue], name: str) -> str | None:
    value = document.get(name)
    if name in document and not isinstance(value, str):
        raise Malformed(f"the {name} of a type must be text", detail="invalid_type_metadata")
    return value if isinstance(value, str) else None
