"""
SVG templates of type metadata, filled with claims: only what cannot run, load or lead away.

SD-JWT VC "SVG Rendering" (SDVC-M-06, S-049). The template is read by a parser without entities and
written anew from a list of harmless elements and attributes. Anything else refuses the template:
scripts, handlers, style sheets, animation, foreign content, references to other places,
placeholders outside of text. The result has no active content; show it as an image all the same.
"""

import re
from collections.abc import Mapping
from xml.parsers import expat

from credentials.claim_metadata import select_values
from credentials.errors import Malformed
from credentials.sd_jwt import SdJwt
from credentials.type_metadata import TypeMetadata
from encoding.strict_json import JsonValue

MAX_TEMPLATE = 131_072
MAX_ELEMENTS = 2_000
MAX_DEPTH = 32
MAX_VALUE = 512

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_XML = "http://www.w3.org/XML/1998/namespace"
# No `use` and no `pattern`: a few of them, nested, draw a billion shapes.
_ELEMENTS = frozenset(
    {"svg", "g", "defs", "title", "desc", "text", "tspan", "image", "stop", "linearGradient"}
    | {"rect", "circle", "ellipse", "line", "polyline", "polygon", "path", "clipPath"}
    | {"radialGradient"}
)
_ATTRIBUTES = frozenset(
    {"id", "class", "x", "y", "x1", "y1", "x2", "y2", "dx", "dy", "cx", "cy", "r", "rx", "ry"}
    | {"fx", "fy", "d", "points", "width", "height", "viewBox", "preserveAspectRatio", "version"}
    | {"transform", "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "opacity"}
    | {"stroke-opacity", "stroke-linecap", "stroke-linejoin", "stroke-dasharray", "clip-path"}
    | {"clip-rule", "offset", "stop-color", "stop-opacity", "gradientUnits", "rotate"}
    | {"gradientTransform", "spreadMethod", "clipPathUnits"}
    | {"font-family", "font-size", "font-weight", "font-style", "text-anchor", "letter-spacing"}
    | {"dominant-baseline", "textLength", "lengthAdjust", "direction", "role", "aria-label"}
)
_PLACEHOLDER = re.compile(r"\{\{([A-Za-z_][A-Za-z0-9_]*)\}\}")
_REFERENCE = re.compile(r"url\(#[A-Za-z][A-Za-z0-9_.-]*\)")
_FRAGMENT = re.compile(r"#[A-Za-z][A-Za-z0-9_.-]*\Z")
_IMAGE = re.compile(r"data:image/(?:png|jpeg);base64,[A-Za-z0-9+/]+={0,2}\Z")
# Letters that XML cannot hold, and those that turn the direction of a text around.
_UNFIT = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
    "|[\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"})


def render_svg(template: bytes, *, values: Mapping[str, str]) -> bytes:
    """
    The template with each `{{svg_id}}` replaced by its value, escaped.

    `values` has every svg_id of the metadata; the value of a claim that was not shown is empty.
    """
    if len(template) > MAX_TEMPLATE:
        raise Malformed(f"a template is larger than {MAX_TEMPLATE} bytes", detail="too_large")
    writer = _Writer(values)
    # Names come as "namespace local"; without a DOCTYPE there are no entities to expand.
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = writer.start
    parser.EndElementHandler = writer.end
    parser.CharacterDataHandler = writer.text
    parser.CommentHandler = writer.comment
    parser.ProcessingInstructionHandler = writer.refuse_instruction
    parser.StartDoctypeDeclHandler = writer.refuse_doctype
    try:
        parser.Parse(template, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Malformed("a template is not XML", detail="unsafe_svg") from error
    return writer.output()


def collect_svg_values(metadata: TypeMetadata, sd_jwt: SdJwt) -> dict[str, str]:
    """What each svg_id of the metadata stands for in this credential; empty when not shown."""
    return {
        claim.svg_id: ", ".join(
            text for value in select_values(sd_jwt, claim.path) if (text := _show(value))
        )
        for claim in metadata.claims
        if claim.svg_id is not None
    }


def escape_text(text: str) -> str:
    """A text as it may stand in XML: short, without what XML cannot hold, five letters escaped."""
    if len(text) > MAX_VALUE:
        text = text[: MAX_VALUE - 1] + "…"
    return _UNFIT.sub("\ufffd", text).translate(_ESCAPES)


class _Writer:
    """Writes each event anew, or refuses it."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self._parts: list[str] = []
        self._depth = 0
        self._elements = 0
        self._text: list[str] = []

    def output(self) -> bytes:
        """The document, complete."""
        return "".join(self._parts).encode("utf-8")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element with its attributes."""
        self._flush()
        namespace, _, local = name.rpartition(" ")
        self._depth += 1
        self._elements += 1
        if namespace != _SVG or local not in _ELEMENTS:
            raise _fault("a template has an element that is not allowed")
        if self._depth > MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise _fault("a template has too many elements")
        if (self._elements == 1) != (local == "svg"):
            raise _fault("a template is one svg element")
        written = [f' xmlns="{_SVG}"'] if self._elements == 1 else []
        written += [self._attribute(local, each, attributes[each]) for each in attributes]
        self._parts.append(f"<{local}{''.join(written)}>")

    def end(self, name: str) -> None:
        """The end of an element."""
        self._flush()
        self._depth -= 1
        self._parts.append(f"</{name.rpartition(' ')[2]}>")

    def text(self, data: str) -> None:
        """Text: kept until it ends, so that no placeholder is torn."""
        self._text.append(data)

    def comment(self, data: str) -> None:
        """A comment is left out; a placeholder in it would be a trap."""
        self._flush()
        if "{{" in data:
            raise _fault("a placeholder stands in a comment")

    def refuse_instruction(self, *_: object) -> None:
        """Instructions name style sheets."""
        raise _fault("a template has a processing instruction")

    def refuse_doctype(self, *_: object) -> None:
        """A DOCTYPE brings entities."""
        raise _fault("a template has a DOCTYPE")

    def _flush(self) -> None:
        text, self._text = "".join(self._text), []
        pieces = _PLACEHOLDER.split(text)
        # Odd pieces are the names.
        for position, piece in enumerate(pieces):
            if position % 2 == 0:
                if "{{" in piece or "}}" in piece:
                    raise _fault("a placeholder cannot be read")
                self._parts.append(piece.translate(_ESCAPES))
            elif piece in self._values:
                self._parts.append(escape_text(self._values[piece]))
            else:
                raise _fault("a placeholder names no claim")

    def _attribute(self, element: str, name: str, value: str) -> str:
        namespace, _, local = name.rpartition(" ")
        if "{{" in value:
            raise _fault("a placeholder stands in an attribute")
        if namespace in {"", _XLINK} and local == "href":
            pattern = _IMAGE if element == "image" else _FRAGMENT
            if not pattern.match(value):
                raise _fault("a template refers to another place")
            return f' href="{value}"'
        if namespace == _XML and local in {"space", "lang"}:
            return f' xml:{local}="{value.translate(_ESCAPES)}"'
        if namespace or local not in _ATTRIBUTES:
            raise _fault("a template has an attribute that is not allowed")
        rest = _REFERENCE.sub("", value)
        if "\\" in rest or "url" in rest.lower() or "//" in rest or "@" in rest:
            raise _fault("an attribute refers to another place")
        return f' {local}="{value.translate(_ESCAPES)}"'


def _show(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list):
        return ", ".join(text for each in value if (text := _show(each)))
    return ""


def _fault(message: str) -> Malformed:
    return Malformed(message, detail="unsafe_svg")
