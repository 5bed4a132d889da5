"""
Compiles the contracts and prints or writes what is kept beside them. Runs in `.venv-contracts`:

    .venv-contracts/bin/python tests/contracts/compile_contracts.py [--write]
"""

import hashlib
import json
import sys
from pathlib import Path

import vyper

FOLDER = Path(__file__).parents[2] / "ledger" / "contracts"
NAMES = ("SignedHead", "TrustRegistry")
FORMATS = ["abi", "bytecode", "bytecode_runtime"]


def compile_contract(name):
    """What the JSON file of a contract holds."""
    source = (FOLDER / f"{name}.vy").read_text()
    made = vyper.compile_code(source, output_formats=FORMATS, contract_path=f"{name}.vy")
    creation = bytes.fromhex(made["bytecode"][2:])
    runtime = bytes.fromhex(made["bytecode_runtime"][2:])
    return {
        "contract": name,
        "compiler": f"vyper {vyper.__version__}",
        "evm_version": "london",
        "source_sha256": hashlib.sha256(source.encode()).hexdigest(),
        "abi": made["abi"],
        "creation": creation.hex(),
        "creation_sha256": hashlib.sha256(creation).hexdigest(),
        "runtime": runtime.hex(),
        "runtime_sha256": hashlib.sha256(runtime).hexdigest(),
    }


def main():
    made = {name: compile_contract(name) for name in NAMES}
    if "--write" in sys.argv:
        for name, content in made.items():
            (FOLDER / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n")
    else:
        json.dump(made, sys.stdout)


if __name__ == "__main__":
    main()
