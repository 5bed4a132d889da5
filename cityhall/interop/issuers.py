"""
The issuers of the test endpoint: one path prefix, one cryptosuite, one key.

Keys are made at the first start and kept in a folder, so that the configuration that a suite was
given stays true. They are keys of a test: nobody trusts them, and the city's own never come here.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from cityhall.errors import DeskError
from credentials.bbs import BbsSecretKey, derive_secret_key
from credentials.bls import BbsPublicKey, parse_bbs_public_key
from credentials.did_key import PREFIX, build_did_key
from credentials.keys import SoftwareSigner, build_public_key
from encoding import errors as encoding_errors
from encoding.multibase import (
    decode_multibase,
    decode_multicodec,
    encode_multibase,
    encode_multicodec,
)

BLS12_381_G2_PUBLIC_KEY: Final = 0xEB
VC_JWT: Final = "vc+jwt"

_PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
_BBS_FILE: Final = "bls12-381.key"
_BBS_OCTETS: Final = 32


@dataclass(frozen=True, slots=True)
class InteropIssuer:
    """
    Who issues under one path prefix. `cryptosuite` may be `vc+jwt`. `signer` is None where a BBS
    key signs. `adds_status`: each credential gets a place in a Bitstring list.
    """

    prefix: str
    cryptosuite: str
    curve: str
    did: str
    tags: tuple[str, ...]
    signer: SoftwareSigner | None = field(repr=False)
    bbs_secret: BbsSecretKey | None = field(default=None, repr=False)
    adds_status: bool = False

    @property
    def verification_method(self) -> str:
        """The DID URL of its key."""
        return f"{self.did}#{self.did.removeprefix(PREFIX)}"


def load_issuers(folder: Path, *, with_bbs: bool) -> dict[str, InteropIssuer]:
    """Every issuer by its prefix; missing keys are made. `with_bbs`: bbs-2023, a draft, as well."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    signers = {
        "Ed25519": _load_signer(folder / "ed25519.pem", ed25519.Ed25519PrivateKey.generate),
        "P-256": _load_signer(
            folder / "p-256.pem", lambda: ec.generate_private_key(ec.SECP256R1())
        ),
        "P-384": _load_signer(
            folder / "p-384.pem", lambda: ec.generate_private_key(ec.SECP384R1())
        ),
    }
    issuers = [
        _build("eddsa-rdfc-2022", "eddsa-rdfc-2022", "Ed25519", signers),
        # Canonical JSON signs the direction of a text as well, which RDF cannot carry.
        _build("eddsa-jcs-2022", "eddsa-jcs-2022", "Ed25519", signers, "vc2.0"),
        _build("ecdsa-rdfc-2019-p256", "ecdsa-rdfc-2019", "P-256", signers),
        _build("ecdsa-rdfc-2019-p384", "ecdsa-rdfc-2019", "P-384", signers),
        _build("ecdsa-jcs-2019-p256", "ecdsa-jcs-2019", "P-256", signers),
        _build("ecdsa-jcs-2019-p384", "ecdsa-jcs-2019", "P-384", signers),
        _build("ecdsa-sd-2023", "ecdsa-sd-2023", "P-256", signers),
        _build("vc-jwt", VC_JWT, "P-256", signers, "EnvelopingProof"),
        _build_listing("bitstring-status-list", signers),
    ]
    if with_bbs:
        issuers.append(_build_bbs(_load_octets(folder / _BBS_FILE)))
    return {each.prefix: each for each in issuers}


def parse_bbs_did(did: str) -> BbsPublicKey | None:
    """The BLS12-381 key of a `did:key`; None when it holds another kind of key, or none."""
    try:
        codec, octets = decode_multicodec(decode_multibase(did.removeprefix(PREFIX)))
    except encoding_errors.Malformed:
        return None
    if not did.startswith(PREFIX) or codec != BLS12_381_G2_PUBLIC_KEY:
        return None
    return parse_bbs_public_key(octets)


def _build(
    prefix: str, cryptosuite: str, curve: str, signers: Mapping[str, SoftwareSigner], *tags: str
) -> InteropIssuer:
    signer = signers[curve]
    did = build_did_key(build_public_key(signer.private_key.public_key()))
    own = () if cryptosuite == VC_JWT else (cryptosuite,)
    return InteropIssuer(prefix, cryptosuite, curve, did, (*own, *tags), signer)


def _build_listing(prefix: str, signers: Mapping[str, SoftwareSigner]) -> InteropIssuer:
    signer = signers["Ed25519"]
    return InteropIssuer(
        prefix=prefix,
        cryptosuite="eddsa-rdfc-2022",
        curve="Ed25519",
        did=build_did_key(build_public_key(signer.private_key.public_key())),
        tags=("BitstringStatusList",),
        signer=signer,
        adds_status=True,
    )


def _build_bbs(octets: bytes) -> InteropIssuer:
    secret = derive_secret_key(octets)
    key = encode_multicodec(BLS12_381_G2_PUBLIC_KEY, secret.public_key.octets)
    return InteropIssuer(
        prefix="bbs-2023",
        cryptosuite="bbs-2023",
        curve="Bls12381G2",
        did=PREFIX + encode_multibase(key),
        tags=("bbs-2023",),
        signer=None,
        bbs_secret=secret,
    )


def _load_signer(path: Path, generate: Callable[[], _PrivateKey]) -> SoftwareSigner:
    if not path.exists():
        pem = generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        _write_private(path, pem)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise DeskError(f"{path} holds a key of another kind")
    return SoftwareSigner(key)


def _load_octets(path: Path) -> bytes:
    if not path.exists():
        _write_private(path, os.urandom(_BBS_OCTETS))
    return path.read_bytes()


def _write_private(path: Path, data: bytes) -> None:
    """Readable by the owner only."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
