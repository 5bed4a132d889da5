"""
What somebody who knows or guesses a person would look for in public bytes.

The guesses start from true values, so they stand for the best dictionary there can be: whoever
enumerates names, birth dates, numbers and keys ends with these texts among his. From them come
spellings, joined pairs and triples, counters, salts that everybody can read, and hashes of it all.
A salt that nobody can read (SD-JWT disclosures, `ledger.existence`) is what makes a digest safe;
such digests are no guess here, but the digest of a whole credential is.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import permutations
from typing import Final

from cityhall.privacy.keccak import keccak_256_many
from encoding.cbor import build_cbor
from encoding.strict_json import build_json

SEPARATORS: Final = ("", " ", "|", ",", ":", ";", "-", "_", "/", "\0", "\n")
COUNTERS: Final = 16
"""A person has few credentials: whoever hashes a name with a counter begins at nought."""
LEAST_WINDOW: Final = 8
"""Bytes of a digest that must stand together: fewer are found by chance in a large city."""
LONGEST_JOINED: Final = 40
"""Names, dates and numbers are joined; keys and whole credentials are looked for alone."""
_KECCAK_BATCH: Final = 4096
_DATE: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})\Z")

Hash = Callable[[bytes], bytes]


def _plain(name: str) -> Hash:
    return lambda message: hashlib.new(name, message, usedforsecurity=False).digest()


def _twice(message: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(message).digest()).digest()


def _of_hex(message: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(message).hexdigest().encode()).digest()


HASHES: Final[dict[str, Hash]] = {
    "sha-1": _plain("sha1"),
    "sha-256": _plain("sha256"),
    "sha-384": _plain("sha384"),
    "sha-512": _plain("sha512"),
    "sha3-256": _plain("sha3_256"),
    "blake2b": _plain("blake2b"),
    "md5": _plain("md5"),
    "sha-256 twice": _twice,
    "sha-256 of hex": _of_hex,
}
KEYED: Final = ("sha1", "sha256", "sha384", "sha512")


@dataclass(frozen=True, slots=True)
class Datum:
    """One thing that is known of a person. `kind` is what a report may say of it."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, under a name that says nothing ("record 3"), and what is known of them."""

    alias: str
    data: tuple[Datum, ...]


@dataclass(frozen=True, slots=True)
class Guess:
    """Bytes to look for: as they are, or hashed. `how`: what was done to the datum."""

    kind: str
    how: str
    message: bytes


def spellings(text: str) -> tuple[str, ...]:
    """A value as different offices write it, itself first; "Bo" in small letters is any word."""
    bare = "".join(character for character in text if character.isalnum())
    found = [
        text,
        text.strip(),
        text.lower(),
        text.upper(),
        unicodedata.normalize("NFC", text),
        unicodedata.normalize("NFD", text),
        bare,
        bare.lower(),
        bare.upper(),
        "".join(character for character in text if character.isdigit()),
    ]
    if len(text) < 3:
        return (text,)
    if date := _DATE.match(text):
        year, month, day = date.groups()
        found += [f"{day}.{month}.{year}", f"{day}/{month}/{year}", f"{month}/{day}/{year}"]
        found += [f"{day}-{month}-{year}", f"{day}{month}{year}", f"{year}/{month}/{day}"]
    return tuple(dict.fromkeys(each for each in found if len(each) >= 3))


def plain_guesses(person: Person) -> Iterator[Guess]:
    """Every spelling of every datum, and what is joined."""
    for datum in person.data:
        for spelling in spellings(datum.text):
            yield Guess(datum.kind, "as it is", spelling.encode())
            yield Guess(datum.kind, "in UTF-16", spelling.encode("utf-16-be"))
            escaped = spelling.encode("ascii", "backslashreplace")
            if not spelling.isascii():
                yield Guess(datum.kind, "escaped", escaped)
    yield from joined_guesses(person)


def single_guesses(person: Person) -> Iterator[Guess]:
    """Every spelling of every datum, alone and as JSON and CBOR write it."""
    for datum in person.data:
        for spelling in spellings(datum.text):
            kind, text = datum.kind, spelling
            yield Guess(kind, "alone", text.encode())
            yield Guess(kind, "as JSON", build_json(text))
            yield Guess(kind, "as a JSON member", build_json({kind: text}))
            yield Guess(kind, "named", f"{kind}={text}".encode())
            yield Guess(kind, "named", f"{kind}:{text}".encode())
            yield Guess(kind, "as CBOR", build_cbor(text))


def joined_guesses(person: Person) -> Iterator[Guess]:
    """Two data in either order with any separator, three with the commonest."""
    texts = _short_texts(person)
    for separator in SEPARATORS:
        for first, second in permutations(texts, 2):
            kind = f"{first[0]} + {second[0]}"
            text = first[1] + separator + second[1]
            yield Guess(kind, "joined", text.encode())
            yield Guess(kind, "joined", text.lower().encode())
    for separator in SEPARATORS[:4]:
        for three in permutations(texts, 3):
            kind = " + ".join(name for name, _ in three)
            yield Guess(kind, "joined", separator.join(text for _, text in three).encode())


def counted_guesses(person: Person) -> Iterator[Guess]:
    """A datum, or two of them, with a counter."""
    pairs = permutations(_short_texts(person), 2)
    texts = [(datum.kind, each) for datum in person.data for each in spellings(datum.text)[:3]]
    texts += [
        (f"{first[0]} + {second[0]}", first[1] + separator + second[1])
        for first, second in pairs
        for separator in ("", "|")
    ]
    for kind, text in texts:
        for count in range(COUNTERS):
            for separator in ("", ":", "|", "-", "#"):
                yield Guess(kind, "with a counter", f"{text}{separator}{count}".encode())
            yield Guess(kind, "with a counter", f"{count}{text}".encode())
            yield Guess(kind, "with a counter", text.encode() + count.to_bytes(4, "big"))


def _short_texts(person: Person) -> list[tuple[str, str]]:
    return [(each.kind, each.text) for each in person.data if len(each.text) <= LONGEST_JOINED]


def salted(guess: Guess, salts: Sequence[bytes]) -> Iterator[Guess]:
    """The guess behind and before each salt that everybody can read."""
    for salt in salts:
        for message in (
            salt + guess.message,
            guess.message + salt,
            salt + b"|" + guess.message,
            guess.message + b"|" + salt,
            salt + b":" + guess.message,
            guess.message + b":" + salt,
        ):
            yield Guess(guess.kind, f"{guess.how}, with a public salt", message)


def hash_guesses(person: Person, salts: Sequence[bytes]) -> Iterator[tuple[Guess, str, bytes]]:
    """Every guess with the name of a hash and the digest."""
    singles = list(single_guesses(person))
    alone = [guess for guess in singles if guess.how == "alone"]
    unsalted = [*singles, *joined_guesses(person), *counted_guesses(person)]
    for guess in unsalted:
        for name, function in HASHES.items():
            yield guess, name, function(guess.message)
    for guess in (behind for single in alone for behind in salted(single, salts)):
        for name in ("sha-1", "sha-256", "sha-384", "sha-512"):
            yield guess, name, HASHES[name](guess.message)
    for guess in alone:
        for salt, name in ((salt, name) for salt in salts for name in KEYED):
            yield guess, f"hmac {name}", hmac.digest(salt, guess.message, name)
    first = [Guess(datum.kind, "alone", datum.text.encode()) for datum in person.data]
    yield from _keccak(unsalted)
    yield from _keccak(behind for guess in first for behind in salted(guess, salts))


def _keccak(guesses: Iterable[Guess]) -> Iterator[tuple[Guess, str, bytes]]:
    waiting = iter(guesses)
    take = partial(_take, waiting, _KECCAK_BATCH)
    while batch := take():
        digests = keccak_256_many([guess.message for guess in batch])
        for guess, digest in zip(batch, digests, strict=True):
            yield guess, "keccak-256", digest


def _take(waiting: Iterator[Guess], count: int) -> list[Guess]:
    return [guess for _, guess in zip(range(count), waiting, strict=False)]
