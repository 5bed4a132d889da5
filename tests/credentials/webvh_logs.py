"""Logs of did:webvh that tests build entry by entry, changed before they are signed."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from credentials.did_key import build_did_key
from credentials.did_webvh import resolve_did_webvh
from credentials.dids import name_resolution_error
from credentials.errors import Malformed
from credentials.webvh_log import hash_entry, hash_json, replace_text
from credentials.webvh_proof import sign_proof
from tests.credentials.workshop import ed25519_signer, public_key

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
CONTROLLER, ATTACKER = ed25519_signer("controller"), ed25519_signer("attacker")
WITNESSES = [ed25519_signer(f"witness {number}") for number in range(3)]
NAMES = tuple(build_did_key(public_key(each)) for each in WITNESSES)
KEY = build_did_key(public_key(CONTROLLER)).removeprefix("did:key:")
SCID = "QmePZQxDW6wr4ohW61LLra4jm8SU3Go6EnCKcVbvzXkNtn"
DID = "did:webvh:{SCID}:city.example"
REMOVED = object()


def later(days):
    return NOW + timedelta(days=days)


def changed(members, changes):
    return {name: value for name, value in {**members, **changes}.items() if value is not REMOVED}


def signed(entry, *, number, previous, signer=CONTROLLER, proof=None):
    numbered = {**entry, "versionId": f"{number}-{hash_entry(entry, previous=previous)}"}
    proofs = [changed(sign_proof(numbered, signer=signer, now=NOW), proof or {})]
    return json.dumps({**numbered, "proof": proofs}).encode() + b"\n"


def first(*, parameters=None, state=None, proof=None, signer=CONTROLLER, **members):
    """A log of one entry, changed before it was hashed and signed (`proof`: after)."""
    own = {"method": "did:webvh:1.0", "scid": "{SCID}", "updateKeys": [KEY]}
    entry = {
        "versionId": "{SCID}",
        "versionTime": "2026-11-22T09:00:00Z",
        "parameters": changed(own, parameters or {}),
        "state": changed({"@context": ["https://www.w3.org/ns/did/v1"], "id": DID}, state or {}),
        **members,
    }
    scid = hash_json(entry)
    entry = replace_text(entry, old="{SCID}", new=scid)
    return signed(entry, number=1, previous=scid, signer=signer, proof=proof)


def then(log, *, parameters=None, number=None, signer=CONTROLLER, **members):
    """The log with an entry more."""
    last = json.loads(log.splitlines()[-1])
    count = len(log.splitlines())
    entry = {
        "versionId": last["versionId"],
        "versionTime": f"2026-11-{22 + count}T09:00:00Z",
        "parameters": parameters or {},
        "state": last["state"],
        **members,
    }
    return log + signed(
        entry, number=number or count + 1, previous=last["versionId"], signer=signer
    )


def resolve(log, *, did=None, witness_proofs=None, now=NOW + timedelta(days=30)):
    parameters = json.loads(log.splitlines()[0])["parameters"] if did is None else {}
    did = did or f"did:webvh:{parameters.get('scid', SCID)}:city.example"
    return resolve_did_webvh(did, log=log, witness_proofs=witness_proofs, now=now)


def refusal(log, **named):
    with pytest.raises(Malformed) as fault:
        resolve(log, **named)
    assert name_resolution_error(fault.value) in {"invalidDid", "invalidDidDocument"}
    return fault.value.detail
