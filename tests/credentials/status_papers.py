"""Status lists as the tests make them, payloads of strangers, and what a case comes to."""

from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec

from credentials.bitstring_entries import bitstring_value, parse_bitstring_entry
from credentials.errors import Malformed
from credentials.jose import sign_jws
from credentials.keys import SoftwareSigner, parse_jwk
from credentials.model import Status, StatusPurpose
from credentials.status import (
    build_bitstring_credential,
    build_status_list_token,
    read_status_list,
    status_at,
)
from credentials.status_lists import is_signed_by, read_bitstring
from encoding import base64url, compression
from encoding.compression import Effort

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
URI = "https://issuer.example/agencies/transport/status/1"
SIGNER = SoftwareSigner(ec.derive_private_key(11, ec.SECP256R1()))
BOTH, REVOCATION, SUSPENSION = StatusPurpose


def token_of(array, **changes):
    words = {
        "uri": URI,
        "issued_at": NOW,
        "expires_at": NOW + timedelta(hours=1),
        "ttl": timedelta(minutes=5),
        "signer": SIGNER,
        "x5c": (b"leaf",),
        "key_id": "key-1",
    }
    return build_status_list_token(array, **(words | changes))


def credential_of(array, purpose, *, effort=Effort.THOROUGH):
    return build_bitstring_credential(
        array,
        purpose=purpose,
        uri=f"{URI}/{purpose.value}",
        issuer="did:web:issuer.example",
        valid_from=NOW,
        valid_until=NOW + timedelta(hours=1),
        ttl=timedelta(minutes=5),
        signer=SIGNER,
        key_id="did:web:issuer.example#key-1",
        effort=effort,
    )


def signed(payload, *, type="statuslist+jwt"):
    return sign_jws(payload, type=type, signer=SIGNER)


def list_payload(**changes):
    payload = {
        "sub": URI,
        "iat": 1795338000,
        "exp": 1795341600,
        "ttl": 300,
        "status_list": {"bits": 2, "lst": "eNo76fITAAPfAgc"},
    }
    return {name: value for name, value in (payload | changes).items() if value is not ...}


BITSTRING = "u" + base64url.encode(compression.deflate_gzip(bytes(16_384)))


def bitstring_payload(**changes):
    subject = {
        "type": "BitstringStatusList",
        "statusPurpose": "revocation",
        "encodedList": BITSTRING,
        **changes.pop("subject", {}),
    }
    payload = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": URI,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": {"id": "did:web:issuer.example"},
        "validFrom": "2026-11-22T09:00:00Z",
        "credentialSubject": subject,
    }
    return {name: value for name, value in (payload | changes).items() if value is not ...}


def judged(case, verifier):
    """The status word of a case of a Token Status List."""
    listed = read_status_list(case["token"])
    reference = case.get("referenced", {}).get("status_list", {"uri": URI})
    key = parse_jwk(verifier["trusted_status_jwk"])
    expired = listed.expires_at is not None and listed.expires_at.timestamp() <= verifier["now"]
    if not is_signed_by(listed, key) or expired or listed.uri != reference["uri"]:
        return "reject"
    words = {Status.VALID: "VALID", Status.REVOKED: "INVALID", Status.SUSPENDED: "SUSPENDED"}
    return words[status_at(listed, reference["idx"], BOTH)]


def bitstring_answer(case):
    """What a case of a bitstring comes to: a value, or the code of an error."""
    try:
        entry = parse_bitstring_entry(case["entry"])
        entries = read_bitstring(case["list"]["encodedList"], status_size=entry.status_size)
        value = bitstring_value(entries, entry)
    except Malformed as refused:
        return refused.detail.upper()
    message = {"message": entry.messages[value]} if entry.messages else {}
    return {"status": value, "valid": value == 0, **message}
