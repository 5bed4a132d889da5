"""
Answering a verifier: read the request, show what it would learn, have the device sign, send.

OpenID4VP 1.0 with DCQL. The steps:

1. open    - the request object is fetched and verified (VP-W-01 to 03), the verifier looked up in
             the trust registry, the query matched against what the resident holds
2. consent - the resident chose; a fresh copy of each card is taken, only asked claims are
             disclosed, and the device gets the key bindings to sign
3. present - the signatures are joined to those very texts and the answer is posted

Nothing leaves before consent, and an unsatisfiable request is answered only by the resident's own
decline (VP-W-04, VP-W-09).
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from credentials.jwt_vc import build_presentation_input as build_jwt_vp_input
from credentials.model import Format
from credentials.reading import read_credential
from credentials.sd_jwt import build_key_binding_input, select_disclosures
from credentials.vcdm import build_presentation_input
from encoding.strict_json import JsonValue
from openid4vc.errors import ProtocolError
from openid4vc.presentation import build_error_form, build_response_form, build_vp_token
from openid4vc.request_object import PresentationRequest
from runtime.clock import Clock
from runtime.errors import RuntimeServiceError
from wallet_api.details import (
    CandidateCard,
    PresentationInput,
    RequestDetail,
    read_detail,
    write_detail,
)
from wallet_api.errors import Conflict, NothingMatches, VerifierRefused, WalletError
from wallet_api.model import Caller, Copy, Errand, ErrandKind, Happening, RequestState
from wallet_api.questions import SD_JWT_FORMATS, check_choices, match_cards
from wallet_api.requested import RequestReader
from wallet_api.signatures import DeviceSignature, join_signed
from wallet_api.store.cards import CardStore
from wallet_api.store.errands import ErrandStore
from wallet_api.verifier_client import VerifierClient

REQUEST_LIFETIME = timedelta(minutes=5)
"""security.md, Limits: nonce and request."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Presenting:
    """The counter where requests are answered."""

    errands: ErrandStore
    cards: CardStore
    client: VerifierClient
    reader: RequestReader
    clock: Clock

    def open(self, caller: Caller, text: str) -> Errand:
        """Fetch and verify a request, and say who asks for what. Nothing is answered yet."""
        source = self.reader.fetch(text)
        now = self.clock()
        try:
            request, verifier = self.reader.read(source, now=now)
        except ProtocolError as error:
            self._tell_fault(error)
            raise
        asked, match = match_cards(request.query, self.cards.all(caller))
        detail = RequestDetail(
            verifier=verifier,
            source=source,
            credentials=asked,
            satisfiable=match.required_ids is not None,
            required_ids=list(match.required_ids or ()),
            optional_ids=list(match.optional_ids),
        )
        ends = min(request.expires_at or now + REQUEST_LIFETIME, now + REQUEST_LIFETIME)
        return self.errands.begin(
            caller,
            kind=ErrandKind.REQUEST,
            state=RequestState.OPEN,
            expires_at=ends,
            detail=write_detail(detail),
        )

    def load(self, caller: Caller, request_id: str) -> Errand:
        """A request under way."""
        return self.errands.load(caller, request_id, kind=ErrandKind.REQUEST)

    def consent(
        self, caller: Caller, request_id: str, *, choices: Mapping[str, str]
    ) -> tuple[PresentationInput, ...]:
        """The resident chose a card for each question; say what the device must sign."""
        errand = self.load(caller, request_id)
        detail = read_detail(errand, RequestDetail)
        if errand.state not in (RequestState.OPEN, RequestState.CONSENTED):
            raise Conflict(f"this request is {errand.state}")
        chosen = check_choices(detail, choices)
        request, _ = self.reader.read(detail.source, now=self.clock())
        inputs, copies = [], []
        for query_id, candidate in chosen.items():
            card = self.cards.load(caller, candidate.credential_id)
            copy = min(card.copies, key=lambda one: one.uses)
            copies.append(copy.id)
            inputs.append(self._build_input(request, query_id, candidate, copy))
        consented = detail.model_copy(update={"inputs": inputs, "copies": copies})
        self.cards.promise(
            caller,
            errand,
            to=RequestState.CONSENTED,
            detail=write_detail(consented),
            copies=copies,
        )
        return tuple(inputs)

    def present(
        self, caller: Caller, request_id: str, *, signatures: Sequence[DeviceSignature]
    ) -> str | None:
        """Send the answer. Returns where the verifier wants the resident to go on, if anywhere."""
        errand = self.load(caller, request_id)
        detail = read_detail(errand, RequestDetail)
        if errand.state == RequestState.ANSWERED:
            return detail.redirect_uri
        if errand.state != RequestState.CONSENTED:
            raise Conflict(f"this request is {errand.state}")
        request, _ = self.reader.read(detail.source, now=self.clock())
        presentations = {
            one.query_id: [one.before + join_signed(one, signatures)] for one in detail.inputs
        }
        form = build_response_form(request, build_vp_token(presentations))
        try:
            redirect_uri = self.client.post_answer(request.response_uri, form)
        except VerifierRefused:
            self._finish(caller, errand, detail, to=RequestState.FAILED, told=None)
            raise
        done = detail.model_copy(update={"redirect_uri": redirect_uri})
        self._finish(caller, errand, done, to=RequestState.ANSWERED, told=Happening.PRESENTED)
        return redirect_uri

    def decline(self, caller: Caller, request_id: str) -> str | None:
        """Tell the verifier that the resident said no, and nothing else (S-088)."""
        errand = self.load(caller, request_id)
        detail = read_detail(errand, RequestDetail)
        if errand.state == RequestState.DECLINED:
            return detail.redirect_uri
        if errand.state not in (RequestState.OPEN, RequestState.CONSENTED):
            raise Conflict(f"this request is {errand.state}")
        self._finish(caller, errand, detail, to=RequestState.DECLINED, told=Happening.DECLINED)
        request, _ = self.reader.read(detail.source, now=self.clock())
        form = build_error_form(request, error="access_denied")
        return self.client.post_answer(request.response_uri, form)

    def _tell_fault(self, error: ProtocolError) -> None:
        """
        A verifier that made sure of itself and then asked wrongly hears why (OpenID4VP 1.0 8.5).
        It is a courtesy: whether it listens changes nothing here.
        """
        if error.reply_to is None:
            return
        form = build_error_form(error.reply_to, error=error.code)
        try:
            self.client.post_answer(error.reply_to.response_uri, form)
        except (RuntimeServiceError, WalletError):
            logger.info("the verifier did not hear why its request was refused")

    def _build_input(
        self, request: PresentationRequest, query_id: str, candidate: CandidateCard, copy: Copy
    ) -> PresentationInput:
        credential = read_credential(copy.text)
        holder = credential.holder_key
        if holder is None:
            raise NothingMatches("this credential is not bound to a key")
        audience, nonce, now = request.client_id.text, request.nonce, self.clock()
        if credential.format.value in SD_JWT_FORMATS:
            before = select_disclosures(copy.text, [tuple(path) for path in candidate.disclose])
            text = build_key_binding_input(before, audience=audience, nonce=nonce, now=now)
        else:
            before = ""
            is_old = credential.format is Format.JWT_VC_JSON
            build_input = build_jwt_vp_input if is_old else build_presentation_input
            text = build_input(
                [copy.text], holder_key=holder, audience=audience, nonce=nonce, now=now
            )
        return PresentationInput(
            key=holder.thumbprint,
            jwk=holder.jwk,
            input=text,
            query_id=query_id,
            credential_id=candidate.credential_id,
            before=before,
        )

    def _finish(
        self,
        caller: Caller,
        errand: Errand,
        detail: RequestDetail,
        *,
        to: RequestState,
        told: Happening | None,
    ) -> None:
        final = detail.model_copy(update={"inputs": []})
        history = (told, _tell(detail)) if told is not None else None
        self.errands.move(caller, errand, to=to, detail=write_detail(final), history=history)


def _tell(detail: RequestDetail) -> dict[str, JsonValue]:
    """The history line: to whom, and the names of what was shared, as the resident saw them."""
    answered = {(one.query_id, one.credential_id) for one in detail.inputs}
    shared: list[JsonValue] = [
        {
            "label": dict(candidate.label),
            "claims": [dict(claim.label) for claim in candidate.claims],
        }
        for asked in detail.credentials
        for candidate in asked.candidates
        if (asked.query_id, candidate.credential_id) in answered
    ]
    return {"party": detail.verifier.model_dump(mode="json"), "shared": shared}
