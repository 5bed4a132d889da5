"""
What types and claims are called in the city's languages, for screens.

Read from the catalog once; the offline bundle carries them to the phones.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from credentials.catalog import Catalog, vct
from encoding.strict_json import JsonValue
from verifier.purpose import TypeNames

Text = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Labels:
    """`types` by type name; `claims` by type name and claim path joined with dots."""

    types: Mapping[str, Text]
    claims: Mapping[str, Mapping[str, Text]]
    verifier_name: Text


def build_labels(catalog: Catalog, *, city_name: str) -> Labels:
    """The labels of every type of the catalog."""
    return Labels(
        types={each.name: each.labels for each in catalog.types},
        claims={
            each.name: {".".join(claim.path): claim.labels for claim in each.claims}
            for each in catalog.types
        },
        verifier_name={
            "en": f"{city_name} inspection service",
            "km": f"សេវាត្រួតពិនិត្យ {city_name}",
            "zh-Hans": f"{city_name} 检查服务",
        },
    )


def build_labels_json(labels: Labels) -> dict[str, JsonValue]:
    """The labels as the offline bundle carries them."""
    return {
        "types": {name: dict(text) for name, text in labels.types.items()},
        "claims": {
            name: {path: dict(text) for path, text in claims.items()}
            for name, claims in labels.claims.items()
        },
    }


def build_type_names(catalog: Catalog, *, issuer_url: str) -> Mapping[str, TypeNames]:
    """The identifiers of every type in this city."""
    return {
        each.name: TypeNames(vct=vct(each.name, issuer_url), vcdm_type=each.vcdm_type)
        for each in catalog.types
    }
