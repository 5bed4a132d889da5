"""Requests as verifiers send them, for the tests of reading them."""

import base64
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from credentials.jose import sign_jws
from credentials.keys import SoftwareSigner, build_public_key
from credentials.x509 import build_authority_certificate, build_leaf_certificate
from openid4vc.client_id import build_client_id_x509_hash
from openid4vc.request_object import (
    RequestLink,
)
from openid4vc.request_reading import (
    verify_request_object,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ROOT_KEY = ec.derive_private_key(41, ec.SECP256R1())
KEY = ec.derive_private_key(42, ec.SECP256R1())
SIGNER = SoftwareSigner(KEY)
OTHER = SoftwareSigner(ec.derive_private_key(43, ec.SECP256R1()))
FORMATS = {"dc+sd-jwt", "vc+jwt"}
LICENCE = {"id": "licence", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:licence"]}}
SAN = "x509_san_dns:v.example"


def der(certificate):
    return certificate.public_bytes(Encoding.DER)


ROOT = build_authority_certificate(
    common_name="City root",
    public_key=build_public_key(ROOT_KEY.public_key()),
    serial=1,
    valid_from=NOW - timedelta(days=30),
    validity=timedelta(days=365),
).sign(ROOT_KEY, SHA256())
LEAF = der(
    build_leaf_certificate(
        common_name="Verifier",
        public_key=build_public_key(KEY.public_key()),
        authority=ROOT,
        uris=[],
        dns_names=["v.example"],
        serial=2,
        valid_from=NOW - timedelta(days=1),
        validity=timedelta(days=90),
    ).sign(ROOT_KEY, SHA256())
)
HASH = build_client_id_x509_hash(LEAF)


def self_signed(key=KEY, *, days=90):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Anybody")])
    return der(
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(3)
        .not_valid_before(NOW - timedelta(days=100))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("v.example")]), critical=False)
        .sign(key, SHA256())
    )


def parameters(**changes):
    """Request parameters; None takes one away."""
    words = {
        "iss": "ignored",
        "aud": "https://self-issued.me/v2",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 300,
        "response_type": "vp_token",
        "response_mode": "direct_post",
        "client_id": SAN,
        "response_uri": "https://v.example/response/1",
        "nonce": "n-0S6_WzA2Mj",
        "state": "s-1",
        "dcql_query": {"credentials": [LICENCE]},
        **changes,
    }
    return {name: value for name, value in words.items() if value is not None}


def x5c(*certificates):
    return {"x5c": [base64.b64encode(item).decode() for item in certificates]}


def signed(claims, *, header=None, signer=SIGNER, type="oauth-authz-req+jwt"):
    return sign_jws(
        claims, type=type, signer=signer, header=x5c(LEAF) if header is None else header
    )


def verify(text, *, client_id=SAN, **changes):
    words = {
        "link": RequestLink(
            client_id, "https://v.example/request/1", use_post=False, parameters={}
        ),
        "now": NOW,
        "wallet_nonce": None,
        "anchors": {der(ROOT)},
        "did_keys": {},
        "supported_formats": FORMATS,
        "allow_http_loopback": False,
        **changes,
    }
    return verify_request_object(text, **words)


def read(**changes):
    return verify(signed(parameters(**changes)))
