"""
What a credential issuer publishes about itself, and how a wallet reads it.

OpenID4VCI 1.0 section 12.2. The reader is strict in what it uses and ignores every member that it
does not know. An identifier that differs from the one asked for by a single byte is refused
(VCI-W-02): metadata speaks only for itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from credentials.policy import ClaimPath
from encoding.strict_json import JsonValue
from openid4vc.claims_path import parse_claims_path
from openid4vc.errors import InvalidMetadata, ProtocolError
from openid4vc.members import (
    optional_boolean,
    optional_count,
    optional_text,
    present,
    read_object,
    require_array,
    require_identity,
    require_object,
    require_text,
    require_texts,
    require_url,
)

MAX_METADATA_BYTES = 1_048_576
_W3C_FORMATS = frozenset({"jwt_vc_json", "jwt_vc_json-ld", "ldp_vc", "vc+sd-jwt", "vc+jwt"})


@dataclass(frozen=True, slots=True)
class Display:
    """How something is called in one language; untrusted text, shown escaped (VCI-W-11)."""

    name: str
    locale: str | None = None
    description: str | None = None
    logo_uri: str | None = None
    background_color: str | None = None
    text_color: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimDescription:
    """A claim of a credential, and what to call it."""

    path: ClaimPath
    mandatory: bool
    display: tuple[Display, ...]


@dataclass(frozen=True, slots=True)
class CredentialConfiguration:
    """
    One credential in one format.

    `vct` for `dc+sd-jwt`, `doctype` for `mso_mdoc`, `types` (and `contexts`) for the W3C formats.
    A configuration binds to a holder key if and only if `binding_methods` and `proof_algorithms`
    are both there (VCI-I-04).
    """

    id: str
    format: str
    scope: str | None
    vct: str | None
    types: tuple[str, ...]
    contexts: tuple[str, ...]
    doctype: str | None
    binding_methods: tuple[str, ...]
    signing_algorithms: tuple[str | int, ...]
    proof_algorithms: Mapping[str, tuple[str, ...]]
    display: tuple[Display, ...]
    claims: tuple[ClaimDescription, ...]


@dataclass(frozen=True, slots=True)
class IssuerMetadata:
    """What a credential issuer says of itself. `batch_size` None: one credential a request."""

    credential_issuer: str
    credential_endpoint: str
    nonce_endpoint: str | None
    notification_endpoint: str | None
    authorization_servers: tuple[str, ...]
    batch_size: int | None
    display: tuple[Display, ...]
    configurations: Mapping[str, CredentialConfiguration]


def build_issuer_metadata(metadata: IssuerMetadata) -> dict[str, JsonValue]:
    """The document at `/.well-known/openid-credential-issuer`."""
    document = present(
        credential_issuer=metadata.credential_issuer,
        credential_endpoint=metadata.credential_endpoint,
        nonce_endpoint=metadata.nonce_endpoint,
        notification_endpoint=metadata.notification_endpoint,
    )
    if metadata.authorization_servers:
        document["authorization_servers"] = list(metadata.authorization_servers)
    if metadata.batch_size is not None:
        document["batch_credential_issuance"] = {"batch_size": metadata.batch_size}
    if metadata.display:
        document["display"] = [_build_display(display) for display in metadata.display]
    document["credential_configurations_supported"] = {
        name: _build_configuration(configuration)
        for name, configuration in metadata.configurations.items()
    }
    return document


def parse_issuer_metadata(
    body: bytes, *, expected_issuer: str, allow_http_loopback: bool
) -> IssuerMetadata:
    """Read the metadata of the issuer that was asked for."""
    document = read_object(
        body, what="metadata", refuse=InvalidMetadata, max_bytes=MAX_METADATA_BYTES
    )
    require_identity(
        document, "credential_issuer", expected=expected_issuer, refuse=InvalidMetadata
    )
    endpoints = _parse_endpoints(document, allow_http_loopback=allow_http_loopback)
    configurations = require_object(
        document.get("credential_configurations_supported"),
        what="credential_configurations_supported",
        refuse=InvalidMetadata,
    )
    return IssuerMetadata(
        credential_issuer=expected_issuer,
        credential_endpoint=endpoints["credential_endpoint"],
        nonce_endpoint=endpoints.get("nonce_endpoint"),
        notification_endpoint=endpoints.get("notification_endpoint"),
        authorization_servers=_parse_authorization_servers(
            document, allow_http_loopback=allow_http_loopback
        ),
        batch_size=_parse_batch_size(document),
        display=_parse_displays(document.get("display", [])),
        configurations={
            name: _parse_configuration(name, value) for name, value in configurations.items()
        },
    )


def _parse_endpoints(
    document: Mapping[str, JsonValue], *, allow_http_loopback: bool
) -> dict[str, str]:
    """Every endpoint is https (VCI-I-03)."""
    endpoints = {
        name: require_url(
            document[name],
            what=name,
            refuse=InvalidMetadata,
            allow_http_loopback=allow_http_loopback,
        )
        for name in ("credential_endpoint", "nonce_endpoint", "notification_endpoint")
        if name in document
    }
    if "credential_endpoint" not in endpoints:
        raise InvalidMetadata("the issuer metadata lacks credential_endpoint")
    return endpoints


def _build_configuration(configuration: CredentialConfiguration) -> dict[str, JsonValue]:
    document = present(
        format=configuration.format,
        scope=configuration.scope,
        vct=configuration.vct,
        doctype=configuration.doctype,
    )
    if configuration.types:
        definition: dict[str, JsonValue] = {"type": list(configuration.types)}
        if configuration.contexts:
            definition["@context"] = list(configuration.contexts)
        document["credential_definition"] = definition
    if configuration.signing_algorithms:
        document["credential_signing_alg_values_supported"] = list(configuration.signing_algorithms)
    if configuration.binding_methods:
        document["cryptographic_binding_methods_supported"] = list(configuration.binding_methods)
        document["proof_types_supported"] = {
            name: {"proof_signing_alg_values_supported": list(algorithms)}
            for name, algorithms in configuration.proof_algorithms.items()
        }
    # Always there: without it wallets take us for an older draft.
    document["credential_metadata"] = {
        "display": [_build_display(display) for display in configuration.display],
        "claims": [_build_claim(claim) for claim in configuration.claims],
    }
    return document


def _build_claim(claim: ClaimDescription) -> dict[str, JsonValue]:
    return {
        "path": list(claim.path),
        "mandatory": claim.mandatory,
        "display": [_build_display(display) for display in claim.display],
    }


def _build_display(display: Display) -> dict[str, JsonValue]:
    document = present(
        name=display.name,
        locale=display.locale,
        description=display.description,
        background_color=display.background_color,
        text_color=display.text_color,
    )
    if display.logo_uri is not None:
        document["logo"] = {"uri": display.logo_uri}
    return document


def _parse_configuration(name: str, value: JsonValue) -> CredentialConfiguration:
    """A configuration in a format that is not known here is kept, so that others still work."""
    members = require_object(value, what="a credential configuration", refuse=InvalidMetadata)
    credential_format = require_text(members.get("format"), what="format", refuse=InvalidMetadata)
    vct = optional_text(members, "vct", refuse=InvalidMetadata)
    doctype = optional_text(members, "doctype", refuse=InvalidMetadata)
    if credential_format == "dc+sd-jwt" and vct is None:
        raise InvalidMetadata("a dc+sd-jwt configuration lacks vct")
    if credential_format == "mso_mdoc" and doctype is None:
        raise InvalidMetadata("an mso_mdoc configuration lacks doctype")
    types, contexts = _parse_definition(members, is_required=credential_format in _W3C_FORMATS)
    binding_methods, proof_algorithms = _parse_binding(members)
    metadata = require_object(
        members.get("credential_metadata", {}), what="credential_metadata", refuse=InvalidMetadata
    )
    return CredentialConfiguration(
        id=name,
        format=credential_format,
        scope=optional_text(members, "scope", refuse=InvalidMetadata),
        vct=vct,
        types=types,
        contexts=contexts,
        doctype=doctype,
        binding_methods=binding_methods,
        signing_algorithms=_parse_signing_algorithms(members),
        proof_algorithms=proof_algorithms,
        display=_parse_displays(metadata.get("display", [])),
        claims=_parse_claims(metadata.get("claims", [])),
    )


def _parse_definition(
    members: Mapping[str, JsonValue], *, is_required: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if not is_required and "credential_definition" not in members:
        return (), ()
    definition = require_object(
        members.get("credential_definition"), what="credential_definition", refuse=InvalidMetadata
    )
    types = require_texts(definition.get("type"), what="type", refuse=InvalidMetadata)
    contexts = definition.get("@context", [])
    if not isinstance(contexts, list):
        raise InvalidMetadata("@context must be an array")
    return types, tuple(context for context in contexts if isinstance(context, str))


def _parse_binding(
    members: Mapping[str, JsonValue],
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Both or neither (VCI-I-04)."""
    has_methods = "cryptographic_binding_methods_supported" in members
    if has_methods != ("proof_types_supported" in members):
        raise InvalidMetadata("binding methods and proof types must come together")
    if not has_methods:
        return (), {}
    methods = require_texts(
        members["cryptographic_binding_methods_supported"],
        what="cryptographic_binding_methods_supported",
        refuse=InvalidMetadata,
    )
    proof_types = require_object(
        members["proof_types_supported"], what="proof_types_supported", refuse=InvalidMetadata
    )
    return methods, {
        name: require_texts(
            require_object(value, what="a proof type", refuse=InvalidMetadata).get(
                "proof_signing_alg_values_supported"
            ),
            what="proof_signing_alg_values_supported",
            refuse=InvalidMetadata,
        )
        for name, value in proof_types.items()
    }


def _parse_signing_algorithms(members: Mapping[str, JsonValue]) -> tuple[str | int, ...]:
    name = "credential_signing_alg_values_supported"
    if name not in members:
        return ()
    values = require_array(members[name], what=name, refuse=InvalidMetadata)
    return tuple(value for value in values if isinstance(value, str | int))


def _parse_claims(value: JsonValue) -> tuple[ClaimDescription, ...]:
    if not isinstance(value, list):
        raise InvalidMetadata("claims must be an array")
    return tuple(_parse_claim(item) for item in value)


def _parse_claim(value: JsonValue) -> ClaimDescription:
    members = require_object(value, what="a claim description", refuse=InvalidMetadata)
    try:
        path = parse_claims_path(members.get("path"))
    except ProtocolError as error:
        raise InvalidMetadata(str(error)) from error
    return ClaimDescription(
        path=path,
        mandatory=optional_boolean(members, "mandatory", refuse=InvalidMetadata) or False,
        display=_parse_displays(members.get("display", [])),
    )


def _parse_displays(value: JsonValue) -> tuple[Display, ...]:
    """One object for each locale (VCI-I-06); an entry without a name is of no use and left out."""
    if not isinstance(value, list):
        raise InvalidMetadata("display must be an array")
    displays = tuple(_parse_display(item) for item in value)
    named = tuple(display for display in displays if display is not None)
    locales = [display.locale for display in named]
    if len(set(locales)) != len(locales):
        raise InvalidMetadata("display speaks twice for one locale")
    return named


def _parse_display(value: JsonValue) -> Display | None:
    members = require_object(value, what="a display entry", refuse=InvalidMetadata)
    name = optional_text(members, "name", refuse=InvalidMetadata)
    if name is None:
        return None
    logo = require_object(members.get("logo", {}), what="logo", refuse=InvalidMetadata)
    return Display(
        name=name,
        locale=optional_text(members, "locale", refuse=InvalidMetadata),
        description=optional_text(members, "description", refuse=InvalidMetadata),
        logo_uri=optional_text(logo, "uri", refuse=InvalidMetadata, limit=65_536),
        background_color=optional_text(members, "background_color", refuse=InvalidMetadata),
        text_color=optional_text(members, "text_color", refuse=InvalidMetadata),
    )


def _parse_authorization_servers(
    document: Mapping[str, JsonValue], *, allow_http_loopback: bool
) -> tuple[str, ...]:
    name = "authorization_servers"
    if name not in document:
        return ()
    return tuple(
        require_url(
            item, what=name, refuse=InvalidMetadata, allow_http_loopback=allow_http_loopback
        )
        for item in require_array(document[name], what=name, refuse=InvalidMetadata)
    )


def _parse_batch_size(document: Mapping[str, JsonValue]) -> int | None:
    if "batch_credential_issuance" not in document:
        return None
    batch = require_object(
        document["batch_credential_issuance"],
        what="batch_credential_issuance",
        refuse=InvalidMetadata,
    )
    size = optional_count(batch, "batch_size", refuse=InvalidMetadata)
    if size is None or size < 2:
        raise InvalidMetadata("batch_size must be at least 2")
    return size
