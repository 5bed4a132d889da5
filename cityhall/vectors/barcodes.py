"""
Verifiable Credential Barcodes: the examples of W3C's text, from the card to the judged signature
(BAR-01).

The text prints one licence (examples 7 to 13) and one permit (14 to 20) in every stage. Its context
of Utopia is not among the vectors, but each term map lists the words that it defines; each stands
for itself. The examples before are drawings with parts left out: what they do say is compared.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from cityhall.vectors.barcode_sketches import SKETCHES
from cityhall.vectors.shelf import Checks, Differs, Result, Shelf
from credentials.aamva import MANDATORY, parse_elements, parse_pdf417
from credentials.cbor_ld import Writer, decode_cbor_ld, encode_cbor_ld
from credentials.cbor_ld_registry import RegistryEntry, parse_registry_entry
from credentials.dids import parse_key_did
from credentials.errors import Malformed
from credentials.keys import verify_signature
from credentials.optical_data import canonical_elements, canonical_zone, hash_optical_data
from credentials.pinned_contexts import Contexts, add_contexts, bundled_contexts
from credentials.vc_barcode import (
    build_barcode,
    parse_barcode,
    parse_pdf417_barcode,
    read_barcode_document,
)
from encoding import base45
from encoding.strict_json import JsonValue

UTOPIA = "https://w3id.org/utopia/v2"
LATER_KEYWORD = "@propagate"
WRONG_LENGTH = (
    "the directory gives ZZ 202 characters, it has 206 (AAMVA Card Design Standard, annex D): "
    "refused as it is, read and verified with the right length"
)


@dataclass(frozen=True)
class Card:
    """The numbers of the examples of one card."""

    shelf: Shelf
    optical: int
    document: int
    terms: int
    data: int

    def text(self, number: int) -> str:
        return self.shelf.text(self.shelf.one(f"spec-examples/{number:02}-*"))

    @cached_property
    def entry(self) -> RegistryEntry:
        number, _, tables = self.text(self.terms - 1).partition("typeTable:")
        return parse_registry_entry(int(number.split(":")[1]), json.loads(tables))

    @cached_property
    def term_map(self) -> dict[str, int]:
        found = re.findall(r"'([^']+)' => (\d+)", self.text(self.terms))
        return {word: int(number) for word, number in found}

    @cached_property
    def contexts(self) -> Contexts:
        words: dict[str, JsonValue] = {word: word for word in self.term_map if ":" in word}
        return add_contexts(bundled_contexts(), {UTOPIA: {"@context": words}})

    @cached_property
    def credential(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.text(self.document))
        return document

    @cached_property
    def bytes(self) -> bytes:
        return bytes.fromhex(self.text(self.data).split()[0])

    def is_signed(self, document: dict[str, Any], optical: str) -> bool:
        """Whether the issuer signed this credential together with what the card says."""
        (read,) = read_barcode_document(document, optical=optical, contexts=self.contexts)
        key = parse_key_did(read.issuer)
        return verify_signature(key, read.signing_input, read.signature)


def _licence(shelf: Shelf) -> Card:
    return Card(shelf, optical=7, document=9, terms=11, data=12)


def _permit(shelf: Shelf) -> Card:
    return Card(shelf, optical=14, document=16, terms=18, data=19)


def _check_elements(shelf: Shelf, path: Path) -> Iterator[Result]:
    names = parse_elements(shelf.text(path).strip("\n"))
    yield shelf.judge(path, "the mandatory elements", lambda: tuple(sorted(names)) == MANDATORY)


def _check_canonical(shelf: Shelf, path: Path) -> Iterator[Result]:
    number = int(path.name[:2])
    card = _licence(shelf) if number == 8 else _permit(shelf)
    yield shelf.judge(path, "the protected lines", partial(_is_canonical, card, number))
    yield shelf.judge(path, "their hash", partial(_is_hash, card, number))


def _protected(card: Card) -> str:
    optical = card.text(card.optical)
    if card.optical == 14:
        return canonical_zone(optical)
    index = card.credential["credentialSubject"]["protectedComponentIndex"]
    return canonical_elements(parse_elements(optical.strip("\n")), index)


def _is_canonical(card: Card, number: int) -> bool:
    printed = card.text(number).partition("opticalDataBytes")[0]
    parts = re.findall(r"'([^']*)'", printed)
    return "".join(parts).replace("\\n", "\n") == _protected(card)


def _is_hash(card: Card, number: int) -> bool:
    printed = bytes(map(int, re.findall(r"\d+", card.text(number).partition("Bytes:")[2])))
    optical = card.text(card.optical) if card.optical == 14 else _right_barcode(card)
    return hash_optical_data(card.credential["credentialSubject"], optical) == printed


def _check_document(shelf: Shelf, path: Path) -> Iterator[Result]:
    card = _licence(shelf) if path.name.startswith("09") else _permit(shelf)
    optical = _right_barcode(card) if card.optical == 7 else card.text(card.optical)
    other = optical.replace("SMITH", "SMYTH")
    signed = partial(card.is_signed, card.credential, optical)
    forged = partial(card.is_signed, card.credential, other)
    yield shelf.judge(path, "ecdsa-xi-2023", signed)
    yield shelf.judge(path, "ecdsa-xi-2023, another name on the card", lambda: not forged())


def _check_entry(shelf: Shelf, path: Path) -> Iterator[Result]:
    card = _licence(shelf) if path.name.startswith("10") else _permit(shelf)
    yield shelf.judge(path, "the registry entry decodes", partial(_is_decoded, card))


def _check_terms(shelf: Shelf, path: Path) -> Iterator[Result]:
    card = _licence(shelf) if path.name.startswith("11") else _permit(shelf)
    yield shelf.judge(path, "the number of every term", partial(_has_terms, card))


def _has_terms(card: Card) -> bool:
    writer = Writer(card.entry, card.contexts)
    writer.write(card.credential)
    # CBOR-LD 1.0 numbers one keyword more than the example knew; it comes last.
    ours = {word: number for word, number in writer.terms.numbers.items() if word != LATER_KEYWORD}
    return ours == card.term_map


def _check_bytes(shelf: Shelf, path: Path) -> Iterator[Result]:
    card = _licence(shelf) if path.name.startswith("12") else _permit(shelf)
    yield shelf.judge(path, "decoded", partial(_is_decoded, card))
    yield shelf.judge(path, "encoded", partial(_is_encoded, card))


def _is_decoded(card: Card) -> bool:
    registry: Mapping[int, RegistryEntry] = {card.entry.number: card.entry}
    return decode_cbor_ld(card.bytes, contexts=card.contexts, registry=registry) == card.credential


def _is_encoded(card: Card) -> bool:
    ours = encode_cbor_ld(card.credential, entry=card.entry, contexts=card.contexts)
    return ours == card.bytes


def _check_pdf417(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "a licence with its barcode", partial(_is_licence, _licence(shelf)))


def _is_licence(card: Card) -> bool:
    text = _right_barcode(card)
    registry = {card.entry.number: card.entry}
    document = parse_pdf417_barcode(text, element="ZZA", contexts=card.contexts, registry=registry)
    printed = parse_elements(card.text(card.optical).strip("\n"))
    scanned = parse_pdf417(text).licence
    is_same = all(scanned[name].rstrip() == printed[name] for name in MANDATORY)
    if not is_same or document != card.credential or not card.is_signed(document, text):
        return False
    try:
        parse_pdf417(_printed_barcode(card))
    except Malformed:
        raise Differs(WRONG_LENGTH) from None
    return True


def _printed_barcode(card: Card) -> str:
    printed = card.text(13).strip().removeprefix("bytes(").removesuffix(")")
    return printed.encode("ascii").decode("unicode_escape")


def _right_barcode(card: Card) -> str:
    return _printed_barcode(card).replace("ZZ02750202", "ZZ02750206")


def _check_zone(shelf: Shelf, path: Path) -> Iterator[Result]:
    card = _permit(shelf)
    signed = partial(card.is_signed, card.credential, shelf.text(path))
    yield shelf.judge(path, "signed with the permit", signed)


def _check_barcode(shelf: Shelf, path: Path) -> Iterator[Result]:
    card = _permit(shelf)
    text = shelf.text(path).strip("\n")
    yield shelf.judge(path, "Base45", lambda: base45.decode(text[5:]) == card.bytes)
    yield shelf.judge(path, "read and written", partial(_is_barcode, card, text))


def _is_barcode(card: Card, text: str) -> bool:
    registry = {card.entry.number: card.entry}
    document = parse_barcode(text, contexts=card.contexts, registry=registry)
    written = build_barcode(document, entry=card.entry, contexts=card.contexts)
    is_signed = card.is_signed(document, card.text(card.optical))
    return document == card.credential and written == text and is_signed


BARCODES: Checks = (
    *SKETCHES,
    ("spec-examples/07-*", _check_elements),
    ("spec-examples/08-*", _check_canonical),
    ("spec-examples/09-*", _check_document),
    ("spec-examples/10-*", _check_entry),
    ("spec-examples/11-*", _check_terms),
    ("spec-examples/12-*", _check_bytes),
    ("spec-examples/13-*", _check_pdf417),
    ("spec-examples/14-*", _check_zone),
    ("spec-examples/15-*", _check_canonical),
    ("spec-examples/16-*", _check_document),
    ("spec-examples/17-*", _check_entry),
    ("spec-examples/18-*", _check_terms),
    ("spec-examples/19-*", _check_bytes),
    ("spec-examples/20-*", _check_barcode),
)
