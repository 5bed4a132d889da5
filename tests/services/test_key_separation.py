"""S-191: credential, status, request, log, token and TLS keys of a whole city are all different."""

import hashlib
from itertools import pairwise

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import issuer.app
import register.app
import register.witness
import verifier.app
import wallet_api.app
from cityhall.tls import ensure_tls
from mobile_demo.desk import prepare_operator_keys
from runtime.key_custody import open_keystore
from runtime.settings import SERVICES, Settings
from tests.support.soft_token import LABEL, MODULE, PIN, needs_soft_token, soft_token

APPS = {
    "register": register.app,
    "issuer": issuer.app,
    "wallet_api": wallet_api.app,
    "verifier": verifier.app,
    "witness": register.witness,
}
NAMES = {
    "register": ("governor", "log", "root", "trust"),
    "issuer": ("issuer", "land.credential", "land.status", "transport.credential"),
    "wallet_api": ("access-token",),
    "verifier": ("bundle", "request"),
    "witness": ("witness",),
}


@pytest.fixture(params=["file", pytest.param("pkcs11", marks=needs_soft_token)])
def environ(request, tmp_path):
    prepare_operator_keys(tmp_path)
    words = {
        "CITY_DATA_DIR": str(tmp_path),
        "CITY_BACKGROUND": "no",
        "CITY_KEYSTORE": request.param,
    }
    if request.param == "file":
        yield words
        return
    (tmp_path / "pin").write_text(PIN)
    words |= {"CITY_PKCS11_MODULE": MODULE, "CITY_PKCS11_TOKEN": LABEL}
    with soft_token(tmp_path):
        yield words | {"CITY_PKCS11_PIN_FILE": str(tmp_path / "pin")}


def found_city(environ):
    """Every service, started once, with two agencies; its keystores."""
    keystores = {}
    for service in SERVICES:
        settings = Settings.from_environment(environ, service=service)
        app = APPS[service].create_app(settings)
        keystores[service] = open_keystore(settings)
        if service == "issuer":
            office = app.extensions["office"]
            for agency in ("transport", "land"):
                office.credential_signer(agency)
            office.status_signer("land")
    return keystores


def fingerprints(keystores):
    found = []
    for keystore in keystores.values():
        for name in keystore.names():
            algorithm = "EdDSA" if name in {"log", "witness"} else "ES256"
            der = keystore.signer(name, algorithm).public_key_der
            found.append(hashlib.sha256(der).hexdigest())
    return found


def test_s_191_every_purpose_of_the_city_has_a_key_of_its_own(environ, tmp_path):
    keystores = found_city(environ)
    _, certificate, _ = ensure_tls(tmp_path, hosts=("localhost",))
    tls = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    der = tls.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    found = [*fingerprints(keystores), hashlib.sha256(der).hexdigest()]

    assert {service: keystore.names() for service, keystore in keystores.items()} == NAMES
    assert len(found) == sum(len(names) for names in NAMES.values()) + 1
    assert all(left != right for left, right in pairwise(sorted(found)))


def test_s_191_a_key_under_two_names_would_be_seen(tmp_path):
    """The twin: a copied key file shows. A key of a token cannot be copied out of it."""
    prepare_operator_keys(tmp_path)
    keystores = found_city({"CITY_DATA_DIR": str(tmp_path), "CITY_BACKGROUND": "no"})
    folder = tmp_path / "keys" / "issuer"
    (folder / "land.status.pem").write_bytes((folder / "land.credential.pem").read_bytes())
    found = fingerprints(keystores)

    assert len(set(found)) == len(found) - 1
