"""
What a linked-data proof of VCDM 1.1 leaves unsigned: refused, or read as what was signed.

Such a proof signs an RDF graph, not the JSON text, so one signature fits many texts. JSON-LD 1.1
drops members without value, terms and types that make no IRI, and every node whose `id` is no
absolute IRI; it takes an array for a set; it joins all nodes of one `id`. A holder may change all
that without breaking the proof. Therefore (S-033): names are plain terms under a vocabulary, ids
are absolute and stand once, and claims are read in one form whichever text was shown.
"""

import re
import unicodedata
from collections.abc import Mapping

from credentials.errors import Malformed
from credentials.vcdm1 import types_of
from encoding.strict_json import MAX_INTEGER, JsonValue, build_json

_ASCII_OF_TERMS = re.compile(r"[A-Za-z0-9_.~-]+")
_MAX_TERM = 128
_CHARACTER = r"(?:[A-Za-z0-9._~:@!$&'()*+,;=/?-]|%[0-9A-Fa-f]{2})"
_IRI = re.compile(
    rf"(?:https?://[A-Za-z0-9.-]+(?::[0-9]{{1,5}})?(?:[/?]{_CHARACTER}*)?"
    rf"|(?:did|urn):[a-z0-9]+:{_CHARACTER}+)(?:#{_CHARACTER}*)?\Z"
)
# A term joined to its end makes an IRI.
_VOCABULARY = re.compile(
    rf"(?:https?://[A-Za-z0-9.-]+(?::[0-9]{{1,5}})?/(?:{_CHARACTER}*/)?"
    rf"|https?://[A-Za-z0-9.-]+(?::[0-9]{{1,5}})?(?:/{_CHARACTER}*)?#"
    rf"|urn:[a-z0-9]+:(?:{_CHARACTER}*[:#/])?)\Z"
)
# Types to which the known contexts give terms of their own: on a claim they would change names.
_DEFINED_TYPES = frozenset(
    {"VerifiableCredential", "VerifiablePresentation", "StatusList2021", "StatusList2021Entry"}
    | {"StatusList2021Credential", "Ed25519Signature2018", "Ed25519Signature2020"}
    | {"Ed25519VerificationKey2018", "Ed25519VerificationKey2020", "JsonWebKey2020"}
    | {"JsonWebSignature2020", "EcdsaSecp256k1Signature2019", "EcdsaSecp256r1Signature2019"}
    | {"EcdsaSecp256k1VerificationKey2019", "RsaSignature2018", "RsaVerificationKey2018"}
)
# `proof` is a graph of its own, which is taken away before anything is signed.
_DEFINED_TERMS = frozenset({"proof", "verifiableCredential"})


def is_vocabulary(context: JsonValue) -> bool:
    """Whether a context only gives names to terms that have none; it can change no other."""
    if not isinstance(context, dict) or set(context) != {"@vocab"}:
        return False
    vocabulary = context["@vocab"]
    return isinstance(vocabulary, str) and _VOCABULARY.match(vocabulary) is not None


def check_signed(document: Mapping[str, JsonValue]) -> None:
    """Refuse a credential of which a part would not be signed. Its contexts are known ones."""
    contexts = document["@context"]
    has_vocabulary = isinstance(contexts, list) and any(map(is_vocabulary, contexts))
    for each in types_of(document):
        if each == "VerifiableCredential":
            continue
        if each in _DEFINED_TYPES or not (_IRI.match(each) or (has_vocabulary and _is_term(each))):
            raise Malformed("a type is not defined by any context", detail="type_not_mapped")
    seen: set[str] = set()
    _check_id(document, seen)
    for name, member in document.items():
        if name not in ("@context", "proof", "type", "id"):
            _check_name(name)
            _check_member(member, seen, is_status=name == "credentialStatus")


def read_as_signed(value: JsonValue) -> JsonValue:
    """
    The one form of all texts that say the same: no empty members, members and sets in a fixed
    order, a set of one as its element, a whole number as an integer. None stands for nothing.
    """
    if isinstance(value, dict):
        members = {name: read_as_signed(member) for name, member in sorted(value.items())}
        return {name: member for name, member in members.items() if member is not None}
    if isinstance(value, float) and value.is_integer() and abs(value) <= MAX_INTEGER:
        return int(value)
    if not isinstance(value, list):
        return value
    elements = _unfold(value)
    return elements[0] if len(elements) == 1 else (elements or None)


def _unfold(values: list[JsonValue]) -> list[JsonValue]:
    """A set: nested ones dissolve, equal plain values are one. Equal objects are two nodes."""
    found: dict[bytes, list[JsonValue]] = {}
    for value in values:
        signed = read_as_signed(value)
        for each in signed if isinstance(signed, list) else [signed]:
            if each is None:
                continue
            same = found.setdefault(build_json(each), [])
            if isinstance(each, dict) or not same:
                same.append(each)
    return [each for _, same in sorted(found.items()) for each in same]


def _check_member(value: JsonValue, seen: set[str], *, is_status: bool = False) -> None:
    if isinstance(value, list):
        for each in value:
            _check_member(each, seen, is_status=is_status)
    elif isinstance(value, dict):
        _check_id(value, seen)
        if not is_status and "type" in value:
            _check_claimed_type(value)
        for name, member in value.items():
            if name not in ("id", "type"):
                _check_name(name)
                _check_member(member, seen)
        if is_status:
            _check_iri(value.get("statusListCredential", "urn:x:none"))


def _check_claimed_type(value: Mapping[str, JsonValue]) -> None:
    for each in types_of(value):
        if each in _DEFINED_TYPES or not (_is_term(each) or _IRI.match(each)):
            raise Malformed("a claim's type is not a plain term", detail="type_not_mapped")


def _check_name(name: str) -> None:
    if not _is_term(name) or name in _DEFINED_TERMS:
        raise Malformed("a claim's name is not a plain term", detail="invalid_claim_name")


def _check_id(value: Mapping[str, JsonValue], seen: set[str]) -> None:
    if "id" not in value:
        return
    name = _check_iri(value["id"])
    if name in seen:
        raise Malformed("two objects of a document have one id", detail="duplicate_id")
    seen.add(name)


def _check_iri(value: JsonValue) -> str:
    if not isinstance(value, str) or not _IRI.match(value):
        raise Malformed("an id must be an absolute IRI", detail="invalid_url")
    return value


def _is_term(text: str) -> bool:
    """Letters, marks and digits of any script, all of which may stand in an IRI (RFC 3987)."""
    others = _ASCII_OF_TERMS.sub("", text)
    return 0 < len(text) <= _MAX_TERM and all(
        not each.isascii() and unicodedata.category(each)[0] in "LMN" for each in others
    )
