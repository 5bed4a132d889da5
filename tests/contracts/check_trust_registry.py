"""`TrustRegistry` on py-evm. Collected in `.venv-contracts`."""

import eth_abi
import pytest
from chain_stand import Refused, Stand
from eth_utils import function_signature_to_4byte_selector

AGENCY, TYPE, FACTS = b"\1" * 32, b"\2" * 32, b"\3" * 32
VOTE = ("vote(bytes32,bytes32,uint64,uint64,bytes32,uint64)",
        ["bytes32", "bytes32", "uint64", "uint64", "bytes32", "uint64"])  # fmt: skip
GOVERNOR = ("vote_governor(address,bool,uint256,uint64)", ["address", "bool", "uint256", "uint64"])


class Registry(Stand):
    def __init__(self):
        super().__init__()
        self.contract = self.deploy(
            "TrustRegistry", ["address[]", "uint256"], [self.accounts[:3], 2]
        )

    def act(self, sender, kind, values):
        signature, types = kind
        data = function_signature_to_4byte_selector(signature) + eth_abi.encode(types, values)
        return self.send(data, to=self.contract, sender=sender)

    def vote(self, sender, *, start=100, end=200, nonce=0, facts=FACTS):
        return self.act(sender, VOTE, [AGENCY, TYPE, start, end, facts, nonce])

    def entry(self):
        (found,) = self.call(
            self.contract, "accreditation(bytes32,bytes32)", ["bytes32", "bytes32"],
            [AGENCY, TYPE], ["(uint64,uint64,bytes32,uint64)"],
        )  # fmt: skip
        return found

    def is_accredited(self, at):
        types = ["bytes32", "bytes32", "uint64"]
        signature = "is_accredited(bytes32,bytes32,uint64)"
        (found,) = self.call(self.contract, signature, types, [AGENCY, TYPE, at], ["bool"])
        return found


@pytest.fixture
def registry():
    return Registry()


def test_an_accreditation_needs_k_votes_for_the_same_words(registry):
    registry.vote(0)
    registry.vote(1, end=201)
    assert registry.entry() == (0, 0, bytes(32), 0)
    gas = registry.vote(2)

    assert registry.entry() == (100, 200, FACTS, 1)
    assert [registry.is_accredited(at) for at in (99, 100, 199, 200)] == [False, True, True, False]
    assert gas <= 200_000


def test_a_vote_counts_once_for_one_state_of_the_entry(registry):
    registry.vote(0)
    with pytest.raises(Refused, match="voted"):
        registry.vote(0)
    with pytest.raises(Refused, match="not governor"):
        registry.vote(5)
    registry.vote(1)
    with pytest.raises(Refused, match="nonce"):
        registry.vote(2)
    registry.vote(0, end=100, nonce=1)
    registry.vote(1, end=100, nonce=1)

    assert registry.entry()[3] == 2
    assert not registry.is_accredited(100)
    registry.vote(0, nonce=2)
    assert not registry.is_accredited(100)


def test_a_validity_that_ends_before_it_begins_is_refused(registry):
    with pytest.raises(Refused, match="validity"):
        registry.vote(0, start=200, end=100)


def test_governors_change_by_vote_and_open_votes_end_with_it(registry):
    accounts = registry.accounts
    registry.vote(0)
    registry.act(0, GOVERNOR, [accounts[0], False, 2, 0])
    registry.act(1, GOVERNOR, [accounts[0], False, 2, 0])
    with pytest.raises(Refused, match="not governor"):
        registry.vote(0)
    registry.vote(1)
    assert registry.entry()[3] == 0
    registry.vote(2)

    assert registry.entry()[3] == 1


def test_a_threshold_without_a_majority_is_refused(registry):
    registry.act(0, GOVERNOR, [registry.accounts[4], True, 2, 0])
    with pytest.raises(Refused, match="threshold"):
        registry.act(1, GOVERNOR, [registry.accounts[4], True, 2, 0])
    registry.act(0, GOVERNOR, [registry.accounts[4], True, 3, 0])
    registry.act(1, GOVERNOR, [registry.accounts[4], True, 3, 0])
    with pytest.raises(Refused, match="no change"):
        registry.act(1, GOVERNOR, [registry.accounts[4], True, 3, 1])
    with pytest.raises(Refused, match="zero address"):
        registry.act(1, GOVERNOR, ["0x" + "00" * 20, True, 3, 1])


def test_governors_are_named_once_at_birth(registry):
    one = registry.accounts[0]
    for values in ([[one, one], 2], [[one], 0], [[one], 2], [["0x" + "00" * 20], 1], [[], 0]):
        with pytest.raises(Refused):
            registry.deploy("TrustRegistry", ["address[]", "uint256"], values)
