"""
The schemas of the OpenID Foundation's conformance suite, held against what we build and serve.

A schema is no vector by itself: it passes where a message of ours satisfies it and the same
message, broken, does not. Needs `jsonschema`, which the city itself does not: without it these
are unknown.
"""

import importlib
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from cityhall.vectors.shelf import Check, Checks, Result, Shelf, Unknown, explain
from openid4vc.dcql import build_query, parse_query
from openid4vc.issuance import build_credential_request
from openid4vc.offer import CredentialOffer, PreAuthorizedGrant, TxCode, build_offer
from openid4vc.server_metadata import (
    AuthorizationServerMetadata,
    build_authorization_server_metadata,
)

ISSUER = "https://issuer.example/agencies/transport"


def _offer() -> Any:
    grant = PreAuthorizedGrant("code", TxCode("text", 8, "Ask the clerk"), ISSUER)
    return build_offer(CredentialOffer(ISSUER, ("driving-licence.dc+sd-jwt",), grant))


def _request() -> Any:
    return build_credential_request(configuration_id="a", proofs=["x.y.z"])


def _server() -> Any:
    return build_authorization_server_metadata(
        AuthorizationServerMetadata(
            issuer=ISSUER,
            token_endpoint=f"{ISSUER}/token",
            grant_types=("urn:ietf:params:oauth:grant-type:pre-authorized_code",),
            allows_anonymous_pre_authorized=True,
            dpop_algorithms=("ES256", "EdDSA"),
        )
    )


def _query() -> Any:
    asked: Any = {"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:licence"]}}
    claims: Any = [{"id": "name", "path": ["name"]}, {"id": "b", "path": ["categories", None]}]
    return build_query(
        parse_query({"credentials": [{**asked, "claims": claims, "claim_sets": [["name"]]}]})
    )


def _check(build: Callable[[], Any], broken: dict[str, Any]) -> Check:
    def check(shelf: Shelf, path: Path) -> Iterator[Result]:
        schema = shelf.json(path)
        yield shelf.judge(path, "our message", partial(_is_valid, schema, build, broken))

    return check


def _is_valid(schema: Any, build: Callable[[], Any], broken: dict[str, Any]) -> bool:
    try:
        jsonschema = importlib.import_module("jsonschema")
    except ImportError as missing:
        raise Unknown("jsonschema is not installed") from missing
    kind = jsonschema.validators.validator_for(schema)
    try:
        kind.check_schema(schema)
    except jsonschema.SchemaError as error:
        raise ValueError("this is no schema") from error
    validator = kind(schema)
    message = json.loads(json.dumps(build()))
    return bool(validator.is_valid(message) and not validator.is_valid({**message, **broken}))


_FOLDER = "json-schemas"
CHECKS: Checks = (
    (f"{_FOLDER}/oid4vci/credential_offer-*.json", _check(_offer, {"credential_issuer": 7})),
    (f"{_FOLDER}/oid4vci/credential_request-*.json", _check(_request, {"proofs": 7})),
    (f"{_FOLDER}/rfc8414/*.json", _check(_server, {"issuer": 7})),
    (f"{_FOLDER}/oid4vp/dcql_request.json", _check(_query, {"credentials": 7})),
    (f"{_FOLDER}/*", explain("a schema for which no message of ours stands ready here")),
)
