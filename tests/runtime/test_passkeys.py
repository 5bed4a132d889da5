"""Only the person's own passkey, on this site, for this challenge, opens the door."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from encoding import base64url
from runtime import passkeys
from runtime.passkeys import PasskeyRefused

CHALLENGE = bytes(range(32))
EXPECTED = {
    "expected_challenge": CHALLENGE,
    "expected_origin": "http://localhost:8401",
    "expected_rp_id": "localhost",
}


def load_beside(name):
    """A module of this folder (tests are not a package)."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


authenticators = load_beside("software_authenticator")


@pytest.fixture
def authenticator():
    return authenticators.SoftwareAuthenticator()


@pytest.fixture
def passkey(authenticator):
    return passkeys.verify_registration(response=authenticator.register(CHALLENGE), **EXPECTED)


def test_registration_asks_for_a_verified_person_and_a_passkey_of_its_own():
    options = passkeys.registration_options(
        rp_id="localhost",
        rp_name="Demo City",
        user_id=b"user-1",
        user_name="officer@transport",
        challenge=CHALLENGE,
        excluded=[b"old"],
    )

    assert options["challenge"] == base64url.encode(CHALLENGE)
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["attestation"] == "none"
    assert [kind["alg"] for kind in options["pubKeyCredParams"]] == [-8, -7, -257]
    assert options["excludeCredentials"][0]["id"] == base64url.encode(b"old")


def test_logging_in_asks_for_a_verified_person():
    options = passkeys.authentication_options(
        rp_id="localhost", challenge=CHALLENGE, credential_ids=[b"one"]
    )

    assert options["userVerification"] == "required"
    assert options["allowCredentials"][0]["id"] == base64url.encode(b"one")


def test_a_new_passkey_logs_in(authenticator, passkey):
    assert passkey.credential_id == authenticator.credential_id
    used = passkeys.verify_authentication(
        response=authenticator.authenticate(CHALLENGE), passkey=passkey, **EXPECTED
    )

    assert used == replace(passkey, sign_count=1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"flags": authenticators.PRESENT},
        {"flags": 0},
        {"kind": "webauthn.create"},
    ],
)
def test_an_answer_for_another_site_or_without_the_person_is_refused(authenticator, passkey, wrong):
    response = authenticator.authenticate(CHALLENGE, **wrong)
    with pytest.raises(PasskeyRefused):
        passkeys.verify_authentication(response=response, passkey=passkey, **EXPECTED)
    if "kind" not in wrong:
        with pytest.raises(PasskeyRefused):
            passkeys.verify_registration(
                response=authenticator.register(CHALLENGE, **wrong), **EXPECTED
            )


def test_an_answer_to_another_challenge_is_refused(authenticator, passkey):
    with pytest.raises(PasskeyRefused):
        passkeys.verify_authentication(
            response=authenticator.authenticate(bytes(32)), passkey=passkey, **EXPECTED
        )
    with pytest.raises(PasskeyRefused):
        passkeys.verify_registration(response=authenticator.register(bytes(32)), **EXPECTED)


def test_another_passkey_does_not_open_this_door(passkey):
    stranger = authenticators.SoftwareAuthenticator()
    with pytest.raises(PasskeyRefused):
        passkeys.verify_authentication(
            response=stranger.authenticate(CHALLENGE), passkey=passkey, **EXPECTED
        )
    stranger.credential_id = passkey.credential_id
    with pytest.raises(PasskeyRefused):
        passkeys.verify_authentication(
            response=stranger.authenticate(CHALLENGE), passkey=passkey, **EXPECTED
        )


def test_a_copied_passkey_is_noticed_by_its_count(authenticator, passkey):
    used = replace(passkey, sign_count=7)
    with pytest.raises(PasskeyRefused):
        passkeys.verify_authentication(
            response=authenticator.authenticate(CHALLENGE), passkey=used, **EXPECTED
        )


@pytest.mark.parametrize(
    "change",
    [
        {"id": "other"},
        {"rawId": 1},
        {"rawId": None},
        {"id": "Q", "rawId": "Q"},
        {"response": {}},
        {"response": "text"},
        {"type": "password"},
    ],
)
def test_nonsense_is_refused_and_nothing_else_happens(authenticator, passkey, change):
    response = {**authenticator.authenticate(CHALLENGE), **change}
    with pytest.raises(PasskeyRefused):
        passkeys.verify_authentication(response=response, passkey=passkey, **EXPECTED)
    with pytest.raises(PasskeyRefused):
        passkeys.verify_registration(
            response={**authenticator.register(CHALLENGE), **change}, **EXPECTED
        )


@pytest.mark.parametrize(
    "attestation", [b"", b"\xff", b"\xa0", b"\x9b" + b"\xff" * 8, b"\x81" * 9000]
)
def test_hostile_attestations_are_refused(authenticator, attestation):
    response = authenticator.register(CHALLENGE)
    response["response"]["attestationObject"] = base64url.encode(attestation)
    with pytest.raises(PasskeyRefused):
        passkeys.verify_registration(response=response, **EXPECTED)
