"""`./city govern key|show|propose|sign|submit`: K of N governors change the trust registry."""

import argparse
import json
from datetime import timedelta
from pathlib import Path

from cityhall.command_line import show
from cityhall.desk import open_desk
from cityhall.errors import DeskError
from cityhall.governor import (
    fetch_chain,
    open_signer,
    propose,
    read_object,
    sign,
    write_act,
)
from cityhall.supervisor import build_fetcher
from credentials.governance_act import ActKind, SignedAct, build_signed_act_json, read_signed_act
from encoding import base64url
from encoding.strict_json import JsonValue, parse_json
from mobile_demo.letters import Letters
from runtime.clock import system_clock

HELP = "govern: show the chain, propose an act, sign it, submit it"
_ACTIONS = ("key", "show", "propose", "sign", "submit")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The step, and what it works with."""
    parser.add_argument("action", choices=_ACTIONS)
    parser.add_argument("--register", help="the register's address (default: the running city's)")
    parser.add_argument("--folder", type=Path, help="key, sign: where the governor's key is kept")
    parser.add_argument("--name", default="governor", help="key, sign: the name of the key")
    parser.add_argument("--kind", choices=[each.value for each in ActKind if each != ActKind.FOUND])
    parser.add_argument("--body", type=Path, help="propose: a file with the act's body")
    parser.add_argument("--hours", type=int, default=72, help="propose: how long it may be signed")
    parser.add_argument("--act", type=Path, help="propose, sign, submit: the file of the act")


def run(arguments: argparse.Namespace) -> int:
    """One step."""
    steps = {
        "key": _key,
        "show": _show,
        "propose": _propose,
        "sign": _sign,
        "submit": _submit,
    }
    return steps[arguments.action](arguments)


def _key(arguments: argparse.Namespace) -> int:
    signer = open_signer(_path(arguments, "folder"), name=arguments.name)
    told: dict[str, JsonValue] = {"thumbprint": signer.key_id, "jwk": dict(signer.public_jwk)}
    show(arguments, told)
    return 0


def _show(arguments: argparse.Namespace) -> int:
    state = fetch_chain(_register(arguments))
    governors = state.governors
    told: dict[str, JsonValue] = {
        "city": state.city,
        "sequence": state.sequence,
        "head": base64url.encode(state.head),
        "version": state.version,
        "threshold": governors.threshold,
        "governors": [key.thumbprint for key in governors.keys],
        "agencies": [*state.entries.issuers],
        "verifiers": [*state.entries.verifiers],
    }
    lines = [
        f"{state.city}: act {state.sequence}, trust registry version {state.version}",
        f"{governors.threshold} of {len(governors.keys)} governors decide:",
        *(f"    {key.thumbprint}" for key in governors.keys),
        "every act was played again from the first one",
    ]
    show(arguments, told, "\n".join(lines))
    return 0


def _propose(arguments: argparse.Namespace) -> int:
    if arguments.kind is None:
        raise DeskError("name what to change with --kind")
    signed = propose(
        fetch_chain(_register(arguments)),
        arguments.kind,
        read_object(_path(arguments, "body")),
        now=system_clock(0)(),
        window=timedelta(hours=arguments.hours),
    )
    write_act(_path(arguments, "act"), signed)
    _tell(arguments, signed)
    return 0


def _sign(arguments: argparse.Namespace) -> int:
    path = _path(arguments, "act")
    signer = open_signer(_path(arguments, "folder"), name=arguments.name)
    signed = sign(read_signed_act(read_object(path)), signer)
    write_act(path, signed)
    _tell(arguments, signed)
    return 0


def _submit(arguments: argparse.Namespace) -> int:
    signed = read_signed_act(read_object(_path(arguments, "act")))
    answer = _register(arguments).post(
        "/api/v1/governance/acts", {"act": build_signed_act_json(signed)}
    )
    missing = answer.get("missing")
    text = (
        f"it waits for {missing} more" if missing else f"accepted, version {answer.get('version')}"
    )
    show(arguments, answer, text)
    return 0


def _tell(arguments: argparse.Namespace, signed: SignedAct) -> None:
    """What the act says, in full: nobody signs what he has not seen."""
    payload = parse_json(signed.payload, max_bytes=len(signed.payload))
    told: dict[str, JsonValue] = {
        "digest": base64url.encode(signed.digest),
        "signatures": len(signed.signatures),
        "act": payload,
    }
    show(arguments, told, json.dumps(told, ensure_ascii=False, indent=2))


def _register(arguments: argparse.Namespace) -> Letters:
    if arguments.register:
        url = arguments.register.rstrip("/")
        return Letters(build_fetcher(None, {"register": url}), url, {})
    return open_desk(arguments).letters("register", role="operator")


def _path(arguments: argparse.Namespace, name: str) -> Path:
    path: Path | None = getattr(arguments, name)
    if path is None:
        raise DeskError(f"{arguments.action} needs --{name}")
    return path
