"""
How the wallet talks to an issuer: OpenID4VCI 1.0, from metadata to notification.

Every answer is untrusted: bounded in size, read strictly by `openid4vc`, and an issuer's error
reaches the resident as that error, never as a fault of ours.
"""

from dataclasses import dataclass

from encoding.strict_json import JsonValue
from openid4vc.errors import parse_error_response
from openid4vc.grants import TokenResponse, parse_token_response
from openid4vc.issuance import (
    CredentialResponse,
    Notification,
    NotificationEvent,
    build_notification,
    parse_credential_response,
    parse_nonce_response,
)
from openid4vc.metadata import IssuerMetadata, parse_issuer_metadata
from openid4vc.server_metadata import (
    CREDENTIAL_ISSUER,
    OAUTH_SERVER,
    AuthorizationServerMetadata,
    parse_authorization_server_metadata,
    well_known_url,
)
from runtime.fetch import Fetched, Fetcher
from wallet_api.errors import IssuerRefused, NotFound, Unreachable

MAX_METADATA_BYTES = 1_048_576
MAX_ANSWER_BYTES = 262_144
JSON = "application/json"
GONE = (404, 410)


@dataclass(frozen=True, slots=True)
class IssuerClient:
    """The wallet's side of OpenID4VCI."""

    fetcher: Fetcher
    allow_http_loopback: bool

    def fetch_offer(self, url: str) -> bytes:
        """A credential offer by reference; NotFound when it was used or ran out."""
        answer = self.fetcher.get(url, accept=JSON, max_bytes=MAX_METADATA_BYTES)
        if answer.status in GONE:
            raise NotFound("the offer is no longer there: it was used, taken back, or ran out")
        return _expect_200(answer)

    def fetch_metadata(self, issuer: str) -> IssuerMetadata:
        """The issuer's metadata; refused when it speaks for another identifier (VCI-W-02)."""
        return parse_issuer_metadata(
            self._get(well_known_url(issuer, CREDENTIAL_ISSUER)),
            expected_issuer=issuer,
            allow_http_loopback=self.allow_http_loopback,
        )

    def fetch_authorization_server(self, server: str) -> AuthorizationServerMetadata:
        """The metadata of the server that exchanges the code."""
        return parse_authorization_server_metadata(
            self._get(well_known_url(server, OAUTH_SERVER)),
            expected_issuer=server,
            allow_http_loopback=self.allow_http_loopback,
        )

    def exchange_code(self, token_endpoint: str, form: dict[str, str]) -> TokenResponse:
        """The access token for a pre-authorised code."""
        answer = self.fetcher.post_form(token_endpoint, form, max_bytes=MAX_ANSWER_BYTES)
        return parse_token_response(_expect_ok(answer))

    def fetch_nonce(self, nonce_endpoint: str) -> str:
        """A fresh `c_nonce`."""
        answer = self.fetcher.post_form(nonce_endpoint, {}, max_bytes=MAX_ANSWER_BYTES)
        return parse_nonce_response(_expect_ok(answer))

    def request_credential(
        self, endpoint: str, *, access_token: str, request: dict[str, JsonValue]
    ) -> CredentialResponse:
        """The credentials for proofs of their keys."""
        answer = self.fetcher.post_json(
            endpoint, request, max_bytes=MAX_ANSWER_BYTES, headers=_bearer(access_token)
        )
        return parse_credential_response(_expect_ok(answer))

    def notify(
        self, endpoint: str, *, access_token: str, notification_id: str, event: NotificationEvent
    ) -> None:
        """Tell the issuer how it went. It is a courtesy: a deaf issuer changes nothing here."""
        message = build_notification(
            Notification(notification_id=notification_id, event=event, description=None)
        )
        self.fetcher.post_json(
            endpoint, message, max_bytes=MAX_ANSWER_BYTES, headers=_bearer(access_token)
        )

    def _get(self, url: str) -> bytes:
        return _expect_200(self.fetcher.get(url, accept=JSON, max_bytes=MAX_METADATA_BYTES))


def _expect_200(answer: Fetched) -> bytes:
    if answer.status != 200:
        raise Unreachable(f"the issuer answered {answer.status}, expected 200")
    return answer.body


def _bearer(access_token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {access_token}"}


def _expect_ok(answer: Fetched) -> bytes:
    """The body of a success; an OAuth error becomes IssuerRefused with the issuer's code."""
    if 200 <= answer.status < 300:
        return answer.body
    if answer.status >= 500 or answer.status < 400:
        raise Unreachable(f"the issuer answered {answer.status}")
    told = parse_error_response(answer.body)
    if told is None:
        raise Unreachable(f"the issuer answered {answer.status} without a reason")
    raise IssuerRefused(f"the issuer refused with {told.error}", code=told.error)
