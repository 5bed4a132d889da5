"""
Checks 10: a credential is held against the metadata of its type and against its schemas.

SD-JWT VC "Type Metadata" (SDVC-M-02 to M-04) and VC JSON Schema (JS-01). Only documents in the
material count, and nothing is fetched: what is not there is not judged. A type whose chain is not
complete, and a schema that nobody can decide, leave the answer open; all else that does not hold
refuses the credential. What a holder did not disclose may be what a schema misses, so there a
failure is no more than an open question.
"""

from collections.abc import Iterator, Mapping, Sequence

from credentials.credential_schema import SchemaJudgement, SchemaOutcome, judge_schemas
from credentials.errors import Malformed
from credentials.material import Documents
from credentials.model import Credential, Format
from credentials.sd_jwt import SdJwt
from credentials.type_metadata import MissingDocument, check_type
from credentials.verdict import Check, Reason, failed, passed, undecided
from encoding.strict_json import JsonValue

TYPE_METADATA = "type_metadata"
SCHEMA = "schema"
_SELECTIVE_SUITES = frozenset({"ecdsa-sd-2023", "bbs-2023"})


def judge_documents(credential: Credential, documents: Documents) -> list[Check]:
    """One check for the type, if its metadata is at hand, and one for each schema that is."""
    checks = []
    sd_jwt = credential.sd_jwt
    has_metadata = not documents.types.keys().isdisjoint(credential.types)
    if sd_jwt is not None and credential.format is Format.DC_SD_JWT and has_metadata:
        checks.append(_judge_type(sd_jwt, documents.types))
    if documents.schemas and credential.document is not None:
        checks += _judge_schemas(credential, credential.document, documents)
    return checks


def _judge_type(sd_jwt: SdJwt, documents: Mapping[str, bytes]) -> Check:
    try:
        check_type(sd_jwt, documents=documents, is_complete=False)
    except MissingDocument as error:
        return undecided(TYPE_METADATA, Reason.MALFORMED, detail=error.detail)
    except Malformed as error:
        return failed(TYPE_METADATA, Reason.MALFORMED, detail=error.detail)
    return passed(TYPE_METADATA)


def _judge_schemas(
    credential: Credential, document: Mapping[str, JsonValue], documents: Documents
) -> list[Check]:
    content = {name: value for name, value in document.items() if name != "proof"}
    try:
        found = judge_schemas(content, schemas=documents.schemas, validate=documents.validate)
    except Malformed as error:
        return [failed(SCHEMA, Reason.MALFORMED, detail=error.detail)]
    is_partial = hides_something(credential)
    return [
        _build_check(each, is_partial=is_partial)
        for each in found
        if each.schema in documents.schemas
    ]


def _build_check(judgement: SchemaJudgement, *, is_partial: bool) -> Check:
    if judgement.outcome is SchemaOutcome.SUCCESS:
        return passed(SCHEMA)
    is_open = judgement.outcome is SchemaOutcome.INDETERMINATE
    if is_open or (is_partial and judgement.why == "schema_mismatch"):
        return undecided(SCHEMA, Reason.MALFORMED, detail=judgement.why)
    return failed(SCHEMA, Reason.MALFORMED, detail=judgement.why)


def hides_something(credential: Credential) -> bool:
    """Whether more may have been signed than is shown."""
    if credential.sd_jwt is not None:
        shown = {each.digest for each in credential.sd_jwt.disclosures}
        values = [each.value for each in credential.sd_jwt.disclosures]
        return not shown.issuperset(_digests_in([dict(credential.sd_jwt.jws.payload), *values]))
    proofs = (credential.document or {}).get("proof", [])
    listed = proofs if isinstance(proofs, list) else [proofs]
    suites = [each.get("cryptosuite") for each in listed if isinstance(each, dict)]
    return any(isinstance(each, str) and each in _SELECTIVE_SUITES for each in suites)


def _digests_in(values: Sequence[JsonValue]) -> Iterator[str]:
    """The digests of everything that can be disclosed, and of decoys."""
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.values()
            hidden = value.get("_sd", [])
            yield from [
                each
                for each in (hidden if isinstance(hidden, list) else [])
                if isinstance(each, str)
            ]
            element = value.get("...")
            yield from [element] if isinstance(element, str) else []
