"""
A governor's own desk: a key in a file or a token, acts in files that go from hand to hand.

The key is made and used on the governor's machine (`CITY_KEYSTORE` as for a service); the register
sees signatures only. What an act says is printed before it is signed. The chain is not believed:
it is fetched whole and played again from its first act.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cityhall.errors import DeskError
from credentials.governance_act import (
    MAX_BYTES,
    Act,
    ActKind,
    SignedAct,
    add_signature,
    build_signed_act_json,
    propose_act,
    read_signed_act,
)
from credentials.governance_chain import AcceptedAct, Governance, replay
from encoding.errors import EncodingError
from encoding.strict_json import JsonValue, build_json, parse_object
from mobile_demo.letters import Letters, objects_of, text_of
from runtime.key_custody import ServiceSigner, open_keystore
from runtime.settings import Settings

GOVERNOR = "governor"
MAX_ACTS = 100_000


def open_signer(folder: Path, *, name: str) -> ServiceSigner:
    """The governor's key of this name, made on first use, in the folder or in the token."""
    environ = {**os.environ, "CITY_DATA_DIR": str(folder)}
    settings = Settings.from_environment(environ, service="register")
    return open_keystore(replace(settings, service=GOVERNOR)).signer(name, "ES256")


def fetch_chain(register: Letters) -> Governance:
    """What holds, from the whole chain of acts; refused where one does not follow."""
    acts: list[AcceptedAct] = []
    city = text_of(register.get("/governance"), "city")
    for each in _fetch_acts(register):
        at = each.get("accepted_at")
        if not isinstance(at, int):
            raise DeskError("the register gives an act no time")
        acts.append(AcceptedAct(read_signed_act(each.get("act")), datetime.fromtimestamp(at, UTC)))
    return replay(acts, city=city)


def propose(
    state: Governance, kind: str, body: dict[str, JsonValue], *, now: datetime, window: timedelta
) -> SignedAct:
    """An act that follows the chain, without a signature."""
    begin = now.replace(microsecond=0)
    return propose_act(
        Act(
            city=state.city,
            sequence=state.sequence + 1,
            previous=state.head,
            kind=ActKind(kind),
            body=body,
            not_before=begin,
            not_after=begin + window,
        )
    )


def sign(signed: SignedAct, signer: ServiceSigner) -> SignedAct:
    """The act with the governor's signature under it."""
    return add_signature(signed, signer=signer, key_id=signer.key_id)


def read_object(path: Path) -> dict[str, JsonValue]:
    """A JSON object in a file."""
    try:
        return parse_object(path.read_bytes(), max_bytes=2 * MAX_BYTES)
    except (OSError, EncodingError) as error:
        raise DeskError(f"{path} holds no JSON object: {error}") from error


def write_act(path: Path, signed: SignedAct) -> None:
    """The act in a file, for the next governor."""
    path.write_bytes(build_json(build_signed_act_json(signed)) + b"\n")


def _fetch_acts(register: Letters) -> Iterator[dict[str, JsonValue]]:
    after = 0
    while after < MAX_ACTS:
        page = objects_of(register.get(f"/governance/acts?after={after}"), "acts")
        if not page:
            return
        yield from page
        after += len(page)
