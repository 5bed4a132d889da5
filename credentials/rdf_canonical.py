"""
RDF Dataset Canonicalization, RDFC-1.0 (W3C Recommendation, May 2024), in bounded work.

Takes N-Quads lines in the canonical form of section 5 of that document, one statement each, and
gives the same dataset with its blank nodes named `c14n0`, `c14n1` ... and its lines in order.
Two datasets that differ only in the names of their blank nodes come out the same.

Blank nodes that look alike cost factorial time to tell apart, and nothing bounds that but
counting: every hash, every step of a permutation and every copied name is one unit of work, and
after `max_hashes` of them the dataset is refused as `too_complex`. No clock is read.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import permutations

from credentials.errors import Malformed

MAX_HASHES = 12_000
"""About 25 ms of work; an honest credential needs one hash for each of its blank nodes."""
MAX_RECURSION = 64
UNITS_A_QUAD = 4
"""What reading, hashing and writing one statement about a blank node costs, in hashes."""

_TERM = r"(<[^<>\s]*>|_:[^\s<>\"]+)"
_LITERAL = r"\"(?:[^\"\\\n\r]|\\[^\n\r])*\"(?:@[A-Za-z0-9-]+|\^\^<[^<>\s]*>)?"
_QUAD = re.compile(rf"{_TERM} (<[^<>\s]*>) ({_TERM[1:-1]}|{_LITERAL})(?: {_TERM})? \.\n?\Z")

_Quad = tuple[str, str, str, str]
"""Subject, predicate, object and graph name (empty: the default graph) as they are written."""


@dataclass(frozen=True, slots=True)
class Canonical:
    """`lines`: sorted, each with its newline. `labels`: input blank node to canonical label."""

    lines: tuple[str, ...]
    labels: Mapping[str, str]

    @property
    def document(self) -> bytes:
        """The canonical N-Quads document: what is hashed."""
        return "".join(self.lines).encode("utf-8")


def canonicalize(
    quads: Iterable[str], *, hash_name: str = "sha256", max_hashes: int = MAX_HASHES
) -> Canonical:
    """Name the blank nodes of a dataset. Labels come and go without their `_:`."""
    plain: set[str] = set()
    blank: set[_Quad] = set()
    for line in quads:
        if "_:" not in line:
            plain.add(line if line.endswith("\n") else line + "\n")
            continue
        quad = _parse_quad(line)
        if quad[0][0] == "_" or quad[2][0] == "_" or quad[3][:1] == "_":
            blank.add(quad)
            if len(blank) * UNITS_A_QUAD > max_hashes:
                raise _too_complex()
        else:
            plain.add(_write(quad))
    if not blank:
        return Canonical(lines=tuple(sorted(plain)), labels={})
    left = max_hashes - len(blank) * UNITS_A_QUAD
    issued = _Naming(blank, hash_name=hash_name, max_hashes=left).run()
    renamed = {label: "_:" + name for label, name in issued.items()}
    plain.update(
        _write((renamed.get(s, s), p, renamed.get(o, o), renamed.get(g, g))) for s, p, o, g in blank
    )
    return Canonical(
        lines=tuple(sorted(plain)), labels={label[2:]: name for label, name in issued.items()}
    )


def _parse_quad(line: str) -> _Quad:
    found = _QUAD.match(line)
    if found is None:
        raise Malformed("a line is not a canonical N-Quad", detail="invalid_n_quad")
    return found[1], found[2], found[3], found[4] or ""


def _write(quad: _Quad) -> str:
    subject, predicate, value, graph = quad
    if graph:
        return f"{subject} {predicate} {value} {graph} .\n"
    return f"{subject} {predicate} {value} .\n"


class _Issuer:
    """Section 4.3: hands out names in the order in which they are asked for."""

    __slots__ = ("names", "prefix")

    def __init__(self, prefix: str, names: dict[str, str] | None = None) -> None:
        self.prefix = prefix
        self.names = names if names is not None else {}

    def issue(self, label: str) -> str:
        name = self.names.get(label)
        if name is None:
            name = self.names[label] = f"{self.prefix}{len(self.names)}"
        return name

    def copy(self) -> "_Issuer":
        return _Issuer(self.prefix, dict(self.names))


class _Naming:
    """Section 4.4, for the quads that hold a blank node."""

    def __init__(self, quads: Iterable[_Quad], *, hash_name: str, max_hashes: int) -> None:
        self._hash: Callable[[bytes], hashlib._Hash] = _HASHES[hash_name]
        self._left = max_hashes
        self._canonical = _Issuer("c14n")
        self._quads: dict[str, list[_Quad]] = {}
        self._neighbours: dict[str, list[tuple[str, str]]] = {}
        self._first: dict[str, str] = {}
        for quad in quads:
            self._list(quad)

    def _list(self, quad: _Quad) -> None:
        """Note the quad for each blank node in it, and which others it meets there."""
        subject, predicate, value, graph = quad
        if value[0] != "_" and graph[:1] != "_":
            # Most statements are of one blank node and meet no other.
            self._quads.setdefault(subject, []).append(quad)
            return
        nodes = [("s" + predicate, subject), ("o" + predicate, value), ("g", graph)]
        nodes = [(place, label) for place, label in nodes if label[:2] == "_:"]
        for label in {label for _, label in nodes}:
            self._quads.setdefault(label, []).append(quad)
            self._neighbours.setdefault(label, []).extend(
                (place, other) for place, other in nodes if other != label
            )

    def run(self) -> dict[str, str]:
        """Every blank node's canonical name."""
        alike: dict[str, list[str]] = {}
        for label in self._quads:
            digest = self._first[label] = self._hash_first_degree(label)
            alike.setdefault(digest, []).append(label)
        groups = [alike[digest] for digest in sorted(alike)]
        for labels in groups:
            if len(labels) == 1:
                self._canonical.issue(labels[0])
        for labels in groups:
            if len(labels) > 1:
                self._name_alike(labels)
        return self._canonical.names

    def _name_alike(self, labels: list[str]) -> None:
        """Section 4.4.3 step 5: nodes whose own statements do not tell them apart."""
        results: list[tuple[str, _Issuer]] = []
        for label in labels:
            if label not in self._canonical.names:
                issuer = _Issuer("b")
                issuer.issue(label)
                results.append(self._hash_n_degree(label, issuer, depth=0))
        for _, issuer in sorted(results, key=lambda result: result[0]):
            for label in issuer.names:
                self._canonical.issue(label)

    def _spend(self, units: int = 1) -> None:
        self._left -= units
        if self._left < 0:
            raise _too_complex()

    def _digest(self, text: str) -> str:
        self._spend()
        return self._hash(text.encode("utf-8")).hexdigest()

    def _hash_first_degree(self, label: str) -> str:
        """Section 4.6."""
        lines = []
        for s, p, o, g in self._quads[label]:
            if not g and o[0] != "_":
                lines.append(f"_:a {p} {o} .\n")
                continue
            if s[0] == "_":
                s = "_:a" if s == label else "_:z"  # noqa: PLW2901
            if o[0] == "_":
                o = "_:a" if o == label else "_:z"  # noqa: PLW2901
            if g[:1] == "_":
                g = "_:a" if g == label else "_:z"  # noqa: PLW2901
            lines.append(_write((s, p, o, g)))
        lines.sort()
        return self._digest("".join(lines))

    def _hash_related(self, place: str, related: str, issuer: _Issuer) -> str:
        """Section 4.7. `place`: position, and predicate unless the position is the graph's."""
        name = self._canonical.names.get(related) or issuer.names.get(related)
        return self._digest(place + ("_:" + name if name else self._first[related]))

    def _hash_n_degree(self, label: str, issuer: _Issuer, *, depth: int) -> tuple[str, _Issuer]:
        """Section 4.8."""
        if depth > MAX_RECURSION:
            raise _too_complex()
        near: dict[str, list[str]] = {}
        for place, related in self._neighbours.get(label, ()):
            near.setdefault(self._hash_related(place, related, issuer), []).append(related)
        parts: list[str] = []
        for digest in sorted(near):
            path, issuer = self._shortest_path(near[digest], issuer, depth=depth)
            parts += (digest, path)
        return self._digest("".join(parts)), issuer

    def _shortest_path(
        self, related: list[str], issuer: _Issuer, *, depth: int
    ) -> tuple[str, _Issuer]:
        """Section 4.8.3 step 5: of all orders of these nodes, the one with the least path."""
        chosen: tuple[str, _Issuer] | None = None
        for order in permutations(related):
            self._spend(1 + (len(order) + len(issuer.names)) // 4)
            limit = chosen[0] if chosen else None
            found = self._walk(order, issuer.copy(), limit=limit, depth=depth)
            if found is not None and (chosen is None or found[0] < chosen[0]):
                chosen = found
        if chosen is None:  # an order without any limit always gives a path
            raise _too_complex()
        return chosen

    def _walk(
        self, order: tuple[str, ...], issuer: _Issuer, *, limit: str | None, depth: int
    ) -> tuple[str, _Issuer] | None:
        """The path of one order; None as soon as it cannot be the least any more."""
        path = ""
        unknown = []
        for label in order:
            name = self._canonical.names.get(label)
            if name is None:
                if label not in issuer.names:
                    unknown.append(label)
                name = issuer.issue(label)
            path += "_:" + name
            if _is_beaten(path, limit):
                return None
        for label in unknown:
            digest, deeper = self._hash_n_degree(label, issuer, depth=depth + 1)
            path += f"_:{issuer.issue(label)}<{digest}>"
            issuer = deeper
            if _is_beaten(path, limit):
                return None
        return path, issuer


def _too_complex() -> Malformed:
    return Malformed("blank nodes need too much work", detail="too_complex")


def _is_beaten(path: str, limit: str | None) -> bool:
    return limit is not None and len(path) >= len(limit) and path > limit


_HASHES: Mapping[str, Callable[[bytes], "hashlib._Hash"]] = {
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
}
