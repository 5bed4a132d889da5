"""
The checks of VCDM 1.1 with linked-data proofs, each with what stands for it while it is off.

Most leave the very `if` out of our reader; where didkit's word is the check, its word is good.
"""

from typing import Any

from credentials.dids import parse_key_did_url
from credentials.errors import Malformed
from credentials.instants import parse_date_time_stamp
from credentials.verdict import passed
from tests.hostile.removal import switch_off
from tests.hostile.switches import switch
from tests.hostile.vcdm1_ldp_stage import NOW, own_method

LEGACY = "credentials.legacy"
CLAIMS = "credentials.linked_claims"
SHAPE = "credentials.vcdm1"


def _any_time(value: Any, *, name: str) -> Any:
    try:
        return parse_date_time_stamp(value, name=name)
    except Malformed:
        return NOW


def _any_fragment(url: str) -> Any:
    """The one key of the DID, whichever of its keys was named."""
    return parse_key_did_url(own_method(url.partition("#")[0]))


switch("ldp1_proof", {f"{LEGACY}.is_proven": lambda _: True})
switch_off("ldp1_proof_there", (f"{LEGACY}._read_proof", "invalid_proof"))
switch_off("ldp1_purpose", (f"{LEGACY}._read_proof", "invalid_proof_purpose"))
switch_off("ldp1_method", (f"{LEGACY}._read_proof", "invalid_verification_method"))
switch("ldp1_value", {f"{LEGACY}._check_value": lambda _: None})
switch("ldp1_method_key", {f"{LEGACY}.parse_key_did_url": _any_fragment})
switch_off("ldp1_did", (f"{LEGACY}._read_proof", "unsupported_did"))
switch_off("ldp1_contexts", (f"{LEGACY}._check_contexts", "unknown_context"))
switch_off("ldp1_proof_contexts", (f"{LEGACY}._read_proof", "unknown_context"))
switch_off("ldp1_base_context", (f"{SHAPE}.check_document", "invalid_context"))
switch_off(
    "ldp1_types",
    (f"{SHAPE}.check_document", "invalid_type"),
    (f"{SHAPE}.types_of", "invalid_type"),
)
switch_off("ldp1_residue", (f"{SHAPE}.check_document", "draft_residue"))
switch_off(
    "ldp1_types_mapped",
    (f"{CLAIMS}.check_signed", "type_not_mapped"),
    (f"{CLAIMS}._check_claimed_type", "type_not_mapped"),
)
switch_off("ldp1_names", (f"{CLAIMS}._check_name", "invalid_claim_name"))
switch_off("ldp1_ids", (f"{CLAIMS}._check_iri", "invalid_url"))
switch_off("ldp1_ids_once", (f"{CLAIMS}._check_id", "duplicate_id"))
switch_off("ldp1_subject", (f"{LEGACY}._read_credential", "invalid_subject"))
switch_off(
    "ldp1_times",
    (f"{LEGACY}._read_credential", "invalid_time"),
    others={
        f"{SHAPE}.parse_date_time_stamp": _any_time,
        f"{LEGACY}.parse_date_time_stamp": _any_time,
    },
)
switch_off("ldp1_times_in_order", (f"{SHAPE}.read_dates", "invalid_validity"))
switch_off("ldp1_party", (f"{SHAPE}.identifier_of", "invalid_url"))
switch_off("ldp1_address", (f"{LEGACY}._read_presentation", "invalid_proof"))
switch_off("ldp1_listed", (f"{SHAPE}.listed_credentials", "empty_presentation"))
switch_off("ldp1_object", (f"{SHAPE}.check_document", "not_an_object"))
switch("ldp1_status_reference", {f"{LEGACY}.read_legacy_references": lambda _: ()})
switch(
    "ldp1_key_listed",
    {"credentials.issuer_judgement._judge_external": lambda *_: passed("signature")},
)
