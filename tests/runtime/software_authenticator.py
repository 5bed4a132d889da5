"""A passkey made of software, as W3C Web Authentication Level 3 describes one."""

import hashlib
import json
import os

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from encoding import base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class SoftwareAuthenticator:
    """One P-256 passkey. Each argument can be wrong, to see who notices."""

    def __init__(self, *, origin="http://localhost:8401", rp_id="localhost"):
        self.origin, self.rp_id = origin, rp_id
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = os.urandom(16)
        self.count = 0

    def register(self, challenge, *, flags=PRESENT | VERIFIED, origin=None, rp_id=None):
        numbers = self.key.public_key().public_numbers()
        cose_key = cbor2.dumps(
            {
                1: 2,
                3: -7,
                -1: 1,
                -2: numbers.x.to_bytes(32, "big"),
                -3: numbers.y.to_bytes(32, "big"),
            }
        )
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id
        data = self._data(flags | ATTESTED, rp_id) + attested + cose_key
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client_data = self._client_data("webauthn.create", challenge, origin)
        return self._answer(attestationObject=attestation, clientDataJSON=client_data)

    def authenticate(
        self, challenge, *, flags=PRESENT | VERIFIED, origin=None, rp_id=None, kind="webauthn.get"
    ):
        self.count += 1
        data = self._data(flags, rp_id)
        client_data = self._client_data(kind, challenge, origin)
        signed = data + hashlib.sha256(client_data).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._answer(authenticatorData=data, clientDataJSON=client_data, signature=signature)

    def _data(self, flags, rp_id):
        digest = hashlib.sha256((rp_id or self.rp_id).encode()).digest()
        return digest + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client_data(self, kind, challenge, origin):
        return json.dumps(
            {
                "type": kind,
                "challenge": base64url.encode(challenge),
                "origin": origin or self.origin,
                "crossOrigin": False,
            }
        ).encode()

    def _answer(self, **members):
        credential_id = base64url.encode(self.credential_id)
        return {
            "id": credential_id,
            "rawId": credential_id,
            "type": "public-key",
            "response": {name: base64url.encode(value) for name, value in members.items()},
            "clientExtensionResults": {},
        }
