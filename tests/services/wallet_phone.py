"""A phone in software: it signs what it is asked to, or something else."""

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec

from credentials.jose import join_signature
from credentials.keys import SoftwareSigner, parse_jwk
from encoding import base64url
from openid4vc.dpop import build_dpop_input

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
WALLET = "http://localhost:8402"


def new_key():
    return SoftwareSigner(ec.generate_private_key(ec.SECP256R1()))


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = NOON

    def __call__(self):
        return self.now

    def move(self, **by):
        self.now += timedelta(**by)


class Phone:
    """A phone in software: a device key, holder keys, and the requests it proves."""

    def __init__(self, client, clock):
        self.client = client
        self.clock = clock
        self.signer = new_key()
        self.token = None
        self.keys = {}

    def proof(self, method, path, **changes):
        content = {
            "public_jwk": self.signer.public_jwk,
            "algorithm": "ES256",
            "method": method,
            "url": f"{WALLET}{path}",
            "now": self.clock(),
            "token_id": secrets.token_urlsafe(16),
            "access_token": self.token,
            **changes,
        }
        signing_input = build_dpop_input(**content)
        return join_signature(signing_input, self.signer.sign(signing_input.encode()))

    def send(self, method, path, value=None, *, proof=None):
        sent = {"DPoP": proof or self.proof(method, path)}
        if self.token:
            sent["Authorization"] = f"DPoP {self.token}"
        body = None if value is None else json.dumps(value)
        return self.client.open(
            path,
            method=method,
            data=body,
            content_type="application/json" if body else None,
            headers=sent,
        )

    def register(self, **members):
        self.token = self.send("POST", "/api/v1/residents", members).get_json()["access_token"]
        return self

    def make_keys(self, count):
        """Fresh holder keys; their public JWKs."""
        fresh = [new_key() for _ in range(count)]
        for signer in fresh:
            self.keys[parse_jwk(dict(signer.public_jwk)).thumbprint] = signer
        return [dict(signer.public_jwk) for signer in fresh]

    def sign(self, inputs):
        return [
            {
                "key": one["key"],
                "signature": base64url.encode(self.keys[one["key"]].sign(one["input"].encode())),
            }
            for one in inputs
        ]

    def preview(self, offer):
        return self.send("POST", "/api/v1/offers", {"offer": offer})

    def accept(self, offer, *, copies=1, **members):
        """Preview and accept; the path of the offer and what to sign."""
        preview = self.preview(offer)
        assert preview.status_code == 201, preview.text
        path = f"/api/v1/offers/{preview.get_json()['id']}"
        body = {"keys": self.make_keys(copies), **members}
        return path, self.send("POST", f"{path}/accept", body)

    def receive(self, offer, *, copies=1, **members):
        """The whole way; the answer of the last step."""
        path, accepted = self.accept(offer, copies=copies, **members)
        assert accepted.status_code == 200, accepted.text
        signatures = self.sign(accepted.get_json()["signing_inputs"])
        return self.send("POST", f"{path}/proofs", {"signatures": signatures})

    def cards(self):
        return self.send("GET", "/api/v1/credentials").get_json()["credentials"]

    def history(self):
        return self.send("GET", "/api/v1/history").get_json()["entries"]

    def open(self, link):
        return self.send("POST", "/api/v1/requests", {"request": link})

    def consent(self, opened, choices=None):
        request = opened.get_json()
        chosen = choices or {
            one["query_id"]: one["candidates"][0]["credential_id"]
            for one in request["credentials"]
            if one["candidates"]
        }
        path = f"/api/v1/requests/{request['id']}"
        return path, self.send("POST", f"{path}/consent", {"choices": chosen})

    def answer(self, link):
        """Open, consent, sign, send; the answer of the last step."""
        path, consented = self.consent(self.open(link))
        assert consented.status_code == 200, consented.text
        signatures = self.sign(consented.get_json()["signing_inputs"])
        return self.send("POST", f"{path}/presentation", {"signatures": signatures})
