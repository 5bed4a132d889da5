"""
SD-JWT: the cases of `specification.yml` issued, shown and verified (SD-V-06 to SD-V-13).

What a verifier must see is computed from the marks in the case alone, and compared with what the
credential gives; where the case prints it, with that as well. Needs PyYAML, which the city itself
does not: without it these cases are unknown.
"""

import importlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from cityhall.vectors.shelf import Result, Shelf, Unknown
from credentials.jose import verify_jws
from credentials.keys import SoftwareSigner, parse_jwk
from credentials.sd_jwt import (
    attach_key_binding,
    build_key_binding_input,
    issue_sd_jwt,
    parse_sd_jwt,
    processed_claims,
    select_disclosures,
)
from credentials.sd_jwt_json import build_json_sd_jwt, parse_json_sd_jwt
from encoding import base64url

MAX_YAML = 65_536
"""YAML that is nested deeply takes long to read."""
TYPES = frozenset({"example+sd-jwt", "dc+sd-jwt"})


@dataclass(frozen=True, eq=False, slots=True)
class Hidden:
    """A name or an element that is marked `!sd`; each is its own."""

    value: Any


def check_case(shelf: Shelf, path: Path) -> Iterator[Result]:
    """One case with the settings of its folder."""
    yield shelf.judge(path, "issued, shown, verified", partial(_holds, shelf, path))


def _holds(shelf: Shelf, path: Path) -> bool:
    settings = _read_yaml(shelf.text(_find_settings(path)))
    case = _read_yaml(shelf.text(path))
    issuer, holder = _signers_of(case, settings)
    claims, hidden = _strip(case["user_claims"])
    if case.get("include_default_claims", True):
        claims = {"iss": settings["identifiers"]["issuer"], **_times_of(settings), **claims}
    if case.get("key_binding"):
        claims["cnf"] = {"jwk": dict(holder.public_jwk)}
    text = _issue(case, claims, hidden, issuer)
    shown = _show(case, text, settings=settings, holder=holder)
    if case.get("serialization_format") == "json":
        shown = parse_json_sd_jwt(build_json_sd_jwt(shown, other_tokens=())).text
    sd_jwt = parse_sd_jwt(shown, types=TYPES)
    verified = processed_claims(sd_jwt)
    added = claims.keys() - {_bare(key) for key in case["user_claims"]}
    seen = {name: value for name, value in verified.items() if name not in added}
    expected = _expect(case["user_claims"], case["holder_disclosed_claims"])
    return (
        verify_jws(sd_jwt.jws, parse_jwk(dict(issuer.public_jwk)))
        and processed_claims(parse_sd_jwt(text, types=TYPES)) == claims
        and seen == expected == case.get("expect_verified_user_claims", expected)
        and (sd_jwt.key_binding is not None) is bool(case.get("key_binding"))
    )


def _find_settings(path: Path) -> Path:
    for folder in (path.parents[0], path.parents[1]):
        if (folder / "settings.yml").is_file():
            return folder / "settings.yml"
    raise Unknown("its settings are not in this copy")


def _signers_of(case: Any, settings: Any) -> tuple[SoftwareSigner, SoftwareSigner]:
    chosen = case.get("settings_override", settings)["key_settings"]
    issuer = chosen["issuer_keys"][0] if "issuer_keys" in chosen else chosen["issuer_key"]
    signers = []
    for jwk in (issuer, chosen["holder_key"]):
        secret = int.from_bytes(base64url.decode(jwk["d"]), "big")
        signer = SoftwareSigner(ec.derive_private_key(secret, ec.SECP256R1()))
        if any(signer.public_jwk[name] != jwk[name] for name in ("x", "y")):
            raise ValueError("a key of the settings is not a pair")
        signers.append(signer)
    return signers[0], signers[1]


def _times_of(settings: Any) -> dict[str, Any]:
    return {"iat": settings["iat"], "exp": settings["exp"]}


def _issue(case: Any, claims: Any, hidden: Any, signer: SoftwareSigner) -> str:
    header = dict(case.get("extra_header_parameters", {}))
    numbers = itertools.count()
    return issue_sd_jwt(
        claims,
        disclosable=hidden,
        type=header.pop("typ", "example+sd-jwt"),
        signer=signer,
        header=header,
        salt=lambda: next(numbers).to_bytes(16, "big"),
        decoys=3 if case.get("add_decoy_claims") else 0,
    )


def _show(case: Any, text: str, *, settings: Any, holder: SoftwareSigner) -> str:
    paths = _choose(case["user_claims"], case["holder_disclosed_claims"])
    shown = select_disclosures(text, paths, types=TYPES)
    if not case.get("key_binding"):
        return shown
    signing_input = build_key_binding_input(
        shown,
        audience=settings["identifiers"]["verifier"],
        nonce=settings["key_binding_nonce"],
        now=datetime.fromtimestamp(settings["iat"], UTC),
        types=TYPES,
    )
    signature = holder.sign(signing_input.encode())
    return attach_key_binding(shown, signing_input=signing_input, signature=signature)


def _bare(marked: Any) -> Any:
    return marked.value if isinstance(marked, Hidden) else marked


def _pairs_of(value: Any) -> list[tuple[Any, Any]]:
    return list(value.items() if isinstance(value, dict) else enumerate(value))


def _strip(value: Any, path: tuple[Any, ...] = ()) -> tuple[Any, list[tuple[Any, ...]]]:
    """Plain claims, and the paths of what is hidden in them."""
    plain, paths = [], []
    for key, member in _pairs_of(value):
        step, inner = _bare(key), _bare(member)
        if isinstance(inner, dict | list):
            inner, below = _strip(inner, (*path, step))
            paths += below
        plain.append((step, inner))
        if isinstance(key, Hidden) or isinstance(member, Hidden):
            paths.append((*path, step))
    return (dict(plain) if isinstance(value, dict) else [each for _, each in plain]), paths


def _choice_of(choice: Any, step: Any) -> Any:
    """What the holder chose below: everything, nothing, or a part."""
    if isinstance(choice, dict):
        return choice.get(step)
    if isinstance(choice, list):
        return choice[step] if step < len(choice) else None
    return choice


def _expect(value: Any, choice: Any) -> Any:
    """What a verifier must see."""
    seen = []
    for key, member in _pairs_of(value):
        chosen, inner = _choice_of(choice, _bare(key)), _bare(member)
        if (isinstance(key, Hidden) or isinstance(member, Hidden)) and not chosen:
            continue
        below = _expect(inner, chosen) if isinstance(inner, dict | list) else inner
        seen.append((_bare(key), below))
    return dict(seen) if isinstance(value, dict) else [each for _, each in seen]


def _choose(value: Any, choice: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to show: where everything is chosen, and a plain place where only the way is."""
    if choice is True or not isinstance(value, dict | list):
        return [path] if choice else []
    pairs, found = _pairs_of(value), []
    for key, member in pairs:
        step = _bare(key)
        found += _choose(_bare(member), _choice_of(choice, step), (*path, step))
    if choice and not found:
        plain = [k for k, each in pairs if not isinstance(k, Hidden | type(None))]
        plain = [k for k in plain if not isinstance(dict(pairs)[k], Hidden)]
        found = [(*path, plain[0])] if plain else []
    return found


def _read_yaml(text: str) -> Any:
    """YAML with the mark `!sd`."""
    try:
        yaml = importlib.import_module("yaml")
    except ImportError as missing:
        raise Unknown("PyYAML is not installed") from missing

    if len(text) > MAX_YAML:
        raise ValueError("a case is too large")

    class Loader(yaml.SafeLoader):  # type: ignore[misc, name-defined]
        """Reads `!sd`."""

    def construct(loader: Any, node: Any) -> Hidden:
        if isinstance(node, yaml.MappingNode):
            return Hidden(loader.construct_mapping(node, deep=True))
        if isinstance(node, yaml.SequenceNode):
            return Hidden(loader.construct_sequence(node, deep=True))
        # The tag hides what the text would have been: 42, null, true.
        plain = loader.resolve(yaml.ScalarNode, node.value, (node.style is None, False))
        return Hidden(loader.construct_object(yaml.ScalarNode(plain, node.value), deep=True))

    Loader.add_constructor("!sd", construct)
    try:
        return yaml.load(text, Loader)
    except yaml.YAMLError as error:
        raise ValueError("a case is no YAML") from error
