"""
What servers publish beside the credential issuer's own metadata, and where.

Authorization server metadata: RFC 8414; `jwt-vc-issuer`: SD-JWT VC section 5; JWK Sets: RFC 7517.
As in `metadata`, a document that names another issuer than the one asked for is refused (S-099).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from credentials.errors import CredentialError
from credentials.keys import PublicKey, parse_jwk
from encoding.strict_json import JsonValue
from openid4vc.errors import InvalidMetadata
from openid4vc.members import (
    optional_boolean,
    present,
    read_object,
    require_array,
    require_identity,
    require_object,
    require_texts,
    require_url,
    split_url,
)

CREDENTIAL_ISSUER = "openid-credential-issuer"
OAUTH_SERVER = "oauth-authorization-server"
JWT_VC_ISSUER = "jwt-vc-issuer"
MAX_KEYS = 32


@dataclass(frozen=True, slots=True)
class AuthorizationServerMetadata:
    """What an authorization server says of itself."""

    issuer: str
    token_endpoint: str
    grant_types: tuple[str, ...]
    allows_anonymous_pre_authorized: bool
    dpop_algorithms: tuple[str, ...] = ()
    authorization_endpoint: str | None = None
    jwks_uri: str | None = None


@dataclass(frozen=True, slots=True)
class JwtVcIssuer:
    """Keys of an SD-JWT VC issuer: either listed, or at `jwks_uri`."""

    issuer: str
    keys: tuple[PublicKey, ...]
    jwks_uri: str | None


def well_known_url(identifier: str, name: str) -> str:
    """
    Where the metadata of `identifier` stands: the well-known part between host and path (VCI-I-01).

    RFC 8414 section 3.1: a slash at the end of the path is dropped.
    """
    parts = split_url(identifier)
    if parts is None or not parts.netloc:
        raise InvalidMetadata("an issuer identifier is not a URL")
    return f"{parts.scheme}://{parts.netloc}/.well-known/{name}{parts.path.rstrip('/')}"


def build_authorization_server_metadata(
    metadata: AuthorizationServerMetadata,
) -> dict[str, JsonValue]:
    """The document at `/.well-known/oauth-authorization-server`."""
    document = present(
        issuer=metadata.issuer,
        token_endpoint=metadata.token_endpoint,
        authorization_endpoint=metadata.authorization_endpoint,
        jwks_uri=metadata.jwks_uri,
    )
    document["grant_types_supported"] = list(metadata.grant_types)
    # RFC 8414 requires the member; without an authorization endpoint nothing is in it.
    document["response_types_supported"] = (
        ["code"] if metadata.authorization_endpoint is not None else []
    )
    document["token_endpoint_auth_methods_supported"] = ["none"]
    document["pre-authorized_grant_anonymous_access_supported"] = (
        metadata.allows_anonymous_pre_authorized
    )
    document["authorization_details_types_supported"] = ["openid_credential"]
    if metadata.dpop_algorithms:
        document["dpop_signing_alg_values_supported"] = list(metadata.dpop_algorithms)
    return document


def parse_authorization_server_metadata(
    body: bytes, *, expected_issuer: str, allow_http_loopback: bool
) -> AuthorizationServerMetadata:
    """Read the metadata of the server that was asked for (S-099)."""
    document = read_object(body, what="metadata", refuse=InvalidMetadata)
    require_identity(document, "issuer", expected=expected_issuer, refuse=InvalidMetadata)
    urls = {
        name: require_url(
            document[name],
            what=name,
            refuse=InvalidMetadata,
            allow_http_loopback=allow_http_loopback,
        )
        for name in ("token_endpoint", "authorization_endpoint", "jwks_uri")
        if name in document
    }
    if "token_endpoint" not in urls:
        raise InvalidMetadata("the authorization server metadata lacks token_endpoint")
    grants = (
        require_texts(
            document["grant_types_supported"], what="grant_types_supported", refuse=InvalidMetadata
        )
        if "grant_types_supported" in document
        else ("authorization_code", "implicit")  # RFC 8414 section 2: the default
    )
    anonymous = optional_boolean(
        document, "pre-authorized_grant_anonymous_access_supported", refuse=InvalidMetadata
    )
    dpop = "dpop_signing_alg_values_supported"
    return AuthorizationServerMetadata(
        issuer=expected_issuer,
        token_endpoint=urls["token_endpoint"],
        grant_types=grants,
        allows_anonymous_pre_authorized=anonymous or False,
        dpop_algorithms=require_texts(document[dpop], what=dpop, refuse=InvalidMetadata)
        if dpop in document
        else (),
        authorization_endpoint=urls.get("authorization_endpoint"),
        jwks_uri=urls.get("jwks_uri"),
    )


def build_jwt_vc_issuer_metadata(*, issuer: str, keys: Iterable[PublicKey]) -> dict[str, JsonValue]:
    """The document at `/.well-known/jwt-vc-issuer`; each key is named by its thumbprint."""
    return {"issuer": issuer, "jwks": build_jwks(keys)}


def build_jwks(keys: Iterable[PublicKey]) -> dict[str, JsonValue]:
    """A JWK Set of signature keys."""
    return {
        "keys": [
            {**key.jwk, "kid": key.thumbprint, "alg": key.algorithm, "use": "sig"} for key in keys
        ]
    }


def parse_jwt_vc_issuer_metadata(
    body: bytes, *, expected_issuer: str, allow_http_loopback: bool
) -> JwtVcIssuer:
    """Read it: `issuer` as asked for, and exactly one of `jwks` and `jwks_uri` (SDVC-M-01)."""
    document = read_object(body, what="metadata", refuse=InvalidMetadata)
    require_identity(document, "issuer", expected=expected_issuer, refuse=InvalidMetadata)
    if ("jwks" in document) == ("jwks_uri" in document):
        raise InvalidMetadata("the metadata must hold exactly one of jwks and jwks_uri")
    if "jwks_uri" in document:
        url = require_url(
            document["jwks_uri"],
            what="jwks_uri",
            refuse=InvalidMetadata,
            allow_http_loopback=allow_http_loopback,
        )
        return JwtVcIssuer(issuer=expected_issuer, keys=(), jwks_uri=url)
    return JwtVcIssuer(issuer=expected_issuer, keys=parse_jwks(document["jwks"]), jwks_uri=None)


def parse_jwks(value: JsonValue) -> tuple[PublicKey, ...]:
    """The signature keys of a JWK Set; keys of kinds that are not used here are passed over."""
    members = require_object(value, what="jwks", refuse=InvalidMetadata)
    items = require_array(members.get("keys"), what="keys", refuse=InvalidMetadata)
    if len(items) > MAX_KEYS:
        raise InvalidMetadata(f"a JWK Set must have at most {MAX_KEYS} keys")
    keys = []
    for item in items:
        try:
            keys.append(parse_jwk(item))
        except CredentialError as error:
            if getattr(error, "detail", "") == "private_key_in_jwk":
                raise InvalidMetadata("a JWK Set gives a private key away") from error
    if not keys:
        raise InvalidMetadata("a JWK Set holds no usable signature key")
    return tuple(keys)
