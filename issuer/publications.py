"""
What the counter publishes about its agencies: metadata, keys, types and contexts.

Public bytes, made once for each revision of an agency and then only read; nobody has to trust them
(architecture 9). OpenID4VCI 1.0 section 12.2, RFC 8414, SD-JWT VC (jwt-vc-issuer), did:web. What is
said of a type is made in `type_documents`; status lists are published by `status_publisher`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from credentials.catalog import CredentialType, vct
from credentials.dids import build_did_document
from credentials.model import Format
from credentials.vcdm_shape import BASE_CONTEXT
from encoding import base64url
from encoding.strict_json import JsonValue, build_json
from issuer.agencies import agency_did, credential_key, require_known, status_key
from issuer.copies import context_url
from issuer.errors import NoSuchPublication
from issuer.office import BATCH_SIZE, Office
from issuer.store import status_lists
from issuer.store.agencies import Agency
from issuer.type_documents import build_context, build_type_metadata
from openid4vc.metadata import (
    ClaimDescription,
    CredentialConfiguration,
    Display,
    IssuerMetadata,
    build_issuer_metadata,
)
from openid4vc.offer import PRE_AUTHORIZED_CODE
from openid4vc.server_metadata import (
    AuthorizationServerMetadata,
    build_authorization_server_metadata,
    build_jwt_vc_issuer_metadata,
)

FORMATS = (Format.DC_SD_JWT, Format.VC_SD_JWT, Format.VC_JWT, Format.JWT_VC_JSON)
PROOF_ALGORITHMS = ("ES256", "EdDSA")


@dataclass(frozen=True, slots=True)
class Document:
    """Public bytes with what caches need to know."""

    body: bytes
    media_type: str
    etag: str


class Shelf:
    """Keeps the documents of each agency until the agency changes. One per process."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._agency_documents: dict[tuple[str, str], tuple[int, Document]] = {}
        self._type_documents: dict[tuple[str, str], Document] = {}

    def agency_document(self, kind: str, name: str) -> Document:
        """`kind` is one of `AGENCY_DOCUMENTS`."""
        agency = require_known(self._office, name)
        kept = self._agency_documents.get((kind, name))
        if kept is not None and kept[0] == agency.revision:
            return kept[1]
        document = _build_document(AGENCY_DOCUMENTS[kind](self._office, agency))
        self._agency_documents[kind, name] = (agency.revision, document)
        return document

    def type_document(self, kind: str, name: str) -> Document:
        """`kind` is one of `TYPE_DOCUMENTS`; the catalog says which names there are."""
        if (kind, name) not in self._type_documents:
            credential_type = self._office.catalog.by_name(name)
            value = TYPE_DOCUMENTS[kind](self._office, credential_type)
            self._type_documents[kind, name] = _build_document(value)
        return self._type_documents[kind, name]


def read_status_list(office: Office, *, agency: str, number: int, form: str) -> Document:
    """The published bytes of a list: `form` is `token`, `revocation` or `suspension`."""
    with office.database.reading() as session:
        publication = status_lists.load_publication(session, agency, number)
    if publication is None:
        raise NoSuchPublication("no such status list")
    texts = {
        "token": (publication.token, "application/statuslist+jwt"),
        "revocation": (publication.revocation, "application/vc+jwt"),
        "suspension": (publication.suspension, "application/vc+jwt"),
    }
    text, media_type = texts[form]
    body = text.encode()
    return Document(body, media_type, _build_etag(body))


def binding_methods(format: Format) -> tuple[str, ...]:
    """How a key proof may name the holder's key (interop 2.3)."""
    return ("jwk",) if format is Format.DC_SD_JWT else ("did:jwk", "did:key", "jwk")


def configurations(office: Office, agency: Agency) -> dict[str, CredentialConfiguration]:
    """Every accredited type in every format; views only as SD-JWT VC."""
    found: dict[str, CredentialConfiguration] = {}
    for name in agency.types:
        credential_type = office.catalog.by_name(name)
        for format_ in formats_of(credential_type):
            configuration = _build_configuration(office, credential_type, format_)
            found[configuration.id] = configuration
    return found


def formats_of(credential_type: CredentialType) -> tuple[Format, ...]:
    """The formats that a type is issued in."""
    return (Format.DC_SD_JWT,) if credential_type.is_view else FORMATS


def _build_issuer(office: Office, agency: Agency) -> dict[str, JsonValue]:
    issuer = office.credential_issuer(agency.name)
    return build_issuer_metadata(
        IssuerMetadata(
            credential_issuer=issuer,
            credential_endpoint=f"{issuer}/credential",
            nonce_endpoint=f"{issuer}/nonce",
            notification_endpoint=f"{issuer}/notification",
            authorization_servers=(),
            batch_size=BATCH_SIZE,
            display=_build_displays(agency.label),
            configurations=configurations(office, agency),
        )
    )


def _build_server(office: Office, agency: Agency) -> dict[str, JsonValue]:
    issuer = office.credential_issuer(agency.name)
    return build_authorization_server_metadata(
        AuthorizationServerMetadata(
            issuer=issuer,
            token_endpoint=f"{issuer}/token",
            grant_types=(PRE_AUTHORIZED_CODE,),
            allows_anonymous_pre_authorized=True,
            dpop_algorithms=PROOF_ALGORITHMS,
            authorization_endpoint=None,
            jwks_uri=None,
        )
    )


def _build_jwt_vc_issuer(office: Office, agency: Agency) -> dict[str, JsonValue]:
    return build_jwt_vc_issuer_metadata(
        issuer=office.credential_issuer(agency.name), keys=[credential_key(office, agency.name)]
    )


def _build_did(office: Office, agency: Agency) -> dict[str, JsonValue]:
    keys = (credential_key(office, agency.name), status_key(office, agency.name))
    return build_did_document(agency_did(office, agency.name), keys)


def _name_contexts(
    office: Office, credential_type: CredentialType, format_: Format
) -> tuple[str, ...]:
    """OpenID4VCI A.1.1: a `jwt_vc_json` is read as plain JSON, so only its types are named."""
    if format_ in (Format.DC_SD_JWT, Format.JWT_VC_JSON):
        return ()
    return (BASE_CONTEXT, context_url(office, credential_type.name))


def _build_configuration(
    office: Office, credential_type: CredentialType, format_: Format
) -> CredentialConfiguration:
    is_sd_jwt_vc = format_ is Format.DC_SD_JWT
    return CredentialConfiguration(
        id=f"{credential_type.name}.{format_.value}",
        format=format_.value,
        scope=None,
        vct=vct(credential_type.name, office.base_url) if is_sd_jwt_vc else None,
        types=() if is_sd_jwt_vc else ("VerifiableCredential", credential_type.vcdm_type),
        contexts=_name_contexts(office, credential_type, format_),
        doctype=None,
        binding_methods=binding_methods(format_),
        signing_algorithms=("ES256",),
        proof_algorithms={"jwt": PROOF_ALGORITHMS},
        display=_build_displays(credential_type.labels),
        claims=tuple(
            ClaimDescription(
                path=claim.path if is_sd_jwt_vc else ("credentialSubject", *claim.path),
                mandatory=claim.required,
                display=_build_displays(claim.labels),
            )
            for claim in credential_type.inner_claims
        ),
    )


def _build_displays(labels: Mapping[str, str]) -> tuple[Display, ...]:
    return tuple(Display(name=label, locale=locale) for locale, label in labels.items())


def _build_document(value: Mapping[str, JsonValue]) -> Document:
    body = build_json(dict(value))
    return Document(body, "application/json", _build_etag(body))


def _build_etag(body: bytes) -> str:
    return f'"{base64url.encode(sha256(body).digest()[:16])}"'


AGENCY_DOCUMENTS: Mapping[str, Callable[[Office, Agency], dict[str, JsonValue]]] = {
    "openid-credential-issuer": _build_issuer,
    "oauth-authorization-server": _build_server,
    "jwt-vc-issuer": _build_jwt_vc_issuer,
    "did.json": _build_did,
}
TYPE_DOCUMENTS: Mapping[str, Callable[[Office, CredentialType], dict[str, JsonValue]]] = {
    "types": build_type_metadata,
    "contexts": build_context,
}
