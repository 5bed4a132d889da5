"""What the routes of the register work with, built once by `app`."""

from dataclasses import dataclass
from datetime import timedelta

from ledger.closer import Closer
from ledger.note import VerifierKey
from register.acts import Acts
from register.authority import Authority
from register.callers import Callers
from register.governance import Governance
from register.ledgers import Ledgers
from register.promises import Promises
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
    acts: Acts
    governance: Governance
    authority: Authority
    publications: Publications
    witnesses: Witnesses
    callers: Callers
    promises: Promises
    ledgers: Ledgers
    epoch_length: timedelta
