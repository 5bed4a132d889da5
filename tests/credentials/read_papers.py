"""Papers of every JOSE kind, good ones and changed ones, for the tests of reading."""

from datetime import timedelta

import pytest

from credentials.dids import build_did_jwk
from credentials.errors import Malformed
from credentials.jose import join_signature
from credentials.model import StatusPurpose, StatusReference
from credentials.reading import read_presentation
from credentials.vcdm import (
    build_presentation_input,
    build_vc,
    issue_vc_sd_jwt,
)
from tests.credentials.workshop import (
    AGENCY,
    DRIVER,
    LIST,
    NONCE,
    NOW,
    VERIFIER,
    issue_permit,
    present,
    public_key,
    salts,
    sign_raw,
)

ISSUER_DID = "did:web:issuer.city.example:agencies:transport"
KEY_ID = f"{ISSUER_DID}#key"
BASE = "https://www.w3.org/ns/credentials/v2"


def permit_document(**changes):
    document = build_vc(
        types=["TaxiPermit"],
        contexts=["https://issuer.city.example/contexts/taxi-permit"],
        issuer=ISSUER_DID,
        subject={"plate": "2A-4417", "zone": "Phnom Penh"},
        subject_id=build_did_jwk(public_key(DRIVER)),
        valid_from=NOW - timedelta(days=1),
        valid_until=NOW + timedelta(days=30),
        statuses=[
            StatusReference(f"{LIST}/revocation", 7, StatusPurpose.REVOCATION),
            StatusReference(f"{LIST}/suspension", 7, StatusPurpose.SUSPENSION),
        ],
    )
    members = {**document, **changes}
    return {name: value for name, value in members.items() if value is not ...}


def vc_jwt(**changes):
    return sign_raw(permit_document(**changes), type="vc+jwt", header={"kid": KEY_ID})


def vc_sd_jwt(**changes):
    return issue_vc_sd_jwt(
        permit_document(**changes),
        disclosable=[("plate",), ("zone",)],
        holder_key=public_key(DRIVER),
        signer=AGENCY,
        key_id=KEY_ID,
        issued_at=NOW,
        salt=salts(),
    )


def vp_jwt(*credentials, by=DRIVER):
    signing_input = build_presentation_input(
        credentials, holder_key=public_key(by), audience=VERIFIER, nonce=NONCE, now=NOW
    )
    return join_signature(signing_input, by.sign(signing_input.encode()))


def vp_raw(**changes):
    payload = {
        "@context": [BASE],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [envelope(vc_jwt())],
        "aud": VERIFIER,
        "nonce": NONCE,
        "iat": int(NOW.timestamp()),
        **changes,
    }
    present_members = {name: value for name, value in payload.items() if value is not ...}
    return sign_raw(present_members, type="vp+jwt", by=DRIVER)


def envelope(text, media_type="application/vc+jwt"):
    return {
        "@context": BASE,
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:{media_type},{text}",
    }


class CHEAP:
    """Signs nothing: reading does not look at the signature."""

    algorithm = "ES256"

    @staticmethod
    def sign(data):
        return bytes(64)


PRESENTED = (present(issue_permit()), vp_jwt(vc_jwt(), vc_sd_jwt()), vc_jwt())


def refusal(text, read=read_presentation):
    with pytest.raises(Malformed) as fault:
        read(text)
    return fault.value.detail


# SD-JWT VC.
