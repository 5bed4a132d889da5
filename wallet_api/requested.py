"""
Reading a request: fetched once, verified every time it is used, and who stands behind it.

A request object is believed only when it is signed by the very client that it names (VP-W-01).
The register's name for a verifier is shown only when its certificate leads to the city's root;
everybody else may ask, and is shown as not registered.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from credentials.dids import did_web_url, parse_did_document
from credentials.errors import CredentialError
from credentials.keys import PublicKey
from encoding import base64url
from encoding.errors import EncodingError
from encoding.strict_json import parse_object
from openid4vc.client_id import ClientIdPrefix, parse_client_id
from openid4vc.errors import InvalidRequest
from openid4vc.request_object import PresentationRequest, parse_request_link
from openid4vc.request_reading import read_unsigned_request, verify_request_object
from wallet_api.details import Party, RequestSource
from wallet_api.trust_feed import TrustFeed
from wallet_api.verifier_client import VerifierClient

FORMATS = frozenset({"dc+sd-jwt", "vc+sd-jwt", "vc+jwt", "jwt_vc_json"})
MAX_DID_DOCUMENT_BYTES = 262_144
"""security.md, Limits: DID doc."""
NONCE_BYTES = 16


@dataclass(frozen=True, slots=True)
class RequestReader:
    """Fetches requests and says whose they are."""

    client: VerifierClient
    trust: TrustFeed
    allow_http_loopback: bool

    def fetch(self, text: str) -> RequestSource:
        """What the link refers to, still unbelieved."""
        link = parse_request_link(text.strip(), allow_http_loopback=self.allow_http_loopback)
        if link.request_uri is None:
            return RequestSource(link=text.strip())
        nonce = base64url.encode(secrets.token_bytes(NONCE_BYTES)) if link.use_post else None
        return RequestSource(
            link=text.strip(),
            request_object=self.client.fetch_request_object(link.request_uri, wallet_nonce=nonce),
            wallet_nonce=nonce,
            did_document=self._fetch_did_document(link.client_id),
        )

    def read(self, source: RequestSource, *, now: datetime) -> tuple[PresentationRequest, Party]:
        """The request, verified now: it may have expired since it was fetched."""
        link = parse_request_link(source.link, allow_http_loopback=self.allow_http_loopback)
        if source.request_object is None:
            request = read_unsigned_request(
                link, supported_formats=FORMATS, allow_http_loopback=self.allow_http_loopback
            )
            return request, Party(id=request.client_id.text, name={}, registered=False)
        registry = self.trust.current()
        verified = verify_request_object(
            source.request_object,
            link=link,
            now=now,
            wallet_nonce=source.wallet_nonce,
            anchors={anchor for issuer in registry.issuers for anchor in issuer.x5c_anchors},
            did_keys=_parse_did_keys(link.client_id, source.did_document),
            supported_formats=FORMATS,
            allow_http_loopback=self.allow_http_loopback,
        )
        client_id = verified.request.client_id.text
        known = self.trust.find_verifier(client_id)
        if known is None or not verified.is_certificate_anchored:
            return verified.request, Party(id=client_id, name={}, registered=False)
        return verified.request, Party(id=client_id, name=dict(known.name), registered=True)

    def _fetch_did_document(self, client_id: str) -> str | None:
        did = _did_web(client_id)
        if did is None:
            return None
        try:
            url = did_web_url(did, allow_http_loopback=self.allow_http_loopback)
        except CredentialError as error:
            raise InvalidRequest("the client's DID cannot be read") from error
        return self.client.fetch_document(url, max_bytes=MAX_DID_DOCUMENT_BYTES)


def _did_web(client_id: str) -> str | None:
    client = parse_client_id(client_id)
    is_did = client.prefix is ClientIdPrefix.DECENTRALIZED_IDENTIFIER
    return client.value if is_did and client.value.startswith("did:web:") else None


def _parse_did_keys(client_id: str, document: str | None) -> dict[str, PublicKey]:
    """The keys that may authenticate the client, by DID URL."""
    did = _did_web(client_id)
    if did is None or document is None:
        return {}
    try:
        value = parse_object(document, max_bytes=MAX_DID_DOCUMENT_BYTES)
        return dict(parse_did_document(value, did=did, relationship="authentication"))
    except (CredentialError, EncodingError) as error:
        raise InvalidRequest("the client's DID document cannot be read") from error
