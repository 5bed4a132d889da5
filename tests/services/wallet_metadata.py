"""What the stand-in issuer of the wallet tests publishes: its metadata and its offers."""

import json
import secrets
from urllib.parse import quote

PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
LICENCE = {
    "driver_number": "D-104417",
    "family_name": "Sok",
    "given_name": "Dara",
    "birth_date": "1990-04-12",
}
BUSINESS = {
    "licence_number": "BL-00021345",
    "business_name": "Dara Noodle House",
    "activity": "restaurant",
    "owner": "Sok Dara",
}
CLAIMS = {"driving-licence": LICENCE, "taxi-inspection": LICENCE, "business-licence": BUSINESS}


def vcdm_type(name):
    return "".join(part.capitalize() for part in name.split("-"))


def issuer_metadata(url, issuer, **changes):
    """The Credential Issuer Metadata; `changes` are what is wrong with it."""
    configurations = {
        f"{name}.{form}": build(url, name)
        for name in CLAIMS
        for form, build in (
            ("dc+sd-jwt", _sd_jwt_configuration),
            ("vc+jwt", _vc_jwt_configuration),
            ("jwt_vc_json", _jwt_vc_configuration),
        )
    }
    return {
        "credential_issuer": issuer,
        "credential_endpoint": f"{issuer}/credential",
        "nonce_endpoint": f"{issuer}/nonce",
        "notification_endpoint": f"{issuer}/notification",
        "batch_credential_issuance": {"batch_size": 5},
        "display": [{"name": "What it calls itself", "locale": "en"}],
        "credential_configurations_supported": configurations,
        **changes,
    }


def _sd_jwt_configuration(url, name):
    return {
        "format": "dc+sd-jwt",
        "vct": f"{url}/types/{name}",
        **_shared_configuration(["jwk"]),
    }


def _vc_jwt_configuration(url, name):
    return {
        "format": "vc+jwt",
        "credential_definition": {
            "@context": ["https://www.w3.org/ns/credentials/v2", f"{url}/contexts/{name}"],
            "type": ["VerifiableCredential", vcdm_type(name)],
        },
        **_shared_configuration(["did:jwk"]),
    }


def _jwt_vc_configuration(_, name):
    return {
        "format": "jwt_vc_json",
        "credential_definition": {"type": ["VerifiableCredential", vcdm_type(name)]},
        **_shared_configuration(["did:jwk"]),
    }


def _shared_configuration(methods):
    return {
        "cryptographic_binding_methods_supported": methods,
        "credential_signing_alg_values_supported": ["ES256"],
        "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}},
        "credential_metadata": {
            "display": [{"name": "Driving licence", "locale": "en"}],
            "claims": [
                {"path": ["family_name"], "display": [{"name": "Family name", "locale": "en"}]}
            ],
        },
    }


def server_metadata(issuer):
    """What the authorization server says of itself (RFC 8414)."""
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/token",
        "grant_types_supported": [PRE_AUTHORIZED],
        "pre-authorized_grant_anonymous_access_supported": True,
        "response_types_supported": [],
    }


def offer_link(issuer, configurations, *, tx_code):
    """An offer by value, with a fresh pre-authorized code."""
    grant = {"pre-authorized_code": secrets.token_urlsafe(16)}
    if tx_code is not None:
        grant["tx_code"] = tx_code
    offer = {
        "credential_issuer": issuer,
        "credential_configuration_ids": list(configurations),
        "grants": {PRE_AUTHORIZED: grant},
    }
    return f"openid-credential-offer://?credential_offer={quote(json.dumps(offer))}"
