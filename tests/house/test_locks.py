"""Locks are hashed, name no host, and hold the floors below which known holes lie (S-023)."""

import json
import re

import pytest

from cityhall.command_line import ROOT

LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))
FLOORS = {"pyjwt": (2, 13), "cryptography": (46, 0, 6), "cbor2": (5, 9), "flask": (3, 1, 3)}
BANNED = {"python-jose", "ecdsa", "jwcrypto", "pycose", "web3"}


def read_lock(name):
    pins = re.findall(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)", (ROOT / name).read_text(), re.MULTILINE)
    return {package.lower(): version for package, version in pins}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_is_hashed_and_names_no_host(name):
    text = (ROOT / name).read_text()

    assert "://" not in text
    assert text.count("--hash=sha256:") >= len(read_lock(name)) > 0


def test_the_package_lock_names_no_host_for_a_download():
    lock = json.loads((ROOT / "package-lock.json").read_text())

    assert [name for name, entry in lock["packages"].items() if "resolved" in entry] == []
    assert all("integrity" in entry for name, entry in lock["packages"].items() if name)


def test_the_developers_lock_holds_all_of_the_product():
    product, developers = read_lock("requirements.lock"), read_lock("requirements-dev.lock")

    assert product.items() <= developers.items()


@pytest.mark.parametrize("package", sorted(FLOORS))
def test_a_package_with_known_holes_is_above_its_floor_s023(package):
    version = tuple(int(part) for part in read_lock("requirements.lock")[package].split(".")[:3])

    assert version >= FLOORS[package]


def test_banned_packages_are_not_in_the_product_s023():
    assert BANNED & read_lock("requirements.lock").keys() == set()
