"""
What the status lists at hand say about one reference, and whether that may be relied upon.

*Good needs proof, bad does not.* In this order:

1. authentic - a copy counts only if it is the list that is named, signed by its agency, in time
2. bad news  - *revoked* in any authentic copy counts at once and for ever; *suspended* counts
               unless a later list that is relied upon took it back
3. anchored  - *valid* counts only from the copy of the newest epoch whose proof holds
4. history   - no second version of an epoch, no list that went back
5. age       - the epoch is recent enough for the policy

Without the demand for an anchor, the newest authentic copy says *valid*, and its own date is its
age. Whatever cannot be told is indeterminate, never passed (TSL-V-08).
"""

import hashlib
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain
from typing import cast

from credentials.errors import Malformed
from credentials.keys import PublicKey
from credentials.material import ListCopy, Material
from credentials.model import Status, StatusReference
from credentials.policy import StatusPolicy
from credentials.sameness import Remembered, RememberedTexts
from credentials.status_lists import StatusList, is_signed_by, read_status_list, status_at
from credentials.trust import (
    TrustedIssuer,
    TrustedKey,
    choose_keys,
    key_problem,
    whole_minute,
)
from credentials.verdict import Check, Reason, failed, passed, undecided
from ledger.anchor import Anchor, AnchorProof, verify_anchor
from ledger.epoch import EpochLeaf, build_epoch_leaf
from ledger.errors import AnchorError
from ledger.note import QuorumPolicy

NAME = "status"
EXPIRED = "status_list_expired"
HEAVIEST = 64 << 20
"""The bytes of lists that each memory here holds on to."""


def _parse_list(token: str) -> StatusList | str:
    """The list, or what is wrong with it."""
    try:
        return read_status_list(token)
    except Malformed as error:
        return error.detail


def _weigh(read: StatusList | str) -> int:
    return 0 if isinstance(read, str) else len(read.entries) + len(read.text)


def _weigh_copy(given: ListCopy) -> int:
    return len(given.token) + _weigh(_read_list(given.token))


# Lists are large and change rarely. A text of a few kilobytes can be one of sixteen megabytes.
_read_list = RememberedTexts(_parse_list, limit=128, weigh=_weigh, heaviest=HEAVIEST)


@dataclass(slots=True)
class Evidence:
    """What all references of one judgement rest on: the oldest time and epoch, and every epoch."""

    as_of: datetime | None = None
    epoch: int | None = None
    leaves: dict[int, EpochLeaf] = field(default_factory=dict)

    def add(self, copy: "_Copy") -> None:
        """Remember what a status, good or bad, was read from."""
        time = copy.anchor.time if copy.anchor else copy.list.issued_at
        self.as_of = time if self.as_of is None else min(self.as_of, time)
        if copy.anchor is not None:
            epoch = copy.anchor.epoch
            self.epoch = epoch if self.epoch is None else min(self.epoch, epoch)


@dataclass(frozen=True, slots=True)
class StatusQuestion:
    """What does not change from reference to reference."""

    material: Material
    policy: StatusPolicy
    now: datetime
    skew: timedelta


@dataclass(frozen=True, slots=True)
class _Copy:
    """A copy as it reads, and its anchor with the leaf of its epoch, or why it has none."""

    list: StatusList
    anchor: Anchor | None = None
    epoch_leaf: EpochLeaf | None = None
    anchor_problem: str | None = None


@dataclass(frozen=True, slots=True)
class _Signature:
    """Whether an agency signed a list, and with which listed key."""

    is_signed: bool = False
    trusted: TrustedKey | None = None
    problem: str = "status_list_not_authentic"


def judge_reference(
    reference: StatusReference,
    *,
    owners: Sequence[TrustedIssuer],
    question: StatusQuestion,
    evidence: Evidence,
    credential: str,
) -> Check:
    """The check of one reference; one of `owners` must have signed the list."""
    copies, problem = _authentic_copies(reference, owners, question)
    if not copies:
        reason = Reason.STATUS_STALE if problem == EXPIRED else Reason.STATUS_UNKNOWN
        return undecided(NAME, reason, detail=problem, credential=credential)
    statuses = [_status_in(copy, reference) for copy in copies]
    base = _base(copies, question)
    if base is not None:
        evidence.add(base)
    if statuses.count(Status.VALID) != len(statuses):
        bad = _judge_bad_news(copies, statuses, base, credential)
        if bad is not None:
            return bad
    if base is None:
        detail = next((copy.anchor_problem for copy in copies), None)
        reason = Reason.STATUS_NOT_ANCHORED
        return undecided(NAME, reason, detail=detail, credential=credential)
    return _judge_base(base, copies, question, evidence, credential)


def _judge_bad_news(
    copies: Sequence[_Copy],
    statuses: Sequence[Status | str],
    base: _Copy | None,
    credential: str,
) -> Check | None:
    """Step 2: what any copy says against it; None when that is out of date."""
    if Status.REVOKED in statuses:
        return failed(NAME, Reason.REVOKED, detail="revoked", credential=credential)
    if any(
        status is Status.SUSPENDED and _still_counts(copy, base)
        for copy, status in zip(copies, statuses, strict=True)
    ):
        return failed(NAME, Reason.SUSPENDED, detail="suspended", credential=credential)
    unknown = next((status for status in statuses if not isinstance(status, Status)), None)
    if unknown is not None:
        return undecided(NAME, Reason.STATUS_UNKNOWN, detail=unknown, credential=credential)
    return None


def _judge_base(
    base: _Copy,
    copies: Sequence[_Copy],
    question: StatusQuestion,
    evidence: Evidence,
    credential: str,
) -> Check:
    """Steps 4 and 5, on the copy that says *valid*."""
    for copy in copies:
        if _is_fork(copy, question, evidence):
            return undecided(NAME, Reason.FORK, detail="two_epochs", credential=credential)
    if _went_back(base, copies, question):
        return undecided(NAME, Reason.ROLLBACK, detail="list_went_back", credential=credential)
    max_age = question.policy.max_age
    time = base.anchor.time if base.anchor else base.list.issued_at
    if time > question.now + question.skew:
        detail = "epoch_in_the_future" if base.anchor else "list_in_the_future"
        return undecided(NAME, Reason.STATUS_STALE, detail=detail, credential=credential)
    if max_age is not None and question.now - time > max_age:
        detail = "epoch_too_old" if base.anchor else "list_too_old"
        return undecided(NAME, Reason.STATUS_STALE, detail=detail, credential=credential)
    return passed(NAME, credential=credential)


def find_list_owner(
    uri: str, copies: Iterable[ListCopy], issuers: Sequence[TrustedIssuer], *, now: datetime
) -> TrustedIssuer | None:
    """The issuer whose key signed a copy. Those under whose name the list lies are tried first."""
    likely = [issuer for issuer in issuers if uri.startswith(issuer.identifiers)]
    for copy in copies:
        read = _read_list(copy.token)
        if isinstance(read, str):
            continue
        for issuer in chain(likely, issuers):
            if _find_signature(read, issuer, now=now).is_signed:
                return issuer
    return None


def _authentic_copies(
    reference: StatusReference, owners: Sequence[TrustedIssuer], question: StatusQuestion
) -> tuple[list[_Copy], str]:
    """The copies that count, and why the first of the others does not."""
    copies: list[_Copy] = []
    problems: list[str] = []
    log = question.material.log
    for given in question.material.lists.get(reference.uri, ()):
        copy = _COPIES(given, log, None)
        if isinstance(copy, str):
            problems.append(copy)
            continue
        problem = _list_problem(copy.list, reference, owners, question)
        if problem is None:
            copies.append(copy)
        else:
            problems.append(problem)
    if EXPIRED in problems:
        return copies, EXPIRED
    return copies, next(iter(problems), "status_list_missing")


def _list_problem(
    read: StatusList,
    reference: StatusReference,
    owners: Sequence[TrustedIssuer],
    question: StatusQuestion,
) -> str | None:
    """Step 1: why this copy makes no statement (TSL-V-02, BSL-06)."""
    if read.uri != reference.uri:
        return "wrong_list_named"
    if reference.purpose not in read.purposes:
        return "status_verification_error"
    now, skew = question.now, question.skew
    problems = [_signing_problem(read, owner, now=now, skew=skew) for owner in owners]
    if None not in problems:
        return next(iter(problems), "status_list_not_authentic")
    if read.issued_at > now + skew:
        return "status_list_not_yet_valid"
    if read.expires_at is not None and read.expires_at <= now:
        return EXPIRED
    return None


def _signing_problem(
    read: StatusList, owner: TrustedIssuer, *, now: datetime, skew: timedelta
) -> str | None:
    """Why the list is not proven to be this agency's."""
    signature = _find_signature(read, owner, now=now)
    if signature.trusted is not None:
        return key_problem(signature.trusted, now=now, skew=skew)
    return None if signature.is_signed else signature.problem


def _find_signature(read: StatusList, owner: TrustedIssuer, *, now: datetime) -> "_Signature":
    """Which key of this agency signed the list; a status key or an issuing key may."""
    return _SIGNATURES(read, owner, whole_minute(now))


def _signature_of(read: StatusList, owner: TrustedIssuer, time: Hashable) -> "_Signature":
    minute = cast("datetime", time)
    if read.issuer is not None and read.issuer not in owner.identifiers:
        return _Signature()
    choice = choose_keys(owner, read.key_hint, identifier=read.issuer, now=minute)
    if choice.certified is not None:
        return _Signature(is_signed=_is_signed(read, choice.certified, None))
    for trusted in choice.keys:
        if _is_signed(read, trusted.key, None):
            return _Signature(is_signed=True, trusted=trusted)
    return _Signature(problem=choice.problem or "status_list_not_authentic")


def _is_signed_by(read: StatusList, key: PublicKey, _: Hashable) -> bool:
    return is_signed_by(read, key)


_is_signed = Remembered(_is_signed_by, limit=512, weigh=_weigh, heaviest=HEAVIEST)
_SIGNATURES = Remembered(_signature_of, limit=4096, weigh=_weigh, heaviest=HEAVIEST)


def _examine(given: ListCopy, log: QuorumPolicy | None, _: Hashable) -> "_Copy | str":
    """The copy as it reads and as it is anchored, or what is wrong with it; who signed is open."""
    read = _read_list(given.token)
    if isinstance(read, str):
        return read
    if given.proof is None or log is None:
        return _Copy(read, anchor_problem="no_proof" if given.proof is None else "no_log")
    anchor = _verify_anchor(given.proof, log, read.uri, given.token)
    if isinstance(anchor, str):
        return _Copy(read, anchor_problem=anchor)
    if (anchor.bits, anchor.size) != (read.bits, read.size):
        return _Copy(read, anchor_problem="wrong_size")
    return _Copy(read, anchor, given.proof.epoch_leaf)


_COPIES = Remembered(_examine, limit=256, weigh=_weigh_copy, heaviest=HEAVIEST)


def _base(copies: Sequence[_Copy], question: StatusQuestion) -> _Copy | None:
    """Step 3: the copy that may say *valid*."""
    if not question.policy.require_anchor:
        return max(copies, key=lambda copy: copy.list.issued_at)
    anchored = [(copy.anchor.epoch, copy) for copy in copies if copy.anchor is not None]
    return max(anchored, key=lambda pair: pair[0])[1] if anchored else None


def _status_in(copy: _Copy, reference: StatusReference) -> Status | str:
    """What the copy says, or why it says nothing."""
    try:
        return status_at(copy.list, reference.index, reference.purpose)
    except Malformed as error:
        return error.detail


def _still_counts(copy: _Copy, base: _Copy | None) -> bool:
    return base is None or copy is base or copy.list.issued_at >= base.list.issued_at


def _is_fork(copy: _Copy, question: StatusQuestion, evidence: Evidence) -> bool:
    """Whether another version of this epoch is known, from this judgement or from memory."""
    leaf = copy.epoch_leaf
    if leaf is None:
        return False
    if evidence.leaves.setdefault(leaf.epoch, leaf) != leaf:
        return True
    remembered = question.material.memory.epochs.get(leaf.epoch)
    return remembered is not None and remembered != _leaf_digest(leaf)


def _went_back(base: _Copy, copies: Sequence[_Copy], question: StatusQuestion) -> bool:
    """Whether an older epoch, or memory, holds a later version of the list."""
    if base.anchor is None:
        return False
    seen = [copy.anchor.version for copy in copies if copy.anchor is not None]
    seen.append(question.material.memory.versions.get(base.list.uri, 0))
    return base.anchor.version < max(seen)


@lru_cache(maxsize=512)
def _verify_anchor(proof: AnchorProof, log: QuorumPolicy, uri: str, token: str) -> Anchor | str:
    try:
        return verify_anchor(proof, policy=log, uri=uri, token=token.encode())
    except AnchorError as error:
        return error.detail


@lru_cache(maxsize=512)
def _leaf_digest(leaf: EpochLeaf) -> bytes:
    return hashlib.sha256(build_epoch_leaf(leaf)).digest()
