"""
The rules of freshness as the product has them, read from its own code and files.

Nothing is typed again here: who changes a limit in the product changes the simulation.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import credentials
import verifier
from credentials.catalog import Catalog, parse_credential_type
from issuer.receipts import DUE_EPOCHS
from ledger.note import COSIGNATURE, ED25519, QuorumPolicy, VerifierKey
from runtime.settings import DEFAULTS
from verifier.app import REFRESH_EVERY
from verifier.bundle import LIFETIME
from verifier.labels import build_type_names
from verifier.purpose import load_purposes
from verifier.status_lists import FRESH_FOR

PURPOSE = "taxi-inspection"
WITNESSES = 4
_PHONE_REFRESH = re.compile(r"^const REFRESH_EVERY = ([0-9_]+);$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Rules:
    """
    `epoch`: between two epochs. `online_age`, `offline_age`: the oldest status that says *valid*,
    with and without signal; a staple is held to the first, since its holder could have a newer
    one. `bundle_life`: of an inspector's bundle. `newest_copy`: how long a verifier does not ask
    an issuer again. `counter_refresh`, `phone_refresh`: how often the register is asked.
    `due_epochs`: by when a receipt promises that a change shows.
    """

    epoch: timedelta
    online_age: timedelta
    offline_age: timedelta
    bundle_life: timedelta
    newest_copy: timedelta
    counter_refresh: timedelta
    phone_refresh: timedelta
    due_epochs: int

    @property
    def staple_age(self) -> timedelta:
        """The oldest staple that is taken."""
        return self.online_age


def load_rules() -> Rules:
    """The rules for the purpose of an inspector of taxis."""
    types = Path(credentials.__file__).parent / "types"
    catalog = Catalog(
        tuple(parse_credential_type(path.read_bytes()) for path in sorted(types.glob("*.json")))
    )
    folder = Path(verifier.__file__).parent
    names = build_type_names(catalog, issuer_url="https://issuer.example")
    purpose = load_purposes(folder / "purposes", types=names).by_id[PURPOSE]
    online_age = purpose.online.policy.status.max_age
    if purpose.view is None or online_age is None:
        raise ValueError("the purpose has no view, or no limit of age")
    return Rules(
        epoch=timedelta(seconds=int(DEFAULTS["CITY_EPOCH_SECONDS"])),
        online_age=online_age,
        offline_age=purpose.view.offline_status_age,
        bundle_life=LIFETIME,
        newest_copy=FRESH_FOR,
        counter_refresh=REFRESH_EVERY,
        phone_refresh=_read_phone_refresh(folder / "inspector" / "inspector.js"),
        due_epochs=DUE_EPOCHS,
    )


def build_quorum(*, dishonest: int = 1) -> QuorumPolicy:
    """n = 3f + 1 witnesses of which 2f + 1 must cosign (ledger design, section 4)."""
    count = 3 * dishonest + 1
    keys = tuple(
        VerifierKey(f"witness.example/{number}", COSIGNATURE, bytes([number + 1]) * 32)
        for number in range(count)
    )
    log = VerifierKey("register.example/log", ED25519, bytes(32))
    return QuorumPolicy(log, keys, threshold=2 * dishonest + 1)


def _read_phone_refresh(path: Path) -> timedelta:
    found = _PHONE_REFRESH.search(path.read_text())
    if found is None:
        raise ValueError("the inspector's app does not say how often it refreshes")
    return timedelta(milliseconds=int(found[1].replace("_", "")))
