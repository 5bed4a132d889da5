"""OpenID4VCI 1.0: offers, metadata, responses, keys and tokens of its examples (VCI-I-26)."""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from cryptography import x509

from cityhall.vectors.shelf import Check, Checks, Result, Shelf, explain
from credentials.jose import parse_jws, verify_jws
from credentials.keys import build_public_key
from openid4vc.grants import parse_token_request
from openid4vc.issuance import parse_credential_response
from openid4vc.metadata import parse_issuer_metadata
from openid4vc.offer import PRE_AUTHORIZED_CODE, parse_offer
from openid4vc.server_metadata import parse_jwks
from openid4vc.verifier_certificate import parse_x5c


def _case(name: str, compare: Callable[[str], bool]) -> Check:
    """A check of one file by its text."""

    def check(shelf: Shelf, path: Path) -> Iterator[Result]:
        yield shelf.judge(path, name, partial(compare, shelf.text(path)))

    return check


def _unwrapped(text: str) -> Any:
    """JSON whose strings the printed page has broken into lines."""
    body = re.sub(r'"[^"]*"', lambda found: re.sub(r"\n\s*", "", found[0]), text)
    return json.loads(body[body.index("{") :])


def _is_offer(text: str) -> bool:
    printed = _unwrapped(text)
    offer = parse_offer(json.dumps(printed), allow_http_loopback=False)
    grants = printed["grants"]
    same = [
        offer.credential_issuer == printed["credential_issuer"],
        list(offer.configuration_ids) == printed["credential_configuration_ids"],
        (offer.pre_authorized is not None) is (PRE_AUTHORIZED_CODE in grants),
        (offer.authorization_code is not None) is ("authorization_code" in grants),
    ]
    if offer.pre_authorized is not None:
        grant = grants[PRE_AUTHORIZED_CODE]
        same.append(offer.pre_authorized.code == grant["pre-authorized_code"])
        same.append((offer.pre_authorized.tx_code is not None) is ("tx_code" in grant))
    if offer.authorization_code is not None:
        state = grants["authorization_code"]["issuer_state"]
        same.append(offer.authorization_code.issuer_state == state)
    return all(same)


def _is_metadata(text: str) -> bool:
    printed = json.loads(text)
    metadata = parse_issuer_metadata(
        text.encode(), expected_issuer=printed["credential_issuer"], allow_http_loopback=False
    )
    formats = {name: each.format for name, each in metadata.configurations.items()}
    supported = printed["credential_configurations_supported"]
    return bool(
        metadata.credential_endpoint == printed["credential_endpoint"]
        and list(metadata.authorization_servers) == printed["authorization_servers"]
        and formats == {name: each["format"] for name, each in supported.items()}
    )


def _is_response(text: str) -> bool:
    printed = _unwrapped(text)
    response = parse_credential_response(json.dumps(printed).encode())
    return [each["credential"] for each in printed["credentials"]] == list(response.credentials)


def _is_key_set(text: str) -> bool:
    printed = _unwrapped(text)["jwks"]
    keys = parse_jwks(printed)
    names = [each["kid"].rpartition(":")[2] for each in printed["keys"]]
    return bool(keys) and [key.thumbprint for key in keys] == names


def _is_requested(text: str) -> bool:
    """In a token request: the configurations that it asks for."""
    form = {
        "grant_type": PRE_AUTHORIZED_CODE,
        "pre-authorized_code": "c",
        "authorization_details": text,
    }
    printed = [each["credential_configuration_id"] for each in json.loads(text)]
    return bool(printed) and list(parse_token_request(form).configuration_ids) == printed


def _is_signed(text: str, *, type: str) -> bool:
    jws = parse_jws(re.sub(r"\s", "", text), types=frozenset({type}))
    leaf = x509.load_der_x509_certificate(parse_x5c(jws.header["x5c"])[0])
    return verify_jws(jws, build_public_key(leaf.public_key()))


CHECKS: Checks = (
    ("examples/credential_offer_*", _case("offer", _is_offer)),
    ("examples/credential_issuer_metadata_*long.json", _case("metadata", _is_metadata)),
    ("examples/credential_response_*.txt", _case("response", _is_response)),
    ("examples/issuer_jwks.json", _case("keys and thumbprints", _is_key_set)),
    (
        "examples/credential_issuer_metadata_*jwt.txt",
        _case("signature", partial(_is_signed, type="openidvci-issuer-metadata+jwt")),
    ),
    (
        "examples/wallet_attestation.jwt.txt",
        _case("signature", partial(_is_signed, type="oauth-client-attestation+jwt")),
    ),
    ("examples/authorization_details*.json", _case("request", _is_requested)),
    ("examples/credential_metadata_*", explain("illustration: a part of an issuer's metadata")),
    ("examples/credential_request_*", explain("illustration: parts are left out")),
)
