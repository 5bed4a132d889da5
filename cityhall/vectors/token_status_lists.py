"""Token Status List: tables, lists and tokens of the drafts (S-055, TSL-I-02, TSL Appendix C)."""

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from cityhall.vectors.shelf import Checks, Result, Shelf, explain
from credentials.cose import parse_value
from credentials.cwt import CWT_TYPES, STATUS, parse_cwt, to_json
from credentials.cwt_issuance import sign_cwt
from credentials.jose import parse_jws
from credentials.keys import SoftwareSigner
from credentials.sd_jwt import parse_sd_jwt, processed_claims
from credentials.status_lists import (
    StatusList,
    read_status_list,
    read_status_list_cwt,
    value_at,
)
from credentials.status_references import read_token_references
from encoding import base64url, compression

URI = "https://example.com/statuslists/1"
TABLES = {
    (1, False): "spec-blocks/001-*.txt",
    (2, False): "spec-blocks/003-*.txt",
    (1, True): "spec-blocks/016-*.txt",
    (2, True): "spec-blocks/017-*.txt",
}
"""Width and whether it is one of the long lists of Appendix C, to the table of its entries."""
LISTS = {
    (1, False): "draft-examples/status_list_encoding_cbor.md",
    (2, False): "draft-examples/status_list_encoding2_cbor.md",
    (1, True): "draft-examples/status_list_encoding1_long_cbor.md",
    (2, True): "draft-examples/status_list_encoding2_long_cbor.md",
}
"""The other way round; widths 4 and 8 have tables only."""
_ENTRY = re.compile(r"status\[(\d+)\]\s*= 0b([01]+)")
_BYTE_ARRAY = re.compile(r"byte_array = \[([^\]]*)\]")
_SIGNER = SoftwareSigner(ec.derive_private_key(1, ec.SECP256R1()))


def hex_of(text: str) -> bytes:
    """The bytes of a block of hex lines, comments and titles aside."""
    lines = [re.sub(r"#.*", "", line).replace(" ", "") for line in text.splitlines()]
    return bytes.fromhex("".join(line for line in lines if re.fullmatch("[0-9a-f]+", line)))


def table_of(text: str) -> dict[int, int]:
    """The entries of a printed table."""
    return {int(index): int(value, 2) for index, value in _ENTRY.findall(text)}


def read_map(value: Any) -> StatusList:
    """The list of a StatusList map, put into a token of our own: lists are read from tokens."""
    claims: dict[int | str, Any] = {2: URI, 6: 0, 65533: value}
    token = sign_cwt(claims, type="application/statuslist+cwt", signer=_SIGNER)
    return read_status_list_cwt(token)


def has_table(listed: StatusList, table: dict[int, int]) -> bool:
    """Every printed entry, and nothing but zeros besides."""
    if not table or len(listed.entries) * 8 < max(table) * listed.bits:
        return False
    expected = bytearray(len(listed.entries))
    for index, value in table.items():
        expected[index * listed.bits // 8] |= value << index * listed.bits % 8
    printed = {index: value_at(listed, index) for index in table}
    return printed == table and listed.entries == bytes(expected)


def _check_table(shelf: Shelf, path: Path) -> Iterator[Result]:
    """A table alone: entries of its width are where the text puts them."""
    yield shelf.judge(path, "table", partial(_holds_table, shelf, path))


def _holds_table(shelf: Shelf, path: Path) -> bool:
    """Packed as section 4.1 says, the least significant bits first; and as the list beside it."""
    text = shelf.text(path)
    table = table_of(text)
    bits = max(len(value) for _, value in _ENTRY.findall(text))
    published = LISTS.get((bits, max(table) > 100))
    if published and not _has_published_table(shelf.text(shelf.one(published)), table):
        return False
    size = 2**20 if max(table) > 100 else len(table)
    entries = bytearray(size * bits // 8)
    for index, value in table.items():
        entries[index * bits // 8] |= value << index * bits % 8
    listed = read_map({"bits": bits, "lst": compression.deflate_zlib(bytes(entries))})
    return len(table) > 1 and has_table(listed, table)


def _has_published_table(text: str, table: dict[int, int]) -> bool:
    return has_table(read_map(parse_value(hex_of(text))), table)


def _check_drawing(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "drawing", partial(_is_drawn, shelf, path))


def _is_drawn(shelf: Shelf, path: Path) -> bool:
    number = int(path.name[:3]) - 1
    table = table_of(shelf.text(shelf.one(f"{path.parent.name}/{number:03}-*")))
    compressed = re.search(r"\(hex\): ([0-9a-f]+)", shelf.text(path))
    bits = 1 if len(table) == 16 else 2
    data = bytes.fromhex(compressed[1]) if compressed else b""
    return has_table(read_map({"bits": bits, "lst": data}), table)


def _check_list(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "list", partial(_is_list, shelf, path))


def _is_list(shelf: Shelf, path: Path) -> bool:
    text = shelf.text(path)
    if "{" in text:
        value = json.loads(re.sub(r"\n\s*", "", text[text.index("{") :]))
        value = {"bits": value["bits"], "lst": base64url.decode(value["lst"])}
    else:
        value = parse_value(hex_of(text))
    listed = read_map(value)
    printed = _BYTE_ARRAY.search(text)
    if printed:
        array = bytes(int(each, 16) for each in printed[1].split(","))
        if listed.entries != array:
            return False
    table = shelf.text(shelf.one(TABLES[listed.bits, listed.size > 100]))
    return has_table(listed, table_of(table))


def _check_printed_token(shelf: Shelf, path: Path) -> Iterator[Result]:
    """A token's header and payload as printed are those of the token beside it."""
    yield shelf.judge(path, "content", partial(_is_content, shelf, path))


def _is_content(shelf: Shelf, path: Path) -> bool:
    header, _, payload = shelf.text(path).partition("\n.\n")
    raw = shelf.text(shelf.one("draft-examples/status_list_jwt_raw.md"))
    jws = parse_jws(re.sub(r"\s", "", raw), types=frozenset({"statuslist+jwt"}))
    printed = json.loads(payload)
    # The raw token also names an issuer, which the printed one leaves out.
    extra = jws.payload.keys() - printed.keys()
    is_payload = {**printed, **{name: jws.payload[name] for name in extra}} == jws.payload
    return json.loads(header) == jws.header and extra <= {"iss"} and is_payload


def _check_token(shelf: Shelf, path: Path) -> Iterator[Result]:
    text = shelf.text(path)
    if "eyJ" in text:
        yield shelf.judge(path, "token", partial(_is_token, text))


def _is_token(text: str) -> bool:
    if "eyJ" in text:
        listed = read_status_list(re.sub(r"\s", "", text[text.index("eyJ") :]))
    else:
        listed = read_status_list_cwt(hex_of(text))
    expires = listed.expires_at.timestamp() if listed.expires_at else None
    ttl = listed.ttl.total_seconds() if listed.ttl else None
    said = (listed.uri, listed.bits, listed.issued_at.timestamp(), expires, ttl, listed.entries)
    return said == (URI, 1, 1686920170, 2291720170, 43200, b"\xb9\xa3")


def _check_cwt(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "token", partial(_is_token, shelf.text(path)))


def _check_reference(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "reference", partial(_names_list, shelf, path))


def _names_list(shelf: Shelf, path: Path) -> bool:
    text = shelf.text(path)
    if "eyJ" in text:
        sd_jwt = parse_sd_jwt(re.sub(r"\s", "", text), types=frozenset({"example+sd-jwt"}))
        claims: Any = processed_claims(sd_jwt)
    elif "{" in text:
        claims = json.loads(text.rpartition("\n.\n")[2])
    else:
        token = parse_cwt(hex_of(text), types=CWT_TYPES)
        claims = {"status": to_json(token.claims[STATUS])}
    (reference,) = read_token_references(claims)
    return (reference.uri, reference.index) == (URI, 0)


CHECKS: Checks = (
    ("*/00[13]-*compressed-byte-array.txt", _check_table),
    ("*/00[24]-*compressed-byte-array.txt", _check_drawing),
    ("spec-blocks/*-bit-status-list.txt", _check_table),
    ("rendered-draft/025-*", _check_table),
    ("rendered-draft/028-*", _check_table),
    ("rendered-draft/*-bit-status-list.*", _check_list),
    ("rendered-draft/005-*", _check_list),
    ("rendered-draft/006-*", _check_list),
    ("rendered-draft/008-*", _check_list),
    ("rendered-draft/009-*", _check_list),
    ("draft-examples/status_list_encoding*.md", _check_list),
    ("draft-examples/status_list_jwt.md", _check_printed_token),
    ("draft-examples/status_list_jwt_raw.md", _check_token),
    ("rendered-draft/010-*", _check_printed_token),
    ("rendered-draft/*-status-list-token-in-cwt-format.txt", _check_cwt),
    ("*-referenced-token-in-?ose.*", _check_reference),
    ("*-status-list-response.txt", _check_token),
    ("*-historical-resolution.txt", _check_token),
    ("*-status-list-aggregation-*", explain("TSL 9.3: nothing here reads a list of lists")),
)
