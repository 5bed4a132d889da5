"""
What an operator can turn. Each setting is one `CITY_*` variable, described in docs/settings.md.

Settings are read once, when an app is made, and never change afterwards. `CITY_SETTINGS_FILE`
names a TOML file with the same names; the environment goes before it. Production refuses what
only a rehearsal needs: plain http, a moved clock, failpoints.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from runtime.custody_settings import DEFAULTS as CUSTODY_DEFAULTS
from runtime.custody_settings import Custody, read_custody, refuse_rehearsal_custody
from runtime.errors import SettingsError

SERVICES: Final = ("register", "issuer", "wallet_api", "verifier", "witness")
MODES: Final = ("development", "production")

DEFAULTS: Final[Mapping[str, str]] = {
    "CITY_MODE": "development",
    "CITY_DATA_DIR": ".city",
    "CITY_DATABASE_URL": "",
    "CITY_REGISTER_URL": "http://localhost:8400",
    "CITY_ISSUER_URL": "http://localhost:8401",
    "CITY_WALLET_URL": "http://localhost:8402",
    "CITY_VERIFIER_URL": "http://localhost:8403",
    "CITY_WITNESS_URL": "http://localhost:8404",
    "CITY_CA_FILE": "",
    "CITY_DOCUMENTS": "",
    "CITY_OPERATOR_JWKS": "",
    "CITY_CLOCK_OFFSET": "0",
    "CITY_FAILPOINT": "",
    "CITY_NAME": "Demo City",
    "CITY_EPOCH_SECONDS": "60",
    "CITY_WALLET_KEK_FILE": "",
    "CITY_LOG_ORIGIN": "",
    "CITY_LEDGERS": "",
    "CITY_WALLET_PWA_DIR": "",
    "CITY_BACKGROUND": "yes",
    **CUSTODY_DEFAULTS,
}
"""Every setting and its default; an empty one is derived from the others or absent."""

_PROJECT: Final = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Settings:
    """One service's settings, checked."""

    service: str
    mode: str
    data_dir: Path
    database_url: str
    register_url: str
    issuer_url: str
    wallet_url: str
    verifier_url: str
    witness_url: str
    ca_file: Path | None
    documents: Path | None
    operator_jwks: Path
    clock_offset: int
    failpoint: str
    city_name: str
    epoch_seconds: int
    wallet_kek_file: Path
    log_origin: str
    ledgers: Path | None
    wallet_pwa_dir: Path
    background: bool
    custody: Custody

    @property
    def key_passphrase_file(self) -> Path | None:
        """What encrypts key files."""
        return self.custody.passphrase_file

    @property
    def base_url(self) -> str:
        """Where this service itself is reached."""
        return {
            "register": self.register_url,
            "issuer": self.issuer_url,
            "wallet_api": self.wallet_url,
            "verifier": self.verifier_url,
            "witness": self.witness_url,
        }[self.service]

    @property
    def is_production(self) -> bool:
        """Whether nothing of a rehearsal is allowed."""
        return self.mode == "production"

    @property
    def is_tls(self) -> bool:
        """Whether this service is reached over https."""
        return self.base_url.startswith("https://")

    @property
    def city_origins(self) -> frozenset[str]:
        """The origins of the city's own services, wherever the operator put them."""
        urls = (self.register_url, self.issuer_url, self.wallet_url, self.verifier_url)
        return frozenset((*urls, self.witness_url))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], *, service: str) -> "Settings":
        """Read and check every setting; anything unusable is a `SettingsError`."""
        if service not in SERVICES:
            raise SettingsError(f"service is not one of {', '.join(SERVICES)}")
        values = _read_values(environ)
        data_dir = Path(values["CITY_DATA_DIR"]).absolute()
        register_url = _url(values, "CITY_REGISTER_URL")
        settings = cls(
            service=service,
            mode=_one_of(values, "CITY_MODE", MODES),
            data_dir=data_dir,
            database_url=_database_url(values, data_dir, service),
            register_url=register_url,
            issuer_url=_url(values, "CITY_ISSUER_URL"),
            wallet_url=_url(values, "CITY_WALLET_URL"),
            verifier_url=_url(values, "CITY_VERIFIER_URL"),
            witness_url=_url(values, "CITY_WITNESS_URL"),
            ca_file=_optional_path(values, "CITY_CA_FILE"),
            documents=_path(values, "CITY_DOCUMENTS"),
            operator_jwks=_path(values, "CITY_OPERATOR_JWKS")
            or data_dir / "keys" / "operator.jwks.json",
            clock_offset=_integer(values, "CITY_CLOCK_OFFSET", smallest=None),
            failpoint=values["CITY_FAILPOINT"],
            city_name=values["CITY_NAME"],
            epoch_seconds=_integer(values, "CITY_EPOCH_SECONDS", smallest=1),
            wallet_kek_file=_path(values, "CITY_WALLET_KEK_FILE")
            or data_dir / "keys" / "wallet.kek",
            log_origin=values["CITY_LOG_ORIGIN"] or _origin_of_log(register_url),
            ledgers=_optional_path(values, "CITY_LEDGERS"),
            wallet_pwa_dir=_path(values, "CITY_WALLET_PWA_DIR")
            or _PROJECT / "mobile_demo" / "wallet",
            background=_one_of(values, "CITY_BACKGROUND", ("yes", "no")) == "yes",
            custody=read_custody(values),
        )
        if settings.is_production:
            _refuse_rehearsal(settings)
        return settings


def _read_values(environ: Mapping[str, str]) -> dict[str, str]:
    values = {**DEFAULTS}
    if file := environ.get("CITY_SETTINGS_FILE"):
        values.update(_read_file(Path(file)))
    for name in DEFAULTS:
        if environ.get(name):
            values[name] = environ[name]
    return values


def _read_file(path: Path) -> dict[str, str]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"settings file {path} cannot be read") from error
    unknown = sorted(set(table) - set(DEFAULTS))
    if unknown:
        raise SettingsError(f"settings file has unknown settings {', '.join(unknown)}")
    return {
        name: ("yes" if value else "no") if isinstance(value, bool) else str(value)
        for name, value in table.items()
    }


def _database_url(values: Mapping[str, str], data_dir: Path, service: str) -> str:
    url = values["CITY_DATABASE_URL"] or f"sqlite:///{data_dir}/{{service}}.sqlite3"
    return url.replace("{service}", service)


def _origin_of_log(register_url: str) -> str:
    """The log's name: the register's URL without its scheme (C2SP tlog-checkpoint)."""
    return register_url.split("://", 1)[1]


def _url(values: Mapping[str, str], name: str) -> str:
    url = values[name].rstrip("/")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError as error:
        raise SettingsError(f"{name} is not a URL") from error
    if not usable or parts.query or parts.fragment or parts.username is not None:
        raise SettingsError(f"{name} must be a plain http or https URL")
    return url


def _one_of(values: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    if values[name] not in allowed:
        raise SettingsError(f"{name} is not one of {', '.join(allowed)}")
    return values[name]


def _integer(values: Mapping[str, str], name: str, *, smallest: int | None) -> int:
    try:
        number = int(values[name])
    except ValueError as error:
        raise SettingsError(f"{name} is not a whole number") from error
    if smallest is not None and number < smallest:
        raise SettingsError(f"{name} is smaller than {smallest}")
    return number


def _path(values: Mapping[str, str], name: str) -> Path | None:
    return Path(values[name]).absolute() if values[name] else None


def _optional_path(values: Mapping[str, str], name: str) -> Path | None:
    path = _path(values, name)
    if path is not None and not path.is_file():
        raise SettingsError(f"{name} names no file")
    return path


def _refuse_rehearsal(settings: Settings) -> None:
    if settings.clock_offset:
        raise SettingsError("CITY_CLOCK_OFFSET is not allowed in production")
    if settings.failpoint:
        raise SettingsError("CITY_FAILPOINT is not allowed in production")
    if any(url.startswith("http://") for url in settings.city_origins):
        raise SettingsError("every service needs an https URL in production")
    refuse_rehearsal_custody(settings.custody)
