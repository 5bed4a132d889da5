"""
The type metadata and schemas that this verifier was given, read once when it starts.

A folder with an `index.json`; see "Documents of types and schemas" in docs/interfaces.md. A
document that is not as its digest says stops the start: what decides about people is never what
happened to lie there.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from credentials.errors import Malformed
from credentials.integrity import check_integrity
from credentials.material import Documents
from encoding.errors import EncodingError
from encoding.strict_json import JsonValue, parse_object
from runtime.errors import SettingsError
from runtime.json_schema import is_valid_document

INDEX: Final = "index.json"
_KINDS: Final = frozenset({"type_metadata", "schemas"})


def load_documents(folder: Path | None) -> Documents:
    """The documents in the folder; none without a folder."""
    if folder is None:
        return Documents()
    try:
        index = parse_object((folder / INDEX).read_bytes())
        types, schemas = (_read_all(folder, index, kind) for kind in ("type_metadata", "schemas"))
    except (OSError, EncodingError, Malformed) as error:
        raise SettingsError(f"CITY_DOCUMENTS cannot be used: {error}") from error
    if not index.keys() <= _KINDS:
        raise SettingsError("the index of CITY_DOCUMENTS has a member that is not known")
    return Documents(types, schemas, validate=is_valid_document)


def _read_all(folder: Path, index: Mapping[str, JsonValue], kind: str) -> dict[str, bytes]:
    listed = index.get(kind, {})
    if not isinstance(listed, dict):
        raise Malformed(f"{kind} of the index must be an object", detail="not_an_object")
    return {name: _read(folder, entry) for name, entry in listed.items()}


def _read(folder: Path, entry: JsonValue) -> bytes:
    members = entry if isinstance(entry, dict) else {}
    name, digest = members.get("file"), members.get("digest")
    if not isinstance(name, str) or not isinstance(digest, str) or Path(name).name != name:
        raise Malformed("a document has a file in this folder and a digest", detail="malformed")
    data = (folder / name).read_bytes()
    check_integrity(digest, data)
    return data
