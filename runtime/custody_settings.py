"""
Where a service keeps its private keys: the part of the settings that speaks of it.

Files that are encrypted with a passphrase, or a PKCS#11 token. Production refuses files unless
`CITY_ALLOW_FILE_KEYSTORE` says that somebody means it, and then wants them encrypted (S-184). The
PIN is not part of any text that this object turns into.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from runtime.errors import SettingsError

KEYSTORES: Final = ("file", "pkcs11")
DEFAULTS: Final[Mapping[str, str]] = {
    "CITY_KEY_PASSPHRASE_FILE": "",
    "CITY_KEYSTORE": "file",
    "CITY_ALLOW_FILE_KEYSTORE": "no",
    "CITY_PKCS11_MODULE": "",
    "CITY_PKCS11_TOKEN": "",
    "CITY_PKCS11_PIN_FILE": "",
    "CITY_PKCS11_PIN": "",
}


@dataclass(frozen=True, slots=True)
class Custody:
    """Which keystore, and what it needs."""

    keystore: str
    passphrase_file: Path | None
    is_file_allowed: bool
    module: Path | None
    token: str
    pin_file: Path | None
    pin: str = field(repr=False)

    def read_pin(self) -> str:
        """The PIN of the token, read anew each time and kept nowhere else."""
        if self.pin_file is None:
            return self.pin
        try:
            return self.pin_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeError) as error:
            raise SettingsError("CITY_PKCS11_PIN_FILE cannot be read") from error


def read_custody(values: Mapping[str, str]) -> Custody:
    """Read and check; anything unusable is a `SettingsError`."""
    for name, allowed in (
        ("CITY_KEYSTORE", KEYSTORES),
        ("CITY_ALLOW_FILE_KEYSTORE", ("yes", "no")),
    ):
        if values[name] not in allowed:
            raise SettingsError(f"{name} is not one of {', '.join(allowed)}")
    custody = Custody(
        keystore=values["CITY_KEYSTORE"],
        passphrase_file=_file(values, "CITY_KEY_PASSPHRASE_FILE"),
        is_file_allowed=values["CITY_ALLOW_FILE_KEYSTORE"] == "yes",
        module=_file(values, "CITY_PKCS11_MODULE"),
        token=values["CITY_PKCS11_TOKEN"],
        pin_file=_file(values, "CITY_PKCS11_PIN_FILE"),
        pin=values["CITY_PKCS11_PIN"],
    )
    if custody.keystore == "pkcs11":
        if custody.module is None or not custody.token:
            raise SettingsError("CITY_PKCS11_MODULE and CITY_PKCS11_TOKEN name the token to use")
        if (custody.pin_file is None) == (not custody.pin):
            raise SettingsError("either CITY_PKCS11_PIN_FILE or CITY_PKCS11_PIN gives the PIN")
    return custody


def refuse_rehearsal_custody(custody: Custody) -> None:
    """What production does not accept."""
    if custody.keystore == "file":
        if not custody.is_file_allowed:
            raise SettingsError(
                "production keeps its keys in a token (CITY_KEYSTORE=pkcs11); "
                "CITY_ALLOW_FILE_KEYSTORE=yes allows encrypted files"
            )
        if custody.passphrase_file is None:
            raise SettingsError("in production key files need CITY_KEY_PASSPHRASE_FILE")
    if custody.pin:
        raise SettingsError("production reads the PIN from CITY_PKCS11_PIN_FILE only")


def _file(values: Mapping[str, str], name: str) -> Path | None:
    if not values[name]:
        return None
    path = Path(values[name]).absolute()
    if not path.is_file():
        raise SettingsError(f"{name} names no file")
    return path
