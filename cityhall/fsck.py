"""
Every invariant of a stored city, service by service, and between them.

Works on the files: the city may run or stand still, and nothing is written. Security.md, section
"Faults survived", I1 to I8.
"""

from collections.abc import Callable
from pathlib import Path

import issuer.check
import ledger.chain_check
import ledger.check
import register.check
import register.promise_check
import verifier.store
import wallet_api.store
from cityhall.databases import open_databases, read_settings
from runtime.audit import verify_chain
from runtime.database import Database
from wallet_api.encryption import KeyEncryptionKey, load_key_file

Checker = Callable[[Database], list[str]]

CHECKERS: dict[str, tuple[Checker, ...]] = {
    "register": (
        ledger.check.check,
        register.check.check,
        verify_chain,
        ledger.chain_check.check_chains,
        register.promise_check.check_promises,
    ),
    "issuer": (issuer.check.check, issuer.check.check_receipts, verify_chain),
    "wallet_api": (verify_chain,),
    "verifier": (verifier.store.check, verify_chain),
    "witness": (register.check.check_witness,),
}


def check_city(data_dir: Path) -> dict[str, list[str]]:
    """Breaches of each service's store, and of what two stores say of the same thing."""
    databases = open_databases(data_dir)
    report = {
        name: [breach for check in CHECKERS[name] for breach in check(database)]
        for name, database in databases.items()
    }
    if "wallet_api" in databases:
        report["wallet_api"] += wallet_api.store.check(
            databases["wallet_api"], _wallet_key(data_dir)
        )
    if {"issuer", "register"} <= databases.keys():
        report["issuer and register"] = check_between(databases["issuer"], databases["register"])
    return report


def _wallet_key(data_dir: Path) -> KeyEncryptionKey | None:
    """With the key file at hand every sealed value is opened too; without it only shapes count."""
    path = read_settings(data_dir, "wallet_api").wallet_kek_file
    return load_key_file(path, may_create=False) if path.exists() else None


def check_between(issuing: Database, public: Database) -> list[str]:
    """
    What the register took in is what the issuer published: no list of the issuer's is newer at the
    register, and one of the same version is the same bytes there.
    """
    published = issuer.check.published_lists(issuing)
    breaches = []
    for uri, taken in register.check.submitted_lists(public).items():
        own = published.get(uri)
        if own is None:
            breaches.append(f"list {uri} stands in the register and not at the issuer")
        elif own.version < taken.version:
            breaches.append(f"list {uri} is newer in the register than at the issuer")
        elif own.version == taken.version and own.digest != taken.digest:
            breaches.append(f"list {uri} differs between issuer and register")
    return breaches
