"""
S-033: what changes a document's JSON, or the meaning of its words, and leaves its statements alone.

JSON-LD 1.1 (API 4.1, 5.1: what expansion drops), vc-data-integrity 1.0 section 2.4 and its security
considerations, w3c/vc-data-integrity#272. Half of these are altered after the agency signed, half
are signed as they stand: no credential may say to its reader what its statements do not say.
"""

from collections.abc import Iterator
from typing import Any

from credentials.json_ld_walk import Walk
from credentials.pinned_contexts import Contexts
from tests.hostile import proof_switches  # noqa: F401
from tests.hostile.case import HostileCase
from tests.hostile.proof_stage import (
    DID,
    EXAMPLES,
    JCS_SUITES,
    RDF_SUITES,
    TYPE,
    V2,
    Json,
    Suite,
    line,
    permit,
    present,
    secure,
)
from tests.hostile.stage import with_members
from tests.hostile.switches import switch


def _any_context(self: Contexts, url: str) -> Any:
    return self._documents.get(url, {})


def _states_nothing(self: Walk, document: Any) -> None:
    """Every document says the same."""
    self.lines.append("<urn:a:b> <urn:a:c> <urn:a:d> .\n")


switch("contexts_bundled", {"credentials.pinned_contexts.Contexts.get": _any_context})
# The walk is one piece: its strictness is off when it no longer looks.
switch(
    "json_ld_walk",
    {
        "credentials.json_ld_walk.Walk.document": _states_nothing,
        "credentials.json_ld._Reader._prove": lambda *_: None,
    },
)
switch("json_ld_names", {"credentials.json_ld.check_names": lambda *_, **__: None})
switch(
    "shape_of_contexts",
    {
        "credentials.vcdm_shape._check_contexts": lambda *_, **__: None,
        "credentials.json_ld_walk.Walk.document": _states_nothing,
        "credentials.json_ld._Reader._prove": lambda *_: None,
    },
)
SCHEMA = "https://schema.org/"


def cases() -> Iterator[HostileCase]:
    for suite in RDF_SUITES:
        yield from _unsigned(suite)
        yield from _contexts(suite)
        yield from _twins(suite)
    for suite in JCS_SUITES:
        yield from _canonical(suite)


def _reject(suite: Suite, name: str, shown: Any, check: str, detail: str) -> HostileCase:
    reason = "bad_signature" if detail == "bad_issuer_signature" else "malformed"
    made = line(suite, shown)
    return suite.alone.reject("S-033", name, made, check=check, reason=reason, detail=detail)


def _unsigned(suite: Suite) -> Iterator[HostileCase]:
    """Members that carry no statement: anybody may have added them."""
    good = secure(suite, permit(suite))
    additions: dict[str, tuple[Any, str]] = {
        "null": (None, "unsigned_member"),
        "empty-list": ([], "unsigned_member"),
        "list-of-null": ([None], "unsigned_member"),
        "list-of-empty": ([[]], "unsupported_json_ld"),
        "set": ({"@set": []}, "unsupported_json_ld"),
        "value-null": ({"@value": None}, "unsupported_json_ld"),
        "index": ({"@value": "x", "@index": "1"}, "unsupported_json_ld"),
        "direction": ({"@value": "x", "@direction": "rtl"}, "unsupported_json_ld"),
    }
    for name, (value, _) in additions.items():
        for place in ("subject", "vehicle", "document"):
            shown = _put(good, place, {"remark": value})
            yield _reject(suite, f"{place}-{name}", shown, "json_ld_walk", additions[name][1])
    keywords: dict[str, Any] = {
        "@index": "1",
        "@included": [{"plate": "1A-0001"}],
        "@reverse": {"plate": {"id": "urn:a:b"}},
        "@graph": [{"id": "urn:a:b"}],
        "@nest": {"plate": "1A-0001"},
        "@set": ["x"],
        "@unknown": "x",
    }
    for name, value in keywords.items():
        detail = "undefined_term" if name == "@unknown" else "unsupported_json_ld"
        for place in ("subject", "document"):
            shown = _put(good, place, {name: value})
            yield _reject(suite, f"{place}-{name}", shown, "json_ld_walk", detail)
    terms = "https://www.w3.org/ns/credentials/examples#"
    for name, (key, detail) in {
        "iri": (f"{terms}plate", "compact_iri"),
        "valid-until-as-iri": (f"{V2[:-3]}#validUntil", "compact_iri"),
        "empty-word": ("", "undefined_term"),
    }.items():
        shown = _put(good, "subject", {key: "1A-0001"})
        if name != "empty-word":
            yield _reject(suite, f"key-{name}", shown, "json_ld_walk", detail)
    subject = good["credentialSubject"]
    repeats = {
        "subject-twice": {"credentialSubject": [subject, {"id": subject["id"]}]},
        "subject-reference": {"credentialSubject": [subject, subject["id"]]},
        "type-twice": {"type": [*good["type"], TYPE]},
        "type-base-twice": {"type": [*good["type"], "VerifiableCredential"]},
    }
    for name, members in repeats.items():
        yield _reject(suite, name, {**good, **members}, "json_ld_walk", "stated_twice")
    for name, claims in {
        "zone-twice": {"zones": ["A", "B", "A"]},
        "zones-all-twice": {"zones": ["A", "B", "A", "B"]},
        "seats-twice": {"seats": [4, 4.0]},
        "plate-twice": {"plate": ["2A-4417", "2A-4417"]},
    }.items():
        yield _reject(suite, name, _put(good, "subject", claims), "json_ld_walk", "stated_twice")
    two = permit(
        suite, credentialSubject={**subject, "vehicle": {"id": subject["id"], "colour": "x"}}
    )
    yield _reject(suite, "described-twice", secure(suite, two), "json_ld_walk", "described_twice")
    for name, value in {
        "relative": "vehicles/1",
        "word": "vehicle",
        "fragment": "#1",
        "empty": "",
    }.items():
        vehicle = {**subject["vehicle"], "id": value}
        shown = secure(suite, permit(suite, credentialSubject={**subject, "vehicle": vehicle}))
        yield _reject(suite, f"id-{name}", shown, "json_ld_walk", "relative_iri")
    for name, claims in {
        "value-object": {"plate": {"@value": "2A-4417"}},
        "set-object": {"zones": {"@set": ["A", "B"]}},
        "nested-list": {"zones": [["A"], "B"]},
    }.items():
        shown = _put(good, "subject", claims)
        yield _reject(suite, name, shown, "json_ld_walk", "unsupported_json_ld")
    for name, claims in {
        "value": {"plate": "1A-0001"},
        "number-as-text": {"seats": "4"},
        "other-number": {"seats": 40},
        "claim-added": {"owner": "Chan"},
        "claim-removed": {"plate": ...},
        "zone-added": {"zones": ["A", "B", "C"]},
        "zone-removed": {"zones": ["A"]},
        "vehicle-named": {"vehicle": {**subject["vehicle"], "id": "urn:a:b"}},
        "white-space": {"plate": "2A-4417 "},
        "other-normal-form": {"vehicle": {"maker": "Tuk & Co", "colour": "ខៀវ\u200b"}},
    }.items():
        shown = _put(good, "subject", claims)
        yield _reject(suite, f"altered-{name}", shown, "proof_signature", "bad_issuer_signature")


def _put(document: Json, place: str, members: Json) -> Json:
    if place == "document":
        return with_members(document, members)
    subject = document["credentialSubject"]
    if place == "subject":
        return {**document, "credentialSubject": with_members(subject, members)}
    vehicle = with_members(subject["vehicle"], members)
    return {**document, "credentialSubject": {**subject, "vehicle": vehicle}}


def _contexts(suite: Suite) -> Iterator[HostileCase]:
    """Other contexts, signed by the agency as they stand, or added by somebody."""
    base = permit(suite)
    lists: dict[str, tuple[list[Any], str, str]] = {}
    for name, url in {
        "unknown": "https://evil.example/context",
        "slash": f"{EXAMPLES}/",
        "http": EXAMPLES.replace("https", "http"),
        "version": EXAMPLES.replace("v2", "v3"),
        "fragment": f"{EXAMPLES}#",
        "file": "file:///etc/passwd",
        "data": "data:application/ld+json,{}",
        "local": "http://127.0.0.1/context",
    }.items():
        lists[name] = ([V2, EXAMPLES, url], "contexts_bundled", "unknown_context")
    for name, context in {
        "swapped": {"plate": f"{SCHEMA}name", "name2": f"{SCHEMA}plate"},
        "object": {"plate": {"@id": f"{SCHEMA}colour"}},
        "nested": {
            "vehicle": {"@id": f"{SCHEMA}vehicle", "@context": {"colour": f"{SCHEMA}maker"}}
        },
    }.items():
        lists[f"renames-{name}"] = ([V2, EXAMPLES, context], "json_ld_names", "renamed_term")
    lists["vocabulary-within-word"] = (
        [V2, EXAMPLES, {"@vocab": f"{SCHEMA}x"}],
        "json_ld_names",
        "renamed_term",
    )
    for name, context in {
        "base": {"@base": "https://evil.example/"},
        "import": {"@import": EXAMPLES},
        "direction": {"@direction": "rtl"},
        "reverse": {"of": {"@reverse": f"{SCHEMA}of"}},
        "nest": {"a": {"@id": f"{SCHEMA}a", "@nest": "@nest"}},
        "keyword": {"graph": "@graph"},
        "container": {"plate": {"@id": f"{SCHEMA}plate", "@container": "@index"}},
    }.items():
        lists[name] = ([V2, EXAMPLES, context], "json_ld_walk", "unsupported_context")
    for name, context in {
        "type": {"type": "https://evil.example/type"},
        "id": {"id": "https://evil.example/id"},
        "issuer": {"issuer": "https://evil.example/issuer"},
        "validUntil": {"validUntil": "https://evil.example/validUntil"},
        "credentialStatus": {"credentialStatus": "https://evil.example/credentialStatus"},
        "VerifiableCredential": {"VerifiableCredential": "https://evil.example/VC"},
    }.items():
        lists[f"redefines-{name}"] = (
            [V2, EXAMPLES, context],
            "shape_of_contexts",
            "term_redefined",
        )
    for name, written in {"number": 7, "list": [EXAMPLES], "null": None}.items():
        detail = "term_redefined" if name == "null" else "invalid_context"
        lists[f"shape-{name}"] = ([V2, EXAMPLES, written], "shape_of_contexts", detail)
    for name, (written, check, detail) in lists.items():
        if name == "shape-list":
            continue
        shown = secure(suite, {**base, "@context": written})
        yield _reject(suite, f"context-{name}", shown, check, detail)
        late = {**secure(suite, base), "@context": written}
        yield _reject(suite, f"context-late-{name}", late, check, detail)


def _twins(suite: Suite) -> Iterator[HostileCase]:
    """The same statements in another text, or more contexts that change none of them."""
    good = secure(suite, permit(suite))
    subject = good["credentialSubject"]
    same: dict[str, Json] = {
        "set-turned": _put(good, "subject", {"zones": ["B", "A"]}),
        "members-turned": {**dict(reversed([*good.items()]))},
        "subject-in-list": {**good, "credentialSubject": [subject]},
        "issuer-object": {**good, "issuer": {"id": DID}},
        "types-turned": {**good, "type": good["type"][::-1]},
        "one-in-list": _put(good, "subject", {"plate": ["2A-4417"]}),
        "whole-number": _put(good, "subject", {"seats": 4.0}),
        "context-twice": {**good, "@context": [V2, EXAMPLES, EXAMPLES]},
        "context-of-others": {
            **good,
            "@context": [V2, EXAMPLES, "https://w3id.org/security/multikey/v1"],
        },
    }
    for name, shown in same.items():
        yield suite.alone.twin("S-033", name, line(suite, shown), check="json_ld_walk")
    signed: dict[str, Json] = {
        "own-name": {"@context": [V2, EXAMPLES, {"owner": f"{SCHEMA}owner"}]},
        "vocabulary": {"@context": [V2, {"@vocab": f"{SCHEMA}"}]},
        "named-vehicle": {
            "credentialSubject": {**subject, "vehicle": {**subject["vehicle"], "id": "urn:a:b"}}
        },
        "language": {"name": {"@value": "Permit", "@language": "en"}},
    }
    for name, members in signed.items():
        shown = secure(suite, permit(suite, **members))
        yield suite.alone.twin("S-033", name, line(suite, shown), check="json_ld_walk")
    shown = present(suite, good)
    yield suite.wrapped.twin("S-033", "presented", line(suite, shown), check="json_ld_walk")


def _canonical(suite: Suite) -> Iterator[HostileCase]:
    """With JCS the text itself is signed: any other value is another document."""
    good = secure(suite, permit(suite))
    subject = good["credentialSubject"]
    bad = ("proof_signature", "bad_issuer_signature")
    for name, claims in {
        "null-added": {"remark": None},
        "empty-list-added": {"remark": []},
        "set-turned": {"zones": ["B", "A"]},
        "repeated": {"zones": ["A", "B", "B"]},
        "one-in-list": {"plate": ["2A-4417"]},
        "text-for-number": {"seats": "4"},
        "other-fraction": {"seats": 4.5},
        "value": {"plate": "1A-0001"},
        "case": {"plate": "2a-4417"},
        "normal-form": {"vehicle": {**subject["vehicle"], "maker": "Tu\u0301k & Co"}},
        "removed": {"plate": ...},
    }.items():
        yield _reject(suite, f"altered-{name}", _put(good, "subject", claims), *bad)
    for name, members in {
        "type-turned": {"type": good["type"][::-1]},
        "issuer-object": {"issuer": {"id": DID}},
        "until": {"validUntil": "2027-12-22T09:00:00Z"},
        "id-removed": {"id": ...},
        "member-added": {"name": "Permit"},
    }.items():
        yield _reject(suite, f"altered-{name}", with_members(good, members), *bad)
    for name, contexts in {
        "fewer": [V2],
        "other": [V2, "https://evil.example/context"],
        "before": [V2, "https://evil.example/context", EXAMPLES],
    }.items():
        shown = {**good, "@context": contexts}
        yield _reject(suite, f"context-{name}", shown, "proof_context", "proof_context_mismatch")
    for name, context in {"type": {"type": "x:y"}, "issuer": {"issuer": "x:y"}}.items():
        shown = secure(suite, permit(suite, **{"@context": [V2, EXAMPLES, context]}))
        yield _reject(suite, f"redefines-{name}", shown, "shape_of_contexts", "term_redefined")
    twins = {
        "whole-number": _put(good, "subject", {"seats": 4.0}),
        "members-turned": dict(reversed([*good.items()])),
        "context-added": {**good, "@context": [V2, EXAMPLES, "https://city.example/more"]},
    }
    for name, shown in twins.items():
        yield suite.alone.twin("S-033", name, line(suite, shown), check="proof_signature")
