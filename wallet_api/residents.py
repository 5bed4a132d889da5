"""
Registration, sessions and who is calling: DPoP-bound tokens (RFC 9449) on registered device keys.

A device proves its key once for a session and again in every request. There is no refresh token:
a new session is one more device-signed request. A removed device is refused at once, however
long its token would still last. URLs in proofs are compared with the configured base URL, never
with a Host header (S-122).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from credentials.keys import Signer, parse_jwk
from encoding import base64url
from openid4vc.dpop import DpopProof, verify_dpop
from openid4vc.errors import InvalidToken
from openid4vc.oauth import issue_access_token, parse_authorization, verify_access_token
from runtime.clock import Clock
from runtime.once import Limiter, Once
from wallet_api.errors import NotFound, NotSignedIn
from wallet_api.model import Caller, Device
from wallet_api.store.residents import ResidentStore

TOKEN_LIFETIME = timedelta(minutes=5)
"""security.md, Limits: access token."""
DPOP_WINDOW = timedelta(seconds=60)
"""security.md, Limits: DPoP window."""
REGISTRATIONS_PER_HOUR = 300
"""From one address: a school's or a carrier's gateway passes, a flood does not."""
VIEWS_PER_MINUTE = 10
"""
Of one resident. To an agency all residents come from this service's address, so that without a
limit here one of them could use up what the agency grants to all.
"""
MAX_DISPLAY_NAME = 80


@dataclass(frozen=True, slots=True)
class RequestProof:
    """What a request brings to prove its device: headers, method and path."""

    dpop: Sequence[str]
    authorization: str | None
    method: str
    path: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session."""

    caller: Caller
    access_token: str


@dataclass(frozen=True, slots=True)
class Residents:
    """The wallet's front desk."""

    store: ResidentStore
    once: Once
    limiter: Limiter
    signer: Signer
    base_url: str
    clock: Clock

    def register(self, proof: RequestProof, *, display_name: str | None, address: str) -> SignedIn:
        """A new resident, with the key of the proof as first device."""
        self.limiter.require(
            "wallet-registration", address, limit=REGISTRATIONS_PER_HOUR, per=timedelta(hours=1)
        )
        key = self._prove_key(proof)
        caller = self.store.register(thumbprint=key.thumbprint, display_name=display_name)
        return SignedIn(caller, self._issue_token(caller))

    def open_session(self, proof: RequestProof) -> SignedIn:
        """A fresh token for a registered device."""
        key = self._prove_key(proof)
        try:
            caller = self.store.open_session(thumbprint=key.thumbprint)
        except NotFound as error:
            raise NotSignedIn("this device is not registered", code="unknown_device") from error
        return SignedIn(caller, self._issue_token(caller))

    def authenticate(self, proof: RequestProof) -> Caller:
        """The caller behind a token and its proof; raises with a 401 otherwise."""
        presented = parse_authorization(proof.authorization)
        if presented.scheme != "DPoP":
            raise InvalidToken("this token must be presented with the DPoP scheme")
        key = parse_jwk(dict(self.signer.public_jwk))
        token = verify_access_token(
            presented.token,
            keys=[key],
            issuer=self.base_url,
            audience=self.base_url,
            now=self.clock(),
        )
        self._verify_proof(proof, access_token=presented.token, bound_to=token.thumbprint)
        if token.thumbprint is None:
            raise InvalidToken("this token is not bound to a key")
        try:
            caller = self.store.find_caller(thumbprint=token.thumbprint)
        except NotFound as error:
            raise NotSignedIn("this device was removed", code="unknown_device") from error
        if caller.resident != token.subject:
            raise InvalidToken("this token belongs to somebody else")
        return caller

    def count_view(self, caller: Caller) -> None:
        """One more view that this resident asks an agency for; `TooManyRequests` at the limit."""
        self.limiter.require(
            "wallet-views", caller.resident, limit=VIEWS_PER_MINUTE, per=timedelta(minutes=1)
        )

    def devices(self, caller: Caller) -> tuple[Device, ...]:
        """The resident's devices."""
        return self.store.devices(caller)

    def remove_device(self, caller: Caller, device_id: str) -> None:
        """A lost phone opens nothing from now on."""
        self.store.remove_device(caller, device_id)

    def display_name(self, caller: Caller) -> str | None:
        """What the resident asked to be called."""
        return self.store.display_name(caller)

    def _prove_key(self, proof: RequestProof) -> DpopProof:
        return self._verify_proof(proof, access_token=None, bound_to=None)

    def _verify_proof(
        self, proof: RequestProof, *, access_token: str | None, bound_to: str | None
    ) -> DpopProof:
        now = self.clock()
        return verify_dpop(
            proof.dpop,
            method=proof.method,
            url=f"{self.base_url}{proof.path}",
            now=now,
            window=DPOP_WINDOW,
            access_token=access_token,
            bound_to=bound_to,
            nonce_rule=None,
            # The proof may be dated a window ahead and is accepted until a window after that.
            claim=lambda read: self.once.claim(
                "dpop", read.replay_key, until=now + 2 * DPOP_WINDOW
            ),
        )

    def _issue_token(self, caller: Caller) -> str:
        return issue_access_token(
            signer=self.signer,
            key_id=parse_jwk(dict(self.signer.public_jwk)).thumbprint,
            issuer=self.base_url,
            audience=self.base_url,
            subject=caller.resident,
            now=self.clock(),
            lifetime=TOKEN_LIFETIME,
            token_id=base64url.encode(secrets.token_bytes(16)),
            thumbprint=caller.thumbprint,
        )
