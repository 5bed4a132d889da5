"""
Receiving a credential: preview, accept, prove the keys, verify, store.

The steps of OpenID4VCI 1.0 with a pre-authorised code, as the resident lives them:

1. preview - the offer is read, the issuer's metadata fetched and compared (VCI-W-02), nothing sent
2. accept  - the code becomes a token, a nonce is fetched, the device gets key proofs to sign
3. proofs  - the signed proofs become credentials, each is verified (`issued`) and stored, and the
             issuer is told. A stale nonce asks the device to sign once more (VCI-W-05).

Repeating a step that has been done answers the same again, so a lost response costs nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from credentials.dids import build_did_jwk
from credentials.keys import PublicKey, parse_jwk
from encoding.strict_json import JsonValue
from openid4vc.grants import build_token_request
from openid4vc.issuance import (
    CredentialResponse,
    NotificationEvent,
    build_credential_request,
)
from openid4vc.key_proof import build_key_proof_input
from openid4vc.offer import PreAuthorizedGrant
from runtime.clock import Clock
from wallet_api.details import (
    OfferDetail,
    OfferedCredential,
    SigningInput,
    read_detail,
    write_detail,
)
from wallet_api.errors import (
    BadRequest,
    Conflict,
    CredentialRefused,
    IssuerRefused,
    WalletError,
)
from wallet_api.faces import build_face
from wallet_api.issued import Received, verify_issued
from wallet_api.issuer_client import IssuerClient
from wallet_api.model import Caller, Errand, ErrandKind, NewCopy, OfferState
from wallet_api.offered import OfferReader
from wallet_api.signatures import DeviceSignature, join_signed
from wallet_api.store.cards import CardStore, NewCard
from wallet_api.store.errands import ErrandStore
from wallet_api.trust_feed import TrustFeed

OFFER_LIFETIME = timedelta(minutes=30)
ALGORITHM = "ES256"


@dataclass(frozen=True, slots=True)
class Receiving:
    """The counter where offers are taken in."""

    errands: ErrandStore
    cards: CardStore
    client: IssuerClient
    reader: OfferReader
    trust: TrustFeed
    view_types: frozenset[str]
    clock: Clock

    def preview(self, caller: Caller, text: str) -> Errand:
        """Read an offer and say what it is. Nothing is accepted yet."""
        detail = self.reader.read(text)
        return self.errands.begin(
            caller,
            kind=ErrandKind.OFFER,
            state=OfferState.PREVIEWED,
            expires_at=self.clock() + OFFER_LIFETIME,
            detail=write_detail(detail),
        )

    def load(self, caller: Caller, offer_id: str) -> Errand:
        """An offer under way."""
        return self.errands.load(caller, offer_id, kind=ErrandKind.OFFER)

    def accept(
        self,
        caller: Caller,
        offer_id: str,
        *,
        tx_code: str | None,
        keys: Sequence[JsonValue],
        format: str | None,
    ) -> tuple[SigningInput, ...]:
        """The resident said yes: redeem the code and say what each key must sign."""
        errand = self.load(caller, offer_id)
        detail = read_detail(errand, OfferDetail)
        if errand.state not in (OfferState.PREVIEWED, OfferState.ACCEPTED):
            raise Conflict(f"this offer is {errand.state}")
        offered = _choose(detail, format)
        parsed = _parse_keys(keys, detail)
        if errand.state == OfferState.PREVIEWED:
            detail = self._redeem(detail, offered, tx_code)
        detail = detail.model_copy(
            update={"chosen": offered.id, "inputs": self._build_inputs(detail, offered, parsed)}
        )
        self.errands.move(caller, errand, to=OfferState.ACCEPTED, detail=write_detail(detail))
        return tuple(detail.inputs)

    def prove(
        self, caller: Caller, offer_id: str, *, signatures: Sequence[DeviceSignature]
    ) -> tuple[tuple[str, ...], tuple[SigningInput, ...]]:
        """
        Send the signed proofs and store what comes back: the new cards' ids, or, when the issuer
        wants a fresh nonce, the texts to sign again.
        """
        errand = self.load(caller, offer_id)
        detail = read_detail(errand, OfferDetail)
        if errand.state == OfferState.RECEIVED:
            return tuple(detail.cards), ()
        if errand.state != OfferState.ACCEPTED or detail.access_token is None:
            raise Conflict(f"this offer is {errand.state}")
        proofs = [join_signed(one, signatures) for one in detail.inputs]
        offered = next(one for one in detail.credentials if one.id == detail.chosen)
        try:
            response = self._request(detail, offered, proofs)
        except IssuerRefused as error:
            if error.code != "invalid_nonce":
                raise
            return (), self._ask_again(caller, errand, detail, offered)
        return self._take_in(caller, errand, detail, offered, response), ()

    def _redeem(
        self, detail: OfferDetail, offered: OfferedCredential, tx_code: str | None
    ) -> OfferDetail:
        if (detail.tx_code is None) != (tx_code is None):
            raise BadRequest(
                "this offer needs no transaction code"
                if detail.tx_code is None
                else "this offer needs its transaction code"
            )
        grant = PreAuthorizedGrant(code=detail.code, tx_code=None)
        token = self.client.exchange_code(
            detail.token_endpoint, build_token_request(grant, tx_code=tx_code)
        )
        identifiers = token.identifiers.get(offered.id, ())
        return detail.model_copy(
            update={
                "access_token": token.access_token,
                "identifier": identifiers[0] if identifiers else None,
            }
        )

    def _build_inputs(
        self, detail: OfferDetail, offered: OfferedCredential, keys: Sequence[PublicKey]
    ) -> list[SigningInput]:
        nonce = self.client.fetch_nonce(detail.nonce_endpoint) if detail.nonce_endpoint else None
        now = self.clock()
        return [
            SigningInput(
                key=key.thumbprint,
                jwk=key.jwk,
                input=build_key_proof_input(
                    public_jwk=key.jwk if offered.binding == "jwk" else None,
                    key_id=None if offered.binding == "jwk" else f"{build_did_jwk(key)}#0",
                    algorithm=key.algorithm,
                    audience=detail.issuer.id,
                    nonce=nonce,
                    now=now,
                ),
            )
            for key in keys
        ]

    def _request(
        self, detail: OfferDetail, offered: OfferedCredential, proofs: Sequence[str]
    ) -> CredentialResponse:
        if detail.identifier is not None:
            request = build_credential_request(identifier=detail.identifier, proofs=proofs)
        else:
            request = build_credential_request(configuration_id=offered.id, proofs=proofs)
        return self.client.request_credential(
            detail.credential_endpoint, access_token=detail.access_token or "", request=request
        )

    def _ask_again(
        self, caller: Caller, errand: Errand, detail: OfferDetail, offered: OfferedCredential
    ) -> tuple[SigningInput, ...]:
        keys = [parse_jwk(dict(one.jwk)) for one in detail.inputs]
        inputs = self._build_inputs(detail, offered, keys)
        again = detail.model_copy(update={"inputs": inputs})
        self.errands.move(caller, errand, to=OfferState.ACCEPTED, detail=write_detail(again))
        return tuple(inputs)

    def _take_in(
        self,
        caller: Caller,
        errand: Errand,
        detail: OfferDetail,
        offered: OfferedCredential,
        response: CredentialResponse,
    ) -> tuple[str, ...]:
        try:
            received = self._verify_all(detail, offered, response)
        except WalletError:
            self._notify(detail, response, NotificationEvent.FAILURE)
            failed = detail.model_copy(update={"access_token": None, "inputs": []})
            self.errands.move(caller, errand, to=OfferState.FAILED, detail=write_detail(failed))
            raise
        card = NewCard(
            face=build_face(
                received[0].credential,
                offered,
                issuer=detail.issuer,
                is_view=offered.type in self.view_types,
            ),
            copies=tuple(NewCopy(one.key, one.text, face=one.face) for one in received),
        )
        done = detail.model_copy(update={"access_token": None, "inputs": [], "code": ""})
        ids = self.cards.receive(
            caller,
            errand,
            to=OfferState.RECEIVED,
            detail=write_detail(done),
            cards=[card],
            told={"label": dict(offered.label), "party": detail.issuer.model_dump(mode="json")},
        )
        self._notify(detail, response, NotificationEvent.ACCEPTED)
        return ids

    def _verify_all(
        self, detail: OfferDetail, offered: OfferedCredential, response: CredentialResponse
    ) -> list[Received]:
        """All or nothing: one bad copy in a batch refuses the batch (VCI-W-07)."""
        free = {one.key for one in detail.inputs}
        trust, now = self.trust.current(), self.clock()
        received = []
        faces = response.faces or ((),) * len(response.credentials)
        for text, face in zip(response.credentials, faces, strict=True):
            if not isinstance(text, str):
                raise CredentialRefused("the issuer sent a format that this wallet cannot hold")
            one = verify_issued(
                text,
                face=face,
                offered=offered,
                credential_issuer=detail.issuer.id,
                keys=free,
                trust=trust,
                now=now,
            )
            free.remove(one.key)  # a second copy for the same key is refused
            received.append(one)
        if not received:
            raise CredentialRefused("the issuer sent no credential")
        return received

    def _notify(
        self, detail: OfferDetail, response: CredentialResponse, event: NotificationEvent
    ) -> None:
        if detail.notification_endpoint and response.notification_id and detail.access_token:
            self.client.notify(
                detail.notification_endpoint,
                access_token=detail.access_token,
                notification_id=response.notification_id,
                event=event,
            )


def _choose(detail: OfferDetail, format: str | None) -> OfferedCredential:
    for offered in detail.credentials:
        if format is None or offered.format == format:
            return offered
    raise BadRequest("the offer does not come in this format")


def _parse_keys(keys: Sequence[JsonValue], detail: OfferDetail) -> list[PublicKey]:
    parsed = [parse_jwk(key) for key in keys]
    if not 1 <= len(parsed) <= detail.batch_size:
        raise BadRequest(f"between 1 and {detail.batch_size} keys are needed")
    if any(key.algorithm != ALGORITHM for key in parsed):
        raise BadRequest("holder keys must be P-256 keys")
    thumbprints = {key.thumbprint for key in parsed}
    if len(thumbprints) != len(parsed):
        raise BadRequest("each copy needs a key of its own")
    return parsed
