"""SD-JWT and SD-JWT VC: what RFC 9901 and the draft print (SD-V-06 to 12, SDVC-M-01)."""

import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from cityhall.vectors.sd_jwt_cases import TYPES, check_case
from cityhall.vectors.shelf import Checks, Result, Shelf, explain
from credentials.disclosures import digest_text, parse_disclosure
from credentials.jose import verify_jws
from credentials.keys import SoftwareSigner, parse_jwk
from credentials.sd_jwt import SdJwt, issue_sd_jwt, parse_sd_jwt, processed_claims
from encoding import base64url
from openid4vc.server_metadata import (
    JWT_VC_ISSUER,
    parse_jwt_vc_issuer_metadata,
    well_known_url,
)

_SIGNER = SoftwareSigner(ec.derive_private_key(1, ec.SECP256R1()))
_CONTENT = re.compile(r"^(\w+)\.\.\. = (.*?)(?=\n\w+\.\.\. = |\s*\Z)", re.MULTILINE | re.DOTALL)
ISSUER_KEY = parse_jwk(
    {
        "kty": "EC",
        "crv": "P-256",
        "x": "b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ",
        "y": "Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8",
    }
)
"""Both texts print it (RFC 9901 appendix A.5)."""

_Rows = Mapping[str, tuple[str | None, str, str | None]]
# Number of a token to the numbers of what it must say: payload, claims, key binding.
_SD_JWT: _Rows = {"012": ("010", "009", None), "013": (None, "015", "014")}
_SD_JWT_VC: _Rows = {
    "006": ("005", "004", None),
    "007": (None, "008", None),
    "009": (None, "010", None),
}


def _salts() -> Callable[[], bytes]:
    numbers = itertools.count()
    return lambda: next(numbers).to_bytes(16, "big")


def _numbered(shelf: Shelf, number: str) -> str:
    return shelf.text(shelf.one(f"rendered-draft/{number}-*"))


def _digest(text: str) -> str:
    return digest_text(base64url.encode(text.encode()), hash_name="sha-256")


def _read(text: str) -> SdJwt:
    return parse_sd_jwt(text.replace("\n", "").strip(), types=TYPES)


def _sign(claims: dict[str, Any]) -> SdJwt:
    """Printed claims in a token of ours."""
    text = issue_sd_jwt(
        claims, disclosable=[], type="dc+sd-jwt", signer=_SIGNER, header={}, salt=_salts()
    )
    return parse_sd_jwt(text, types=TYPES)


def _check_token(table: _Rows) -> Callable[[Shelf, Path], Iterator[Result]]:
    def check(shelf: Shelf, path: Path) -> Iterator[Result]:
        yield shelf.judge(path, "token", partial(_is_token, shelf, path, table[path.name[:3]]))

    return check


def _is_token(shelf: Shelf, path: Path, row: tuple[str | None, str, str | None]) -> bool:
    sd_jwt = _read(shelf.text(path))
    claims, payload, binding = processed_claims(sd_jwt), row[0], row[2]
    printed = json.loads(_numbered(shelf, row[1]))
    # The claims of the user, which an issued token holds among others.
    is_same = printed.items() <= claims.items() if payload else printed == claims
    holds = [verify_jws(sd_jwt.jws, ISSUER_KEY), is_same]
    if payload:
        holds.append(sd_jwt.jws.payload == json.loads(_numbered(shelf, payload)))
    if sd_jwt.key_binding is not None:
        confirmation: Any = claims["cnf"]
        holds.append(verify_jws(sd_jwt.key_binding, parse_jwk(confirmation["jwk"])))
        holds.append(sd_jwt.key_binding.payload["sd_hash"] == sd_jwt.sd_hash)
    if binding and sd_jwt.key_binding is not None:
        holds.append(sd_jwt.key_binding.payload == json.loads(_numbered(shelf, binding)))
    return all(holds) and (binding is None or sd_jwt.key_binding is not None)


def _check_bare_token(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "token", partial(_begins_token, shelf, path))


def _begins_token(shelf: Shelf, path: Path) -> bool:
    text = shelf.text(path).replace("\n", "")
    whole = _numbered(shelf, "012").replace("\n", "")
    return whole.startswith(f"{text}~") and verify_jws(_read(f"{text}~").jws, ISSUER_KEY)


def _check_disclosure(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "digest", partial(_has_digest, shelf, path))


def _has_digest(shelf: Shelf, path: Path) -> bool:
    text = shelf.text(path).rstrip("\n")
    found = parse_disclosure(base64url.encode(text.encode()), hash_name="sha-256")
    if path.name[:3] == "001":
        printed = json.loads(_numbered(shelf, "004"))["_sd"]
    elif path.name[:3] == "003":
        printed = [json.loads(_numbered(shelf, "005"))["nationalities"][1]["..."]]
    else:
        return False
    return bool(printed == [_digest(text)] and found.value == json.loads(text)[-1])


def _check_recursive(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "recursive disclosures", partial(_gives_back, shelf, path))


def _gives_back(shelf: Shelf, path: Path) -> bool:
    head, _, contents = shelf.text(path).partition("Content of Disclosures:")
    # One of the two lacks a comma, which no strict reader takes.
    payload = json.loads(re.sub(r"\}\s+\{", "}, {", head))
    pairs = _CONTENT.findall(contents.strip())
    # Signed as they stand: what is concealed stays so.
    sd_jwt = parse_sd_jwt(_join(payload, [content for _, content in pairs]), types=TYPES)
    has_digests = all(_digest(content).startswith(start) for start, content in pairs)
    printed = json.loads(_numbered(shelf, "006"))
    return bool(pairs) and has_digests and processed_claims(sd_jwt) == printed


def _join(payload: dict[str, Any], contents: list[str]) -> str:
    header = base64url.encode(b'{"alg":"ES256","typ":"dc+sd-jwt"}')
    start = f"{header}.{base64url.encode(json.dumps(payload).encode())}"
    signature = base64url.encode(_SIGNER.sign(start.encode()))
    return "~".join(
        [f"{start}.{signature}", *[base64url.encode(each.encode()) for each in contents], ""]
    )


def _check_payload(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "payload", partial(_shows_plain_claims, shelf, path))


def _shows_plain_claims(shelf: Shelf, path: Path) -> bool:
    """Without disclosures only the plain is seen; concealing gives the same shape."""
    payload = json.loads(shelf.text(path))
    seen = processed_claims(parse_sd_jwt(_join(payload, []), types=TYPES))
    claims = json.loads(_numbered(shelf, "016"))
    address = [("address", name) for name in claims["address"]]
    shapes = {"017": [("address",)], "018": address, "019": address[:3]}
    hidden: Any = {**shapes, "020": [("address",), *address]}[path.name[:3]]
    text = issue_sd_jwt(
        claims,
        disclosable=hidden,
        type="dc+sd-jwt",
        signer=_SIGNER,
        header={},
        salt=_salts(),
    )
    ours = parse_sd_jwt(text, types=TYPES).jws.payload
    common = {name: payload[name] for name in payload.keys() & {*ours}}
    return (
        seen.keys() == payload.keys() - {"_sd", "_sd_alg"}
        and "_sd" not in str(seen)
        and _shape_of(ours) == _shape_of(common)
    )


def _shape_of(value: Any) -> Any:
    """The value with each list of digests as a mark."""
    if not isinstance(value, dict):
        return value
    return {name: len(each) if name == "_sd" else _shape_of(each) for name, each in value.items()}


def _check_claims(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "is issued", partial(_is_issued, shelf, path))


def _is_issued(shelf: Shelf, path: Path) -> bool:
    printed = shelf.json(path)
    if "alg" in printed:
        return bool(dict(_sign({}).jws.header) == printed)
    return bool(processed_claims(_sign(printed)) == printed and "vct" in printed)


def _check_metadata(shelf: Shelf, path: Path) -> Iterator[Result]:
    text = shelf.text(path)
    if text.startswith("GET "):
        yield shelf.judge(path, "address", partial(_is_address, text))
    else:
        yield shelf.judge(path, "keys of the issuer", partial(_gives_keys, text))


def _is_address(text: str) -> bool:
    place, host = text.split()[1], text.split("Host:")[1].split(maxsplit=1)[0]
    tenant = place.removeprefix("/.well-known/jwt-vc-issuer")
    return well_known_url(f"https://{host}{tenant}", JWT_VC_ISSUER) == f"https://{host}{place}"


def _gives_keys(text: str) -> bool:
    body = text[text.index("{") :]
    document = json.loads(body)
    metadata = parse_jwt_vc_issuer_metadata(
        body.encode(), expected_issuer=document["issuer"], allow_http_loopback=False
    )
    if "jwks" in document:
        return bool(metadata.keys) and metadata.keys[0] == ISSUER_KEY
    return bool(metadata.jwks_uri == document["jwks_uri"])


_CASES: Checks = (("*specification.yml", check_case),)

SD_JWT: Checks = (
    ("rendered-draft/001-*", _check_disclosure),
    ("rendered-draft/002-*", explain("illustration: claims of which a part is concealed below")),
    ("rendered-draft/003-*", _check_disclosure),
    ("rendered-draft/00[78]-*", _check_recursive),
    ("rendered-draft/011-*", _check_bare_token),
    ("rendered-draft/01[23]-*", _check_token(_SD_JWT)),
    ("rendered-draft/017-*", _check_payload),
    ("rendered-draft/018-*", _check_payload),
    ("rendered-draft/019-*", _check_payload),
    ("rendered-draft/020-*", _check_payload),
    *_CASES,
)
SD_JWT_VC: Checks = (
    ("rendered-draft/00[123]-*", _check_claims),
    ("rendered-draft/00[679]-*", _check_token(_SD_JWT_VC)),
    ("rendered-draft/011-*", _check_metadata),
    ("rendered-draft/012-*", _check_metadata),
    ("rendered-draft/013-*", _check_metadata),
    ("rendered-draft/014-*", _check_metadata),
    *_CASES,
)
CHECKS = SD_JWT
