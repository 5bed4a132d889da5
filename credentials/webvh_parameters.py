"""
The parameters of a did:webvh log: what each entry sets, and what is active for it.

did:webvh 1.0, "DID Method Parameters", "Pre-Rotation" and "The witness Parameter" (WVH-04 to
WVH-06). An unknown parameter or `method` stops the reading: nothing is guessed or downgraded.
"""

from dataclasses import dataclass, replace
from hashlib import sha256

from credentials.did_key import parse_did_key
from credentials.errors import Malformed
from credentials.webvh_identifier import SHA256_MULTIHASH, is_sha256_multihash
from encoding import multibase
from encoding.strict_json import JsonValue

METHOD = "did:webvh:1.0"
MAX_LISTED = 64
DEFAULT_TTL = 3600

_NAMES = frozenset(
    {"method", "scid", "updateKeys", "nextKeyHashes", "witness", "watchers", "portable"}
    | {"deactivated", "ttl"}
)
# Early implementations wrote null for "not used"; resolvers should take it as the default.
_DEFAULTS: dict[str, JsonValue] = {
    "updateKeys": [],
    "nextKeyHashes": [],
    "witness": {},
    "watchers": [],
    "ttl": DEFAULT_TTL,
}


@dataclass(frozen=True, slots=True)
class Witnesses:
    """Who must approve an entry: distinct did:keys, and how many of them."""

    threshold: int
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parameters:
    """What holds after an entry."""

    scid: str
    update_keys: tuple[str, ...]
    next_key_hashes: tuple[str, ...] = ()
    witnesses: Witnesses | None = None
    watchers: tuple[str, ...] = ()
    portable: bool = False
    deactivated: bool = False
    ttl: int = DEFAULT_TTL


def hash_update_key(multikey: str) -> str:
    """What `nextKeyHashes` says of a key that will come: base58(multihash(multikey))."""
    digest = sha256(multikey.encode("ascii")).digest()
    return multibase.encode_base58btc(SHA256_MULTIHASH + digest)


def parse_first_parameters(value: JsonValue) -> Parameters:
    """The parameters of the first entry: `method`, `scid` and `updateKeys` must be there."""
    given = _check_names(value)
    scid = given.get("scid")
    if given.get("method") != METHOD:
        raise _fault("the method's version is not known")
    if not isinstance(scid, str) or not is_sha256_multihash(scid):
        raise _fault("the first entry has no SCID")
    if "updateKeys" not in given:
        raise _fault("the first entry has no updateKeys")
    return _apply(Parameters(scid=scid, update_keys=()), given)


def parse_next_parameters(previous: Parameters, value: JsonValue) -> Parameters:
    """The parameters after a later entry; what it leaves out stays as it was."""
    given = _check_names(value)
    if given.get("method", METHOD) != METHOD:
        raise _fault("the method's version is not known")
    if "scid" in given:
        raise _fault("only the first entry has a SCID")
    if given.get("portable") is True:
        raise _fault("a DID becomes portable in its first entry or never")
    if previous.deactivated:
        raise _fault("a deactivated DID has no further entries")
    if previous.next_key_hashes:
        _check_pre_rotation(previous, given)
    return _apply(previous, given)


def active_update_keys(previous: Parameters | None, current: Parameters) -> tuple[str, ...]:
    """Who may sign an entry: with pre-rotation its own keys, else those of the one before."""
    if previous is None or previous.next_key_hashes:
        return current.update_keys
    return previous.update_keys


def active_witnesses(previous: Parameters | None, current: Parameters) -> Witnesses | None:
    """Who must approve an entry: those of the one before; the first ones at once."""
    return (previous.witnesses if previous is not None else None) or current.witnesses


def _check_names(value: JsonValue) -> dict[str, JsonValue]:
    if not isinstance(value, dict) or not _NAMES.issuperset(value):
        raise _fault("an entry has an unknown parameter")
    return {
        name: _DEFAULTS[name] if member is None and name in _DEFAULTS else member
        for name, member in value.items()
    }


def _check_pre_rotation(previous: Parameters, given: dict[str, JsonValue]) -> None:
    if "updateKeys" not in given or "nextKeyHashes" not in given:
        raise _fault("pre-rotation needs updateKeys and nextKeyHashes in each entry")
    keys = _parse_texts(given["updateKeys"])
    if not {hash_update_key(key) for key in keys} <= set(previous.next_key_hashes):
        raise _fault("a key was not announced by the entry before")


def _apply(before: Parameters, given: dict[str, JsonValue]) -> Parameters:
    after = before
    if "updateKeys" in given:
        after = replace(after, update_keys=_parse_texts(given["updateKeys"]))
    if "nextKeyHashes" in given:
        after = replace(after, next_key_hashes=_parse_texts(given["nextKeyHashes"]))
    if "watchers" in given:
        after = replace(after, watchers=_parse_texts(given["watchers"]))
    if "witness" in given:
        after = replace(after, witnesses=_parse_witnesses(given["witness"]))
    if "portable" in given:
        after = replace(after, portable=_parse_flag(given["portable"]))
    if "deactivated" in given:
        after = replace(after, deactivated=_parse_flag(given["deactivated"]))
    if "ttl" in given:
        after = replace(after, ttl=_parse_ttl(given["ttl"]))
    return after


def _parse_texts(value: JsonValue) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MAX_LISTED:
        raise _fault("a parameter must be a short array")
    if not all(isinstance(each, str) and each.isascii() for each in value):
        raise _fault("a parameter must hold texts")
    return tuple(str(each) for each in value)


def _parse_flag(value: JsonValue) -> bool:
    if not isinstance(value, bool):
        raise _fault("a parameter must be true or false")
    return value


def _parse_ttl(value: JsonValue) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 2**31:
        raise _fault("ttl must be a number of seconds")
    return value


def _parse_witnesses(value: JsonValue) -> Witnesses | None:
    """`{}` is nobody; everything else must be whole: a broken list never means no list."""
    if not isinstance(value, dict):
        raise _fault("witness must be an object")
    if not value:
        return None
    listed, threshold = value.get("witnesses"), value.get("threshold")
    if set(value) != {"threshold", "witnesses"} or not isinstance(listed, list):
        raise _fault("witness must hold a threshold and witnesses")
    if len(listed) > MAX_LISTED:
        raise _fault("there are too many witnesses")
    ids = tuple(_parse_witness(each) for each in listed)
    if len(set(ids)) != len(ids):
        raise _fault("a witness is listed twice")
    if isinstance(threshold, bool) or not isinstance(threshold, int):
        raise _fault("the threshold must be an integer")
    if not 1 <= threshold <= len(ids):
        raise _fault("the threshold must be within the number of witnesses")
    return Witnesses(threshold, ids)


def _parse_witness(value: JsonValue) -> str:
    name = value.get("id") if isinstance(value, dict) and set(value) == {"id"} else None
    if not isinstance(name, str):
        raise _fault("a witness must have an id")
    try:
        algorithm = parse_did_key(name).algorithm
    except Malformed as error:
        raise _fault("a witness is not a did:key") from error
    if algorithm != "EdDSA":
        raise _fault("a witness must sign with Ed25519")
    return name


def _fault(message: str) -> Malformed:
    return Malformed(message, detail="invalid_log_parameters")
