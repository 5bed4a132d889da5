"""A PKCS#11 token in software (SoftHSM2) in a folder of its own, gone with the test."""

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pkcs11
import pytest

LABEL, PIN, OFFICERS_PIN = "city", "482913", "771034"
_PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)
MODULE = next((place for place in _PLACES if Path(place).is_file()), None)
needs_soft_token = pytest.mark.skipif(
    MODULE is None or shutil.which("softhsm2-util") is None,
    reason="SoftHSM2 is not installed (Debian package softhsm2)",
)


@contextmanager
def soft_token(folder):
    """A fresh token, for as long as the block lasts; the module starts anew with it."""
    tokens = folder / "tokens"
    tokens.mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(
        f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    try:
        words = ("--init-token", "--free", "--label", LABEL, "--pin", PIN, "--so-pin", OFFICERS_PIN)
        subprocess.run(["softhsm2-util", *words], check=True, capture_output=True)
        pkcs11.lib(MODULE).reinitialize()
        yield tokens
    finally:
        if before is None:
            del os.environ["SOFTHSM2_CONF"]
        else:
            os.environ["SOFTHSM2_CONF"] = before


@contextmanager
def insider(pin=PIN):
    """A session of somebody who knows the PIN and does what the keystore never would."""
    token = next(each for each in pkcs11.lib(MODULE).get_tokens() if each.label == LABEL)
    try:
        session = token.open(rw=True, user_pin=pin)
    except pkcs11.UserAlreadyLoggedIn:
        session = token.open(rw=True)
    yield session
