"""
S-033 for VCDM 1.1 with linked-data proofs: texts that say more, or other things, than was signed.

JSON-LD 1.1 drops what has no IRI, joins nodes of one id and takes an array for a set, so a holder
may change a text without breaking its proof. Contexts are known ones and one vocabulary; names and
types are plain terms; ids are absolute and stand once. VCDM 1.1 sections 4.1 to 4.5 for the rest.
"""

from collections.abc import Iterator
from typing import Any

from tests.hostile import vcdm1_ldp_switches  # noqa: F401
from tests.hostile.case import HostileCase
from tests.hostile.stage import TYPE, with_members
from tests.hostile.vcdm1_ldp_stage import (
    BASE,
    STATUS_CONTEXT,
    SUITES,
    TERMS,
    VOCABULARY,
    Json,
    Suite,
    issue,
    line,
    with_proof,
    with_subject,
)

EVIL = "https://evil.example/contexts/v1"


def cases() -> Iterator[HostileCase]:
    for suite in SUITES:
        yield from _contexts(suite)
        yield from _types(suite)
        yield from _names(suite)
        yield from _ids(suite)
        yield from _subjects(suite)
        yield from _twins(suite)


def _reject(suite: Suite, sid: str, name: str, shown: Json, check: str, detail: str) -> HostileCase:
    return suite.alone.reject(sid, name, line(suite, shown), check=check, detail=detail)


def _contexts(suite: Suite) -> Iterator[HostileCase]:
    good = issue(suite)
    extended: dict[str, Any] = {
        "url": EVIL,
        "lookalike": "https://www.w3.org/2018/credentials/v1/",
        "http": "http://www.w3.org/2018/credentials/examples/v1",
        "second-version": "https://www.w3.org/ns/credentials/v2",
        "examples": "https://www.w3.org/2018/credentials/examples/v1",
        "security-v2": "https://w3id.org/security/v2",
        "file": "file:///etc/passwd",
        "data": "data:application/ld+json,{}",
        "relative": "terms.jsonld",
        "empty": "",
        "term": {"plate": f"{TERMS}owner"},
        "term-and-vocabulary": {"@vocab": TERMS, "plate": f"{TERMS}owner"},
        "keyword": {"@vocab": TERMS, "holder": "@id"},
        "no-meaning": {"plate": None},
        "base": {"@base": "https://x.example/"},
        "import": {"@import": EVIL},
        "language": {"@language": "km"},
        "version": {"@version": 1.1, "@vocab": TERMS},
        "protected": {"@protected": True, "@vocab": TERMS},
        "propagate": {"@propagate": False, "@vocab": TERMS},
        "nothing": {},
        "second-vocabulary": {"@vocab": "https://other.example/#"},
        "vocabulary-null": {"@vocab": None},
        "vocabulary-number": {"@vocab": 7},
        "vocabulary-list": {"@vocab": [TERMS]},
        "vocabulary-empty": {"@vocab": ""},
        "vocabulary-relative": {"@vocab": "terms#"},
        "vocabulary-without-end": {"@vocab": "https://city.example"},
        "vocabulary-space": {"@vocab": "https://city.example/a b#"},
    }
    for name, context in extended.items():
        swapped = {**good, "@context": [BASE, context]}
        added = {**good, "@context": [*good["@context"], context]}
        check, detail = "ldp1_contexts", "unknown_context"
        if name != "second-vocabulary":
            yield _reject(suite, "S-033", f"context-{name}", swapped, check, detail)
        yield _reject(suite, "S-033", f"context-added-{name}", added, check, detail)
    for name, context in {"null": None, "number": 7, "list": [VOCABULARY], "true": True}.items():
        bad = {**good, "@context": [*good["@context"], context]}
        check, detail = "ldp1_base_context", "invalid_context"
        yield _reject(suite, "S-033", f"context-{name}", bad, check, detail)
    inside: dict[str, Any] = {"url": EVIL, "vocabulary": VOCABULARY, "empty": {}, "number": 7}
    inside |= {"term": {"created": f"{TERMS}created"}, "base": BASE, "null": None}
    for name, context in inside.items():
        for place, value in {"alone": context, "listed": [suite.context, context]}.items():
            bad = with_proof(good, **{"@context": value})
            check, detail = "ldp1_proof_contexts", "unknown_context"
            yield _reject(suite, "S-033", f"proof-context-{name}-{place}", bad, check, detail)


def _types(suite: Suite) -> Iterator[HostileCase]:
    good = issue(suite)
    kinds = ("Taxi Permit", "Taxi#Permit", "taxi:permit", "https://x y/z", "StatusList2021Entry")
    for kind in (*kinds, "Ed25519Signature2020", "VerifiablePresentations ", "<script>"):
        check, detail = "ldp1_types_mapped", "type_not_mapped"
        bad = {**good, "type": [*good["type"], kind]}
        yield _reject(suite, "S-033", f"type-{kind}", bad, check, detail)
        bad = with_subject(good, vehicle={"type": kind, "maker": "Tuk & Co", "colour": "ខៀវ"})
        yield _reject(suite, "S-033", f"claim-type-{kind}", bad, check, detail)
    bad = {**good, "@context": [BASE]}
    yield _reject(suite, "S-033", "no-vocabulary", bad, "ldp1_types_mapped", "type_not_mapped")
    shapes: dict[str, Any] = {"missing": ..., "null": None, "number": 7, "empty": "", "none": []}
    shapes |= {"permit-alone": [TYPE], "with-null": ["VerifiableCredential", None]}
    shapes |= {"with-empty": ["VerifiableCredential", ""], "case": ["verifiableCredential", TYPE]}
    shapes |= {"object": {"id": "VerifiableCredential"}, "nested": [["VerifiableCredential"]]}
    for name, value in shapes.items():
        bad = with_members(good, {"type": value})
        yield _reject(suite, "S-027", f"types-{name}", bad, "ldp1_types", "invalid_type")


def _names(suite: Suite) -> Iterator[HostileCase]:
    """Claims that no context names: they would be shown, and nobody signed them."""
    good = issue(suite)
    names = {
        "space": "full name",
        "empty": "",
        "iri": f"{TERMS}owner",
        "compact": "city:owner",
        "keyword": "@type",
        "keyword-id": "@id",
        "keyword-like": "@owner",
        "context": "@context",
        "fragment": "a#b",
        "bracket": "a<b",
        "slash": "a/b",
        "proof": "proof",
        "credential": "verifiableCredential",
        "invisible": "owner\u200e",
        "private": "\ue000",
        "long": "a" * 129,
        "line-feed": "owner\n",
        "nul": "owner\x00",
    }
    for name, member in names.items():
        check, detail = "ldp1_names", "invalid_claim_name"
        bad = with_subject(good, **{member: "Chan"})
        yield _reject(suite, "S-033", f"name-{name}", bad, check, detail)
        vehicle = {**good["credentialSubject"]["vehicle"], member: "Chan"}
        bad = with_subject(good, vehicle=vehicle)
        yield _reject(suite, "S-033", f"inner-name-{name}", bad, check, detail)
        if member not in ("@context", "proof"):
            bad = {**good, member: "Chan"}
            yield _reject(suite, "S-033", f"outer-name-{name}", bad, check, detail)


def _ids(suite: Suite) -> Iterator[HostileCase]:
    """A node whose id is no absolute IRI is dropped whole; two of one id are one."""
    good = issue(suite)
    ids: dict[str, Any] = {"relative": "owner", "empty": "", "null": None, "number": 7}
    ids |= {"blank": "_:b0", "space": "urn:x:a b", "percent": "urn:x:%zz", "list": ["urn:x:y"]}
    ids |= {"two-fragments": "urn:x:a#b#c", "bracket": "https://[::1/", "port": "https://a:x/"}
    ids |= {"scheme": "javascript:alert(1)", "fragment": "#owner", "keyword": "@id"}
    for name, value in ids.items():
        check, detail = "ldp1_ids", "invalid_url"
        bad = with_subject(good, owner={"id": value, "name": "Chan"})
        yield _reject(suite, "S-033", f"id-{name}", bad, check, detail)
        bad = {**good, "id": value}
        yield _reject(suite, "S-033", f"document-id-{name}", bad, check, detail)
    subject = good["credentialSubject"]["id"]
    for name, owner in {
        "subject": {"id": subject, "name": "Chan"},
        "document": {"id": good["id"], "name": "Chan"},
        "empty": {"id": subject},
        "pair": [{"id": "urn:x:1", "a": "1"}, {"id": "urn:x:1", "b": "2"}],
        "nested": {"id": "urn:x:1", "of": {"id": "urn:x:1"}},
    }.items():
        bad = with_subject(good, owner=owner)
        yield _reject(suite, "S-033", f"id-of-{name}", bad, "ldp1_ids_once", "duplicate_id")


def _subjects(suite: Suite) -> Iterator[HostileCase]:
    good = issue(suite)
    subject = good["credentialSubject"]
    shapes: dict[str, Any] = {"missing": ..., "null": None, "number": 7, "text": subject["id"]}
    shapes |= {"empty": {}, "none": [], "two": [subject, {"plate": "2A-9999"}]}
    shapes |= {"listed": [subject], "nothing-in-it": {"plate": None, "zones": []}}
    for name, value in shapes.items():
        bad = with_members(good, {"credentialSubject": value})
        yield _reject(suite, "S-027", f"subject-{name}", bad, "ldp1_subject", "invalid_subject")


def _twins(suite: Suite) -> Iterator[HostileCase]:
    """The last ones are texts that a holder may write in another way: no claim is another."""
    good = issue(suite)
    vehicle = good["credentialSubject"]["vehicle"]
    shown: dict[str, Json] = {
        "plain": good,
        "evidence": issue(suite, evidence=[{"id": "urn:e:1", "type": ["Document"]}]),
        "named-owner": issue(
            suite, credentialSubject={"owner": {"id": "https://a.example:8/x?y=1#z", "name": "A"}}
        ),
        "typed-claim": issue(suite, credentialSubject={"vehicle": {**vehicle, "type": "Car"}}),
        "every-script": issue(suite, credentialSubject={"名": "Sok", "ឈ្មោះ": "សុខ", "a.b-c": "1"}),
        "proof-context-alone": with_proof(good, **{"@context": suite.context}),
        "set-turned": with_subject(good, zones=["B", "A"]),
        "set-twice": with_subject(good, zones=["A", "B", "A"]),
        "set-nested": with_subject(good, zones=[["A"], ["B", None]]),
        "set-of-one": with_subject(good, plate=["2A-4417"]),
        "whole-number": with_subject(good, seats=4.0),
        "nothing-more": with_subject(good, owner=None, drivers=[]),
        "known-context-more": {**good, "@context": [BASE, STATUS_CONTEXT, VOCABULARY]},
    }
    for name, document in shown.items():
        yield suite.alone.twin("S-033", name, line(suite, document), check="ldp1_contexts")
