"""
Who this verifier is to wallets: its certificate, and the registration that wallets look up.

The request key is made here and never leaves the keystore; the city's authority certifies it and
the operator brings the certificate back. The client identifier is the hash of that certificate
(`x509_hash`, OpenID4VP 1.0 section 5.9.3; HAIP 1.0 section 5).
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from credentials.errors import CredentialError
from credentials.keys import parse_jwk
from credentials.x509 import parse_leaf_key
from encoding import base64url
from encoding.errors import EncodingError
from encoding.strict_json import JsonValue, build_json, parse_json
from openid4vc.client_id import build_client_id_x509_hash
from verifier.desk import Desk
from verifier.errors import MaterialUnavailable, VerifierError
from verifier.store.material import load_material, save_material

KIND = "certificate"
MAX_CERTIFICATES = 4
"""security.md, Limits: x5c 4 certs."""


class BadCertificate(VerifierError):
    """The certificate is not one for this verifier's request key."""

    code = "invalid_certificate"


@dataclass(frozen=True, slots=True)
class Certificate:
    """The chain, leaf first, without its anchor."""

    client_id: str
    x5c: tuple[bytes, ...]


def load_certificate(desk: Desk) -> Certificate | None:
    """The certificate that was brought last."""
    with desk.database.reading() as session:
        stored = load_material(session, KIND)
    if stored is None:
        return None
    return _read_certificate(parse_json(stored.text))


def require_certificate(desk: Desk) -> Certificate:
    """The same; without one this verifier cannot ask a wallet."""
    certificate = load_certificate(desk)
    if certificate is None:
        raise MaterialUnavailable("this verifier has no certificate yet")
    return certificate


def store_certificate(desk: Desk, x5c: JsonValue) -> Certificate:
    """Take a new certificate for the request key."""
    certificate = _read_certificate(x5c)
    try:
        key = parse_leaf_key(certificate.x5c[0])
    except CredentialError as error:
        raise BadCertificate("the certificate cannot be read") from error
    if key.thumbprint != parse_jwk(dict(desk.request_signer.public_jwk)).thumbprint:
        raise BadCertificate("the certificate is for another key")
    now = desk.clock()
    with desk.database.writing() as session:
        save_material(
            session, KIND, version=int(now.timestamp()), text=build_json(x5c).decode(), now=now
        )
    return certificate


def build_registration(desk: Desk, certificate: Certificate | None) -> dict[str, JsonValue]:
    """What an operator needs to register this verifier, and a phone to trust its bundle."""
    verifier: dict[str, JsonValue] | None = None
    if certificate is not None:
        verifier = {
            "client_id": certificate.client_id,
            "name": dict(desk.labels.verifier_name),
            "purposes": [*desk.purposes.by_id],
        }
    return {
        "public_jwk": dict(desk.request_signer.public_jwk),
        "host": urlsplit(desk.addresses.verifier).hostname,
        "client_id": certificate.client_id if certificate is not None else None,
        "bundle_key": dict(desk.bundle_signer.public_jwk),
        "purposes": [*desk.purposes.by_id],
        "verifier": verifier,
    }


def _read_certificate(x5c: JsonValue) -> Certificate:
    if not isinstance(x5c, list) or not 1 <= len(x5c) <= MAX_CERTIFICATES:
        raise BadCertificate(f"x5c is a list of one to {MAX_CERTIFICATES} certificates")
    chain = tuple(_read_der(item) for item in x5c)
    return Certificate(client_id=build_client_id_x509_hash(chain[0]), x5c=chain)


def _read_der(item: JsonValue) -> bytes:
    if not isinstance(item, str):
        raise BadCertificate("a certificate of x5c is base64")
    try:
        return base64url.decode(item.rstrip("=").replace("+", "-").replace("/", "_"))
    except EncodingError as error:
        raise BadCertificate("a certificate of x5c is base64") from error
