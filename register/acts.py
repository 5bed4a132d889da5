"""
The chain of acts as the register keeps it: what an act needs, accepts and leaves behind.

An act, the version of the registry that it makes, the changed entries and an audit row are one
transaction. Proposals wait here for signatures; whoever brings the last one needed gets it
accepted. A new city is governed by one key, which the register keeps itself and with which it
signs what an operator asks for: `is_operator_alone` says so to everybody. Once others govern, an
operator alone changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from credentials.governance_act import (
    MAX_BYTES,
    MAX_MEMBERS,
    NO_ACT,
    Act,
    ActKind,
    ActRefused,
    GovernorSet,
    SignedAct,
    add_signature,
    build_governors,
    build_governors_json,
    build_signed_act_json,
    merge_signatures,
    parse_governors,
    propose_act,
    read_signed_act,
)
from credentials.governance_chain import (
    AcceptedAct,
    Governance,
    accept,
    build_content,
    count_missing,
    found,
)
from credentials.governance_effects import NOBODY, Entries, read_entries
from credentials.keys import PublicKey, parse_jwk
from credentials.trust_document import build_issuer_json, build_verifier_json
from encoding import base64url
from encoding.strict_json import JsonValue, build_json, canonical_json, parse_object
from register import act_store, store
from register.act_store import StoredAct
from register.errors import GovernorsNeeded, NotFounded, TooManyProposals
from runtime import audit
from runtime.clock import Clock
from runtime.database import Database, Session
from runtime.failpoints import failpoint
from runtime.key_custody import ServiceSigner

MAX_PROPOSALS = 64
OPERATORS_WINDOW = timedelta(minutes=10)
TRIES = 16
"""How often an operator's act is proposed anew when another act came first."""
GOVERNORS = "governors"
_CHANGES_GOVERNORS = (ActKind.FOUND.value, ActKind.CHANGE_GOVERNORS.value)


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of an act: `missing` signatures, and the version once it is accepted."""

    digest: str
    missing: int
    sequence: int
    version: int | None


class Acts:
    """Keeps the chain of one city."""

    def __init__(
        self, database: Database, *, city: str, signer: ServiceSigner, clock: Clock
    ) -> None:
        self._database = database
        self.city = city
        self._signer = signer
        self._clock = clock

    @property
    def own_key(self) -> PublicKey:
        """The register's own key as a governor."""
        return parse_jwk(dict(self._signer.public_jwk))

    def begin(self) -> None:
        """Found the city, on the registry that it has; nothing when it is founded."""
        with self._database.writing() as session:
            if act_store.newest_act(session) is None:
                self._found(session)

    def state(self) -> Governance:
        """What holds now."""
        with self._database.reading() as session:
            return load_state(session, city=self.city)

    def is_operator_alone(self, governors: GovernorSet) -> bool:
        """Whether the register's own key decides alone."""
        return governors.threshold == 1 and governors.keys == (self.own_key,)

    def perform(self, kind: ActKind, body: Mapping[str, JsonValue], *, actor: str) -> int:
        """Do what an operator asks for, with the register's own key; the version after it."""
        for _ in range(TRIES):
            state = self.state()
            if state.governors.threshold > 1 or self.own_key not in state.governors.keys:
                raise GovernorsNeeded("governors decide this: use ./city govern")
            try:
                return self._accept(self._sign(state, kind, body), actor=actor)
            except ActRefused as refused:
                if refused.detail == "act_changes_nothing":
                    return state.version
                if refused.detail != "act_not_next":
                    raise
        raise TooManyProposals("other acts came first, try again")

    def submit(self, signed: SignedAct) -> Submitted:
        """Take signatures under an act; it is accepted with the last one needed."""
        digest = base64url.encode(signed.digest)
        with failpoint("register.govern"), self._database.writing() as session:
            state = load_state(session, city=self.city)
            at = self._now(state)
            known = act_store.load_proposal(session, digest)
            # What was kept was judged already; what comes beside it must hold by itself.
            missing = count_missing(state, signed, at=at) if known is None else -1
            if known is not None:
                signed = merge_signatures(read_text(known), signed)
                missing = count_missing(state, signed, at=at)
            if missing:
                self._keep(session, signed, digest, is_new=known is None)
                return Submitted(digest, missing, signed.act.sequence, None)
            after = accept(state, signed, at=at)
            self._store(session, state.entries, after, signed, actor=GOVERNORS)
        return Submitted(digest, 0, after.sequence, after.version)

    def proposals(self) -> list[SignedAct]:
        """What waits for signatures and may still get them."""
        now = int(self._clock().timestamp())
        with self._database.reading() as session:
            waiting = [read_text(text) for text in act_store.load_proposals(session).values()]
        return [each for each in waiting if each.act.not_after.timestamp() >= now]

    def find_proposal(self, digest: str) -> SignedAct | None:
        """The proposal with this digest."""
        with self._database.reading() as session:
            text = act_store.load_proposal(session, digest)
        return read_text(text) if text is not None else None

    def chain(self, *, after: int, limit: int) -> list[StoredAct]:
        """The accepted acts from behind `after` on."""
        with self._database.reading() as session:
            return act_store.load_acts(session, after=after, limit=limit)

    def _found(self, session: Session) -> None:
        newest = store.newest_trust(session)
        body: dict[str, JsonValue] = {
            **build_governors_json(build_governors([self.own_key], 1)),
            "version": newest.version + 1 if newest else 1,
            "issuers": [],
            "verifiers": [],
        }
        if newest is not None:
            content = _parse(newest.content)
            body |= {name: content[name] for name in ("issuers", "verifiers")}
        now = self._clock()
        words = _words(self.city, ActKind.FOUND, body, sequence=1, previous=NO_ACT, now=now)
        signed = self._add_own(propose_act(words))
        after = found(signed, city=self.city, at=_whole(now))
        self._store(session, NOBODY, after, signed, actor=None)

    def _sign(self, state: Governance, kind: ActKind, body: Mapping[str, JsonValue]) -> SignedAct:
        words = _words(
            self.city,
            kind,
            body,
            sequence=state.sequence + 1,
            previous=state.head,
            now=self._now(state),
        )
        return self._add_own(propose_act(words))

    def _add_own(self, signed: SignedAct) -> SignedAct:
        return add_signature(signed, signer=self._signer, key_id=self.own_key.thumbprint)

    def _accept(self, signed: SignedAct, *, actor: str) -> int:
        with failpoint("register.govern"), self._database.writing() as session:
            state = load_state(session, city=self.city)
            after = accept(state, signed, at=self._now(state))
            self._store(session, state.entries, after, signed, actor=actor)
        return after.version

    def _keep(self, session: Session, signed: SignedAct, digest: str, *, is_new: bool) -> None:
        act_store.drop_proposals(session, until=int(self._clock().timestamp()))
        if is_new and len(act_store.load_proposals(session)) >= MAX_PROPOSALS:
            raise TooManyProposals("too many acts wait for signatures")
        until = int(signed.act.not_after.timestamp())
        act_store.save_proposal(session, digest, write_text(signed), until=until)

    def _store(
        self,
        session: Session,
        before: Entries,
        after: Governance,
        signed: SignedAct,
        *,
        actor: str | None,
    ) -> None:
        """Everything that an act changes; `actor` None: the founding, which nobody asked for."""
        accepted_at = int(after.accepted_at.timestamp())
        act_store.insert_act(
            session,
            StoredAct(
                sequence=after.sequence,
                digest=after.head,
                kind=signed.act.kind.value,
                text=write_text(signed),
                accepted_at=accepted_at,
                version=after.version,
            ),
        )
        act_store.drop_proposals(session, until=None)
        content = canonical_json(build_content(after)).decode()
        store.insert_trust(session, version=after.version, content=content, changed_at=accepted_at)
        changed = _save_entries(session, before, after)
        if actor is not None:
            audit.record(
                session,
                clock=self._clock,
                actor=actor,
                action=signed.act.kind.value,
                subject=changed or self.city,
            )

    def _now(self, state: Governance) -> datetime:
        """When an act is accepted: now, and never before the one before it."""
        return max(_whole(self._clock()), state.accepted_at)


def load_state(session: Session, *, city: str) -> Governance:
    """What holds after the newest act, from the rows that it left."""
    head = act_store.newest_act(session)
    trust = store.newest_trust(session)
    governing = act_store.newest_act_of(session, _CHANGES_GOVERNORS)
    if head is None or trust is None or governing is None:
        raise NotFounded("the register has no chain of acts yet")
    return Governance(
        city=city,
        sequence=head.sequence,
        head=head.digest,
        accepted_at=datetime.fromtimestamp(head.accepted_at, UTC),
        version=trust.version,
        governors=parse_governors(read_text(governing.text).act.body),
        entries=read_entries(_parse(trust.content)),
    )


def read_accepted(stored: StoredAct) -> AcceptedAct:
    """An act of the chain with its time."""
    return AcceptedAct(read_text(stored.text), datetime.fromtimestamp(stored.accepted_at, UTC))


def read_text(text: str) -> SignedAct:
    """A stored act."""
    return read_signed_act(parse_object(text, max_bytes=2 * MAX_BYTES, max_members=MAX_MEMBERS))


def write_text(signed: SignedAct) -> str:
    """An act as it is stored."""
    return build_json(build_signed_act_json(signed)).decode()


def _save_entries(session: Session, before: Entries, after: Governance) -> str | None:
    """Bring the rows of entries up to date; the name of one that changed."""
    entries = after.entries
    changed: str | None = None
    for kind, old, new in (
        (store.ISSUER, _texts(before, store.ISSUER), _texts(entries, store.ISSUER)),
        (store.VERIFIER, _texts(before, store.VERIFIER), _texts(entries, store.VERIFIER)),
    ):
        for key in {**old, **new}:
            if old.get(key) == new.get(key):
                continue
            changed = key
            if key in new:
                store.save_entry(session, kind, key, content=new[key], version=after.version)
            else:
                store.drop_entry(session, kind, key)
    return changed


def _texts(entries: Entries, kind: str) -> dict[str, str]:
    built: dict[str, dict[str, JsonValue]] = (
        {name: build_issuer_json(each) for name, each in entries.issuers.items()}
        if kind == store.ISSUER
        else {name: build_verifier_json(each) for name, each in entries.verifiers.items()}
    )
    return {name: canonical_json(each).decode() for name, each in built.items()}


def _words(
    city: str,
    kind: ActKind,
    body: Mapping[str, JsonValue],
    *,
    sequence: int,
    previous: bytes,
    now: datetime,
) -> Act:
    begin = _whole(now)
    return Act(city, sequence, previous, kind, body, begin, begin + OPERATORS_WINDOW)


def _parse(content: str) -> dict[str, JsonValue]:
    return parse_object(content, max_bytes=2 * MAX_BYTES, max_members=100_000)


def _whole(now: datetime) -> datetime:
    """Whole seconds, as they are stored and published."""
    return now.replace(microsecond=0)
