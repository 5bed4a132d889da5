"""
The office: what every piece of work at this counter needs, made once by `app`.

It also knows the addresses of an agency. An agency is a credential issuer of its own: one https
identifier for SD-JWT VC, one did:web for W3C credentials, both below the issuer's base URL.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from credentials.catalog import Catalog
from credentials.keys import Signer
from issuer.register_door import RegisterDoor
from runtime.clock import Clock
from runtime.database import Database
from runtime.fetch import Fetcher
from runtime.key_custody import Keystore
from runtime.once import Limiter, Once
from runtime.settings import Settings

SERVICE_KEY = "issuer"
BATCH_SIZE = 20  # security.md "Limits"
NONCE_LIFE = timedelta(minutes=5)
TOKEN_LIFE = timedelta(minutes=5)  # VCI-I-18: bearer tokens live no longer
OFFER_LIFE = timedelta(days=1)


@dataclass(frozen=True, slots=True, eq=False)
class Office:
    """Everything from outside that the work is done with."""

    settings: Settings
    clock: Clock
    database: Database
    keystore: Keystore
    fetcher: Fetcher
    catalog: Catalog
    once: Once
    limiter: Limiter
    register: RegisterDoor

    @property
    def base_url(self) -> str:
        """Where this counter is reached."""
        return self.settings.base_url

    @property
    def allows_loopback(self) -> bool:
        """Whether plain http on this machine is accepted: never in production."""
        return not self.settings.is_production

    def credential_issuer(self, agency: str) -> str:
        """The agency's credential issuer identifier, and `iss` of its SD-JWT VCs."""
        return f"{self.base_url}/agencies/{agency}"

    def status_list_url(self, agency: str, number: int) -> str:
        """Where the Token Status List stands."""
        return f"{self.credential_issuer(agency)}/status/{number}"

    def credential_signer(self, agency: str) -> Signer:
        """The key that signs this agency's credentials, and nothing else (S-191)."""
        return _load_signer(self.keystore, f"{agency}.credential")

    def status_signer(self, agency: str) -> Signer:
        """The key that signs this agency's status lists and receipts, and nothing else."""
        return _load_signer(self.keystore, f"{agency}.status")

    def service_signer(self) -> Signer:
        """The key with which this counter speaks to other counters."""
        return _load_signer(self.keystore, SERVICE_KEY)


@lru_cache(maxsize=256)
def _load_signer(keystore: Keystore, name: str) -> Signer:
    """Keys never change under their name, so each file is read once."""
    return keystore.signer(name, "ES256")
