"""
Who acts: an officer of one agency, an operator of the city, another counter.

Every piece of work takes an `Actor` and asks here whether it may. An agency that is not the
actor's own does not exist for it (S-148).
"""

from dataclasses import dataclass

from issuer.errors import NoSuchAgency, NotAllowed

OFFICER = "officer"
OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who was recognised. `subject` goes into the audit log."""

    subject: str
    role: str
    agency: str | None


def require_operator(actor: Actor) -> None:
    """Only the city's operator may."""
    if actor.role != OPERATOR:
        raise NotAllowed(f"role {actor.role} may not do this, only an operator may")


def require_officer(actor: Actor) -> str:
    """Only an officer may; answers the agency that the officer works for."""
    if actor.role != OFFICER or actor.agency is None:
        raise NotAllowed(f"role {actor.role} may not do this, only an officer of an agency may")
    return actor.agency


def require_agency(actor: Actor, agency: str) -> None:
    """Only an officer of exactly this agency may; to others it does not exist."""
    if require_officer(actor) != agency:
        raise NoSuchAgency("no such agency")
