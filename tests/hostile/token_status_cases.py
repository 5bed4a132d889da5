"""
S-052, S-054, S-055, S-057: what a Token Status List must not say, be or lack.

draft-ietf-oauth-status-list 5.1 (the token), 4.1 (bits, zlib), 8.3 (validation), 6.2 (reference).
Whatever makes no clear statement leaves the status unknown; it is never valid.
"""

import gzip
import zlib
from collections.abc import Iterator
from typing import Any

from credentials.model import Status
from credentials.verdict import passed
from encoding import base64url
from tests.hostile.case import HostileCase
from tests.hostile.removal import switch_off
from tests.hostile.slots import Slot
from tests.hostile.stage import (
    DAY,
    HOLDER,
    INDEX,
    ISSUER,
    LAND,
    LIST,
    NOW_SECONDS,
    STATUS,
    STRANGER,
    Change,
    Json,
    agencies,
    bitstring_list,
    setting,
    token_list,
    with_members,
)
from tests.hostile.switches import switch
from tests.vectors.small_city import NOW

JUDGEMENT = "credentials.status_judgement"
LISTS = "credentials.status_lists"
REFERENCES = "credentials.status_references"
SLOT, SHOWN = Slot("dc+sd-jwt", "list"), Slot("dc+sd-jwt", "credential")


def _mirrored(read: Any, index: int) -> int:
    """As somebody reads who begins at the other end of the byte, or at the next one."""
    per_byte = 8 // read.bits
    if "both" in read.purposes:
        other = index ^ (per_byte - 1) if per_byte > 1 else index ^ 1
    else:
        other = index
    shift = other % per_byte * read.bits
    return int(read.entries[other // per_byte] >> shift & (1 << read.bits) - 1)


switch("list_counts", {f"{JUDGEMENT}._list_problem": lambda *_: None})
switch(
    "status_is_known",
    {"credentials.verification.judge_reference": lambda *_, **__: passed("status")},
)
switch("status_of_entries", {f"{JUDGEMENT}.status_at": lambda *_: Status.VALID})
switch("bit_order", {f"{LISTS}.value_at": _mirrored})
switch("bits", {f"{LISTS}._read_bits": lambda _: 2})
switch("compression", {f"{LISTS}._inflate": lambda _: bytes(64)})
switch("ttl", {f"{LISTS}._read_ttl": lambda *_, **__: None})
switch_off("list_has_sub", (f"{LISTS}._read_token", "malformed_status_list"))
switch("moments_of_lists", {f"{LISTS}.parse_numeric_date": lambda *_, **__: NOW})
switch_off("status_reference", others={"credentials.sd_jwt_vc.read_token_references": lambda _: ()})
switch("status_rule", {"credentials.verification._check_status": lambda *_: []})

LEFT_OUT = Change(payload=setting(status=...))


def cases() -> Iterator[HostileCase]:
    yield from _tokens()
    yield from _arrays()
    yield from _references()
    yield from _bit_orders()
    yield from _answers()


def _case(sid: str, name: str, token: str, check: str, detail: str, **reason: str) -> HostileCase:
    made = SLOT.line(status_lists={LIST: token})
    reason = reason or {"reason": "status_unknown"}
    return SLOT.reject(sid, name, made, check=check, detail=detail, **reason)


def _twin(sid: str, name: str, token: str, check: str, **members: Any) -> HostileCase:
    return SLOT.twin(sid, name, SLOT.line(status_lists={LIST: token}, **members), check=check)


def _tokens() -> Iterator[HostileCase]:
    """S-052: the claims around the list."""
    for name, uri in {
        "another": f"{ISSUER}/status/2",
        "slash": f"{LIST}/",
        "upper": LIST.upper(),
        "http": LIST.replace("https", "http"),
        "fragment": f"{LIST}#1",
        "space": f"{LIST} ",
        "cut": LIST[:-1],
        "percent": LIST.replace("status", "%73tatus"),
    }.items():
        token = token_list(sub=uri)
        yield _case("S-052", f"sub-{name}", token, "list_counts", "wrong_list_named")
    for name, value in {"missing": ..., "list": [LIST], "null": None, "number": 1}.items():
        token = token_list(sub=value)
        yield _case("S-052", f"sub-{name}", token, "list_has_sub", "malformed_status_list")
    for name, seconds in {"now": 0, "second": -1, "day": -DAY}.items():
        token = token_list(exp=NOW_SECONDS + seconds)
        reason, detail = "status_stale", "status_list_expired"
        yield _case("S-052", f"exp-{name}", token, "list_counts", detail, reason=reason)
    for name, seconds in {"61": 61, "day": DAY}.items():
        token = token_list(iat=NOW_SECONDS + seconds)
        yield _case("S-052", f"iat-{name}", token, "list_counts", "status_list_not_yet_valid")
    for member in ("iat", "exp"):
        for name, value in {"text": "1", "null": None, "true": True, "negative": -1}.items():
            token = token_list(**{member: value})
            yield _case("S-052", f"{member}-{name}", token, "moments_of_lists", "invalid_time")
    yield _case("S-052", "iat-missing", token_list(iat=...), "moments_of_lists", "invalid_time")
    for name, value in {"zero": 0, "negative": -1, "text": "300", "true": True, "list": []}.items():
        token = token_list(ttl=value)
        yield _case("S-052", f"ttl-{name}", token, "ttl", "malformed_status_list")
    for name, some in {"stranger": STRANGER, "land": LAND, "holder": HOLDER}.items():
        token = token_list(Change(by=some))
        yield _case("S-052", f"by-{name}", token, "list_counts", "status_list_not_authentic")
    token = token_list(iss="https://stranger.example")
    yield _case("S-052", "iss-another", token, "list_counts", "status_list_not_authentic")
    for name, members in {
        "no-exp": {"exp": ..., "ttl": ...},
        "exp-edge": {"exp": NOW_SECONDS + 1},
        "iat-edge": {"iat": NOW_SECONDS + 60},
        "iss": {"iss": ISSUER},
        "more-claims": {"x-city": 1, "jti": "1", "aud": "everybody"},
        "fractions": {"iat": NOW_SECONDS - 0.5, "ttl": 0.5},
    }.items():
        # A list from the future says nothing good before its time, only within the skew.
        yield _twin("S-052", name, token_list(**members), "list_counts")
    by = Change(by=STATUS, header=setting(kid=...))
    yield _twin("S-052", "by-status-key", token_list(by), "list_counts")


def _listed(**members: Any) -> str:
    good = {"bits": 2, "lst": base64url.encode(zlib.compress(bytes(64)))}
    return token_list(status_list=with_members(good, members))


def _arrays() -> Iterator[HostileCase]:
    """S-052: the list itself."""
    wrong_bits: dict[str, Any] = {str(bits): bits for bits in (0, 3, 5, 6, 7, 9, 16, -1, 2**40)}
    wrong_bits |= {"text": "2", "fraction": 1.5, "whole": 2.0, "true": True, "null": None}
    for name, bits in {**wrong_bits, "missing": ..., "list": [2]}.items():
        yield _case("S-052", f"bits-{name}", _listed(bits=bits), "bits", "malformed_status_list")
    for name, lst in {"missing": ..., "null": None, "list": [], "number": 1, "object": {}}.items():
        yield _case(
            "S-052", f"lst-{name}", _listed(lst=lst), "compression", "malformed_status_list"
        )
    for name, value in {"missing": ..., "null": None, "list": [], "text": "AAAA"}.items():
        token = token_list(status_list=value)
        yield _case("S-052", f"array-{name}", token, "status_is_known", "malformed_status_list")
    whole = zlib.compress(bytes(range(256)) * 4)
    raw = zlib.compressobj(wbits=-15)
    preset = zlib.compressobj(zdict=b"\x00" * 32)
    bomb = zlib.compress(bytes((16 << 20) + 1), 9)
    for name, (data, detail) in {
        "gzip": (gzip.compress(bytes(64)), "invalid_compression"),
        "raw-deflate": (raw.compress(bytes(64)) + raw.flush(), "invalid_compression"),
        "plain": (bytes(64), "invalid_compression"),
        "empty": (b"", "invalid_compression"),
        "head-alone": (whole[:2], "invalid_compression"),
        "truncated": (whole[:-5], "invalid_compression"),
        "no-checksum": (whole[:-4], "invalid_compression"),
        "cut-checksum": (whole[:-1], "invalid_compression"),
        "bad-checksum": (whole[:-1] + bytes([whole[-1] ^ 1]), "invalid_compression"),
        "bad-body": (whole[:8] + bytes([whole[8] ^ 255]) + whole[9:], "invalid_compression"),
        "preset-dictionary": (preset.compress(bytes(64)) + preset.flush(), "invalid_compression"),
        "trailing": (whole + b"\x00", "invalid_compression"),
        "two-streams": (whole + whole, "invalid_compression"),
        "bomb": (bomb, "too_large"),
    }.items():
        token = _listed(lst=base64url.encode(data))
        yield _case("S-052", f"lst-{name}", token, "compression", detail)
    for name, text in {
        "padded": "eNpjYAAAAAIAAQ==",
        "standard": "eN+/",
        "space": "eNpj YAAAAAIAAQ",
    }.items():
        yield _case("S-052", f"lst-{name}", _listed(lst=text), "compression", "invalid_base64url")
    for level in (0, 1, 6, 9):
        lst = base64url.encode(zlib.compress(bytes(64), level))
        yield _twin("S-052", f"level-{level}", _listed(lst=lst), "compression")
    lst = base64url.encode(zlib.compress(bytes(1 << 20), 9))
    yield _twin("S-052", "large", _listed(lst=lst), "compression")
    yield _twin("S-052", "aggregation", _listed(aggregation_uri=f"{ISSUER}/all"), "compression")


def _references() -> Iterator[HostileCase]:
    """S-054: `status_list` of the credential; a list of 256 entries."""

    def referring(reference: Any) -> Json:
        return SHOWN.line(Change(payload=setting(status={"status_list": reference})))

    for name, index in {"length": 256, "beyond": 257, "2^31": 2**31, "2^53-1": 2**53 - 1}.items():
        made = referring({"uri": LIST, "idx": index})
        yield SLOT.reject(
            "S-054",
            f"idx-{name}",
            made,
            check="status_of_entries",
            reason="status_unknown",
            detail="range_error",
        )
    wrong: dict[str, Any] = {"negative": -1, "text": "7", "fraction": 7.5, "whole": 7.0}
    wrong |= {"true": True, "null": None, "missing": ..., "list": [7]}
    for name, value in wrong.items():
        made = referring(with_members({"uri": LIST}, {"idx": value}))
        yield _reference_case(f"idx-{name}", made)
    for name, value in {
        "missing": ...,
        "number": 7,
        "null": None,
        "empty": "",
        "no-scheme": "status",
        "list": [LIST],
        "long": "x:" + "a" * 5_000,
    }.items():
        made = referring(with_members({"idx": 7}, {"uri": value}))
        yield _reference_case(f"uri-{name}", made)
    for name, value in {"text": LIST, "list": [LIST, 7], "null": None, "number": 7}.items():
        yield _reference_case(f"reference-{name}", referring(value))
    for name, value in {
        "text": "valid",
        "list": [],
        "null": None,
        "empty": {},
        "true": True,
    }.items():
        made = SHOWN.line(Change(payload=setting(status=value)))
        yield _reference_case(f"status-{name}", made)
    for name, index in {"first": 0, "last": 255, "seventh": 7}.items():
        yield SLOT.twin(
            "S-054",
            f"idx-{name}",
            referring({"uri": LIST, "idx": index}),
            check="status_of_entries",
        )
    made = referring({"uri": LIST, "idx": 3, "x-city": 1})
    yield SLOT.twin("S-054", "more-members", made, check="status_reference")


def _reference_case(name: str, made: Json) -> HostileCase:
    return SHOWN.reject(
        "S-054", name, made, check="status_reference", detail="invalid_status_reference"
    )


def _bit_orders() -> Iterator[HostileCase]:
    """S-055: the examples of TSL 4.1 (1 and 2 bits), and one entry alone at each width."""
    one = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]
    for index, value in enumerate(one):
        yield _entry(f"example-1-{index}", bytes.fromhex("b9a3"), 1, index, value)
    two = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]
    for index, value in enumerate(two):
        yield _entry(f"example-2-{index}", bytes.fromhex("c944f9"), 2, index, value)
    for bits in (1, 2, 4, 8):
        for index in (0, 1, 2, 3, 6, 9, 31):
            value = 1 if bits == 1 or index % 2 else 2
            entries = bytearray(64)
            entries[index * bits // 8] |= value << index * bits % 8
            for offset in (-1, 0, 1):
                if index + offset >= 0:
                    yield _entry(
                        f"{bits}-bits-{index}-at-{index + offset}",
                        bytes(entries),
                        bits,
                        index + offset,
                        0 if offset else value,
                    )
    for value in (3, 4, 11, 12, 15):
        yield _entry(f"value-{value}", bytes([value << 4]), 4, 1, value)


def _entry(name: str, entries: bytes, bits: int, index: int, value: int) -> HostileCase:
    reference = {"uri": LIST, "idx": index}
    made = SHOWN.line(
        Change(payload=setting(status={"status_list": reference})),
        status_lists={LIST: token_list(entries=entries, bits=bits)},
    )
    if value == 0:
        return SLOT.twin("S-055", name, made, check="bit_order")
    reason = {1: "revoked", 2: "suspended"}.get(value, "status_unknown")
    detail = reason if value in (1, 2) else "unknown_status_value"
    return SLOT.reject("S-055", name, made, check="status_of_entries", reason=reason, detail=detail)


def _answers() -> Iterator[HostileCase]:
    """S-057: what a broken endpoint gives in place of a list."""
    good = token_list()
    for name, (text, detail) in {
        "empty": ("", "not_a_jws"),
        "html": ("<!DOCTYPE html><title>503</title>", "not_a_jws"),
        "json": ('{"error":"not_found"}', "status_verification_error"),
        "null": ("null", "not_a_jws"),
        "redirect": (f"{LIST}?moved", "invalid_base64url"),
        "cut-in-two": (good[: good.rindex(".")], "not_a_jws"),
        "without-signature": (good[: good.rindex(".") + 1], "status_list_not_authentic"),
        "of-another-kind": (bitstring_list(), "wrong_list_named"),
        "line-feed": (good + "\n", "invalid_base64url"),
        "binary": ("\x00\x01\x02", "not_a_jws"),
        "khmer": ("រកមិនឃើញ", "not_a_jws"),
    }.items():
        yield _case("S-057", name, text, "status_is_known", detail)
    none = SLOT.line(status_lists={})
    missing = {"reason": "status_unknown", "detail": "status_list_missing"}
    yield SLOT.reject("S-057", "nothing", none, check="status_is_known", **missing)
    elsewhere = SLOT.line(status_lists={f"{LIST}/": good, LIST.upper(): good})
    yield SLOT.reject("S-057", "elsewhere", elsewhere, check="status_is_known", **missing)
    for age in (0, 60, 599):
        made = SLOT.line(status={"max_age": age})
        yield SLOT.reject(
            "S-057",
            f"older-than-{age}",
            made,
            check="status_is_known",
            reason="status_stale",
            detail="list_too_old",
        )
    made = SHOWN.line(LEFT_OUT, status="required")
    yield SHOWN.reject(
        "S-057",
        "required-and-absent",
        made,
        check="status_rule",
        reason="status_unknown",
        detail="status_missing",
    )
    mechanism = {"status_list_2": {"uri": LIST, "idx": INDEX}}
    made = SLOT.line()
    made |= {"presentation": SHOWN.line(Change(payload=setting(status=mechanism)))["presentation"]}
    yield SLOT.reject("S-057", "unknown-mechanism", made, check="status_is_known", **missing)
    for age in (600, 601, DAY):
        yield SLOT.twin(
            "S-057",
            f"no-older-than-{age}",
            SLOT.line(status={"max_age": age}),
            check="status_is_known",
        )
    yield SLOT.twin(
        "S-057", "ignored", SLOT.line(status_lists={}, status="ignore"), check="status_is_known"
    )
    yield SHOWN.twin("S-057", "without-status", SHOWN.line(LEFT_OUT), check="status_rule")
    keys = agencies(status_keys=[])
    yield SLOT.twin("S-057", "by-the-same-key", SLOT.line(issuers=keys), check="status_is_known")
