"""
The Bitstring Status Lists of the test endpoint, kept in memory: places given out, statuses set.

Each list exists in two securings of the same bits: as a credential with a Data Integrity proof,
which the public suite fetches, and as `vc+jwt`, which the judge reads. Places are drawn at random
(Bitstring Status List 1.0 section 5.2), and no place is given out twice.
"""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cityhall.interop.issuers import InteropIssuer
from credentials.errors import Malformed
from credentials.jose import parse_jws
from credentials.ldp_issuing import issue_ldp
from credentials.model import Status, StatusPurpose, StatusReference
from credentials.status import StatusArray, build_bitstring_credential
from credentials.status_lists import LEAST_BITSTRING, LIST_CREDENTIAL
from credentials.vcdm import build_status_entry
from encoding.strict_json import JsonValue

PURPOSE: Final = StatusPurpose.REVOCATION
LIFE: Final = timedelta(days=1)
TTL: Final = timedelta(minutes=5)


@dataclass(slots=True)
class InteropList:
    """One list of one issuer, at one URL."""

    uri: str
    issuer: InteropIssuer
    _places: dict[int, str] = field(default_factory=dict)
    _revoked: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, credential_id: str) -> dict[str, JsonValue]:
        """A new place, as the `credentialStatus` of the credential that it is for."""
        with self._lock:
            if len(self._places) >= LEAST_BITSTRING // 2:
                raise Malformed("the list of this test endpoint is full", detail="list_full")
            index = _draw(lambda: secrets.randbelow(LEAST_BITSTRING), self._places)
            self._places[index] = credential_id
        return build_status_entry(StatusReference(self.uri, index, PURPOSE))

    def set_status(self, credential_id: str, *, is_revoked: bool) -> bool:
        """Revoke it, or take that back; False when it has no place here."""
        with self._lock:
            found = {index for index, name in self._places.items() if name == credential_id}
            if is_revoked:
                self._revoked |= found
            else:
                self._revoked -= found
        return bool(found)

    def build_token(self, *, now: datetime) -> str:
        """The list as it stands, as `vc+jwt`."""
        with self._lock:
            revoked = dict.fromkeys(self._revoked, Status.REVOKED)
        signer = self.issuer.signer
        if signer is None:
            raise Malformed("this issuer keeps no list", detail="no_status_list")
        return build_bitstring_credential(
            StatusArray.all_valid(LEAST_BITSTRING).with_statuses(revoked),
            purpose=PURPOSE,
            uri=self.uri,
            issuer=self.issuer.did,
            valid_from=now,
            valid_until=now + LIFE,
            ttl=TTL,
            signer=signer,
            key_id=self.issuer.verification_method,
        )

    def build_document(self, *, now: datetime) -> dict[str, JsonValue]:
        """The same list with a Data Integrity proof."""
        token = parse_jws(self.build_token(now=now), types=frozenset({LIST_CREDENTIAL}))
        signer = self.issuer.signer
        if signer is None:
            raise Malformed("this issuer keeps no list", detail="no_status_list")
        return issue_ldp(
            dict(token.payload),
            signer=signer,
            verification_method=self.issuer.verification_method,
            cryptosuite=self.issuer.cryptosuite,
            created=now,
        )


def _draw(draw: Callable[[], int], taken: dict[int, str]) -> int:
    """A free place; the list is never more than half full, so a few draws are enough."""
    index = draw()
    while index in taken:
        index = draw()
    return index
