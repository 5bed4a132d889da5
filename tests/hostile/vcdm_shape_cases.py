"""
S-030: W3C documents that are none, in each way of securing them with JOSE.

VCDM 2.0 section 4 (4.3 contexts, 4.4 identifiers, 4.5 types, 4.6 names, 4.7 issuer, 4.8 subject,
4.10 status, 4.11 schemas, 5.3 related resources) and VCDM 1.1 section 4. The faults are those of
the W3C test suite's `*-fail.json`, and their neighbours.
"""

from collections.abc import Iterator
from typing import Any

from tests.hostile.case import HostileCase
from tests.hostile.removal import switch_off
from tests.hostile.slots import ISSUED, Slot
from tests.hostile.stage import (
    CITY_CONTEXT,
    CONTEXT,
    CONTEXT_1,
    HOLDER_DID,
    TYPE,
    VCT,
    Change,
    Json,
    document_1,
    setting,
)

SHAPE = "credentials.vcdm_shape"
switch_off(
    "contexts",
    (f"{SHAPE}._check_envelope", "invalid_context"),
    (f"{SHAPE}._check_contexts", "invalid_context"),
)
switch_off("old_contexts", ("credentials.vcdm1.check_document", "invalid_context"))
switch_off("protected_terms", (f"{SHAPE}._check_contexts", "term_redefined"))
switch_off("mapped_types", others={f"{SHAPE}._check_contexts": lambda *_, **__: None})
switch_off("urls", (f"{SHAPE}._check_url", "invalid_url"))
switch_off("subjects", others={f"{SHAPE}._check_subjects": lambda _: None})
switch_off("old_subjects", ("credentials.vcdm1.subject_of", "invalid_subject"))
switch_off("types_of_members", others={f"{SHAPE}._check_types": lambda *_, **__: None})
switch_off("members_are_objects", others={f"{SHAPE}._objects": lambda *_: []})
switch_off("related_resources", others={f"{SHAPE}._check_related_resources": lambda _: None})
switch_off("names", (f"{SHAPE}._check_names", "invalid_name"))
switch_off(
    "draft_residue",
    ("credentials.vcdm_reading.read_vcdm", "draft_residue"),
    ("credentials.vcdm1.check_document", "draft_residue"),
)
switch_off("proofs_inside", ("credentials.jwt_vc._decode", "invalid_proof"))
switch_off("agreeing_claims", ("credentials.jwt_vc._require_same", "claims_disagree"))
switch_off("begin_of_old_documents", ("credentials.jwt_vc._read_times", "missing_nbf"))

URL = "https://issuer.city.example/1"
SRI = "sha256-n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="


def cases() -> Iterator[HostileCase]:
    for slot in ISSUED:
        if slot.paper == "dc+sd-jwt":
            continue
        if slot.paper in ("jwt_vc", "jwt_vp"):
            yield from _old(slot)
        else:
            for name, (members, check, detail) in _faults().items():
                shown = {"disclosed": []} if name.startswith("subject-") else {}
                made = slot.line(Change(payload=setting(**members)), **shown)
                yield slot.reject("S-030", name, made, check=check, detail=detail)
            for name, members in _twins().items():
                made = slot.line(Change(payload=setting(**members)))
                yield slot.twin("S-030", name, made, check="contexts")


def _faults() -> dict[str, tuple[Json, str, str]]:
    found: dict[str, tuple[Json, str, str]] = {}
    for name, value in {
        "missing": ...,
        "empty": [],
        "text": CONTEXT,
        "null": None,
        "other": ["https://example.org/context"],
        "second": [CITY_CONTEXT, CONTEXT],
        "of-1.1": [CONTEXT_1, CITY_CONTEXT],
        "slash": [f"{CONTEXT}/", CITY_CONTEXT],
        "upper": [CONTEXT.upper(), CITY_CONTEXT],
        "number": [CONTEXT, CITY_CONTEXT, 7],
        "null-inside": [CONTEXT, CITY_CONTEXT, None],
        "list-inside": [CONTEXT, [CITY_CONTEXT]],
    }.items():
        found[f"context-{name}"] = ({"@context": value}, "contexts", "invalid_context")
    for term in (
        "issuer",
        "credentialSubject",
        "type",
        "validUntil",
        "proof",
        "VerifiableCredential",
    ):
        redefined = {"@context": [CONTEXT, CITY_CONTEXT, {term: "https://x.example/#"}]}
        found[f"redefines-{term}"] = (redefined, "protected_terms", "term_redefined")
    found["unmapped-type"] = ({"@context": [CONTEXT]}, "mapped_types", "type_not_mapped")
    found |= _url_faults()
    for name, value in {
        "missing": ...,
        "null": None,
        "empty": {},
        "empty-list": [],
        "empty-inside": [{}],
        "text": "did:example:1",
        "text-inside": [HOLDER_DID],
        "number": 7,
    }.items():
        found[f"subject-{name}"] = (
            {"credentialSubject": value},
            "subjects",
            "invalid_subject",
        )
    for member in ("credentialSchema", "evidence", "termsOfUse", "refreshService", "renderMethod"):
        untyped = {member: {"id": URL}}
        found[f"{member}-untyped"] = (untyped, "types_of_members", "invalid_type")
        found[f"{member}-empty-type"] = (
            {member: [{"id": URL, "type": []}]},
            "types_of_members",
            "invalid_type",
        )
        found[f"{member}-text"] = (
            {member: "text"},
            "members_are_objects",
            f"invalid_{member}",
        )
    found |= _name_faults()
    found["vct"] = ({"vct": VCT}, "draft_residue", "draft_residue")
    return found


def _url_faults() -> dict[str, tuple[Json, str, str]]:
    found: dict[str, tuple[Json, str, str]] = {}
    for name, value in {
        "relative": "1",
        "space": "https://x.example/ 1",
        "number": 7,
        "null": None,
        "list": [URL],
        "empty": "",
        "braces": "https://x.example/{1}",
        "no-scheme": "//x.example/1",
    }.items():
        found[f"id-{name}"] = ({"id": value}, "urls", "invalid_url")
        found[f"issuer-{name}"] = ({"issuer": {"id": value}}, "urls", "invalid_url")
        schema = {"credentialSchema": {"id": value, "type": "JsonSchema"}}
        found[f"schema-id-{name}"] = (schema, "urls", "invalid_url")
        related = {"relatedResource": {"id": value, "digestSRI": SRI}}
        found[f"related-id-{name}"] = (related, "related_resources", "invalid_url")
    schema = {"credentialSchema": {"type": "JsonSchema"}}
    found["schema-without-id"] = (schema, "urls", "invalid_url")
    found["context-relative"] = ({"@context": [CONTEXT, "context"]}, "urls", "invalid_url")
    for name, value in {
        "no-digest": {"id": URL},
        "digest-number": {"id": URL, "digestSRI": 7},
        "twice": [{"id": URL, "digestSRI": SRI}, {"id": URL, "digestSRI": SRI}],
    }.items():
        found[f"related-{name}"] = (
            {"relatedResource": value},
            "related_resources",
            "invalid_resource",
        )
    return found


def _name_faults() -> dict[str, tuple[Json, str, str]]:
    found: dict[str, tuple[Json, str, str]] = {}
    for name, value in {
        "number": 7,
        "null": None,
        "object": {"en": "Permit"},
        "no-value": {"@language": "en"},
        "value-number": {"@value": 7},
        "more": {"@value": "Permit", "@language": "en", "url": URL},
        "inside": ["Permit", 7],
        "language-number": {"@value": "Permit", "@language": 7},
    }.items():
        for member in ("name", "description"):
            found[f"{member}-{name}"] = ({member: value}, "names", "invalid_name")
    return found


def _twins() -> dict[str, Json]:
    khmer = [
        {"@value": "Permit", "@language": "en"},
        {"@value": "លិខិតអនុញ្ញាត", "@language": "km", "@direction": "ltr"},
    ]
    return {
        "own-terms": {"@context": [CONTEXT, CITY_CONTEXT, {"city": "https://x.example/#city"}]},
        "vocabulary": {"@context": [CONTEXT, {"@vocab": "https://x.example/#"}]},
        "names": {"name": khmer, "description": "Permit"},
        "id": {"id": "urn:uuid:a83f8b4c-3e0a-4d6c-9b53-0d7d8cb2a7f1"},
        "unknown-members": {"x-city": {"a": [1, None]}, "colour": "yellow"},
        "schema": {"credentialSchema": {"id": URL, "type": "JsonSchema"}},
        "related": {"relatedResource": {"id": URL, "digestSRI": SRI}},
        "evidence": {"evidence": [{"type": "Document"}, {"type": ["Photo"]}]},
        "no-id": {"id": ...},
    }


def _old(slot: Slot) -> Iterator[HostileCase]:
    """The same of VCDM 1.1, and what its registered claims must say (section 6.3.1)."""
    faults: dict[str, tuple[Json, str, str]] = {}
    for name, value in {
        "missing": ...,
        "empty": [],
        "text": CONTEXT_1,
        "of-2.0": [CONTEXT, CITY_CONTEXT],
        "second": [CITY_CONTEXT, CONTEXT_1],
        "number": [CONTEXT_1, 7],
        "null-inside": [CONTEXT_1, None],
    }.items():
        faults[f"context-{name}"] = ({"@context": value}, "old_contexts", "invalid_context")
    for name, value in {
        "missing": ...,
        "empty": {},
        "list": [],
        "text": "x",
        "inside": [{}],
    }.items():
        faults[f"subject-{name}"] = (
            {"credentialSubject": value},
            "old_subjects",
            "invalid_subject",
        )
    for member in ("validFrom", "validUntil"):
        faults[member] = ({member: "2026-11-21T09:00:00Z"}, "draft_residue", "draft_residue")
    faults["proof"] = ({"proof": {"type": "x"}}, "proofs_inside", "invalid_proof")
    for name, value in {"another": URL, "number": 7}.items():
        faults[f"id-{name}"] = ({"id": value}, "agreeing_claims", "claims_disagree")
    faults["subject-id"] = (
        {"credentialSubject": {"id": f"{HOLDER_DID}#0", "plate": "1"}},
        "agreeing_claims",
        "claims_disagree",
    )
    for name, (members, check, detail) in faults.items():
        made = slot.line(Change(payload=setting(vc=document_1(**members))))
        yield slot.reject("S-030", name, made, check=check, detail=detail)
    made = slot.line(Change(payload=setting(nbf=...)))
    yield slot.reject(
        "S-030", "nbf-missing", made, check="begin_of_old_documents", detail="missing_nbf"
    )
    for name, value in {"list": [HOLDER_DID], "another": "did:example:1"}.items():
        made = slot.line(Change(payload=setting(sub=value)))
        yield slot.reject(
            "S-030", f"sub-{name}", made, check="agreeing_claims", detail="claims_disagree"
        )
    twins: dict[str, Any] = {
        "unknown-members": {"vc": document_1(colour="yellow")},
        "id": {"jti": URL, "vc": document_1(id=URL)},
        "no-issuer-inside": {"vc": document_1(issuer=...)},
        "one-subject-in-a-list": {
            "vc": document_1(credentialSubject=[{"id": HOLDER_DID, "plate": "1"}])
        },
        "types": {"vc": document_1(type=[TYPE, "VerifiableCredential"])},
    }
    for name, members in twins.items():
        made = slot.line(Change(payload=setting(**members)))
        yield slot.twin("S-030", name, made, check="old_contexts")
