"""
One suite for every keystore (S-185): what holds for a key in a file holds for a key in a token.

The token is SoftHSM2, fresh for each test; without it those cases are skipped and say so.
"""

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from credentials.jose import parse_jws, sign_jws, verify_jws
from credentials.keys import parse_jwk, verify_signature
from runtime.errors import KeystoreError
from runtime.key_custody import open_keystore
from runtime.keystore import FileKeystore
from runtime.pkcs11_keystore import Pkcs11Keystore
from runtime.settings import Settings
from tests.support.soft_token import LABEL, MODULE, PIN, needs_soft_token, soft_token

KEYSTORES = ("file", pytest.param("pkcs11", marks=needs_soft_token))
ALGORITHMS = ("ES256", "EdDSA")
MAKES_A_KEY = """
import os
from runtime.key_custody import open_keystore
from runtime.settings import Settings
settings = Settings.from_environment(dict(os.environ), service="issuer")
print(open_keystore(settings).signer("status", "ES256").key_id)
"""


@pytest.fixture(params=KEYSTORES)
def environ(request, tmp_path):
    """The settings of a service whose keys are in a file, or in a token."""
    words = {"CITY_DATA_DIR": str(tmp_path), "CITY_KEYSTORE": request.param}
    if request.param == "file":
        yield words
        return
    pin = tmp_path / "pin"
    pin.write_text(PIN + "\n")
    words |= {"CITY_PKCS11_MODULE": MODULE, "CITY_PKCS11_TOKEN": LABEL}
    with soft_token(tmp_path):
        yield words | {"CITY_PKCS11_PIN_FILE": str(pin)}


def open_for(environ, service="issuer"):
    return open_keystore(Settings.from_environment(environ, service=service))


@pytest.fixture
def keystore(environ):
    return open_for(environ)


def test_the_settings_choose_the_keystore(environ, keystore):
    kinds = {"file": FileKeystore, "pkcs11": Pkcs11Keystore}

    assert isinstance(keystore, kinds[environ["CITY_KEYSTORE"]])


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("data", [b"", b"list", bytes(100_000)], ids=["empty", "short", "long"])
def test_s_185_a_signature_is_raw_and_verifies_for_its_data_only(keystore, algorithm, data):
    signer = keystore.signer("one", algorithm)
    key = parse_jwk(signer.public_jwk)
    signature = signer.sign(data)

    assert len(signature) == 64
    assert key.algorithm == signer.algorithm == algorithm
    assert verify_signature(key, data, signature)
    assert not verify_signature(key, data + b".", signature)


def test_s_185_a_token_of_ours_is_signed_the_same_way(keystore):
    signer = keystore.signer("one", "ES256")
    text = sign_jws({"sub": "a"}, type="statuslist+jwt", signer=signer)
    jws = parse_jws(text, types=frozenset({"statuslist+jwt"}), max_bytes=1000)

    assert verify_jws(jws, parse_jwk(signer.public_jwk))


def test_s_185_leading_zeros_of_a_signature_are_kept(keystore):
    signer = keystore.signer("one", "ES256")

    assert {len(signer.sign(b"%d" % count)) for count in range(300)} == {64}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_same_name_is_the_same_key_tomorrow(keystore, environ, algorithm):
    first = keystore.signer("one", algorithm)
    again = open_for(environ).signer("one", algorithm)

    assert again.key_id == first.key_id
    assert again.public_key_der == first.public_key_der
    assert keystore.signer("two", algorithm).key_id != first.key_id
    assert keystore.names() == ("one", "two")


def test_each_service_has_its_own_keys(environ, keystore):
    other = open_for(environ, "verifier")

    assert keystore.signer("one", "ES256").key_id != other.signer("one", "ES256").key_id
    assert (keystore.names(), other.names()) == (("one",), ("one",))


def test_s_185_a_key_keeps_its_algorithm(keystore):
    keystore.signer("one", "ES256")

    with pytest.raises(KeystoreError, match="is for ES256"):
        keystore.signer("one", "EdDSA")


@pytest.mark.parametrize("algorithm", ["ES384", "HS256", "none", "RS256", ""])
def test_other_algorithms_are_refused(keystore, algorithm):
    with pytest.raises(KeystoreError):
        keystore.signer("one", algorithm)

    assert keystore.names() == ()


@pytest.mark.parametrize("name", ["", "../one", "a/b", "One", ".hidden", "a\n", "a" * 101])
def test_a_name_has_no_foreign_characters(keystore, name):
    with pytest.raises(KeystoreError):
        keystore.signer(name, "ES256")


def test_threads_that_start_together_share_one_key(keystore):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(keystore.signer("one", "ES256").key_id))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1


def test_processes_that_start_together_share_one_key(environ):
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", MAKES_A_KEY],
            env={**os.environ, **environ},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    found = [run.communicate(timeout=60)[0].strip() for run in runs]

    assert all(found)
    assert set(found) == {open_for(environ).signer("status", "ES256").key_id}


def test_threads_sign_at_the_same_time(keystore):
    signer = keystore.signer("one", "ES256")
    key, results = parse_jwk(signer.public_jwk), []

    def work(number):
        data = b"%d" % number
        results.extend(verify_signature(key, data, signer.sign(data)) for _ in range(20))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert results == [True] * 160


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_certificate_is_signed_without_the_key_leaving(keystore, algorithm):
    signer = keystore.signer("root", algorithm)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "City root")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(serialization.load_der_public_key(signer.public_key_der))
        .serial_number(1)
        .not_valid_before(datetime.now(UTC))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
    )

    for certificate in (
        signer.sign_certificate(builder),
        keystore.certificate_builder_sign("root", builder),
    ):
        certificate.verify_directly_issued_by(certificate)


def test_a_certificate_needs_a_key_that_exists(keystore):
    with pytest.raises(KeystoreError):
        keystore.certificate_builder_sign("root", x509.CertificateBuilder())


def test_neither_a_signer_nor_the_settings_show_a_secret(environ, keystore):
    settings = Settings.from_environment(
        {**environ, "CITY_PKCS11_PIN_FILE": "", "CITY_PKCS11_PIN": PIN}, service="issuer"
    )

    assert PIN not in repr(settings)
    assert PIN not in repr(vars(keystore)) + repr(vars(keystore.signer("one", "ES256")))
