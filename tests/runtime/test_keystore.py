"""Keys are made once, read by their owner only, and sign what verifies."""

import os
import stat
import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from encoding import base64url
from runtime.errors import KeystoreError
from runtime.keystore import FileKeystore
from runtime.settings import Settings

SIGNER = """
import sys
from pathlib import Path
from runtime.keystore import FileKeystore
print(FileKeystore(Path(sys.argv[1])).signer("status", "ES256").key_id)
"""


@pytest.fixture
def keystore(tmp_path):
    return FileKeystore(tmp_path / "keys")


def public_key(signer):
    return serialization.load_der_public_key(signer.public_key_der)


def verify(signer, data, signature):
    key = public_key(signer)
    if signer.algorithm == "EdDSA":
        key.verify(signature, data)
    else:
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        key.verify(encode_dss_signature(r, s), data, ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
def test_a_signature_is_raw_and_verifies_for_its_data_only(keystore, algorithm):
    signer = keystore.signer("one", algorithm)
    signature = signer.sign(b"list")

    assert len(signature) == 64
    verify(signer, b"list", signature)
    with pytest.raises(InvalidSignature):
        verify(signer, b"another list", signature)


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
def test_the_same_name_is_the_same_key_tomorrow(keystore, tmp_path, algorithm):
    first = keystore.signer("one", algorithm)
    again = FileKeystore(tmp_path / "keys").signer("one", algorithm)

    assert again.public_jwk == first.public_jwk
    assert keystore.signer("two", algorithm).public_jwk != first.public_jwk
    assert keystore.names() == ("one", "two")


def test_processes_that_start_together_share_one_key(tmp_path, start_process):
    children = [start_process(SIGNER, tmp_path / "keys") for _ in range(4)]
    outputs = [child.communicate(timeout=60) for child in children]

    assert len({output for output, _ in outputs}) == 1, outputs
    assert outputs[0][0].strip()
    assert os.listdir(tmp_path / "keys") == ["status.pem"]


def test_threads_that_start_together_share_one_key(keystore):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(keystore.signer("one", "EdDSA").key_id))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(found), len(set(found))) == (8, 1)


def test_only_the_owner_can_read_a_key(keystore, tmp_path):
    keystore.signer("one", "ES256")

    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "keys" / "one.pem").stat().st_mode) == 0o600


def test_a_key_that_others_can_read_is_not_used(keystore, tmp_path):
    keystore.signer("one", "ES256")
    (tmp_path / "keys" / "one.pem").chmod(0o644)
    with pytest.raises(KeystoreError):
        keystore.signer("one", "ES256")


def test_a_key_is_pkcs8_pem(keystore, tmp_path):
    keystore.signer("one", "EdDSA")

    text = (tmp_path / "keys" / "one.pem").read_text()
    assert text.startswith("-----BEGIN PRIVATE KEY-----\n")


def test_a_passphrase_encrypts_the_file(tmp_path):
    signer = FileKeystore(tmp_path, passphrase=b"river").signer("one", "ES256")

    assert "ENCRYPTED" in (tmp_path / "one.pem").read_text()
    again = FileKeystore(tmp_path, passphrase=b"river").signer("one", "ES256")
    assert again.key_id == signer.key_id
    for passphrase in (None, b"sea"):
        with pytest.raises(KeystoreError):
            FileKeystore(tmp_path, passphrase=passphrase).signer("one", "ES256")


def test_settings_name_the_folder_and_the_passphrase(tmp_path):
    (tmp_path / "passphrase").write_text("river\n")
    settings = Settings.from_environment(
        {
            "CITY_DATA_DIR": str(tmp_path),
            "CITY_KEY_PASSPHRASE_FILE": str(tmp_path / "passphrase"),
        },
        service="issuer",
    )
    signer = FileKeystore.from_settings(settings).signer("one", "ES256")

    again = FileKeystore(tmp_path / "keys" / "issuer", passphrase=b"river")
    assert again.signer("one", "ES256").key_id == signer.key_id


def test_a_key_keeps_its_algorithm(keystore):
    keystore.signer("one", "ES256")
    with pytest.raises(KeystoreError):
        keystore.signer("one", "EdDSA")


@pytest.mark.parametrize("name", ["", "../one", "a/b", "One", ".hidden", "a\n", "a" * 101])
def test_a_name_cannot_leave_the_folder(keystore, name):
    with pytest.raises(KeystoreError):
        keystore.signer(name, "ES256")


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256", "ES384"])
def test_other_algorithms_are_refused(keystore, algorithm):
    with pytest.raises(KeystoreError):
        keystore.signer("one", algorithm)
    assert keystore.names() == ()


@pytest.mark.parametrize("content", [b"", b"nonsense", "rsa", "p384"])
def test_a_file_that_is_no_such_key_is_refused(tmp_path, content):
    if content == "rsa":
        content = pem(rsa.generate_private_key(65537, 2048))
    elif content == "p384":
        content = pem(ec.generate_private_key(ec.SECP384R1()))
    file = tmp_path / "one.pem"
    file.touch(0o600)
    file.write_bytes(content)
    with pytest.raises(KeystoreError):
        FileKeystore(tmp_path).signer("one", "ES256")


def pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@pytest.mark.parametrize(
    ("algorithm", "members"), [("ES256", {"kty", "crv", "x", "y"}), ("EdDSA", {"kty", "crv", "x"})]
)
def test_a_public_key_shows_its_public_members_only(keystore, algorithm, members):
    signer = keystore.signer("one", algorithm)
    jwk = signer.public_jwk

    assert set(jwk) == members
    assert len(base64url.decode(jwk["x"])) == 32
    assert len(base64url.decode(signer.key_id)) == 32
    jwk["x"] = "changed"
    assert signer.public_jwk["x"] != "changed"


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
def test_a_certificate_is_signed_without_the_key_leaving(keystore, algorithm):
    signer = keystore.signer("root", algorithm)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Demo City")])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public_key(signer))
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
    )
    certificate = keystore.certificate_builder_sign("root", builder)

    certificate.verify_directly_issued_by(certificate)
    assert signer.sign_certificate(builder).subject == name


def test_a_certificate_needs_a_key_that_exists(keystore):
    with pytest.raises(KeystoreError):
        keystore.certificate_builder_sign("root", x509.CertificateBuilder())
