"""People, keys and papers that the tests of the workshop share. Every key is fixed."""

import hashlib
from datetime import UTC, datetime, timedelta
from itertools import count

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from credentials.jose import sign_jws
from credentials.keys import PublicKey, SoftwareSigner, parse_jwk
from credentials.sd_jwt import (
    attach_key_binding,
    build_key_binding_input,
    issue_sd_jwt,
    select_disclosures,
)

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ISSUER = "https://issuer.city.example/agencies/transport"
VERIFIER = "x509_san_dns:verifier.city.example"
NONCE = "n-0S6_WzA2Mj-7f3bXkq0A"
LIST = f"{ISSUER}/status/1"
PERMIT_VCT = "https://issuer.city.example/types/taxi-permit"


def signer(name: str) -> SoftwareSigner:
    """The ES256 key of somebody."""
    secret = int.from_bytes(hashlib.sha256(name.encode()).digest(), "big") % 2**255
    return SoftwareSigner(ec.derive_private_key(secret, ec.SECP256R1()))


def ed25519_signer(name: str) -> SoftwareSigner:
    """The EdDSA key of somebody."""
    seed = hashlib.sha256(name.encode()).digest()
    return SoftwareSigner(ed25519.Ed25519PrivateKey.from_private_bytes(seed))


def public_key(of: SoftwareSigner) -> PublicKey:
    return parse_jwk(dict(of.public_jwk))


AGENCY = signer("transport agency")
DRIVER = signer("Sok Dara's phone")
STRANGER = signer("a stranger")


def salts():
    """Fresh salts that are the same in every run."""
    numbers = count(1)
    return lambda: hashlib.sha256(b"salt %d" % next(numbers)).digest()[:16]


def permit_claims(**changes):
    """An SD-JWT VC taxi permit, before anything is hidden; None leaves a claim out."""
    claims = {
        "iss": ISSUER,
        "vct": PERMIT_VCT,
        "iat": int((NOW - timedelta(days=1)).timestamp()),
        "exp": int((NOW + timedelta(days=30)).timestamp()),
        "cnf": {"jwk": dict(DRIVER.public_jwk)},
        "status": {"status_list": {"uri": LIST, "idx": 7}},
        "driver_number": "D-104417",
        "plate": "2A-4417",
        "zone": "Phnom Penh",
    }
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


def issue_permit(*, disclosable=(("driver_number",), ("plate",)), header=None, **changes):
    """A permit as the agency hands it over, with a tilde at the end."""
    return issue_sd_jwt(
        permit_claims(**changes),
        disclosable=disclosable,
        type="dc+sd-jwt",
        signer=AGENCY,
        header=header or {"kid": public_key(AGENCY).thumbprint},
        salt=salts(),
    )


def present(text, paths=(("plate",),), *, by=DRIVER, audience=VERIFIER, nonce=NONCE, now=NOW):
    """A permit as its driver shows it."""
    shown = select_disclosures(text, paths)
    signing_input = build_key_binding_input(shown, audience=audience, nonce=nonce, now=now)
    return attach_key_binding(
        shown, signing_input=signing_input, signature=by.sign(signing_input.encode())
    )


def sign_raw(payload, *, type, by=AGENCY, header=None):
    """A token that no builder of ours would make."""
    return sign_jws(payload, type=type, signer=by, header=header)
