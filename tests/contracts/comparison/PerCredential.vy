# pragma version 0.4.3
# pragma evm-version london
# pragma optimize gas
# SPDX-License-Identifier: Apache-2.0
"""
@title One entry for each credential, to compare gas with
"""

revoked_at: HashMap[address, HashMap[bytes32, uint256]]

event Revoked:
    issuer: indexed(address)
    credential: indexed(bytes32)


@external
def revoke(credential: bytes32):
    assert self.revoked_at[msg.sender][credential] == 0
    self.revoked_at[msg.sender][credential] = block.number
    log Revoked(issuer=msg.sender, credential=credential)
