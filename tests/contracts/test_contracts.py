"""
The contracts are what their sources say, and pass their own tests on py-evm.

Both run in `.venv-contracts`, with a Python of its own: no compiler stands beside the product.
"""

import hashlib
import json
import os
import subprocess

import pytest

from cityhall.command_line import ROOT
from cityhall.peers import CONTRACTS

HERE = ROOT / "tests" / "contracts"
FOLDER = ROOT / "ledger" / "contracts"
NAMES = ("SignedHead", "TrustRegistry")


@pytest.fixture(scope="module")
def python():
    if not CONTRACTS.is_there():
        pytest.skip("vyper and py-evm are not installed: ./city test --everything makes them")
    return str(CONTRACTS.python)


def run(python, *words):
    done = subprocess.run(
        [python, *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_a_contract_has_the_digests_that_it_says(name):
    kept = json.loads((FOLDER / f"{name}.json").read_text())
    source = (FOLDER / f"{name}.vy").read_bytes()

    assert kept["source_sha256"] == hashlib.sha256(source).hexdigest()
    for part in ("creation", "runtime"):
        digest = hashlib.sha256(bytes.fromhex(kept[part])).hexdigest()
        assert kept[f"{part}_sha256"] == digest
    assert kept["runtime"] in kept["creation"]


def test_the_contracts_compile_to_the_bytes_that_are_kept(python):
    code, out, err = run(python, str(HERE / "compile_contracts.py"))

    assert code == 0, err
    made = json.loads(out)
    assert made == {name: json.loads((FOLDER / f"{name}.json").read_text()) for name in NAMES}


@pytest.mark.slow
@pytest.mark.parametrize("subject", ["signed_head", "trust_registry", "comparison"])
def test_a_contract_passes_its_tests_on_py_evm(python, subject):
    code, out, err = run(
        python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull,
        "--rootdir", str(HERE), "--import-mode=prepend", str(HERE / f"check_{subject}.py"),
    )  # fmt: skip

    assert code == 0, out + err
    assert " passed" in out
