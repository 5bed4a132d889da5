# pragma version 0.4.3
# pragma evm-version london
# pragma optimize gas
# SPDX-License-Identifier: Apache-2.0
"""
@title One root for each status list, to compare gas with
"""

struct Entry:
    epoch: uint64
    root: bytes32

owner: address
lists: HashMap[bytes32, Entry]

event Updated:
    list_id: indexed(bytes32)
    epoch: uint64
    root: bytes32


@deploy
def __init__():
    self.owner = msg.sender


@external
def update(list_id: bytes32, epoch: uint64, root: bytes32):
    assert msg.sender == self.owner
    assert epoch > self.lists[list_id].epoch
    self.lists[list_id] = Entry(epoch=epoch, root=root)
    log Updated(list_id=list_id, epoch=epoch, root=root)
