"""
Revocation receipts: an agency's signed promise that a change of status will be public.

Type `revocation-receipt+jwt`, signed by the agency's status key. It names every copy by list and
index, the status, and the end of the wait: `due_epoch_time`, and with it `due_epoch` once the
register has taken the lists. The first epoch that reaches either must show the change; the
monitor holds a receipt against the log (ledger design, section 7). A receipt names no credential,
no reason and no person. Nobody who holds one learns more than the status claim of each copy says,
except that the copies belong together: so it is for its officer and the auditors, not for a shelf.

Reading believes nothing; `verify_receipt` says whether the agency stands behind it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from credentials.errors import Malformed, TokenRefused
from credentials.instants import parse_numeric_date
from credentials.jose import Jws, parse_jws, sign_jws, verify_jws
from credentials.keys import Signer
from credentials.model import Status, StatusReference
from credentials.trust import KeyUse, TrustRegistry, find_issuer, key_time_problem
from encoding.strict_json import JsonValue

RECEIPT_TYPE: Final = "revocation-receipt+jwt"
MAX_ENTRIES: Final = 512
MAX_URI: Final = 2048
MAX_INDEX: Final = 2**32
SKEW: Final = timedelta(seconds=60)
_MEMBERS: Final = {"iss", "iat", "status", "list", "index", "entries", "due_epoch_time"}
_OPTIONAL: Final = {"due_epoch"}


@dataclass(frozen=True, slots=True)
class Receipt:
    """
    What is promised. `entries`: every copy; empty where nobody had taken one yet. `due_epoch`: the
    number of the epoch that took the lists, None while the register was away.
    """

    issuer: str
    issued_at: datetime
    status: Status
    entries: tuple[StatusReference, ...]
    due_at: datetime
    due_epoch: int | None

    def is_due(self, *, epoch: int, at: datetime) -> bool:
        """Whether the epoch of this number and time must show the change."""
        return at >= self.due_at or (self.due_epoch is not None and epoch >= self.due_epoch)


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """A receipt as read; its signature is not verified."""

    receipt: Receipt
    jws: Jws


def sign_receipt(receipt: Receipt, *, signer: Signer, header: Mapping[str, JsonValue]) -> str:
    """The receipt as the officer gets it; `header` says whose key it is."""
    first = receipt.entries[0] if receipt.entries else None
    claims: dict[str, JsonValue] = {
        "iss": receipt.issuer,
        "iat": int(receipt.issued_at.timestamp()),
        "status": receipt.status.value,
        "list": first.uri if first else None,
        "index": first.index if first else None,
        "entries": [{"list": each.uri, "index": each.index} for each in receipt.entries],
        "due_epoch_time": int(receipt.due_at.timestamp()),
    }
    if receipt.due_epoch is not None:
        claims["due_epoch"] = receipt.due_epoch
    return sign_jws(claims, type=RECEIPT_TYPE, signer=signer, header=header)


def parse_receipt(text: str) -> SignedReceipt:
    """Read a receipt; every member that a promise has, and no other."""
    jws = parse_jws(text, types=frozenset({RECEIPT_TYPE}))
    claims = jws.payload
    if not _MEMBERS <= set(claims) <= _MEMBERS | _OPTIONAL:
        raise _fault("a receipt has exactly its members")
    issuer = claims["iss"]
    if not isinstance(issuer, str) or not 0 < len(issuer) <= MAX_URI:
        raise _fault("a receipt names its issuer")
    entries = _read_entries(claims["entries"])
    first = entries[0] if entries else None
    if (claims["list"], claims["index"]) != ((first.uri, first.index) if first else (None, None)):
        raise _fault("list and index of a receipt are its first entry")
    receipt = Receipt(
        issuer=issuer,
        issued_at=parse_numeric_date(claims["iat"], name="iat"),
        status=_read_status(claims["status"]),
        entries=entries,
        due_at=parse_numeric_date(claims["due_epoch_time"], name="due_epoch_time"),
        due_epoch=_read_epoch(claims),
    )
    if receipt.due_at < receipt.issued_at:
        raise _fault("a receipt is due after it is issued")
    return SignedReceipt(receipt, jws)


def verify_receipt(signed: SignedReceipt, *, registry: TrustRegistry) -> Receipt:
    """
    The receipt, once a status key that this agency had at the time of issue signed it and every
    list stands under the agency's name; else TokenRefused.

    A key that was withdrawn since still binds: the promise was made. One that was stolen before
    the receipt binds nobody.
    """
    receipt = signed.receipt
    issuer = find_issuer(registry, receipt.issuer)
    if issuer is None:
        raise TokenRefused("nobody knows the issuer of the receipt", detail="wrong_issuer")
    names = tuple(f"{name}/" for name in issuer.identifiers)
    if not all(entry.uri.startswith(names) for entry in receipt.entries):
        raise TokenRefused("the receipt promises another's list", detail="wrong_issuer")
    at = receipt.issued_at
    for trusted in issuer.keys:
        is_stolen = trusted.compromised_at is not None and trusted.compromised_at <= at
        problem = key_time_problem(trusted, now=at, skew=SKEW, signed_at=at)
        if (
            trusted.use is KeyUse.STATUS
            and not is_stolen
            and problem is None
            and verify_jws(signed.jws, trusted.key)
        ):
            return receipt
    raise TokenRefused("no status key of the issuer signed the receipt", detail="bad_signature")


def _read_entries(value: JsonValue) -> tuple[StatusReference, ...]:
    if not isinstance(value, list) or len(value) > MAX_ENTRIES:
        raise _fault("a receipt has a list of entries")
    entries = tuple(_read_entry(each) for each in value)
    if len(set(entries)) != len(entries):
        raise _fault("an entry stands twice in a receipt")
    return entries


def _read_entry(value: JsonValue) -> StatusReference:
    if not isinstance(value, dict) or set(value) != {"list", "index"}:
        raise _fault("an entry of a receipt has list and index")
    uri, index = value["list"], value["index"]
    if not isinstance(uri, str) or not 0 < len(uri) <= MAX_URI:
        raise _fault("an entry of a receipt names its list")
    if type(index) is not int or not 0 <= index < MAX_INDEX:
        raise _fault("an entry of a receipt has an index")
    return StatusReference(uri, index)


def _read_status(value: JsonValue) -> Status:
    for status in Status:
        if value == status.value:
            return status
    raise _fault("a receipt promises a status that there is")


def _read_epoch(claims: Mapping[str, JsonValue]) -> int | None:
    if "due_epoch" not in claims:
        return None
    epoch = claims["due_epoch"]
    if type(epoch) is not int or not 0 < epoch < 2**53:
        raise _fault("due_epoch is the number of an epoch")
    return epoch


def _fault(message: str) -> Malformed:
    return Malformed(message, detail="malformed_receipt")
