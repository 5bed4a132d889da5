"""
What a case brings of types and schemas: the members `type_metadata` and `schemas` of a line.

Type metadata is checked by the credential's own `vct#integrity`; a schema stands beside its digest,
because its bytes decide and a credential need not say them.
"""

from collections.abc import Mapping
from typing import Final

from credentials.errors import Malformed
from credentials.integrity import check_integrity
from credentials.material import Documents
from encoding.strict_json import JsonValue, build_json

MAX_DOCUMENTS: Final = 64


def read_documents(members: Mapping[str, JsonValue]) -> Documents:
    """The documents of a line, none where it brings none."""
    types = {name: _as_bytes(each) for name, each in _entries(members, "type_metadata")}
    schemas = {name: _read_schema(each) for name, each in _entries(members, "schemas")}
    return Documents(types, schemas, validate=_validate)


def _entries(members: Mapping[str, JsonValue], name: str) -> list[tuple[str, JsonValue]]:
    value = members.get(name, {})
    if not isinstance(value, dict) or len(value) > MAX_DOCUMENTS:
        raise Malformed(f"{name} must be an object of few documents", detail="invalid_case")
    return list(value.items())


def _read_schema(value: JsonValue) -> bytes:
    entry = value if isinstance(value, dict) else {}
    text, digest = entry.get("schema"), entry.get("digest")
    if not isinstance(text, str) or not isinstance(digest, str):
        raise Malformed("a schema is a text beside its digest", detail="invalid_case")
    check_integrity(digest, text.encode())
    return text.encode()


def _as_bytes(value: JsonValue) -> bytes:
    """The octets of a text; an object has no octets of its own, so no integrity is of them."""
    if isinstance(value, dict):
        return build_json(value)
    if not isinstance(value, str):
        raise Malformed("type metadata must be a text", detail="invalid_case")
    return value.encode()


def _validate(schema: Mapping[str, JsonValue], document: Mapping[str, JsonValue]) -> bool:
    """Loaded by the first case that needs it: most bring no schema."""
    from runtime.json_schema import is_valid_document

    return is_valid_document(schema, document)
