"""What the routes of the register work with, built once by `app`."""

from dataclasses import dataclass

from ledger.closer import Closer
from ledger.note import VerifierKey
from register.authority import Authority
from register.callers import Callers
from register.governance import Governance
from register.publications import Publications
from register.witnesses import Witnesses
from runtime.clock import Clock
from runtime.database import Database


@dataclass(frozen=True, slots=True)
class Hall:
    """The register's parts."""

    database: Database
    clock: Clock
    log_key: VerifierKey
    closer: Closer
    governance: Governance
    authority: Authority
    publications: Publications
    witnesses: Witnesses
    callers: Callers
