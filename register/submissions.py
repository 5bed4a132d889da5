"""
Status lists on their way into the log.

The signature is the whole authentication: a list is taken when a status key of the issuer under
whose identifier the list stands has signed it, and when it is of now. What the entries mean is the
issuer's word; the register only sees to it that nobody publishes under another's name, that lists
never get older, and that everybody is shown the same bytes.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from credentials.jose import verify_jws
from credentials.keys import PublicKey
from credentials.status_lists import StatusList, read_status_list
from credentials.trust import KeyUse, TrustedIssuer, TrustRegistry, key_problem
from ledger.epoch import ListLeaf, chunk_root, token_digest
from ledger.log import submit_list
from register.errors import ListRefused
from runtime.database import Database
from runtime.failpoints import failpoint

SKEW = timedelta(seconds=60)
"""security.md, "Limits"."""


def take_list(
    database: Database, token: str, *, registry: TrustRegistry, now: datetime
) -> tuple[ListLeaf, bool]:
    """The leaf of a list that the next epoch takes in, and whether it is new."""
    read = read_status_list(token)
    _check_signature(read, registry, now=now)
    _check_times(read, now=now)
    leaf = build_leaf(read, token)
    with failpoint("register.take_list"), database.writing() as session:
        media_type = f"application/{read.jws.type}"
        is_new = submit_list(session, leaf=leaf, token=token.encode(), media_type=media_type)
    return leaf, is_new


def build_leaf(read: StatusList, token: str) -> ListLeaf:
    """What the log commits to. The version is the time of issue, in seconds."""
    return ListLeaf(
        uri=read.uri,
        version=int(read.issued_at.timestamp()),
        bits=read.bits,
        size=read.size,
        token_digest=token_digest(token.encode()),
        chunk_root=chunk_root(read.entries),
    )


def _check_signature(read: StatusList, registry: TrustRegistry, *, now: datetime) -> None:
    issuer = _find_owner(registry, read.uri)
    if issuer is None:
        raise ListRefused("no trusted issuer owns the list's URI", detail="issuer_not_trusted")
    if read.issuer is not None and read.issuer not in issuer.identifiers:
        raise ListRefused("the list names another issuer", detail="issuer_not_trusted")
    if not any(verify_jws(read.jws, key) for key in _status_keys(issuer, now=now)):
        raise ListRefused("no status key of the issuer signed the list", detail="bad_signature")


def _find_owner(registry: TrustRegistry, uri: str) -> TrustedIssuer | None:
    """The issuer below whose identifier the URI stands; identifiers end before a slash."""
    owners = [
        (len(identifier), issuer)
        for issuer in registry.issuers
        for identifier in issuer.identifiers
        if identifier.startswith(("https://", "http://")) and uri.startswith(identifier + "/")
    ]
    return max(owners, key=lambda owner: owner[0])[1] if owners else None


def _status_keys(issuer: TrustedIssuer, *, now: datetime) -> Iterator[PublicKey]:
    for trusted in issuer.keys:
        if trusted.use is KeyUse.STATUS and key_problem(trusted, now=now, skew=SKEW) is None:
            yield trusted.key


def _check_times(read: StatusList, *, now: datetime) -> None:
    if read.issued_at > now + SKEW:
        # Its version would lock out every honest list until then.
        raise ListRefused("the list is issued in the future", detail="not_yet_valid")
    if read.expires_at is not None and read.expires_at <= now - SKEW:
        raise ListRefused("the list has expired", detail="expired")
