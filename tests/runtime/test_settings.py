"""Settings are read once, checked, and all described."""

import re
from pathlib import Path

import pytest

from runtime.errors import SettingsError
from runtime.settings import DEFAULTS, SERVICES, Settings

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
PRODUCTION = {
    "CITY_MODE": "production",
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
    ],
)
def test_a_setting_that_cannot_be_used_stops_the_service(environ):
    with pytest.raises(SettingsError):
        read(**environ)


def test_an_unknown_service_is_refused():
    with pytest.raises(SettingsError):
        read("pizza")


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
    described = set(re.findall(r"^\| `(CITY_[A-Z_]+)`", DOCUMENT.read_text(), re.MULTILINE))

    assert described == set(DEFAULTS) | {"CITY_SETTINGS_FILE"}
