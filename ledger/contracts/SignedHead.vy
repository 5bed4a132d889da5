# pragma version 0.4.3
# pragma evm-version london
# pragma optimize gas
# SPDX-License-Identifier: Apache-2.0
"""
@title The newest head of one transparency log
@notice Takes a head only when the log's ledger key signed it for this contract on this chain
        (EIP-712) and an RFC 9162 consistency proof (section 2.1.4.2) leads to it from the head held
        now. Whoever sends it does not matter. What was once covered can never be rewritten, not
        even with the ledger key. The governor may replace the key and never the head.
"""

event Extended:
    epoch: uint64
    size: uint64
    root: bytes32

event SignerChanged:
    signer: address

struct Head:
    epoch: uint64
    size: uint64
    root: bytes32
    height: uint64

# A path has at most one hash for each level of a tree of 2^63 leaves, and one more.
MAX_PROOF: constant(uint256) = 64
MAX_SIZE: constant(uint64) = 2**63 - 1
HALF_ORDER: constant(uint256) = (
    57896044618658097711785492504343953926418782139537452191302581570759080747168
)
DOMAIN_TYPE: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
HEAD_TYPE: constant(bytes32) = keccak256("Head(bytes32 log,uint64 epoch,uint64 size,bytes32 root)")
NAME: constant(bytes32) = keccak256("CityWallet SignedHead")
VERSION: constant(bytes32) = keccak256("1")

# They stand at the end of the code: who compares the code compares them too.
LOG: immutable(bytes32)
GOVERNOR: immutable(address)
signer: public(address)
# epoch, size and block height, 64 bits each, from the lowest up
_packed: uint256
_root: bytes32


@deploy
def __init__(log_id: bytes32, signer: address, governor: address):
    assert signer != empty(address) and governor != empty(address), "zero address"
    assert log_id != empty(bytes32), "no log"
    LOG = log_id
    GOVERNOR = governor
    self.signer = signer


@external
@view
def log_id() -> bytes32:
    return LOG


@external
@view
def governor() -> address:
    return GOVERNOR


@external
@view
def head() -> Head:
    packed: uint256 = self._packed
    return Head(
        epoch=convert(packed & (2**64 - 1), uint64),
        size=convert((packed >> 64) & (2**64 - 1), uint64),
        root=self._root,
        height=convert(packed >> 128, uint64),
    )


@external
def set_signer(signer: address):
    assert msg.sender == GOVERNOR, "not governor"
    assert signer != empty(address), "zero address"
    self.signer = signer
    log SignerChanged(signer=signer)


@external
def extend(
    epoch: uint64,
    size: uint64,
    root: bytes32,
    proof: DynArray[bytes32, MAX_PROOF],
    v: uint256,
    r: uint256,
    s: uint256,
):
    packed: uint256 = self._packed
    old_epoch: uint64 = convert(packed & (2**64 - 1), uint64)
    old_size: uint64 = convert((packed >> 64) & (2**64 - 1), uint64)
    old_root: bytes32 = self._root
    if size == old_size and old_size != 0:
        assert root == old_root, "second root"
        assert epoch == old_epoch, "second epoch"
        return
    assert size > old_size, "rollback"
    assert size <= MAX_SIZE, "size"
    assert epoch > old_epoch, "epoch"
    self._check_signature(epoch, size, root, v, r, s)
    if old_size == 0:
        assert len(proof) == 0, "proof"
    else:
        self._check_consistency(
            convert(old_size, uint256), old_root, convert(size, uint256), root, proof
        )
    self._packed = (
        convert(epoch, uint256) | (convert(size, uint256) << 64) | (block.number << 128)
    )
    self._root = root
    log Extended(epoch=epoch, size=size, root=root)


@internal
@view
def _check_signature(epoch: uint64, size: uint64, root: bytes32, v: uint256, r: uint256, s: uint256):
    assert s <= HALF_ORDER, "high s"
    assert v == 27 or v == 28, "v"
    # Not remembered: a chain that splits takes a new id, and then other signatures.
    domain: bytes32 = keccak256(abi_encode(DOMAIN_TYPE, NAME, VERSION, chain.id, self))
    message: bytes32 = keccak256(abi_encode(HEAD_TYPE, LOG, epoch, size, root))
    found: address = ecrecover(keccak256(concat(b"\x19\x01", domain, message)), v, r, s)
    assert found != empty(address) and found == self.signer, "signature"


@internal
@pure
def _check_consistency(
    old_size: uint256,
    old_root: bytes32,
    size: uint256,
    root: bytes32,
    proof: DynArray[bytes32, MAX_PROOF],
):
    node: uint256 = old_size - 1
    last: uint256 = size - 1
    start: uint256 = 0
    old: bytes32 = old_root
    if old_size & node != 0:
        assert len(proof) != 0, "proof"
        old = proof[0]
        start = 1
    for _: uint256 in range(64):
        if node & 1 == 0:
            break
        node >>= 1
        last >>= 1
    new: bytes32 = old
    for i: uint256 in range(start, len(proof), bound=MAX_PROOF):
        assert last != 0, "proof"
        sibling: bytes32 = proof[i]
        if node & 1 == 1 or node == last:
            old = sha256(concat(b"\x01", sibling, old))
            new = sha256(concat(b"\x01", sibling, new))
            for _: uint256 in range(64):
                if node & 1 == 1 or node == 0:
                    break
                node >>= 1
                last >>= 1
        else:
            new = sha256(concat(b"\x01", new, sibling))
        node >>= 1
        last >>= 1
    assert last == 0 and old == old_root and new == root, "proof"
