"""
Reading an offer: what is offered, by whom, and where to go for it.

An offer is untrusted until the issuer's own metadata says the same issuer (VCI-W-02). The name
on the screen is the register's; an unregistered issuer is shown with what it calls itself, and
as unregistered.
"""

from dataclasses import dataclass

from openid4vc.errors import InvalidMetadata, InvalidRequest
from openid4vc.metadata import IssuerMetadata
from openid4vc.offer import (
    CredentialOffer,
    OfferReference,
    PreAuthorizedGrant,
    TxCode,
    parse_offer,
    parse_offer_uri,
)
from wallet_api.details import OfferDetail, OfferedCredential, Party, TransactionCode
from wallet_api.faces import describe_configuration
from wallet_api.issued import find_issuer
from wallet_api.issuer_client import IssuerClient
from wallet_api.trust_feed import TrustFeed

MAX_BATCH = 20
"""security.md, Limits: batch."""
PREFERRED_FORMATS = ("dc+sd-jwt", "vc+sd-jwt", "vc+jwt", "jwt_vc_json")


@dataclass(frozen=True, slots=True)
class OfferReader:
    """Fetches what an offer refers to."""

    client: IssuerClient
    trust: TrustFeed
    allow_http_loopback: bool

    def read(self, text: str) -> OfferDetail:
        """Everything that is needed to show the offer and to accept it."""
        offer = self._read_offer(text)
        if offer.pre_authorized is None:
            raise InvalidRequest("this offer asks to sign in at the agency, which is not supported")
        metadata = self.client.fetch_metadata(offer.credential_issuer)
        return self._describe(offer, offer.pre_authorized, metadata)

    def _read_offer(self, text: str) -> CredentialOffer:
        read = parse_offer_uri(text.strip(), allow_http_loopback=self.allow_http_loopback)
        if isinstance(read, OfferReference):
            body = self.client.fetch_offer(read.url)
            return parse_offer(body, allow_http_loopback=self.allow_http_loopback)
        return read

    def _describe(
        self,
        offer: CredentialOffer,
        grant: PreAuthorizedGrant,
        metadata: IssuerMetadata,
    ) -> OfferDetail:
        server = _authorization_server(grant, metadata)
        authorization = self.client.fetch_authorization_server(server)
        return OfferDetail(
            issuer=self._name_issuer(metadata),
            code=grant.code,
            authorization_server=server,
            token_endpoint=authorization.token_endpoint,
            credential_endpoint=metadata.credential_endpoint,
            nonce_endpoint=metadata.nonce_endpoint,
            notification_endpoint=metadata.notification_endpoint,
            tx_code=_describe_tx_code(grant.tx_code),
            credentials=_supported(offer, metadata),
            batch_size=min(metadata.batch_size or 1, MAX_BATCH),
        )

    def _name_issuer(self, metadata: IssuerMetadata) -> Party:
        """The register's name for it; for an unregistered issuer what it calls itself."""
        trusted = find_issuer(self.trust.current(), metadata.credential_issuer)
        if trusted is not None:
            name = dict(trusted.name)
        else:
            name = {display.locale or "en": display.name for display in metadata.display}
        return Party(id=metadata.credential_issuer, name=name, registered=trusted is not None)


def _authorization_server(grant: PreAuthorizedGrant, metadata: IssuerMetadata) -> str:
    servers = metadata.authorization_servers or (metadata.credential_issuer,)
    if grant.authorization_server is None:
        return servers[0]
    if grant.authorization_server not in servers:
        raise InvalidMetadata(
            "the offer names an authorization server that the issuer does not list"
        )
    return grant.authorization_server


def _supported(offer: CredentialOffer, metadata: IssuerMetadata) -> list[OfferedCredential]:
    """The offered configurations that this wallet can hold, best format first."""
    found = [
        describe_configuration(metadata.configurations[name])
        for name in offer.configuration_ids
        if name in metadata.configurations
        and metadata.configurations[name].format in PREFERRED_FORMATS
    ]
    if not found:
        raise InvalidRequest("the offer holds no format that this wallet can hold")
    return sorted(found, key=lambda one: PREFERRED_FORMATS.index(one.format))


def _describe_tx_code(tx_code: TxCode | None) -> TransactionCode | None:
    if tx_code is None:
        return None
    return TransactionCode(
        input_mode=tx_code.input_mode, length=tx_code.length, description=tx_code.description
    )
