"""What other ways to anchor cost, on the same chain as ours. Collected in `.venv-contracts`."""

import json
from pathlib import Path

import eth_abi
import vyper
from chain_stand import HeadStand, Stand
from eth_utils import function_signature_to_4byte_selector

HERE = Path(__file__).parent / "comparison"
LISTS = 954
"""Lists of 2^20 for a billion credentials."""


def place(stand, name):
    made = vyper.compile_code((HERE / f"{name}.vy").read_text(), output_formats=["bytecode"])
    deployed = stand.send(bytes.fromhex(made["bytecode"][2:]))
    return deployed, stand.receipt["contract_address"]


def act(stand, to, signature, types, values):
    data = function_signature_to_4byte_selector(signature) + eth_abi.encode(types, values)
    return stand.send(data, to=to)


def test_one_head_costs_less_than_one_root_for_each_list_or_one_entry_for_each_credential():
    stand = Stand()
    deployed, lists = place(stand, "PerList")
    words = "update(bytes32,uint64,bytes32)", ["bytes32", "uint64", "bytes32"]
    first, later = (
        act(stand, lists, *words, [b"\1" * 32, epoch, bytes([epoch]) * 32]) for epoch in (1, 2)
    )
    credential_deployed, credentials = place(stand, "PerCredential")
    revoked = act(stand, credentials, "revoke(bytes32)", ["bytes32"], [b"\2" * 32])
    ours = HeadStand()
    head_first, head_later = ours.extend(150), ours.grow(150, 151)
    figures = {
        "PerList": (deployed, first, later),
        "PerCredential": (credential_deployed, revoked),
        "SignedHead": (head_first, head_later),
    }
    print(json.dumps(figures))  # noqa: T201 - the figures of docs/ledger.md

    assert LISTS * later > 400 * head_later
    assert 20_000 * revoked > 10_000 * head_later
