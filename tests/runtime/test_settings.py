"""Settings are read once, checked, and all described."""

import re
from pathlib import Path

import pytest

from runtime.errors import SettingsError
from runtime.settings import DEFAULTS, SERVICES, Settings

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
PRODUCTION = {
    "CITY_MODE": "production",
    "CITY_KEYSTORE": "pkcs11",
    "CITY_PKCS11_MODULE": __file__,
    "CITY_PKCS11_TOKEN": "city",
    "CITY_PKCS11_PIN_FILE": __file__,
    **{f"CITY_{name}_URL": f"https://{name.lower()}.city.example" for name in
       ("REGISTER", "ISSUER", "WALLET", "VERIFIER", "WITNESS")},
}  # fmt: skip


def read(service="issuer", **environ):
    return Settings.from_environment(environ, service=service)


def test_a_city_needs_no_setting_at_all():
    settings = read()

    assert settings.mode == "development"
    assert settings.database_url == f"sqlite:///{settings.data_dir}/issuer.sqlite3"
    assert settings.base_url == "http://localhost:8401"
    assert settings.operator_jwks == settings.data_dir / "keys" / "operator.jwks.json"
    assert settings.log_origin == "localhost:8400"
    assert (settings.is_production, settings.is_tls, settings.background) == (False, False, True)


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_knows_its_own_url(service):
    assert read(service).base_url in read(service).city_origins


def test_one_database_setting_serves_all_services():
    url = "postgresql://city@db/{service}"

    assert read("verifier", CITY_DATABASE_URL=url).database_url == "postgresql://city@db/verifier"


def test_a_last_slash_of_a_url_does_not_matter():
    assert read(CITY_ISSUER_URL="https://issuer.example/").base_url == "https://issuer.example"


@pytest.mark.parametrize(
    "environ",
    [
        {"CITY_MODE": "testing"},
        {"CITY_ISSUER_URL": "issuer.example"},
        {"CITY_ISSUER_URL": "ftp://issuer.example"},
        {"CITY_ISSUER_URL": "https://user@issuer.example"},
        {"CITY_ISSUER_URL": "https://issuer.example?a=b"},
        {"CITY_ISSUER_URL": "https://issuer.example:port"},
        {"CITY_ISSUER_URL": "https://["},
        {"CITY_CLOCK_OFFSET": "soon"},
        {"CITY_EPOCH_SECONDS": "0"},
        {"CITY_BACKGROUND": "maybe"},
        {"CITY_CA_FILE": "/nowhere/ca.pem"},
        {"CITY_SETTINGS_FILE": "/nowhere/city.toml"},
        {**PRODUCTION, "CITY_CLOCK_OFFSET": "5"},
        {**PRODUCTION, "CITY_FAILPOINT": "issuer.issue:kill"},
        {**PRODUCTION, "CITY_WITNESS_URL": "http://witness.example"},
        {"CITY_MODE": "production"},
        {**PRODUCTION, "CITY_KEYSTORE": "file"},
        {**PRODUCTION, "CITY_KEYSTORE": "file", "CITY_KEY_PASSPHRASE_FILE": __file__},
        {**PRODUCTION, "CITY_KEYSTORE": "file", "CITY_ALLOW_FILE_KEYSTORE": "yes"},
        {**PRODUCTION, "CITY_PKCS11_PIN": "482913", "CITY_PKCS11_PIN_FILE": ""},
        {**PRODUCTION, "CITY_PKCS11_PIN": "482913"},
        {**PRODUCTION, "CITY_PKCS11_MODULE": ""},
        {**PRODUCTION, "CITY_PKCS11_MODULE": "/nowhere/module.so"},
        {**PRODUCTION, "CITY_PKCS11_TOKEN": ""},
        {**PRODUCTION, "CITY_PKCS11_PIN_FILE": ""},
        {"CITY_KEYSTORE": "cloud"},
        {"CITY_ALLOW_FILE_KEYSTORE": "perhaps"},
    ],
)
def test_a_setting_that_cannot_be_used_stops_the_service(environ):
    with pytest.raises(SettingsError):
        read(**environ)


def test_an_unknown_service_is_refused():
    with pytest.raises(SettingsError):
        read("pizza")


def test_s_184_production_keeps_keys_in_files_only_when_told_so():
    words = {"CITY_KEYSTORE": "file", "CITY_ALLOW_FILE_KEYSTORE": "yes"}
    settings = read(**{**PRODUCTION, **words, "CITY_KEY_PASSPHRASE_FILE": __file__})

    assert (settings.is_production, settings.custody.keystore) == (True, "file")
    with pytest.raises(SettingsError, match="CITY_ALLOW_FILE_KEYSTORE=yes"):
        read(**{**PRODUCTION, "CITY_KEYSTORE": "file"})


def test_the_pin_is_in_no_text_of_the_settings():
    words = {"CITY_PKCS11_PIN": "482913", "CITY_PKCS11_PIN_FILE": "", "CITY_MODE": "development"}
    settings = read(**{**PRODUCTION, **words})

    assert settings.custody.read_pin() == "482913"
    assert "482913" not in repr(settings) + str(settings)


def test_a_pin_file_is_read_when_it_is_needed(tmp_path):
    file = tmp_path / "pin"
    file.write_text("482913\n")
    settings = read(**{**PRODUCTION, "CITY_PKCS11_PIN_FILE": str(file)})
    file.write_text("771034\n")

    assert settings.custody.read_pin() == "771034"
    file.unlink()
    with pytest.raises(SettingsError):
        settings.custody.read_pin()


def test_production_starts_with_https_everywhere():
    settings = read(**PRODUCTION)

    assert (settings.is_production, settings.is_tls) == (True, True)


def test_the_environment_goes_before_the_file(tmp_path):
    file = tmp_path / "city.toml"
    file.write_text('CITY_NAME = "Riverside"\nCITY_EPOCH_SECONDS = 5\nCITY_BACKGROUND = false\n')
    settings = read(CITY_SETTINGS_FILE=str(file), CITY_EPOCH_SECONDS="7")

    assert settings.city_name == "Riverside"
    assert (settings.epoch_seconds, settings.background) == (7, False)


def test_an_unknown_name_in_the_file_is_refused(tmp_path):
    file = tmp_path / "city.toml"
    file.write_text('CITY_NAMES = "Riverside"\n')
    with pytest.raises(SettingsError):
        read(CITY_SETTINGS_FILE=str(file))


def test_every_setting_is_described_and_no_other():
    described = set(re.findall(r"^\| `(CITY_[A-Z0-9_]+)`", DOCUMENT.read_text(), re.MULTILINE))

    assert described == set(DEFAULTS) | {"CITY_SETTINGS_FILE"}
