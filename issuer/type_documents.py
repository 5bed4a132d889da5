"""
What the counter says of a type: SD-JWT VC type metadata and the JSON-LD context.

The metadata stands at the `vct`; its bytes are fixed by `vct#integrity` in every credential, so
they depend on the catalog and the base URL alone. It names and draws the document in English,
Khmer and Chinese: colours for simple screens, and a card of SVG with one placeholder for a claim.
"""

import base64
from functools import lru_cache

from credentials.catalog import ClaimType, CredentialType, vct
from credentials.integrity import build_integrity
from credentials.svg_template import escape_text
from encoding.strict_json import JsonValue, build_json
from issuer.office import Office

# Terms of the base context that a type's context must not define again (S-033).
BASE_TERMS = frozenset({"id", "type", "name", "description"})
BACKGROUND_COLOR, TEXT_COLOR = "#12395b", "#ffffff"
CARD_LINES = 5

_DRAWN_KINDS = frozenset({"string", "date", "integer", "boolean"})
_CARD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 342 216" width="342" height="216">'
    '<rect width="342" height="216" rx="14" fill="{background}"/>'
    '<g fill="{color}" font-family="Noto Sans, Noto Sans Khmer, Noto Sans SC, sans-serif">'
    '<text x="20" y="38" font-size="20" font-weight="bold">{title}</text>{lines}</g></svg>'
)
_LINE = (
    '<text x="20" y="{label_y}" font-size="10" opacity="0.8">{label}</text>'
    '<text x="20" y="{value_y}" font-size="14">{{{{{svg_id}}}}}</text>'
)


@lru_cache(maxsize=256)
def type_integrity(office: Office, name: str) -> str:
    """The `vct#integrity` of a type: of the octets that stand at its `vct`."""
    return build_integrity(build_json(build_type_metadata(office, office.catalog.by_name(name))))


def build_type_metadata(office: Office, credential_type: CredentialType) -> dict[str, JsonValue]:
    """The document at the `vct` (SD-JWT VC, "Type Metadata Format")."""
    return {
        "vct": vct(credential_type.name, office.base_url),
        "name": credential_type.labels["en"],
        "display": [
            {
                "locale": locale,
                "name": label,
                "rendering": {
                    "simple": {"background_color": BACKGROUND_COLOR, "text_color": TEXT_COLOR},
                    "svg_templates": [_build_template(credential_type, locale)],
                },
            }
            for locale, label in credential_type.labels.items()
        ],
        "claims": [_build_claim(credential_type, claim) for claim in credential_type.inner_claims],
    }


def build_context(office: Office, credential_type: CredentialType) -> dict[str, JsonValue]:
    """Defines the type and its claims, each once, and nothing that the base context defines."""
    vocabulary = f"{vct(credential_type.name, office.base_url)}#"
    terms: dict[str, JsonValue] = {
        "@protected": True,
        credential_type.vcdm_type: f"{vocabulary}{credential_type.vcdm_type}",
    }
    for claim in credential_type.inner_claims:
        term = claim.path[-1]
        if term not in BASE_TERMS:
            terms[term] = f"{vocabulary}{term}"
    return {"@context": terms}


def _build_claim(credential_type: CredentialType, claim: ClaimType) -> JsonValue:
    """`mandatory` holds for the whole credential: not for parts of what may be left out."""
    parents = [each for each in credential_type.claims if each.path == claim.path[: len(each.path)]]
    return {
        "path": list(claim.path),
        "display": [{"locale": locale, "label": label} for locale, label in claim.labels.items()],
        "sd": "always" if claim.disclosable else "never",
        "mandatory": all(each.required for each in parents),
        "svg_id": _svg_id(claim),
    }


def _build_template(credential_type: CredentialType, locale: str) -> JsonValue:
    drawn = [each for each in credential_type.claims if each.kind in _DRAWN_KINDS][:CARD_LINES]
    lines = "".join(
        _LINE.format(
            label=escape_text(claim.labels[locale]),
            svg_id=_svg_id(claim),
            label_y=62 + 30 * number,
            value_y=77 + 30 * number,
        )
        for number, claim in enumerate(drawn)
    )
    card = _CARD.format(
        background=BACKGROUND_COLOR,
        color=TEXT_COLOR,
        title=escape_text(credential_type.labels[locale]),
        lines=lines,
    ).encode("utf-8")
    return {
        "uri": "data:image/svg+xml;base64," + base64.b64encode(card).decode("ascii"),
        "uri#integrity": build_integrity(card),
        "properties": {"orientation": "landscape"},
    }


def _svg_id(claim: ClaimType) -> str:
    return "_".join(claim.path)
