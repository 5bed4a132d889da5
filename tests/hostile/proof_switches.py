"""
The checks of documents with Data Integrity proofs, each with what stands for it while it is off.

Where a member is read into something, its switch reads the right value in place of a wrong one, so
that the rest of the reader goes on as if nobody had looked at that member.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from credentials import data_integrity
from credentials.data_integrity import Options, Proof, parse_options, parse_proof
from credentials.errors import Malformed
from credentials.instants import parse_date_time_stamp
from credentials.issuer_judgement import find_issuer
from credentials.vcdm_shape import issuer_of
from credentials.verdict import passed
from encoding.multibase import encode_multibase
from tests.hostile.proof_stage import METHOD
from tests.hostile.removal import switch_off
from tests.hostile.stage import DID, NOW
from tests.hostile.switches import switch

PARSE = "credentials.data_integrity.parse_options"
REQUIRE = "credentials.ldp._require"
NOBODYS = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-rdfc-2022",
    "verificationMethod": METHOD,
    "proofPurpose": "assertionMethod",
    "proofValue": encode_multibase(bytes(64)),
}


def _with(member: str, good: str) -> Callable[[Mapping[str, Any]], Options]:
    """Options read as if this member were good."""

    def read(members: Mapping[str, Any]) -> Options:
        try:
            return parse_options(members)
        except Malformed:
            found = parse_options({**members, member: good})
            return replace(found, members=members)

    return read


def _with_suite(members: Mapping[str, Any]) -> Proof:
    try:
        return parse_proof(members)
    except Malformed:
        return parse_proof({**members, "cryptosuite": "eddsa-rdfc-2022"})


def _with_value(members: Mapping[str, Any]) -> Proof:
    try:
        return parse_proof(members)
    except Malformed:
        size = min(data_integrity.SUITES[str(members["cryptosuite"])].algorithms)
        return parse_proof({**members, "proofValue": encode_multibase(bytes(size))})


def _any_proofs(document: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """The proofs among what stands there; where there is none, one that nobody signed."""
    value = document.get("proof", [])
    listed = value if isinstance(value, list) else [value]
    proofs = [each for each in listed if isinstance(each, dict)]
    return tuple(proofs[: data_integrity.MAX_PROOFS]) or (NOBODYS,)


def _any_objects(document: Mapping[str, Any], member: str) -> list[dict[str, Any]]:
    value = document.get(member, [])
    return [
        each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)
    ]


def _any_time(value: Any, *, name: str) -> Any:
    try:
        return parse_date_time_stamp(value, name=name)
    except Malformed:
        return NOW


def _any_texts(members: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple({each: None for each in json.dumps(members.get(name, "")).split('"') if each})


def _any_issuer(document: Mapping[str, Any]) -> str:
    try:
        return issuer_of(document)
    except (Malformed, KeyError):
        return DID


def _options(name: str, member: str, good: str) -> None:
    reader = _with(member, good)
    both = (PARSE, "credentials.selective_credentials.parse_options")
    switch(name, dict.fromkeys(both, reader))


_options("proof_type", "type", "DataIntegrityProof")
_options("proof_method", "verificationMethod", METHOD)
_options("proof_purpose_named", "proofPurpose", "assertionMethod")
_options("proof_id", "id", "urn:a:proof")
_options("proof_domain", "domain", "somebody")
_options("proof_challenge", "challenge", "something")
_options("proof_previous_named", "previousProof", "urn:a:proof")
switch("proof_cryptosuite", {"credentials.ldp.parse_proof": _with_suite})
switch("proof_value", {"credentials.ldp.parse_proof": _with_value})
switch("proof_times", {"credentials.data_integrity.parse_date_time_stamp": _any_time})
switch_off("proof_purpose", (REQUIRE, "invalid_proof_purpose"))
switch_off("proof_controller", (REQUIRE, "invalid_verification_method"))
switch("proof_is_there", {"credentials.ldp.list_proofs": _any_proofs})
switch(
    "proof_is_object",
    {"credentials.ldp.list_proofs": _any_proofs, "credentials.vcdm_shape._objects": _any_objects},
)
switch_off("proof_of_holder_alone", ("credentials.ldp._read_binding", "several_proofs"))
switch(
    "proof_previous",
    {"credentials.data_integrity.find_previous": lambda *_, **__: []},
)
switch_off(
    "proof_context", ("credentials.data_integrity._with_proof_context", "proof_context_mismatch")
)
switch("proof_signature", {"credentials.issuer_judgement._is_signed": lambda *_: True})
switch(
    "proof_signature_of_holder",
    {"credentials.holder_judgement.verify_signature": lambda *_: True},
)
switch(
    "paper_validity", {"credentials.verification._check_validity": lambda *_: passed("validity")}
)
switch("paper_times", {"credentials.vcdm_shape.parse_date_time_stamp": _any_time})
switch_off("paper_times_in_order", ("credentials.vcdm_shape.read_validity", "invalid_validity"))
switch(
    "paper_issuer",
    {
        "credentials.issuer_judgement.find_issuer": lambda registry, identifier: (
            find_issuer(registry, identifier) or registry.issuers[0]
        )
    },
)
switch(
    "paper_issuer_is_url",
    {
        "credentials.ldp.issuer_of": _any_issuer,
        "credentials.vcdm_reading.issuer_of": _any_issuer,
        "credentials.vcdm_shape.check_issuer": lambda *_, **__: None,
    },
)
switch(
    "paper_type_accredited", {"credentials.issuer_judgement.is_accredited": lambda *_, **__: True}
)
switch("paper_type_accepted", {"credentials.verification._check_type": lambda *_: passed("type")})
switch("paper_types", {"credentials.vcdm_shape._check_types": lambda *_, **__: None})
switch(
    "paper_addressee",
    {"credentials.holder_judgement._judge_addressee": lambda *_: passed("holder")},
)
switch("use_of_key", {"credentials.issuer_judgement._check_key": lambda *_, **__: passed("x")})
switch(
    "key_is_listed",
    {"credentials.issuer_judgement._judge_signed": lambda *_: passed("signature")},
)
switch(
    "paper_finds_issuer",
    {
        "credentials.verification.judge_issuer": lambda *_: passed("issuer"),
        "credentials.verification.judge_signature": lambda *_: passed("signature"),
    },
)
switch("paper_freshness", {"credentials.holder_judgement._staleness": lambda *_: None})
switch("paper_holder_bound", {"credentials.verification.judge_holder": lambda *_: passed("holder")})
