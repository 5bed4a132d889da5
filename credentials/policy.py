"""What a purpose demands of a presentation. Values only; `verification` applies them."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

ClaimPath = tuple[str | int | None, ...]
"""A claims path pointer, OpenID4VP 1.0 section 7."""


class StatusRule(StrEnum):
    """Whether a status must be there. `IF_PRESENT`: a reference is checked, its absence passes."""

    REQUIRED = "required"
    IF_PRESENT = "if_present"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class StatusPolicy:
    """`max_age` bounds the age of the epoch (or list) that says *valid*; None asks for no bound."""

    rule: StatusRule
    max_age: timedelta | None
    require_anchor: bool


@dataclass(frozen=True, slots=True)
class Join:
    """
    Claims of several credentials that must be equal: each side is (credential id, claim path).
    `name` is what screens say: "same driver".
    """

    name: str
    sides: tuple[tuple[str, ClaimPath], ...]


@dataclass(frozen=True, slots=True)
class CredentialRule:
    """What one presented credential must be: one of `types`, carrying `required_claims`."""

    id: str
    types: frozenset[str]
    required_claims: tuple[ClaimPath, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """
    `freshness`: how old a key binding may be. `credentials`: every rule must be met by exactly one
    presented credential (offline: the one view). An empty tuple of rules passes nothing.
    """

    credentials: tuple[CredentialRule, ...]
    joins: tuple[Join, ...]
    status: StatusPolicy
    require_holder_binding: bool
    freshness: timedelta
    skew: timedelta
