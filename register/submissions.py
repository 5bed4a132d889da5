"""
Status lists on their way into the log.

The signature is the whole authentication: a list is taken when a status key of the issuer under
whose identifier the list stands has signed it, and when it is of now. What the entries mean is the
issuer's word; the register only sees to it that nobody publishes under another's name, that lists
never get older, and that everybody is shown the same bytes.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from credentials.jose import parse_jws, verify_jws
from credentials.keys import PublicKey
from credentials.status_lists import (
    LIST_CREDENTIAL,
    LIST_JWT,
    MAX_TOKEN_BYTES,
    NO_TIME,
    StatusList,
    read_status_list,
)
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
    """
    The leaf of a list that the next epoch takes in, and whether it is new.

    The signature comes first: a stranger's list is not even unpacked.
    """
    signer = _find_signer(token, registry, now=now)
    read = read_status_list(token)
    _check_owner(read, registry, signer)
    _check_times(read, now=now)
    leaf = build_leaf(read, token)
    with failpoint("register.take_list"), database.writing() as session:
        media_type = f"application/{read.type}"
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


def _find_signer(token: str, registry: TrustRegistry, *, now: datetime) -> TrustedIssuer:
    """The issuer whose status key signed the token."""
    jws = parse_jws(token, types=frozenset({LIST_JWT, LIST_CREDENTIAL}), max_bytes=MAX_TOKEN_BYTES)
    for issuer in registry.issuers:
        if any(verify_jws(jws, key) for key in _status_keys(issuer, now=now)):
            return issuer
    raise ListRefused("no status key of a trusted issuer signed this", detail="bad_signature")


def _check_owner(read: StatusList, registry: TrustRegistry, signer: TrustedIssuer) -> None:
    if _find_owner(registry, read.uri) != signer:
        raise ListRefused("the list's URI is not its signer's", detail="issuer_not_trusted")
    if read.issuer is not None and read.issuer not in signer.identifiers:
        raise ListRefused("the list names another issuer", detail="issuer_not_trusted")


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
    if read.issued_at == NO_TIME:
        raise ListRefused("the list has no time of issue", detail="invalid_time")
    if read.issued_at > now + SKEW:
        # Its version would lock out every honest list until then.
        raise ListRefused("the list is issued in the future", detail="not_yet_valid")
    if read.expires_at is not None and read.expires_at <= now - SKEW:
        raise ListRefused("the list has expired", detail="expired")
