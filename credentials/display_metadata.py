"""
How a type or a claim is shown: names by language, colours, images, SVG templates.

SD-JWT VC "Display Metadata" and "Claim Display Metadata". Texts are only read here; whoever shows
them escapes them. A colour is a colour and nothing else, a resource is https or `data:`,
so that no style sheet or page can be smuggled in (S-049).
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from credentials.errors import Malformed
from credentials.integrity import check_integrity, read_integrity
from encoding.strict_json import JsonValue

MAX_LISTED = 64
MAX_TEXT = 1024
MAX_RESOURCE = 131_072
ORIENTATIONS = frozenset({"portrait", "landscape"})
COLOR_SCHEMES = frozenset({"light", "dark"})
CONTRASTS = frozenset({"normal", "high"})

_LOCALE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,8}\Z")
_COLOR = re.compile(
    r"#(?:[0-9A-Fa-f]{3,4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})\Z"
    r"|rgba?\( ?[0-9]{1,3}%? ?(?:[, ] ?[0-9]{1,3}%? ?){2}(?:[,/] ?(?:0|1|0?\.[0-9]{1,4}) ?)?\)\Z"
)
_HTTPS = re.compile(r"https://[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?(?:/[!-~]{0,1024})?\Z")
_DATA = re.compile(r"data:(image/(?:png|jpeg|svg\+xml));base64,([A-Za-z0-9+/]+={0,2})\Z")


@dataclass(frozen=True, slots=True)
class ClaimDisplay:
    """The label of a claim in one language."""

    locale: str
    label: str
    description: str | None


@dataclass(frozen=True, slots=True)
class Resource:
    """An image or template: where it is, and what it must be."""

    uri: str
    integrity: str | None
    alt_text: str | None = None


@dataclass(frozen=True, slots=True)
class SvgTemplate:
    """A template with what it is made for; None means for all."""

    resource: Resource
    orientation: str | None
    color_scheme: str | None
    contrast: str | None


@dataclass(frozen=True, slots=True)
class TypeDisplay:
    """How a type is shown in one language."""

    locale: str
    name: str
    description: str | None
    logo: Resource | None
    background_image: Resource | None
    background_color: str | None
    text_color: str | None
    svg_templates: tuple[SvgTemplate, ...]


_Display = TypeVar("_Display", TypeDisplay, ClaimDisplay)


def parse_displays(value: JsonValue) -> tuple[TypeDisplay, ...]:
    """The `display` of a type."""
    return tuple(_parse_type_display(each) for each in _objects(value))


def parse_claim_displays(value: JsonValue) -> tuple[ClaimDisplay, ...]:
    """The `display` of a claim."""
    return tuple(
        ClaimDisplay(
            locale=_parse_locale(each),
            label=_require_text(each, "label"),
            description=_text(each, "description"),
        )
        for each in _objects(value)
    )


def choose_display(displays: Sequence[_Display], languages: Sequence[str]) -> _Display | None:
    """The display for the first of these languages that there is one for, else the first."""
    for language in languages:
        wanted = language.lower()
        for exact in (True, False):
            for display in displays:
                locale = display.locale.lower()
                if locale == wanted or (not exact and _primary(locale) == _primary(wanted)):
                    return display
    return displays[0] if displays else None


def open_resource(resource: Resource, *, documents: Mapping[str, bytes]) -> bytes:
    """The octets of a resource: from its `data:` URI, or handed in under its URL."""
    found = _DATA.match(resource.uri)
    if found is not None:
        data = _decode(found[2])
    elif resource.uri.startswith("data:"):
        raise Malformed("a data: URI is no image in base64", detail="unsupported_resource")
    elif resource.uri in documents:
        data = documents[resource.uri]
    else:
        raise Malformed("a resource is not at hand", detail="type_metadata_missing")
    if len(data) > MAX_RESOURCE:
        raise Malformed(f"a resource is larger than {MAX_RESOURCE} bytes", detail="too_large")
    if resource.integrity is not None:
        check_integrity(resource.integrity, data)
    return data


def _parse_type_display(value: Mapping[str, JsonValue]) -> TypeDisplay:
    rendering = _object(value, "rendering") or {}
    simple = _object(rendering, "simple") or {}
    templates = _objects(rendering.get("svg_templates", []))
    if len(templates) > 1 and not all("properties" in each for each in templates):
        raise _fault("several templates must say what each is for")
    return TypeDisplay(
        locale=_parse_locale(value),
        name=_require_text(value, "name"),
        description=_text(value, "description"),
        logo=_parse_resource(_object(simple, "logo")),
        background_image=_parse_resource(_object(simple, "background_image")),
        background_color=_parse_color(simple, "background_color"),
        text_color=_parse_color(simple, "text_color"),
        svg_templates=tuple(_parse_template(each) for each in templates),
    )


def _parse_template(value: Mapping[str, JsonValue]) -> SvgTemplate:
    resource = _parse_resource(value)
    properties = _object(value, "properties")
    if resource is None:
        raise _fault("a template must have a uri")
    chosen = {
        name: _parse_choice(properties or {}, name, choices)
        for name, choices in (
            ("orientation", ORIENTATIONS),
            ("color_scheme", COLOR_SCHEMES),
            ("contrast", CONTRASTS),
        )
    }
    if properties is not None and not any(chosen.values()):
        raise _fault("a template's properties must say something")
    return SvgTemplate(resource, **chosen)


def _parse_resource(value: Mapping[str, JsonValue] | None) -> Resource | None:
    if value is None:
        return None
    uri = value.get("uri")
    if not isinstance(uri, str) or not (uri.startswith("data:") or _HTTPS.match(uri)):
        raise _fault("a resource must be https or data:")
    return Resource(uri, read_integrity(value, "uri"), _text(value, "alt_text"))


def _parse_color(value: Mapping[str, JsonValue], name: str) -> str | None:
    color = _text(value, name)
    if color is not None and not _COLOR.match(color):
        raise _fault("a colour is not an RGB colour")
    return color


def _parse_choice(value: Mapping[str, JsonValue], name: str, choices: frozenset[str]) -> str | None:
    choice = _text(value, name)
    if choice is not None and choice not in choices:
        raise _fault(f"a template's {name} is not known")
    return choice


def _parse_locale(value: Mapping[str, JsonValue]) -> str:
    locale = _require_text(value, "locale")
    if not _LOCALE.match(locale):
        raise _fault("a locale is not a language tag")
    return locale


def _primary(locale: str) -> str:
    return locale.partition("-")[0]


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _fault("a data: URI is not base64") from error


def _objects(value: JsonValue) -> list[dict[str, JsonValue]]:
    if not isinstance(value, list) or len(value) > MAX_LISTED:
        raise _fault("a display must be a short array")
    found = [each for each in value if isinstance(each, dict)]
    if len(found) != len(value):
        raise _fault("a display must hold objects")
    return found


def _object(value: Mapping[str, JsonValue], name: str) -> dict[str, JsonValue] | None:
    found = value.get(name)
    if name in value and not isinstance(found, dict):
        raise _fault(f"{name} must be an object")
    return found if isinstance(found, dict) else None


def _text(value: Mapping[str, JsonValue], name: str) -> str | None:
    found = value.get(name)
    if name in value and not (isinstance(found, str) and len(found) <= MAX_TEXT):
        raise _fault(f"{name} must be a short text")
    return found if isinstance(found, str) else None


def _require_text(value: Mapping[str, JsonValue], name: str) -> str:
    found = _text(value, name)
    if not found:
        raise _fault(f"a display has no {name}")
    return found


def _fault(message: str) -> Malformed:
    return Malformed(message, detail="invalid_type_metadata")
