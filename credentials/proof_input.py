"""
The two hashes that a Data Integrity proof signs: of its own options and of the document.

vc-di-eddsa 1.0 sections 3.2.3 to 3.2.5 and 3.3.3 to 3.3.5, vc-di-ecdsa 1.0 the same. The options
of RDF suites take the document's `@context` (DI-02). They nearly always hold the same few members,
so their statements are written from a template; for each list of contexts, set of members and
purpose it is compared once with what the contexts really make of them, and used only where equal.
"""

import hashlib
from collections.abc import Mapping

from credentials.errors import Malformed
from credentials.json_ld import to_n_quads
from credentials.json_ld_literals import write_text
from credentials.json_ld_scopes import name_context
from credentials.pinned_contexts import Contexts, bundled_contexts
from credentials.rdf_canonical import canonicalize
from encoding import errors as encoding_errors
from encoding.strict_json import JsonValue, canonical_json

MAX_PROVEN = 1_000

_SECURITY = "https://w3id.org/security#"
_DATE_TIME = "http://www.w3.org/2001/XMLSchema#dateTime"
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

# Member to predicate and to how its value is written; in the order of the canonical lines.
_TEMPLATE: Mapping[str, tuple[str, str]] = {
    "created": ("http://purl.org/dc/terms/created", _DATE_TIME),
    "type": (_TYPE, "type"),
    "challenge": (f"{_SECURITY}challenge", "text"),
    "cryptosuite": (f"{_SECURITY}cryptosuite", f"{_SECURITY}cryptosuiteString"),
    "domain": (f"{_SECURITY}domain", "text"),
    "expires": (f"{_SECURITY}expiration", _DATE_TIME),
    "nonce": (f"{_SECURITY}nonce", "text"),
    "proofPurpose": (f"{_SECURITY}proofPurpose", "purpose"),
    "verificationMethod": (f"{_SECURITY}verificationMethod", "iri"),
}
_PURPOSES = {
    "assertionMethod": f"<{_SECURITY}assertionMethod>",
    "authentication": f"<{_SECURITY}authenticationMethod>",
}

_HASHES = {"sha256": hashlib.sha256, "sha384": hashlib.sha384}
_proven: dict[tuple[object, ...], bool] = {}


def hash_document(
    document: Mapping[str, JsonValue], *, is_rdf: bool, hash_name: str, contexts: Contexts | None
) -> bytes:
    """The hash of the document in its canonical form."""
    if not is_rdf:
        return _HASHES[hash_name](_canonical_json(document)).digest()
    quads = to_n_quads(document, contexts=contexts)
    return _HASHES[hash_name](canonicalize(quads, hash_name=hash_name).document).digest()


def hash_options(
    document: Mapping[str, JsonValue],
    options: Mapping[str, JsonValue],
    *,
    is_rdf: bool,
    hash_name: str,
    contexts: Contexts | None,
) -> bytes:
    """The hash of a proof without its value, in the same form as the document."""
    if not is_rdf:
        return _HASHES[hash_name](_canonical_json(options)).digest()
    known = contexts if contexts is not None else bundled_contexts()
    config = {**options, "@context": document.get("@context")}
    written = _write_from_template(config)
    scheme = str(config.get("verificationMethod")).partition(":")[0]  # a prefix, for all we know
    key = (known, name_context(config["@context"]), *config, config.get("proofPurpose"), scheme)
    if written is None or not _proven.get(key, False):
        lines = canonicalize(to_n_quads(config, contexts=known), hash_name=hash_name).document
        if written is not None:
            _remember(key, is_equal=lines == written)
        written = lines
    return _HASHES[hash_name](written).digest()


def _remember(key: tuple[object, ...], *, is_equal: bool) -> None:
    if len(_proven) >= MAX_PROVEN:
        _proven.clear()
    _proven[key] = is_equal


def _write_from_template(config: Mapping[str, JsonValue]) -> bytes | None:
    """The canonical statements of usual options; None where there is anything unusual."""
    purpose = config.get("proofPurpose")
    if not (isinstance(purpose, str) and purpose in _PURPOSES) or len(config) > len(_TEMPLATE) + 1:
        return None
    lines = []
    for name, (predicate, kind) in _TEMPLATE.items():
        value = config.get(name)
        if value is None:
            continue
        if not isinstance(value, str):
            return None
        if kind == "iri":
            written = f"<{value}>"
        elif kind == "purpose":
            written = _PURPOSES[value]
        elif kind == "type":
            written = f"<{_SECURITY}DataIntegrityProof>"
        else:
            written = write_text(value, datatype=None if kind == "text" else kind)
        lines.append(f"_:c14n0 <{predicate}> {written} .\n")
    if len(lines) + 1 != len(config):
        return None
    return "".join(lines).encode("utf-8")


def _canonical_json(value: Mapping[str, JsonValue]) -> bytes:
    try:
        return canonical_json(value)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
