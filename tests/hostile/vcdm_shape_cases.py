"""
S-030: documents of our own in the shapes that the W3C suite of VCDM 2.0 wants refused.

VCDM 2.0 section 4: VCDM-01 contexts, 02 ids, 03 issuer, 04 types, 05 subject, 06 times, 07 status,
08 names, 09 presentations and envelopes, 10 schemas and other typed members, 11 related resources.
Each shape stands in documents that sign their text: canonical JSON, and a COSE_Sign1.
"""

from collections.abc import Callable, Iterator
from typing import Any

from credentials import vcdm_shape
from credentials.errors import Malformed
from tests.hostile import cose_stage, proof_stage, proof_switches  # noqa: F401
from tests.hostile.case import HostileCase
from tests.hostile.cose_stage import VC
from tests.hostile.forms import Form
from tests.hostile.proof_stage import DID, EXAMPLES, JCS_SUITES, TYPE, V2, Json
from tests.hostile.stage import with_members
from tests.hostile.switches import switch


def _unless(detail: str) -> dict[str, Any]:
    """Documents of every shape but for this fault, which nobody sees."""

    def check(document: Any) -> None:
        try:
            vcdm_shape.check_credential(document)
        except Malformed as error:
            if error.detail != detail:
                raise
            raise Malformed("nobody looked", detail="unseen") from error

    return {"credentials.vcdm_reading.check_credential": check}


DETAILS = (
    "invalid_context",
    "invalid_url",
    "invalid_type",
    "type_not_mapped",
    "invalid_subject",
    "invalid_time",
    "invalid_name",
    "invalid_resource",
    "invalid_credentialStatus",
    "invalid_credentialSchema",
    "invalid_evidence",
    "invalid_termsOfUse",
    "invalid_refreshService",
    "invalid_relatedResource",
)
for each in DETAILS:
    switch(f"shape_{each}", _unless(each))

Make = Callable[[Json], Json]


def _suite(suite: Any) -> Make:
    def make(members: Json) -> Json:
        document = proof_stage.permit(suite, **members)
        return proof_stage.line(suite, proof_stage.secure(suite, document))

    return make


def _cose(members: Json) -> Json:
    change = cose_stage.Change(payload=lambda old: with_members(old, members))
    return cose_stage.line(VC, {"token": change})


MAKERS: list[tuple[Form, Make]] = [(each.alone, _suite(each)) for each in JCS_SUITES]
MAKERS.append((VC, _cose))


def _shapes() -> Iterator[tuple[str, str, Json]]:
    """Name, detail and the members that make it."""
    for name, ids in {
        "word": "1",
        "space": "urn:a b",
        "number": 7,
        "null": None,
        "list": ["urn:a:b"],
    }.items():
        yield f"id-{name}", "invalid_url", {"id": ids}
        yield f"subject-id-{name}", "invalid_url", {"credentialSubject": {"id": ids, "plate": "1"}}
        status = {"id": ids, "type": "SomeStatus"}
        yield f"status-id-{name}", "invalid_url", {"credentialStatus": status}
    for name, context in {"word": "context", "space": "https://a.example/ b", "empty": ""}.items():
        yield f"context-{name}", "invalid_url", {"@context": [V2, EXAMPLES, context]}
    for name, context in {"number": 7, "null": None, "list": [V2], "true": True}.items():
        yield f"context-{name}", "invalid_context", {"@context": [V2, EXAMPLES, context]}
    for name, types in {
        "missing": ...,
        "empty": [],
        "number": 7,
        "null": None,
        "with-number": ["VerifiableCredential", 7],
        "with-empty": ["VerifiableCredential", ""],
        "base-missing": [TYPE],
        "object": {"a": 1},
    }.items():
        yield f"type-{name}", "invalid_type", {"type": types}
    yield (
        "type-not-mapped",
        "type_not_mapped",
        {"@context": [V2], "type": ["VerifiableCredential", TYPE]},
    )
    null = {"@context": [V2, EXAMPLES, {"@vocab": None}]}
    yield "type-vocabulary-null", "type_not_mapped", null
    for name, subject in {
        "missing": ...,
        "null": None,
        "text": "x",
        "empty": {},
        "list-empty": [],
        "with-empty": [{}],
        "with-text": [{"a": 1}, "x"],
        "number": 7,
    }.items():
        yield f"subject-{name}", "invalid_subject", {"credentialSubject": subject}
    for member in (
        "credentialStatus",
        "credentialSchema",
        "evidence",
        "termsOfUse",
        "refreshService",
    ):
        for name, value in {
            "text": "x",
            "number": 7,
            "with-text": [{"type": "A"}, "x"],
            "null": None,
        }.items():
            yield f"{member}-{name}", f"invalid_{member}", {member: value}
        for name, types in {"missing": ..., "empty": "", "number": 7, "list-empty": []}.items():
            entry = with_members({"id": "urn:a:b", "type": "A"}, {"type": types})
            yield f"{member}-type-{name}", "invalid_type", {member: entry}
    yield "schema-without-id", "invalid_url", {"credentialSchema": {"type": "JsonSchema"}}
    for member in ("name", "description"):
        for name, value in {
            "number": 7,
            "null": None,
            "true": True,
            "object": {"en": "Permit"},
            "no-value": {"@language": "en"},
            "value-number": {"@value": 7},
            "more": {"@value": "x", "@type": "y"},
            "language-number": {"@value": "x", "@language": 7},
            "with-number": ["x", 7],
        }.items():
            yield f"{member}-{name}", "invalid_name", {member: value}
    for name, resource in {
        "no-digest": {"id": "https://a.example/b"},
        "digest-number": {"id": "https://a.example/b", "digestSRI": 7},
    }.items():
        yield f"resource-{name}", "invalid_resource", {"relatedResource": [resource]}
    good = {"id": "https://a.example/b", "digestSRI": "sha384-AAAA"}
    yield "resource-twice", "invalid_resource", {"relatedResource": [good, good]}
    yield "resource-no-id", "invalid_url", {"relatedResource": [{"digestSRI": "sha384-AAAA"}]}
    yield "resource-text", "invalid_relatedResource", {"relatedResource": ["https://a.example/b"]}
    for member in ("validFrom", "validUntil"):
        for name, value in {
            "date": "2026-12-21",
            "null": None,
            "list": ["2026-12-21T09:00:00Z"],
        }.items():
            yield f"{member}-{name}", "invalid_time", {member: value}


def cases() -> Iterator[HostileCase]:
    for form, make in MAKERS:
        for name, detail, members in _shapes():
            made = make(members)
            check = f"shape_{detail}"
            yield form.reject("S-030", name, made, check=check, detail=detail)
        for name, members in {
            "plain": {},
            "no-id": {"id": ...},
            "issuer-object": {"issuer": {"id": DID, "name": "Transport"}},
            "names": {"name": "Permit", "description": {"@value": "ប័ណ្ណ", "@language": "km"}},
            "names-several": {"name": [{"@value": "Permit", "@language": "en"}, "Permit"]},
            "own-type": {"@context": [V2, EXAMPLES, {"Owner": "https://a.example/Owner"}]},
            "evidence": {"evidence": [{"type": "Inspection"}]},
            "terms": {"termsOfUse": {"type": "Terms", "id": "urn:a:b"}},
            "schema": {"credentialSchema": {"id": "https://a.example/s", "type": "JsonSchema"}},
            "no-until": {"validUntil": ...},
            "subject-in-list": {"credentialSubject": [{"id": "urn:a:b", "plate": "1"}]},
        }.items():
            yield form.twin("S-030", name, make(members), check="shape_invalid_type")
