"""
The same facts for every reader: what the trust tree states, as a contract and as JSON tell it.

All faces are made of the statements behind an epoch's trust leaves (`trust_leaf`), so that they
can differ in form only. `TrustRegistry.vy` stores for each agency and type, both named by the
SHA-256 of their text: from when, until when (the largest number: no end), and the digest of the
leaf's content, which covers keys and accreditation. Pure.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from credentials.trust_leaf import TrustStatement, build_trust_content

NO_END: Final = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class ContractEntry:
    """What `TrustRegistry.vy` holds of one agency and type, beside its count of votes."""

    agency: bytes
    credential_type: bytes
    not_before: int
    not_after: int
    facts: bytes


def project_to_contract(statements: Iterable[TrustStatement]) -> tuple[ContractEntry, ...]:
    """The entries that a contract must hold, in the order of their names."""
    entries = (
        ContractEntry(
            agency=name_on_chain(each.identifier),
            credential_type=name_on_chain(each.type),
            not_before=each.not_before,
            not_after=NO_END if each.not_after is None else each.not_after,
            facts=hashlib.sha256(build_trust_content(each)).digest(),
        )
        for each in statements
    )
    return tuple(sorted(entries, key=lambda each: (each.agency, each.credential_type)))


def name_on_chain(text: str) -> bytes:
    """How a contract names an agency or a type."""
    return hashlib.sha256(text.encode()).digest()


def is_in_force(statement: TrustStatement, *, at: datetime) -> bool:
    """Whether it holds at `at`: the first moment counts, the last one does not."""
    seconds = at.timestamp()
    end = statement.not_after
    return statement.not_before <= seconds and (end is None or seconds < end)


def find_statement(
    statements: Iterable[TrustStatement], identifier: str, credential_type: str
) -> TrustStatement | None:
    """What is stated of exactly this agency and type."""
    return next(
        (
            each
            for each in statements
            if each.identifier == identifier and each.type == credential_type
        ),
        None,
    )
