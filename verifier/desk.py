"""What stands on the inspector's desk: everything that the work of this counter needs."""

from dataclasses import dataclass

from credentials.keys import Signer
from runtime.children import ChildPool
from runtime.clock import Clock
from runtime.database import Database
from runtime.once import Once
from verifier.gathering import Gatherer
from verifier.labels import Labels
from verifier.purpose import Purposes


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where this counter and the city's wallet are reached."""

    verifier: str
    wallet: str


@dataclass(frozen=True, slots=True)
class Desk:
    """
    Made once by `app.py`. One key, one purpose: requests and bundles have keys of their own.
    `legacy`: the children that alone meet didkit.
    """

    database: Database
    clock: Clock
    once: Once
    gatherer: Gatherer
    purposes: Purposes
    labels: Labels
    addresses: Addresses
    legacy: ChildPool
    request_signer: Signer
    bundle_signer: Signer
