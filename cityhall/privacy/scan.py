"""
The scan: no personal datum, no per-person hash, nothing that a dictionary can guess, in any byte
that the city makes public (ledger design, section 8; security.md S-196).

1. open every layer of the public bytes (`views`)
2. look for each datum as it is, in every spelling, and joined with the others
3. look for the hashes of all guesses, plain, joined, counted, salted with what is public; eight
   bytes of the beginning or of the end of a digest are enough, so a shortened one is found too

What it cannot see: a digest cut to fewer than eight bytes, a salt of more words than one, a secret
one, and what is said without bytes (how many, when). A finding names the kind of datum and an
alias, never the datum.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cityhall.privacy.guesses import (
    LEAST_WINDOW,
    Guess,
    Person,
    hash_guesses,
    plain_guesses,
)
from cityhall.privacy.views import Piece, Views

MAX_SALTS: Final = 64
MAX_SALT_BYTES: Final = 200
LEAST_ANYWHERE: Final = 8
"""A shorter text may stand in random bytes by chance: it counts as a word of its own only."""
LEAST_IN_BINARY: Final = 5
TREE_PREFIXES: Final = (b"\x00", b"\x01")
"""RFC 9162 hashes a leaf behind 0x00: a leaf over a person's datum is such a hash."""
_WORD: Final = rb"A-Za-z0-9_+/=-"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is public and must not be."""

    place: str
    person: str
    kind: str
    how: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, and how much was looked at."""

    findings: tuple[Finding, ...]
    pieces: int
    layers: int
    layer_bytes: int
    salts: int
    texts: int
    digests: int


def scan(pieces: Sequence[Piece], people: Iterable[Person]) -> Report:
    """Look for these people in these bytes. Nobody to look for is an error, not a pass."""
    everybody = list(people)
    if not everybody or not pieces:
        raise ValueError("a scan needs public bytes and people to look for")
    views = Views.of(pieces)
    salts = public_salts(views)
    findings: set[Finding] = set()
    texts = digests = 0
    for person in everybody:
        for guess in plain_guesses(person):
            texts += 1
            findings.update(_find_text(views, person, guess))
        for guess, name, digest in hash_guesses(person, salts):
            digests += 1
            findings.update(_find_digest(views, person, guess, name, digest))
    return Report(
        findings=tuple(sorted(findings)),
        pieces=len(pieces),
        layers=len(views.views),
        layer_bytes=sum(len(view.data) for view in views.views),
        salts=len(salts),
        texts=texts,
        digests=digests,
    )


def public_salts(views: Views) -> list[bytes]:
    """What anybody could put before a name: tree prefixes, and public words and numbers."""
    lines = (
        line
        for view in views.views
        if view.is_text and len(view.data) < 4096
        for line in view.data.splitlines()[:3]
    )
    found = dict.fromkeys(TREE_PREFIXES)
    for value in (*views.values, *lines):
        if 0 < len(value) <= MAX_SALT_BYTES and len(found) < MAX_SALTS:
            found.setdefault(value)
    return list(found)


def _find_text(views: Views, person: Person, guess: Guess) -> Iterator[Finding]:
    needle = guess.message
    if len(needle) >= LEAST_ANYWHERE:
        places = views.places_of(needle) if views.holds_start_of(needle) else iter(())
    else:
        places = _places_of_word(views, needle)
    return (Finding(place, person.alias, guess.kind, guess.how) for place in places)


def _places_of_word(views: Views, needle: bytes) -> Iterator[str]:
    """A short text: as a whole value, or with no letter or digit beside it."""
    if needle.isdigit() and len(needle) < LEAST_IN_BINARY:
        return
    bounded = re.compile(rb"(?<![%b])%b(?![%b])" % (_WORD, re.escape(needle), _WORD))
    for view in views.views:
        if needle not in view.data:
            continue
        is_whole = view.data == needle and view.is_text
        may_stand = view.is_text or len(needle) >= LEAST_IN_BINARY
        if is_whole or (may_stand and bounded.search(view.data)):
            yield from view.places


def _find_digest(
    views: Views, person: Person, guess: Guess, name: str, digest: bytes
) -> Iterator[Finding]:
    for part, needle in (("", digest[:LEAST_WINDOW]), (" (its end)", digest[-LEAST_WINDOW:])):
        if views.holds_start_of(needle):
            for place in views.places_of(needle):
                how = f"{name}{part}, {guess.how}"
                yield Finding(place, person.alias, guess.kind, how)
