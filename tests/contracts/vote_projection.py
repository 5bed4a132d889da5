"""
Two governors vote the entries on standard input into a fresh `TrustRegistry`; what it then holds
and answers goes to standard output. Run in `.venv-contracts` by `tests/services/test_trust_faces`.
"""

import json
import sys

import eth_abi
from chain_stand import Stand
from eth_utils import function_signature_to_4byte_selector

VOTE = "vote(bytes32,bytes32,uint64,uint64,bytes32,uint64)"
VOTE_TYPES = ["bytes32", "bytes32", "uint64", "uint64", "bytes32", "uint64"]
ENTRY = "(uint64,uint64,bytes32,uint64)"


def main():
    asked = json.load(sys.stdin)
    stand = Stand()
    contract = stand.deploy("TrustRegistry", ["address[]", "uint256"], [stand.accounts[:3], 2])
    held = []
    for entry in asked["entries"]:
        agency, name = bytes.fromhex(entry["agency"]), bytes.fromhex(entry["credential_type"])
        facts = bytes.fromhex(entry["facts"])
        values = [agency, name, entry["not_before"], entry["not_after"], facts, 0]
        data = function_signature_to_4byte_selector(VOTE) + eth_abi.encode(VOTE_TYPES, values)
        for sender in (0, 1):
            stand.send(data, to=contract, sender=sender)
        held.append(read(stand, contract, agency, name, asked["times"]))
    sys.stdout.write(json.dumps(held))


def read(stand, contract, agency, name, times):
    pair = ["bytes32", "bytes32"]
    signature = "accreditation(bytes32,bytes32)"
    (found,) = stand.call(contract, signature, pair, [agency, name], [ENTRY])
    in_force = []
    for at in times:
        signature = "is_accredited(bytes32,bytes32,uint64)"
        values = [agency, name, at]
        in_force += stand.call(contract, signature, [*pair, "uint64"], values, ["bool"])
    return {
        "agency": agency.hex(),
        "credential_type": name.hex(),
        "not_before": found[0],
        "not_after": found[1],
        "facts": found[2].hex(),
        "in_force": in_force,
    }


if __name__ == "__main__":
    main()
