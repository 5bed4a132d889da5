# pragma version 0.4.3
# pragma evm-version london
# pragma optimize gas
# SPDX-License-Identifier: Apache-2.0
"""
@title Which agency may issue which type of credential, and when
@notice K of N governors must vote for exactly the same words before they count. A vote names the
        entry's number of changes so far and the governors' own, so no vote is ever counted twice
        or for another question. Agencies and types are named by SHA-256; `facts` is the digest of
        the whole entry in the city's trust registry.
"""

event Accredited:
    agency: indexed(bytes32)
    credential_type: indexed(bytes32)
    not_before: uint64
    not_after: uint64
    facts: bytes32
    nonce: uint64

event GovernorChanged:
    governor: indexed(address)
    is_governor: bool
    threshold: uint256

struct Accreditation:
    not_before: uint64
    not_after: uint64
    facts: bytes32
    nonce: uint64

MAX_GOVERNORS: constant(uint256) = 32

is_governor: public(HashMap[address, bool])
governors: public(uint256)
threshold: public(uint256)
governors_nonce: public(uint64)
votes: public(HashMap[bytes32, uint256])
has_voted: public(HashMap[bytes32, HashMap[address, bool]])
_accreditations: HashMap[bytes32, HashMap[bytes32, Accreditation]]


@deploy
def __init__(governors: DynArray[address, MAX_GOVERNORS], threshold: uint256):
    for governor: address in governors:
        assert governor != empty(address), "zero address"
        assert not self.is_governor[governor], "twice"
        self.is_governor[governor] = True
    self.governors = len(governors)
    self._set_threshold(threshold)


@external
@view
def accreditation(agency: bytes32, credential_type: bytes32) -> Accreditation:
    return self._accreditations[agency][credential_type]


@external
@view
def is_accredited(agency: bytes32, credential_type: bytes32, at: uint64) -> bool:
    entry: Accreditation = self._accreditations[agency][credential_type]
    return entry.nonce != 0 and entry.not_before <= at and at < entry.not_after


@external
def vote(
    agency: bytes32,
    credential_type: bytes32,
    not_before: uint64,
    not_after: uint64,
    facts: bytes32,
    nonce: uint64,
):
    """
    @notice Vote for what an entry shall say; an accreditation ends by `not_after` = `not_before`.
    """
    entry: Accreditation = self._accreditations[agency][credential_type]
    assert nonce == entry.nonce, "nonce"
    assert not_before <= not_after, "validity"
    question: bytes32 = keccak256(
        abi_encode(
            b"accredit",
            self.governors_nonce,
            agency,
            credential_type,
            not_before,
            not_after,
            facts,
            nonce,
        )
    )
    if not self._is_decided(question):
        return
    self._accreditations[agency][credential_type] = Accreditation(
        not_before=not_before, not_after=not_after, facts=facts, nonce=nonce + 1
    )
    log Accredited(
        agency=agency,
        credential_type=credential_type,
        not_before=not_before,
        not_after=not_after,
        facts=facts,
        nonce=nonce + 1,
    )


@external
def vote_governor(governor: address, is_governor: bool, threshold: uint256, nonce: uint64):
    """
    @notice Vote for a governor to come or go, with the threshold from then on. All votes that
            are open end with it.
    """
    assert governor != empty(address), "zero address"
    assert nonce == self.governors_nonce, "nonce"
    assert self.is_governor[governor] != is_governor, "no change"
    question: bytes32 = keccak256(
        abi_encode(b"governor", nonce, governor, is_governor, threshold)
    )
    if not self._is_decided(question):
        return
    self.is_governor[governor] = is_governor
    if is_governor:
        assert self.governors < MAX_GOVERNORS, "too many"
        self.governors += 1
    else:
        self.governors -= 1
    self.governors_nonce += 1
    self._set_threshold(threshold)
    log GovernorChanged(governor=governor, is_governor=is_governor, threshold=threshold)


@internal
def _is_decided(question: bytes32) -> bool:
    assert self.is_governor[msg.sender], "not governor"
    assert not self.has_voted[question][msg.sender], "voted"
    self.has_voted[question][msg.sender] = True
    count: uint256 = self.votes[question] + 1
    self.votes[question] = count
    return count >= self.threshold


@internal
def _set_threshold(threshold: uint256):
    # More than half, so that two groups can never decide against each other.
    assert threshold <= self.governors and 2 * threshold > self.governors, "threshold"
    self.threshold = threshold
