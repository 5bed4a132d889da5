"""
What `credentialSchema` of a credential asks, and whether the credential does it.

VC JSON Schema with VCDM 2.0 section 4.11 (JS-01); success, failure or indeterminate.
A schema is handed in by its URL, never fetched: who may be asked is the caller's business. Which
words of a schema hold for a document is decided by a validator that the caller hands in; without
one, or for another dialect than 2020-12, the answer is indeterminate. Nothing that cannot be read
is ever a success, and a schema that is not the one that the issuer meant is a failure.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from credentials.errors import Malformed
from credentials.integrity import check_integrity
from encoding import errors as encoding_errors
from encoding.strict_json import JsonValue, parse_object

DIALECT = "https://json-schema.org/draft/2020-12/schema"
KIND = "JsonSchema"
MAX_SCHEMAS = 8
MAX_SCHEMA_BYTES = 65_536

Validate = Callable[[Mapping[str, JsonValue], Mapping[str, JsonValue]], bool]
"""
Takes a schema of the dialect and the document; whether the document is valid. It raises
`encoding.errors.Malformed` where it does not decide: a reference to elsewhere, too much work.
"""


class SchemaOutcome(StrEnum):
    """The three answers of VC JSON Schema."""

    SUCCESS = "success"
    FAILURE = "failure"
    INDETERMINATE = "indeterminate"


@dataclass(frozen=True, slots=True)
class SchemaJudgement:
    """The answer for one schema; `why` is a code, empty for a success."""

    schema: str
    outcome: SchemaOutcome
    why: str = ""


def judge_schemas(
    document: Mapping[str, JsonValue],
    *,
    schemas: Mapping[str, bytes],
    validate: Validate | None,
) -> tuple[SchemaJudgement, ...]:
    """One answer for each `credentialSchema` of the document, in its order."""
    value = document.get("credentialSchema", [])
    listed = value if isinstance(value, list) else [value]
    if len(listed) > MAX_SCHEMAS:
        raise Malformed(f"a credential has more than {MAX_SCHEMAS} schemas", detail="too_large")
    return tuple([_judge(each, document, schemas, validate) for each in listed])


def _judge(
    entry: JsonValue,
    document: Mapping[str, JsonValue],
    schemas: Mapping[str, bytes],
    validate: Validate | None,
) -> SchemaJudgement:
    name = entry.get("id") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(name, str):
        raise Malformed("a credentialSchema has no id", detail="invalid_url")
    if entry.get("type") != KIND:
        return SchemaJudgement(name, SchemaOutcome.INDETERMINATE, "unknown_schema_type")
    data = schemas.get(name)
    if data is None:
        return SchemaJudgement(name, SchemaOutcome.INDETERMINATE, "schema_not_at_hand")
    if not _is_meant(entry, data):
        return SchemaJudgement(name, SchemaOutcome.FAILURE, "integrity_mismatch")
    schema = _read_schema(data)
    if schema is None:
        return SchemaJudgement(name, SchemaOutcome.INDETERMINATE, "invalid_schema")
    if schema["$schema"] != DIALECT or validate is None:
        return SchemaJudgement(name, SchemaOutcome.INDETERMINATE, "unknown_dialect")
    return _decide(name, schema, document, validate)


def _decide(
    name: str,
    schema: Mapping[str, JsonValue],
    document: Mapping[str, JsonValue],
    validate: Validate,
) -> SchemaJudgement:
    try:
        is_valid = validate(schema, document)
    except encoding_errors.Malformed as error:
        return SchemaJudgement(name, SchemaOutcome.INDETERMINATE, error.detail)
    if is_valid:
        return SchemaJudgement(name, SchemaOutcome.SUCCESS)
    return SchemaJudgement(name, SchemaOutcome.FAILURE, "schema_mismatch")


def _is_meant(entry: Mapping[str, JsonValue], data: bytes) -> bool:
    """Whether the bytes are those of the entry's `digestSRI`, where it has one."""
    if "digestSRI" not in entry:
        return True
    integrity = entry["digestSRI"]
    try:
        check_integrity(integrity if isinstance(integrity, str) else "", data)
    except Malformed:
        return False
    return True


def _read_schema(data: bytes) -> Mapping[str, JsonValue] | None:
    """The schema, when it says its dialect and its own name."""
    try:
        schema = parse_object(data, max_bytes=MAX_SCHEMA_BYTES)
    except encoding_errors.Malformed:
        return None
    said = [schema.get(name) for name in ("$schema", "$id")]
    return schema if all(isinstance(each, str) and each for each in said) else None
