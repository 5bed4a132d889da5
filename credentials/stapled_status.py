"""
What a staple says of one credential: the value of its status entry, the issuer's keys and its
accreditation, all of one epoch.

Beyond the proof itself (`ledger/staple.py`): the key that signed the credential is among those
that the trust leaf lists, and the epoch lies within the accreditation. Pure.
"""

from dataclasses import dataclass

from credentials.trust_leaf import TrustStatement, build_trust_leaf_of, parse_statement
from ledger.errors import AnchorError
from ledger.note import QuorumPolicy
from ledger.staple import EpochHead, StapledEntry, verify_staple
from ledger.staple_form import parse_staple


@dataclass(frozen=True, slots=True)
class StapledCredential:
    """
    What a credential says of itself: its status entry, issuer and type, and the thumbprint of the
    key that its signature was verified with. `is_bitstring`: the list is one of W3C.
    """

    uri: str
    index: int
    is_bitstring: bool
    issuer: str
    type: str
    signed_with: bytes


@dataclass(frozen=True, slots=True)
class StapledStatus:
    """What the staple showed of the entry, and who may issue such a credential with which keys."""

    entry: StapledEntry
    statement: TrustStatement


def verify_stapled_status(
    data: bytes, *, credential: StapledCredential, policy: QuorumPolicy, head: EpochHead | None
) -> StapledStatus:
    """The status that the bytes of a staple prove for this credential; else AnchorError."""
    staple = parse_staple(data)
    statement = parse_statement(
        staple.trust.statement,
        identifier=credential.issuer,
        credential_type=credential.type,
        signed_with=credential.signed_with,
    )
    entry = verify_staple(
        staple,
        policy=policy,
        uri=credential.uri,
        index=credential.index,
        is_bitstring=credential.is_bitstring,
        trust=build_trust_leaf_of(statement),
        head=head,
    )
    if credential.signed_with not in statement.credential_keys:
        raise AnchorError("the trust leaf does not list this key", detail="key_not_listed")
    time = int(entry.anchor.time.timestamp())
    end = statement.not_after
    if time < statement.not_before or (end is not None and time >= end):
        raise AnchorError("the issuer is not accredited at this time", detail="not_accredited")
    return StapledStatus(entry=entry, statement=statement)
