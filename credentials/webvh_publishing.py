"""
Making a did:webvh log: create a DID, append versions, rotate its keys, end it.

did:webvh 1.0, "Create", "Update" and "Deactivate". Every log that is returned has been verified
as a resolver would, but for its witnesses, whose proofs come after: they sign the `versionId`
of the new entry, and their file is published first.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from credentials.did_web import build_did_web
from credentials.errors import Malformed
from credentials.keys import PublicKey, Signer, parse_jwk
from credentials.multikey import build_multikey
from credentials.verdict import format_instant
from credentials.webvh_identifier import PLACEHOLDER, PREFIX
from credentials.webvh_log import Version, hash_entry, hash_json, replace_text, verify_log
from credentials.webvh_parameters import METHOD, Witnesses, hash_update_key
from credentials.webvh_proof import sign_proof
from encoding import strict_json
from encoding.strict_json import JsonValue


def name_log(url: str) -> str:
    """The DID of a log beneath this base URL, with `{SCID}` where its SCID will stand."""
    return f"{PREFIX}{PLACEHOLDER}:{build_did_web(url).removeprefix('did:web:')}"


def create_log(
    document: Mapping[str, JsonValue],
    *,
    signer: Signer,
    now: datetime,
    update_keys: Sequence[PublicKey] = (),
    next_keys: Sequence[PublicKey] = (),
    witnesses: Witnesses | None = None,
    portable: bool = False,
    ttl: int | None = None,
) -> bytes:
    """
    The first line of `did.jsonl`: its SCID is the hash of all that it says.

    The document names itself by `name_log`, wherever it says its own name. `update_keys` come
    beside the signer's own; `next_keys` announce the only keys that may sign the next entry.
    """
    own = parse_jwk(dict(signer.public_jwk))
    parameters: dict[str, JsonValue] = {
        "method": METHOD,
        "scid": PLACEHOLDER,
        "updateKeys": _multikeys([own, *update_keys]),
        "portable": portable,
    }
    if next_keys:
        parameters["nextKeyHashes"] = _hashes(next_keys)
    if witnesses is not None:
        parameters["witness"] = _build_witness(witnesses)
    if ttl is not None:
        parameters["ttl"] = ttl
    entry: dict[str, JsonValue] = {
        "versionId": PLACEHOLDER,
        "versionTime": format_instant(now),
        "parameters": parameters,
        "state": {**document},
    }
    scid = hash_json(entry)
    named = replace_text(entry, old=PLACEHOLDER, new=scid)
    return _finish(b"", named, number=1, previous=scid, signer=signer, now=now)


def append_version(
    log: bytes,
    *,
    signer: Signer,
    now: datetime,
    document: Mapping[str, JsonValue] | None = None,
    update_keys: Sequence[PublicKey] | None = None,
    next_keys: Sequence[PublicKey] | None = None,
    witnesses: Witnesses | None = None,
    parameters: Mapping[str, JsonValue] | None = None,
) -> bytes:
    """
    The log with one version more; what is not given stays as it was.

    With keys announced, the signer must be one of them, and `next_keys` announces the next ones
    (none: no more announcements). `parameters` sets what is rare: `portable`, `ttl`, `watchers`,
    or `witness` to `{}`.
    """
    last = verify_log(log, now=now)[-1]
    changed: dict[str, JsonValue] = dict(parameters or {})
    if last.parameters.next_key_hashes:
        own = parse_jwk(dict(signer.public_jwk))
        changed["updateKeys"] = _multikeys(update_keys if update_keys is not None else [own])
        changed["nextKeyHashes"] = _hashes(next_keys or ())
    else:
        if update_keys is not None:
            changed["updateKeys"] = _multikeys(update_keys)
        if next_keys is not None:
            changed["nextKeyHashes"] = _hashes(next_keys)
    if witnesses is not None:
        changed["witness"] = _build_witness(witnesses)
    return _append(log, last, changed, document=document, signer=signer, now=now)


def deactivate_log(log: bytes, *, signer: Signer, now: datetime) -> bytes:
    """The log with its last version: the DID has no document and no keys from here on."""
    last = verify_log(log, now=now)[-1]
    changed: dict[str, JsonValue] = {"deactivated": True, "updateKeys": []}
    if last.parameters.next_key_hashes:
        # The keys that were announced must sign once more, so they must be named.
        own = parse_jwk(dict(signer.public_jwk))
        changed |= {"updateKeys": _multikeys([own]), "nextKeyHashes": []}
    return _append(log, last, changed, document=None, signer=signer, now=now)


def _append(
    log: bytes,
    last: Version,
    parameters: dict[str, JsonValue],
    *,
    document: Mapping[str, JsonValue] | None,
    signer: Signer,
    now: datetime,
) -> bytes:
    entry: dict[str, JsonValue] = {
        "versionId": last.version_id,
        "versionTime": format_instant(now),
        "parameters": parameters,
        "state": {**(last.document if document is None else document)},
    }
    return _finish(
        log, entry, number=last.number + 1, previous=last.version_id, signer=signer, now=now
    )


def _finish(
    log: bytes,
    entry: dict[str, JsonValue],
    *,
    number: int,
    previous: str,
    signer: Signer,
    now: datetime,
) -> bytes:
    """Hash, sign and append the entry, and read the log as everybody else will."""
    numbered = {**entry, "versionId": f"{number}-{hash_entry(entry, previous=previous)}"}
    proofs: list[JsonValue] = [sign_proof(numbered, signer=signer, now=now)]
    line = strict_json.build_json({**numbered, "proof": proofs})
    if log and not log.endswith(b"\n"):
        raise Malformed("a log to append to ends with a line", detail="invalid_log_entry")
    grown = log + line + b"\n"
    verify_log(grown, now=now)
    return grown


def _multikeys(keys: Sequence[PublicKey]) -> list[JsonValue]:
    return [*dict.fromkeys(build_multikey(key) for key in keys)]


def _hashes(keys: Sequence[PublicKey]) -> list[JsonValue]:
    return [hash_update_key(build_multikey(key)) for key in keys]


def _build_witness(witnesses: Witnesses) -> dict[str, JsonValue]:
    listed: list[JsonValue] = [{"id": each} for each in witnesses.ids]
    return {"threshold": witnesses.threshold, "witnesses": listed}
