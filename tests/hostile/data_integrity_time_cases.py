"""
S-028, S-025, S-026, S-027 for documents with Data Integrity proofs: when, by whom, of what type.

VCDM 2.0 section 4.9 (validFrom, validUntil), 4.4 to 4.6 (types, issuer), XML Schema dateTimeStamp.
Everything here is signed by a key of the agency, or by one that is not.
"""

from collections.abc import Iterator
from typing import Any

from tests.hostile import proof_switches  # noqa: F401
from tests.hostile.case import HostileCase
from tests.hostile.proof_stage import (
    DID,
    OTHER_DID,
    SUITES,
    TYPE,
    Suite,
    line,
    permit,
    secure,
    trusted,
)

NOW = "2026-11-22T09:00:00Z"


def cases() -> Iterator[HostileCase]:
    for suite in SUITES:
        yield from _times(suite)
        yield from _signers(suite)
        yield from _issuers(suite)
        yield from _types(suite)


def _shown(
    suite: Suite, sid: str, name: str, expected: tuple[str, str, str], **members: Any
) -> Any:
    check, reason, detail = expected
    made = line(suite, secure(suite, permit(suite, **members)))
    return suite.alone.reject(sid, name, made, check=check, reason=reason, detail=detail)


def _times(suite: Suite) -> Iterator[HostileCase]:
    expired = ("paper_validity", "expired", "expired")
    for name, end in {
        "hour-past": "2026-11-22T08:00:00Z",
        "past": "2026-11-21T10:00:00Z",
        "61-seconds-past": "2026-11-22T08:58:59Z",
        "60-seconds-past": "2026-11-22T08:59:00Z",
        "past-elsewhere": "2026-11-22T15:58:59+07:00",
        "past-in-the-west": "2026-11-21T20:00:00-12:00",
    }.items():
        yield _shown(suite, "S-028", f"until-{name}", expired, validUntil=end)
    early = ("paper_validity", "not_yet_valid", "not_yet_valid")
    for name, begin in {
        "61-seconds-ahead": "2026-11-22T09:01:01Z",
        "tomorrow": "2026-11-23T09:00:00Z",
        "ahead-elsewhere": "2026-11-22T09:30:00+00:00",
        "ahead-in-the-west": "2026-11-22T02:00:00-07:30",
    }.items():
        yield _shown(suite, "S-028", f"from-{name}", early, validFrom=begin)
    turned = ("paper_times_in_order", "malformed", "invalid_validity")
    begin = "2026-11-21T09:00:01Z"
    made: dict[str, Any] = {"validFrom": begin, "validUntil": "2026-11-21T09:00:00Z"}
    yield _shown(suite, "S-028", "turned", turned, **made)
    made = {"validFrom": "2027-01-01T00:00:00Z", "validUntil": "2026-12-31T00:00:00Z"}
    yield _shown(suite, "S-028", "turned-ahead", turned, **made)
    values: dict[str, Any] = {
        "date": "2026-12-21",
        "no-zone": "2026-12-21T09:00:00",
        "leap-second": "2026-12-31T23:59:60Z",
        "month-13": "2026-13-01T00:00:00Z",
        "february-30": "2026-02-30T00:00:00Z",
        "hour-24": "2026-12-21T24:00:00Z",
        "lower": "2026-12-21t09:00:00z",
        "space": " 2026-12-21T09:00:00Z",
        "blank-for-t": "2026-12-21 09:00:00Z",
        "zone-99": "2026-12-21T09:00:00+99:00",
        "zone-short": "2026-12-21T09:00:00+07",
        "year-10000": "10000-01-01T00:00:00Z",
        "negative": "-2026-12-21T09:00:00Z",
        "khmer-digits": "២០២៦-12-21T09:00:00Z",
        "line-feed": "2026-12-21T09:00:00Z\n",
        "empty": "",
    }
    others: dict[str, Any] = {"number": 1_797_000_000, "true": True}
    malformed = ("paper_times", "malformed", "invalid_time")
    for member in ("validFrom", "validUntil"):
        for name, value in {**values, **others}.items():
            yield _shown(suite, "S-028", f"{member}-{name}", malformed, **{member: value})
    for name, options in {
        "past": "2026-11-22T08:58:59Z",
        "hour-past": "2026-11-22T08:00:00Z",
    }.items():
        shown = secure(suite, permit(suite), created=..., expires=options)
        made = line(suite, shown)
        check, reason, detail = expired
        yield suite.alone.reject(
            "S-028", f"proof-{name}", made, check=check, reason=reason, detail=detail
        )
    for name, created in {
        "61-seconds-ahead": "2026-11-22T09:01:01Z",
        "ahead": "2027-01-01T00:00:00Z",
    }.items():
        made = line(suite, secure(suite, permit(suite), created=created))
        yield suite.alone.reject(
            "S-028",
            f"proof-{name}",
            made,
            check="paper_validity",
            reason="not_yet_valid",
            detail="issued_in_the_future",
        )
    yield from _good_times(suite)


def _good_times(suite: Suite) -> Iterator[HostileCase]:
    twins: dict[str, dict[str, Any]] = {
        "59-seconds-past": {"validUntil": "2026-11-22T08:59:01Z"},
        "60-seconds-ahead": {"validFrom": "2026-11-22T09:01:00Z"},
        "no-times": {"validFrom": ..., "validUntil": ...},
        "elsewhere": {"validUntil": "2026-11-22T16:00:00+07:00"},
        "fraction": {"validUntil": "2026-12-22T09:00:00.999999Z"},
        "one-moment": {"validFrom": NOW, "validUntil": NOW},
        "last-second": {"validUntil": "9999-12-31T23:59:59Z"},
        "minus-zero": {"validFrom": "2026-11-21T09:00:00-00:00"},
    }
    for name, members in twins.items():
        made = line(suite, secure(suite, permit(suite, **members)))
        yield suite.alone.twin("S-028", name, made, check="paper_validity")
    made = line(suite, secure(suite, permit(suite), created="2026-11-22T09:01:00Z"))
    yield suite.alone.twin("S-028", "proof-60-seconds-ahead", made, check="paper_validity")


def _signers(suite: Suite) -> Iterator[HostileCase]:
    """S-025: the registry says whose keys count, and for what."""
    bad = ("proof_signature", "bad_signature", "bad_issuer_signature")
    for by in ("stranger", "land", "holder"):
        for how in ("plain", "named"):
            key = {} if how == "plain" else {"verificationMethod": f"{DID}#{by}"}
            made = line(suite, secure(suite, permit(suite), by, **key))
            check, reason, detail = bad
            yield suite.alone.reject(
                "S-025", f"by-{by}-{how}", made, check=check, reason=reason, detail=detail
            )
    unlisted = {DID: {"keys": [], "types": [TYPE]}}
    made = line(suite, secure(suite, permit(suite)), issuers=unlisted)
    yield suite.alone.reject(
        "S-025",
        "no-key-listed",
        made,
        check="key_is_listed",
        reason="issuer_not_trusted",
        detail="no_key_listed",
    )
    made = line(suite, secure(suite, permit(suite), "lists"))
    yield suite.alone.reject(
        "S-025",
        "by-key-of-lists",
        made,
        check="use_of_key",
        reason="issuer_not_trusted",
        detail="key_of_another_use",
    )
    both = trusted(suite)
    both[DID]["keys"] *= 2
    made = line(suite, secure(suite, permit(suite)), issuers=both)
    yield suite.alone.twin("S-025", "listed-twice", made, check="proof_signature")
    both[DID]["keys"] = [dict(suite.signer("older").public_jwk), *both[DID]["keys"]]
    made = line(suite, secure(suite, permit(suite)), issuers=both)
    yield suite.alone.twin("S-025", "second-key", made, check="proof_signature")


def _issuers(suite: Suite) -> Iterator[HostileCase]:
    """S-026: an issuer is the text that the registry lists and no other."""
    names = {
        "slash": f"{DID}/",
        "upper": DID.replace("issuer", "Issuer"),
        "method": DID.replace("did:web", "did:key"),
        "suffix": DID.replace("example", "example.evil.example"),
        "port": DID.replace("example:", "example%3A443:"),
        "query": f"{DID}?a=b",
        "longer": f"{DID}x",
        "shorter": DID[:-1],
        "homoglyph": DID.replace("city", "c\u0456ty"),
        "escaped": DID.replace("city", "%63ity"),
        "url": "https://issuer.city.example/agencies/transport",
        "http": "http://issuer.city.example/agencies/transport",
        "user": "https://issuer.city.example@evil.example/agencies/transport",
        "zero-width": f"{DID}\u200b",
        "unknown": "did:web:evil.example",
    }
    expected = ("paper_issuer", "issuer_not_trusted", "unknown_issuer")
    for name, issuer in names.items():
        for shape in ("text", "object"):
            value = issuer if shape == "text" else {"id": issuer}
            shown = secure(suite, permit(suite, issuer=value), verificationMethod=f"{issuer}#key-1")
            check, reason, detail = expected
            yield suite.alone.reject(
                "S-026",
                f"{name}-{shape}",
                line(suite, shown),
                check=check,
                reason=reason,
                detail=detail,
            )
    shapeless: dict[str, Any] = {"space": f" {DID}", "null": None, "number": 7, "list": [DID]}
    shapeless |= {"two": [DID, OTHER_DID], "empty": "", "no-id": {"name": DID}, "word": "transport"}
    for name, value in shapeless.items():
        url = ("paper_issuer_is_url", "malformed", "invalid_url")
        yield _shown(suite, "S-026", name, url, issuer=value)
    made = line(suite, secure(suite, permit(suite, issuer={"id": DID})))
    yield suite.alone.twin("S-026", "object", made, check="paper_issuer")


def _types(suite: Suite) -> Iterator[HostileCase]:
    """S-027 and S-025: a type that this issuer may not issue, or that nobody asked for."""
    expected = ("paper_type_accredited", "issuer_not_authorised_for_type", "not_accredited")
    for name, types in {
        "other": ["VerifiableCredential", "LandTitle"],
        "extra": ["VerifiableCredential", TYPE, "LandTitle"],
        "case": ["VerifiableCredential", TYPE.lower()],
        "longer": ["VerifiableCredential", f"{TYPE}s"],
        "iri": ["VerifiableCredential", f"https://city.example/{TYPE}"],
        "none": ["VerifiableCredential"],
    }.items():
        yield _shown(suite, "S-027", name, expected, type=types)
        made = line(suite, secure(suite, permit(suite, type=types)))
        check, reason, detail = expected
        yield suite.alone.reject("S-025", name, made, check=check, reason=reason, detail=detail)
    shown = secure(suite, permit(suite))
    for name, accepted in {"other": ["LandTitle"], "base": ["VerifiableCredential"]}.items():
        yield suite.alone.reject(
            "S-027",
            f"asked-{name}",
            line(suite, shown, accepted_types=accepted),
            check="paper_type_accepted",
            reason="type_not_accepted",
            detail="another_type",
        )
    for name, accepted in {"this": [TYPE], "either": ["LandTitle", TYPE]}.items():
        made = line(suite, shown, accepted_types=accepted)
        yield suite.alone.twin("S-027", f"asked-{name}", made, check="paper_type_accepted")
    made = line(suite, secure(suite, permit(suite, type=[TYPE, "VerifiableCredential"])))
    yield suite.alone.twin("S-027", "turned", made, check="paper_type_accredited")
