"""Signers of every curve, one of each, for the properties that sign."""

import hashlib

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from credentials.keys import SoftwareSigner, parse_jwk

CURVES = {
    "ES256": ec.SECP256R1(),
    "ES384": ec.SECP384R1(),
    "ES512": ec.SECP521R1(),
    "ES256K": ec.SECP256K1(),
}


def signer_of(algorithm, name="somebody"):
    seed = hashlib.sha256(name.encode()).digest()
    if algorithm == "EdDSA":
        return SoftwareSigner(ed25519.Ed25519PrivateKey.from_private_bytes(seed))
    secret = int.from_bytes(seed, "big") % 2**250 + 1
    return SoftwareSigner(ec.derive_private_key(secret, CURVES[algorithm]))


def key_of(signer):
    return parse_jwk(dict(signer.public_jwk))


JOSE = ("ES256", "ES384", "ES512", "EdDSA")
SIGNERS = {algorithm: signer_of(algorithm) for algorithm in (*JOSE, "ES256K")}
