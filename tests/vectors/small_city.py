"""
A small city whose every key, time and signature is fixed: the stage of `verification.json`.

Three agencies (transport, registry, insurance), a log with two witnesses, a resident with a phone.
Signatures are deterministic, so that writing the vectors again gives the same bytes.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from credentials.dids import build_did_jwk
from credentials.jose import join_signature, sign_jws
from credentials.keys import SoftwareSigner, build_public_key
from credentials.model import Status, StatusPurpose
from credentials.sd_jwt import issue_sd_jwt
from credentials.status import StatusArray, build_bitstring_credential, build_status_list_token
from credentials.vcdm import build_presentation_input, build_vc, issue_vc_jwt
from encoding import base64url

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BASE = "https://issuer.city.example"
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
QR_AUDIENCE = "urn:citywallet:qr:taxi-inspection"
SIZE = 64


@dataclass(frozen=True)
class FixedSigner(SoftwareSigner):
    """A signer that always gives the same signature for the same bytes (RFC 6979)."""

    def sign(self, data):
        if isinstance(self.private_key, ed25519.Ed25519PrivateKey):
            return self.private_key.sign(data)
        der = self.private_key.sign(data, ec.ECDSA(SHA256(), deterministic_signing=True))
        return b"".join(number.to_bytes(32, "big") for number in decode_dss_signature(der))


def signer(name, *, edwards=False):
    """The key of this name."""
    seed = hashlib.sha256(f"a key of the small city: {name}".encode()).digest()
    if edwards:
        return FixedSigner(ed25519.Ed25519PrivateKey.from_private_bytes(seed))
    return FixedSigner(ec.derive_private_key(int.from_bytes(seed, "big") >> 1, ec.SECP256R1()))


def public(some):
    """The public key of a signer."""
    return build_public_key(some.private_key.public_key())


def seconds(time):
    """As a NumericDate."""
    return int(time.timestamp())


HOLDER, STRANGER = signer("phone"), signer("another phone")


class Agency:
    """An agency: its names and its two keys."""

    def __init__(self, name):
        self.name = name
        self.iss = f"{BASE}/agencies/{name}"
        self.did = f"did:web:issuer.city.example:agencies:{name}"
        self.credential, self.status = signer(f"{name} credential"), signer(f"{name} status")
        self.list = f"{self.iss}/status/1"

    def registry_entry(self, *, types, anchors=(), **changes):
        """Its entry of the trust registry."""
        entry = {
            "identifiers": [self.iss, self.did],
            "name": {"en": self.name},
            "keys": [
                {"jwk": dict(key.public_jwk), "use": use, "valid_from": seconds(NOW - 400 * DAY)}
                for key, use in ((self.credential, "credential"), (self.status, "status"))
            ],
            "x5c_anchors": [base64.b64encode(anchor).decode() for anchor in anchors],
            "accreditations": [{"types": types, "valid_from": seconds(NOW - 400 * DAY)}],
        }
        return entry | changes


TRANSPORT, REGISTRY, INSURANCE = (Agency(name) for name in ("transport", "registry", "insurance"))
AGENCIES = {agency.name: agency for agency in (TRANSPORT, REGISTRY, INSURANCE)}
TYPES = {
    "transport": ["taxi-inspection", "taxi-permit", "driving-licence", "TaxiPermit"],
    "registry": ["vehicle-registration"],
    "insurance": ["insurance-certificate"],
}


def vct(name):
    """The `vct` of a type."""
    return f"{BASE}/types/{name}"


def trust(*, version=7, issued_at=NOW - HOUR, expires_at=NOW + 7 * DAY, entries=None, **changes):
    """The payload of the trust registry; `changes` by agency replace members of its entry."""
    issuers = entries
    if issuers is None:
        issuers = [
            agency.registry_entry(
                types=[vct(each) if "-" in each else each for each in TYPES[name]],
                **changes.get(name, {}),
            )
            for name, agency in AGENCIES.items()
        ]
    return {
        "version": version,
        "iat": seconds(issued_at),
        "exp": seconds(expires_at),
        "issuers": issuers,
        "verifiers": [],
    }


LINKS = {"driving-licence": TRANSPORT, "vehicle-registration": REGISTRY}
LINKS["insurance-certificate"] = INSURANCE
INDEX = {"view": 3, "driving-licence": 5, "vehicle-registration": 7, "insurance-certificate": 9}


def links(**changes):
    """The links of a view."""
    return [
        {"type": name, "list": agency.list, "index": INDEX[name]} | changes.get(name, {})
        for name, agency in LINKS.items()
    ]


def claims_of_view(**changes):
    """The payload of a taxi-inspection view; a change to `...` leaves the member out."""
    payload = {
        "iss": TRANSPORT.iss,
        "vct": vct("taxi-inspection"),
        "iat": seconds(NOW - HOUR),
        "exp": seconds(NOW + DAY),
        "cnf": {"jwk": dict(HOLDER.public_jwk)},
        "status": {"status_list": {"idx": INDEX["view"], "uri": TRANSPORT.list}},
        "name": "Sok Dara",
        "plate": "2A-4417",
        "linked": links(),
    }
    return {name: value for name, value in (payload | changes).items() if value is not ...}


def issue(payload, *, by=None, type="dc+sd-jwt", disclosable=(), header=None):
    """Sign an SD-JWT."""
    by = by or TRANSPORT.credential
    salts = iter(hashlib.sha256(bytes([count])).digest()[:16] for count in range(99))
    return issue_sd_jwt(
        payload,
        disclosable=disclosable,
        type=type,
        signer=by,
        header={"kid": public(by).thumbprint} if header is None else header,
        salt=lambda: next(salts),
    )


def bind(text, *, by=HOLDER, at=NOW - timedelta(seconds=5), audience=QR_AUDIENCE, **changes):
    """Add a key binding."""
    claims = {
        "aud": audience,
        "nonce": "Zm9ydHktdHdvIGJpdHM",
        "iat": seconds(at),
        "sd_hash": base64url.encode(hashlib.sha256(text.encode()).digest()),
    }
    return text + sign_jws(claims | changes, type="kb+jwt", signer=by)


def view(*, by=None, header=None, binding=None, **changes):
    """A view with a fresh key binding."""
    return bind(issue(claims_of_view(**changes), by=by, header=header), **(binding or {}))


def permit(
    *,
    by=None,
    nonce="n-42",
    audience="x509_san_dns:verifier.city.example",
    agency=TRANSPORT,
    **changes,
):
    """One of the credentials that OpenID4VP asks for, presented."""
    payload = {
        "iss": agency.iss,
        "vct": vct("taxi-permit"),
        "iat": seconds(NOW - 30 * DAY),
        "exp": seconds(NOW + 300 * DAY),
        "cnf": {"jwk": dict(HOLDER.public_jwk)},
        "status": {"status_list": {"idx": INDEX["view"], "uri": agency.list}},
        "holder": {"name": "Sok Dara", "number": 4417},
        "plate": "2A-4417",
    }
    payload = {name: value for name, value in (payload | changes).items() if value is not ...}
    return bind(issue(payload, by=by or agency.credential), nonce=nonce, audience=audience)


def w3c_document(*, statuses, types=("TaxiPermit",), subject=None, **changes):
    """A W3C credential document bound to the phone."""
    document = build_vc(
        types=types,
        contexts=(f"{BASE}/contexts/taxi-permit",),
        issuer=TRANSPORT.did,
        subject=subject or {"plate": "2A-4417"},
        subject_id=build_did_jwk(public(HOLDER)),
        valid_from=NOW - DAY,
        valid_until=NOW + DAY,
        statuses=statuses,
    )
    return {name: value for name, value in (document | changes).items() if value is not ...}


def w3c(document, *, by=None, issued_at=NOW - DAY):
    """Signed as `vc+jwt`."""
    by = by or TRANSPORT.credential
    key_id = f"{TRANSPORT.did}#{public(TRANSPORT.credential).thumbprint}"
    return issue_vc_jwt(document, signer=by, key_id=key_id, issued_at=issued_at)


def present_w3c(*texts, by=HOLDER, audience=QR_AUDIENCE, nonce="n-42", at=NOW):
    """Enveloped in a `vp+jwt`."""
    signing_input = build_presentation_input(
        texts, holder_key=public(by), audience=audience, nonce=nonce, now=at
    )
    return join_signature(signing_input, by.sign(signing_input.encode()))


def status_token(agency, statuses=None, *, by=None, issued_at=NOW - 10 * MINUTE, **changes):
    """A Token Status List of an agency; `statuses` by index."""
    words = {
        "uri": agency.list,
        "issued_at": issued_at,
        "expires_at": NOW + HOUR,
        "ttl": 5 * MINUTE,
        "signer": by or agency.status,
        "key_id": public(by or agency.status).thumbprint,
    }
    array = StatusArray.all_valid(changes.pop("size", SIZE)).with_statuses(statuses or {})
    return build_status_list_token(array, **(words | changes))


def bitstring(agency, purpose, statuses=None, *, by=None, uri=None, x5c=()):
    """A Bitstring Status List of an agency."""
    by = by or agency.status
    return build_bitstring_credential(
        StatusArray.all_valid(131_072).with_statuses(statuses or {}),
        purpose=StatusPurpose(purpose),
        uri=uri or f"{agency.list}/{purpose}",
        issuer=agency.did,
        valid_from=NOW - 10 * MINUTE,
        valid_until=NOW + HOUR,
        ttl=5 * MINUTE,
        signer=by,
        key_id=f"{agency.did}#{public(by).thumbprint}",
        x5c=x5c,
    )


def raw_list(agency, *, bits, lst):
    """A list token with any bits at all."""
    payload = {
        "sub": agency.list,
        "iat": seconds(NOW - 10 * MINUTE),
        "exp": seconds(NOW + HOUR),
        "status_list": {"bits": bits, "lst": lst},
    }
    header = {"kid": public(agency.status).thumbprint}
    return sign_jws(payload, type="statuslist+jwt", signer=agency.status, header=header)


REVOKED, SUSPENDED = Status.REVOKED, Status.SUSPENDED
