"""
How the wallet talks to a verifier: fetch the request object, post the answer (OpenID4VP 1.0).

No redirect is followed and nothing about the resident or this software is in the headers
(VP-W-03, VP-W-10, S-083).
"""

from dataclasses import dataclass

from openid4vc.presentation import parse_response_receipt
from openid4vc.request_object import REQUEST_OBJECT_MEDIA_TYPE
from runtime.fetch import Fetcher
from wallet_api.errors import Unreachable, VerifierRefused

MAX_REQUEST_BYTES = 65_536
MAX_RECEIPT_BYTES = 16_384
DOCUMENT_TYPES = "application/did+json, application/did+ld+json, application/json"


@dataclass(frozen=True, slots=True)
class VerifierClient:
    """The wallet's side of OpenID4VP over HTTP."""

    fetcher: Fetcher

    def fetch_request_object(self, url: str, *, wallet_nonce: str | None) -> str:
        """The signed request; by POST with our nonce where the link asks for that."""
        if wallet_nonce is None:
            answer = self.fetcher.get(
                url, accept=REQUEST_OBJECT_MEDIA_TYPE, max_bytes=MAX_REQUEST_BYTES
            )
        else:
            answer = self.fetcher.post_form(
                url,
                {"wallet_nonce": wallet_nonce},
                max_bytes=MAX_REQUEST_BYTES,
                headers={"Accept": REQUEST_OBJECT_MEDIA_TYPE},
            )
        if answer.status in (404, 410):
            raise VerifierRefused("this request is no longer open, ask for a new code")
        if answer.status != 200:
            raise Unreachable(f"the verifier answered {answer.status}, expected 200")
        try:
            return answer.body.decode("ascii").strip()
        except UnicodeDecodeError as error:
            raise Unreachable("the verifier sent something that is no request object") from error

    def fetch_document(self, url: str, *, max_bytes: int) -> str:
        """A DID document."""
        answer = self.fetcher.get(url, accept=DOCUMENT_TYPES, max_bytes=max_bytes)
        if answer.status != 200:
            raise Unreachable(f"the verifier's document answered {answer.status}, expected 200")
        try:
            return answer.body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Unreachable("the verifier's document is no text") from error

    def post_answer(self, url: str, form: dict[str, str]) -> str | None:
        """Send the response or the refusal; what comes back may name where to go next."""
        answer = self.fetcher.post_form(url, form, max_bytes=MAX_RECEIPT_BYTES)
        if answer.status >= 500:
            raise Unreachable(f"the verifier answered {answer.status}")
        if answer.status != 200:
            raise VerifierRefused("the verifier did not take the answer")
        return parse_response_receipt(answer.body)
