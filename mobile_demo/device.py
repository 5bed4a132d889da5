"""
A resident's device in software: holds the keys, signs, and talks to wallet_api like a phone does.

For the command line and the tour. Private keys lie in a keystore folder of the device; the wallet
service never sees them. One fresh key for each credential copy, one more for DPoP (RFC 9449).
"""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from credentials.jose import join_signature
from credentials.keys import parse_jwk
from credentials.packing import build_qr_text
from credentials.sd_jwt import build_key_binding_input
from encoding import base64url
from encoding.strict_json import JsonValue, build_json
from mobile_demo.errors import DemoError
from mobile_demo.letters import MAX_ANSWER, objects_of, read_answer, text_of
from openid4vc.dpop import build_dpop_input
from runtime.clock import Clock
from runtime.fetch import Fetcher
from runtime.keystore import FileKeystore, FileSigner

DEVICE_KEY = "device"
QR_AUDIENCE = "urn:citywallet:qr:"
VIEW_COPIES = 5
VIEW_POLLS = 100
Consent = Callable[[Mapping[str, JsonValue]], bool]


@dataclass(slots=True)
class Device:
    """One device of one resident. `folder` is private to it."""

    folder: Path
    wallet_url: str
    fetcher: Fetcher
    clock: Clock
    access_token: str | None = None

    def receive(
        self, offer: str, *, tx_code: str | None, also_with: tuple[str, ...] = ()
    ) -> list[dict[str, JsonValue]]:
        """
        Take an offer: preview, accept with fresh keys, sign the key proofs, keep the credentials.

        `also_with`: thumbprints of keys that must be among the proofs (a view is issued only to
        the device that presented).
        """
        preview = self.call("POST", "/api/v1/offers", {"offer": offer})
        path = f"/api/v1/offers/{text_of(preview, 'id')}"
        signers = [self._signer_of(thumbprint) for thumbprint in also_with]
        batch = preview.get("batch_size")
        wanted = VIEW_COPIES if also_with else 1
        room = (batch if isinstance(batch, int) else 1) - len(signers)
        signers += [self._fresh_signer() for _ in range(max(0, min(wanted, room)))]
        words: dict[str, JsonValue] = {"keys": [dict(signer.public_jwk) for signer in signers]}
        if tx_code is not None:
            words["tx_code"] = tx_code
        accepted = self.call("POST", f"{path}/accept", words)
        received = self.call("POST", f"{path}/proofs", {"signatures": self._sign_all(accepted)})
        return objects_of(received, "credentials")

    def open_request(self, request: str) -> dict[str, JsonValue]:
        """What a verifier asks for, as the resident would read it."""
        return self.call("POST", "/api/v1/requests", {"request": request})

    def answer(
        self, request: str, *, choices: Mapping[str, str], consent: Consent
    ) -> dict[str, JsonValue]:
        """
        Answer a request with the chosen credentials (query id to credential id; a missing query
        takes the first candidate). Without consent it is declined.
        """
        opened = self.open_request(request)
        path = f"/api/v1/requests/{text_of(opened, 'id')}"
        if not consent(opened):
            return self.call("POST", f"{path}/decline", {})
        chosen: dict[str, JsonValue] = {**first_candidates(opened), **choices}
        consented = self.call("POST", f"{path}/consent", {"choices": chosen})
        signatures = self._sign_all(consented)
        answered = self.call("POST", f"{path}/presentation", {"signatures": signatures})
        answered["keys"] = [entry["key"] for entry in signatures if isinstance(entry, dict)]
        return answered

    def credentials(self) -> list[dict[str, JsonValue]]:
        """The cards that the resident holds."""
        return objects_of(self.call("GET", "/api/v1/credentials"), "credentials")

    def views(self) -> list[dict[str, JsonValue]]:
        """The copies for QR codes that this device keeps offline."""
        return objects_of(self.call("GET", "/api/v1/views"), "views")

    def show(self, view: str) -> str:
        """The text of a QR: a copy of the view with a fresh key binding, packed. No network."""
        for copy in self._kept_views():
            if copy.get("view") == view:
                return self._show_copy(view, text_of(copy, "credential"), text_of(copy, "key"))
        raise DemoError(f"this device keeps no view {view}: receive one first", code="no_view")

    def keep_views(self) -> int:
        """Fetch the view copies and keep them for showing without a network; how many."""
        kept = self.views()
        (self.folder / "views.json").write_bytes(build_json(list(kept)))
        return len(kept)

    def has_view(self, view: str) -> bool:
        """Whether a copy of the view is kept on this device."""
        return any(copy.get("view") == view for copy in self._kept_views())

    def fetch_view(self, view: str) -> list[dict[str, JsonValue]]:
        """
        Ask the agency for a view: it asks for the credentials behind it (OpenID4VP), sees that they
        hold, and offers the narrow view to the keys that answered. DemoError when it refuses.
        """
        started = self.call("POST", "/api/v1/views", {"view": view})
        answered = self.answer(text_of(started, "request_uri"), choices={}, consent=lambda _: True)
        offer = self._await_view(text_of(started, "id"))
        keys = tuple(str(key) for key in cast("list[JsonValue]", answered["keys"]))
        received = self.receive(offer, tx_code=None, also_with=keys[:1])
        self.keep_views()
        return received

    def _await_view(self, view_id: str) -> str:
        for _ in range(VIEW_POLLS):
            state = self.call("GET", f"/api/v1/views/{view_id}")
            if state.get("offer_uri"):
                return text_of(state, "offer_uri")
            if state.get("state") == "refused":
                raise DemoError("the agency refused the view", code="view_refused")
            time.sleep(0.1)
        raise DemoError("the agency did not offer the view in time", code="view_timeout")

    def call(
        self, method: str, path: str, value: Mapping[str, JsonValue] | None = None
    ) -> dict[str, JsonValue]:
        """One letter to wallet_api with its DPoP proof; a token is fetched first when needed."""
        if self.access_token is None:
            self._log_in()
        return self._send(method, path, value, token=self.access_token)

    def _log_in(self) -> None:
        marker = self.folder / "registered"
        path = "/api/v1/sessions" if marker.exists() else "/api/v1/residents"
        answer = self._send("POST", path, {}, token=None)
        self.access_token = text_of(answer, "access_token")
        marker.touch()

    def _send(
        self, method: str, path: str, value: Mapping[str, JsonValue] | None, *, token: str | None
    ) -> dict[str, JsonValue]:
        url = f"{self.wallet_url}{path}"
        signer = self._keystore().signer(DEVICE_KEY, "ES256")
        signing_input = build_dpop_input(
            public_jwk=signer.public_jwk,
            algorithm="ES256",
            method=method,
            url=url,
            now=self.clock(),
            token_id=secrets.token_urlsafe(16),
            access_token=token,
        )
        headers = {"DPoP": join_signature(signing_input, signer.sign(signing_input.encode()))}
        if token is not None:
            headers["Authorization"] = f"DPoP {token}"
        answer = self.fetcher.send(
            method,
            url,
            build_json(dict(value)) if value is not None else None,
            content_type="application/json",
            max_bytes=MAX_ANSWER,
            headers=headers,
        )
        return read_answer(answer)

    def _show_copy(self, view: str, credential: str, thumbprint: str) -> str:
        signing_input = build_key_binding_input(
            credential,
            audience=f"{QR_AUDIENCE}{view}",
            nonce=base64url.encode(secrets.token_bytes(8)),
            now=self.clock(),
        )
        signature = self._signer_of(thumbprint).sign(signing_input.encode())
        return build_qr_text(credential + join_signature(signing_input, signature))

    def _kept_views(self) -> list[dict[str, JsonValue]]:
        path = self.folder / "views.json"
        return json.loads(path.read_bytes()) if path.exists() else []

    def _sign_all(self, answer: Mapping[str, JsonValue]) -> list[JsonValue]:
        signatures: list[JsonValue] = []
        for entry in objects_of(answer, "signing_inputs"):
            thumbprint = text_of(entry, "key")
            signature = self._signer_of(thumbprint).sign(text_of(entry, "input").encode())
            signatures.append({"key": thumbprint, "signature": base64url.encode(signature)})
        return signatures

    def _keystore(self) -> FileKeystore:
        return FileKeystore(self.folder / "keys")

    def _fresh_signer(self) -> FileSigner:
        name = f"holder-{secrets.token_hex(8)}"
        signer = self._keystore().signer(name, "ES256")
        index = self._key_names()
        index[_thumbprint(signer)] = name
        (self.folder / "keys.json").write_text(json.dumps(index))
        return signer

    def _signer_of(self, thumbprint: str) -> FileSigner:
        name = self._key_names().get(thumbprint)
        if name is None:
            raise DemoError("this device does not hold that key", code="no_such_key")
        return self._keystore().signer(name, "ES256")

    def _key_names(self) -> dict[str, str]:
        path = self.folder / "keys.json"
        return json.loads(path.read_text()) if path.exists() else {}


def first_candidates(opened: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The first credential that satisfies each query."""
    chosen: dict[str, JsonValue] = {}
    for entry in objects_of(opened, "credentials"):
        candidates = objects_of(entry, "candidates")
        if candidates:
            chosen[text_of(entry, "query_id")] = text_of(candidates[0], "credential_id")
    return chosen


def _thumbprint(signer: FileSigner) -> str:

    return parse_jwk(dict(signer.public_jwk)).thumbprint


def open_device(
    devices: Path, resident: str, *, wallet_url: str, fetcher: Fetcher, clock: Clock
) -> Device:
    """The device of a resident, by a name that is only a folder here."""
    if not resident.replace("-", "").replace("_", "").isalnum():
        raise DemoError("a resident's name is letters, digits, - and _", code="malformed")
    folder = devices / resident
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Device(folder=folder, wallet_url=wallet_url, fetcher=fetcher, clock=clock)
