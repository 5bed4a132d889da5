"""
Passkeys (W3C Web Authentication Level 3): a thin wrapper over py_webauthn.

User verification is always required, the algorithms are EdDSA, ES256 and RS256, attestation is not
asked for. Challenges are the caller's: fresh, bound to one browser, used once. Whatever is wrong
with an answer, the caller learns only that it was refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import webauthn
from webauthn.helpers import cose, structs

from encoding import base64url
from encoding.errors import EncodingError
from encoding.strict_json import JsonValue, build_json, parse_object
from runtime.errors import RuntimeServiceError

_ALGORITHMS = [
    cose.COSEAlgorithmIdentifier.EDDSA,
    cose.COSEAlgorithmIdentifier.ECDSA_SHA_256,
    cose.COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]


class PasskeyRefused(RuntimeServiceError):
    """The answer of the authenticator is not acceptable."""

    kind = "refused"
    code = "access_denied"


@dataclass(frozen=True, slots=True)
class PasskeyRecord:
    """What is kept of a passkey. `sign_count` goes up where the authenticator counts at all."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    is_backed_up: bool


def registration_options(
    *,
    rp_id: str,
    rp_name: str,
    user_id: bytes,
    user_name: str,
    challenge: bytes,
    excluded: Sequence[bytes] = (),
) -> dict[str, JsonValue]:
    """What `navigator.credentials.create` needs, as JSON (`PublicKeyCredential.parse…FromJSON`)."""
    options = webauthn.generate_registration_options(
        rp_id=rp_id,
        rp_name=rp_name,
        user_id=user_id,
        user_name=user_name,
        challenge=challenge,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=id_) for id_ in excluded],
        supported_pub_key_algs=_ALGORITHMS,
    )
    return parse_object(webauthn.options_to_json(options))


def verify_registration(
    *,
    response: Mapping[str, JsonValue],
    expected_challenge: bytes,
    expected_origin: str,
    expected_rp_id: str,
) -> PasskeyRecord:
    """The new passkey, if the authenticator made it for this challenge and this site."""
    try:
        verified = webauthn.verify_registration_response(
            credential=_to_text(response),
            expected_challenge=expected_challenge,
            expected_origin=expected_origin,
            expected_rp_id=expected_rp_id,
            require_user_verification=True,
            supported_pub_key_algs=_ALGORITHMS,
        )
    # Hostile CBOR and ASN.1 make the libraries below raise nearly anything.
    except Exception as error:
        raise PasskeyRefused("passkey was not accepted") from error
    return PasskeyRecord(
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        is_backed_up=verified.credential_backed_up,
    )


def authentication_options(
    *, rp_id: str, challenge: bytes, credential_ids: Sequence[bytes] = ()
) -> dict[str, JsonValue]:
    """What `navigator.credentials.get` needs; without ids the person picks a passkey."""
    options = webauthn.generate_authentication_options(
        rp_id=rp_id,
        challenge=challenge,
        allow_credentials=[
            structs.PublicKeyCredentialDescriptor(id=credential_id)
            for credential_id in credential_ids
        ],
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return parse_object(webauthn.options_to_json(options))


def verify_authentication(
    *,
    response: Mapping[str, JsonValue],
    passkey: PasskeyRecord,
    expected_challenge: bytes,
    expected_origin: str,
    expected_rp_id: str,
) -> PasskeyRecord:
    """The passkey with its new count, if its owner answered this challenge on this site."""
    if credential_id(response) != passkey.credential_id:
        raise PasskeyRefused("passkey was not accepted")
    try:
        verified = webauthn.verify_authentication_response(
            credential=_to_text(response),
            expected_challenge=expected_challenge,
            expected_origin=expected_origin,
            expected_rp_id=expected_rp_id,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except Exception as error:
        raise PasskeyRefused("passkey was not accepted") from error
    return replace(
        passkey,
        sign_count=verified.new_sign_count,
        is_backed_up=verified.credential_backed_up,
    )


def credential_id(response: Mapping[str, JsonValue]) -> bytes:
    """Which passkey an answer claims to come from, to look its record up."""
    raw_id = response.get("rawId")
    if not isinstance(raw_id, str) or raw_id != response.get("id"):
        raise PasskeyRefused("passkey was not accepted")
    try:
        return base64url.decode(raw_id)
    except EncodingError as error:
        raise PasskeyRefused("passkey was not accepted") from error


def _to_text(response: Mapping[str, JsonValue]) -> str:
    return build_json(response).decode()
