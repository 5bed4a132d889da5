"""A list as it stood in an older epoch: its own bytes, proved under the newest checkpoint."""

from dataclasses import dataclass

from cityhall.monitor.log_check import Head
from cityhall.monitor.public_log import MAX_LIST, PublicLog
from credentials.status_lists import StatusList, read_status_list
from ledger.anchor import AnchorProof, parse_anchor_proof, verify_anchor, verify_list_leaf
from ledger.errors import AnchorError


@dataclass(frozen=True, slots=True)
class Past:
    """What was proved."""

    proof: AnchorProof
    listed: StatusList


def read_past(log: PublicLog, head: Head, uri: str, epoch: int) -> Past:
    """Bytes and proof of one epoch; Absent when the register does not keep the bytes."""
    token = log.data(log.past("list", uri=uri, epoch=epoch), max_bytes=MAX_LIST)
    proof = prove_past(log, head, uri, epoch)
    verify_anchor(proof, policy=head.policy, uri=uri, token=token)
    return Past(proof, read_status_list(token.decode("utf-8", "replace")))


def prove_past(log: PublicLog, head: Head, uri: str, epoch: int) -> AnchorProof:
    """That a version stood in this epoch, with or without its bytes."""
    proof = parse_anchor_proof(log.json(log.past("proof", uri=uri, epoch=epoch)).get("proof"))
    anchor = verify_list_leaf(proof, policy=head.policy, uri=uri)
    if anchor.epoch != epoch:
        raise AnchorError("the proof is of another epoch", detail="wrong_list")
    return proof
