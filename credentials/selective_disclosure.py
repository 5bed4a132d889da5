"""
Statements of a credential, each to be signed and shown by itself.

The shared algorithms of W3C vc-di-ecdsa 1.0 section 3.4, which `ecdsa-sd-2023` and `bbs-2023` both
stand on. A document becomes a sorted list of N-Quads in which a blank node carries a label that
depends on the issuer's HMAC key; JSON pointers choose groups of them. The holder shows a part of
the document, and with it a label map, so that a verifier finds the very statements that were
signed.

The standard names blank nodes by rewriting the expanded document. Here each object without an
`id` is given one (a URN of our own) in the document as it is; that both mean the same dataset is
checked, and a document for which they do not (JSON literals, lists, language maps) is refused as
`not_selectable` when it is issued or derived from. Verifying needs none of this.
"""

import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from credentials.errors import Malformed
from credentials.json_ld import to_n_quads
from credentials.json_selection import select
from credentials.pinned_contexts import Contexts
from credentials.rdf_canonical import canonicalize
from encoding import base64url
from encoding.strict_json import JsonValue

HMAC_KEY_BYTES: Final = 32
MAX_STATEMENTS: Final = 512
"""What a verifier may have to check one signature each for."""

_URN: Final = "urn:city-blank:"
_SKOLEM: Final = re.compile(r"<urn:city-blank:([0-9]+)>")
_BLANK: Final = re.compile(r"(?<!\S)_:(\S+)")

LabelMaker = Callable[[Mapping[str, str]], Mapping[str, str]]
"""From input label to canonical label, to from input label to signed label."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """
    `lines`: every statement as it is signed, in order. `groups`: for each name the indexes of the
    statements that its pointers choose, rising; `chosen`: those statements with labels of our own.
    `labels`: from our label to the signed one.
    """

    lines: tuple[str, ...]
    groups: Mapping[str, tuple[int, ...]]
    labels: Mapping[str, str]
    chosen: Mapping[str, tuple[str, ...]]

    def verifier_labels(self, name: str) -> dict[str, str]:
        """The signed label of each canonical label that a verifier of this group will see."""
        seen = canonicalize(self.chosen[name]).labels
        return {canonical: self.labels[label] for label, canonical in seen.items()}


@dataclass(frozen=True, slots=True)
class Disclosure:
    """
    What a holder shows. `mandatory`, `others`: all statements that were signed. `mandatory_places`:
    where the mandatory ones stand among those shown; `shown_places`: which of the others are shown.
    `labels`: the signed label of each number that a verifier will give a blank node.
    """

    revealed: dict[str, JsonValue]
    mandatory: list[str]
    others: list[str]
    mandatory_places: list[int]
    shown_places: list[int]
    labels: Mapping[int, str]


def hmac_labels(key: bytes) -> LabelMaker:
    """`createHmacIdLabelMapFunction`: each canonical label becomes its HMAC."""

    def make(labels: Mapping[str, str]) -> Mapping[str, str]:
        return {label: _digest_label(key, canonical) for label, canonical in labels.items()}

    return make


def shuffled_labels(key: bytes) -> LabelMaker:
    """`createShuffledIdLabelMapFunction`: the HMACs only decide the order of `b0`, `b1` ..."""

    def make(labels: Mapping[str, str]) -> Mapping[str, str]:
        digests = {label: _digest_label(key, canonical) for label, canonical in labels.items()}
        order = {digest: number for number, digest in enumerate(sorted(digests.values()))}
        return {label: f"b{order[digest]}" for label, digest in digests.items()}

    return make


def group_statements(
    document: dict[str, JsonValue],
    *,
    contexts: Contexts,
    labels: LabelMaker,
    pointers: Mapping[str, Sequence[str]],
) -> Grouped:
    """`canonicalizeAndGroup`."""
    named = _Namer().document(document)
    urn_lines = to_n_quads(named, contexts=contexts)
    canonical = canonicalize(_as_blank(urn_lines))
    if not all(label.isdecimal() for label in canonical.labels):
        # A blank node without an object of its own, as in a list: nothing says which it is.
        raise Malformed("a document cannot be shown in parts", detail="not_selectable")
    if canonical.lines != canonicalize(_checked(document, contexts)).lines:
        raise Malformed("a document cannot be shown in parts", detail="not_selectable")
    signed = labels(canonical.labels)
    lines = tuple(sorted(set(_as_signed(urn_lines, signed))))
    require_statements(len(lines))
    chosen = {
        name: _lines_of(select(named, list(each)), contexts) for name, each in pointers.items()
    }
    groups = {}
    for name, part in chosen.items():
        signed_part = set(_as_signed(part, signed))
        groups[name] = tuple(index for index, line in enumerate(lines) if line in signed_part)
        if len(groups[name]) != len(signed_part):
            raise Malformed("a part says what the whole does not", detail="not_selectable")
    return Grouped(
        lines=lines,
        groups=groups,
        labels=signed,
        chosen={name: _as_blank(part) for name, part in chosen.items()},
    )


def disclose(
    document: dict[str, JsonValue],
    *,
    contexts: Contexts,
    labels: LabelMaker,
    mandatory_pointers: Sequence[str],
    selective_pointers: Sequence[str],
) -> Disclosure:
    """`createDisclosureData`, as far as both suites do the same."""
    combined = [*mandatory_pointers, *selective_pointers]
    grouped = group_statements(
        document,
        contexts=contexts,
        labels=labels,
        pointers={"mandatory": mandatory_pointers, "combined": combined},
    )
    revealed = select(document, combined)
    if revealed is None:
        raise Malformed("nothing is chosen", detail="invalid_pointer")
    mandatory = frozenset(grouped.groups["mandatory"])
    shown = grouped.groups["combined"]
    chosen = frozenset(shown)
    others = [index for index in range(len(grouped.lines)) if index not in mandatory]
    return Disclosure(
        revealed=revealed,
        mandatory=[grouped.lines[index] for index in grouped.groups["mandatory"]],
        others=[grouped.lines[index] for index in others],
        mandatory_places=[place for place, index in enumerate(shown) if index in mandatory],
        shown_places=[place for place, index in enumerate(others) if index in chosen],
        labels={
            int(seen.removeprefix("c14n")): label
            for seen, label in grouped.verifier_labels("combined").items()
        },
    )


def label_statements(
    document: dict[str, JsonValue], labels: Mapping[str, str], *, contexts: Contexts
) -> tuple[str, ...] | None:
    """
    A verifier's statements with the labels that were signed, in order. None when the label map
    does not name exactly the blank nodes that are there, each by a label of its own.
    """
    canonical = canonicalize(to_n_quads(document, contexts=contexts))
    require_statements(len(canonical.lines))
    if set(labels) != set(canonical.labels.values()) or len(set(labels.values())) != len(labels):
        return None
    return tuple(sorted(_relabel(line, labels) for line in canonical.lines))


def split_statements(lines: Sequence[str], mandatory: Sequence[int]) -> tuple[list[str], list[str]]:
    """The mandatory statements and the others, both in order."""
    chosen = frozenset(mandatory)
    return (
        [line for index, line in enumerate(lines) if index in chosen],
        [line for index, line in enumerate(lines) if index not in chosen],
    )


def hash_statements(lines: Sequence[str]) -> bytes:
    """`hashMandatoryNQuads`."""
    return sha256("".join(lines).encode("utf-8")).digest()


def require_statements(count: int) -> None:
    """Refuse more statements than anybody signs."""
    if count > MAX_STATEMENTS:
        raise Malformed(f"more than {MAX_STATEMENTS} statements", detail="too_many_statements")


def require_hmac_key(hmac_key: bytes) -> None:
    """A key of another size is refused: it would be no good in other hands."""
    if len(hmac_key) != HMAC_KEY_BYTES:
        raise Malformed("an HMAC key has 32 octets", detail="invalid_key_length")


def _digest_label(key: bytes, canonical: str) -> str:
    return "u" + base64url.encode(hmac.digest(key, canonical.encode("ascii"), sha256))


class _Namer:
    """Gives each object of a document that has no name one, in the document's order."""

    def __init__(self) -> None:
        self._count = 0

    def document(self, document: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """The same document, every object with an `id`, which comes first."""
        named: dict[str, JsonValue] = {}
        if "id" not in document:
            named["id"] = f"{_URN}{self._count}"
            self._count += 1
        for name, value in document.items():
            named[name] = value if name == "@context" else self._name(value)
        return named

    def _name(self, value: JsonValue) -> JsonValue:
        if isinstance(value, list):
            return [self._name(each) for each in value]
        if isinstance(value, dict) and "@value" not in value:
            return self.document(value)
        return value


def _checked(document: dict[str, JsonValue], contexts: Contexts) -> tuple[str, ...]:
    lines = to_n_quads(document, contexts=contexts)
    if any(_URN in line for line in lines):
        raise Malformed("a document uses names of ours", detail="not_selectable")
    return lines


def _lines_of(document: dict[str, JsonValue] | None, contexts: Contexts) -> tuple[str, ...]:
    return to_n_quads(document, contexts=contexts) if document is not None else ()


def _as_blank(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(_SKOLEM.sub(r"_:\1", line) for line in lines)


def _as_signed(lines: Sequence[str], labels: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(_SKOLEM.sub(lambda found: "_:" + labels[found[1]], line) for line in lines)


def _relabel(line: str, labels: Mapping[str, str]) -> str:
    """A canonical statement with other labels; what stands between quotes is text."""
    head, quote, rest = line.partition('"')
    text, closing, tail = rest.rpartition('"')
    parts = [_BLANK.sub(lambda found: "_:" + labels[found[1]], part) for part in (head, tail)]
    return parts[0] + quote + text + closing + (parts[1] if quote else "")
