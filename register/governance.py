"""
The trust registry: who may issue what, and which verifiers the city knows.

Every change is an act of governance (`register.acts`) and one transaction: act, entry, new version,
audit row. Signing the registry follows; a crash in between leaves an unsigned version that the
next reader has signed. Versions only rise, and the newest one is part of every epoch's trust root
from the next epoch on.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from credentials.governance_act import ActKind, ActRefused
from credentials.keys import parse_jwk
from credentials.trust import TrustRegistry
from credentials.trust_document import (
    build_issuer_json,
    build_verifier_json,
    parse_issuer,
    parse_trust_registry,
    parse_verifier,
    sign_trust_registry,
)
from credentials.trust_leaf import TrustStatement, build_trust_leaf_of
from encoding.strict_json import JsonValue, canonical_json, parse_object
from ledger.epoch import TrustLeaf
from register import store
from register.acts import Acts
from register.authority import Authority
from register.errors import IdentifierTaken, KeyTaken
from register.trust_statements import build_statements
from runtime.clock import Clock
from runtime.database import Database, Session
from runtime.failpoints import failpoint
from runtime.key_custody import ServiceSigner

LIFETIME = timedelta(days=7)
"""
How long a signed registry may be used; whoever withholds a newer one gains no more.

A week, as the offline bundle that carries it (S-132): an inspector without signal for a day still
knows who issued a card, and is told how old its status is.
"""
SIGNED_ANEW_AFTER = timedelta(hours=1)
MAX_CONTENT = 1 << 20
MAX_MEMBERS = 100_000


class Governance:
    """Changes and signs the trust registry."""

    def __init__(
        self,
        database: Database,
        *,
        signer: ServiceSigner,
        acts: Acts,
        authority: Authority,
        clock: Clock,
    ) -> None:
        self._database = database
        self._signer = signer
        self._acts = acts
        self._authority = authority
        self._clock = clock

    @property
    def public_jwk(self) -> dict[str, str]:
        """The key that signs the registry."""
        return self._signer.public_jwk

    def put_issuer(self, entry: Mapping[str, JsonValue], *, actor: str) -> int:
        """Add an issuer, or put its entry in the place of the one before; the new version."""
        anchors = entry.get("x5c_anchors") or [_base64(self._authority.root_der())]
        with self._database.reading() as session:
            certificates = store.load_certificates(session)
        complete: dict[str, JsonValue] = {
            **_with_certificates(entry, certificates),
            "x5c_anchors": anchors,
        }
        # Only what the registry knows is signed and published: a slip of the caller goes nowhere.
        issuer = build_issuer_json(parse_issuer(complete))
        return self._perform(ActKind.PUT_ISSUER, {"issuer": issuer}, actor=actor)

    def put_verifier(self, entry: Mapping[str, JsonValue], *, actor: str) -> int:
        """Add a verifier, or put its entry in the place of the one before; the new version."""
        verifier = build_verifier_json(parse_verifier(dict(entry)))
        return self._perform(ActKind.PUT_VERIFIER, {"verifier": verifier}, actor=actor)

    def registry(self) -> TrustRegistry:
        """The registry as it holds now."""
        with self._database.reading() as session:
            newest = store.newest_trust(session)
        now = self._clock()
        return parse_content(newest, issued_at=now, expires_at=now + LIFETIME)

    def signed(self) -> tuple[int, str]:
        """The newest version and its signed document."""
        now = self._clock()
        with self._database.reading() as session:
            newest = store.newest_trust(session)
        if newest is not None and newest.token is not None and newest.signed_at is not None:
            age = now.timestamp() - newest.signed_at
            if 0 <= age < SIGNED_ANEW_AFTER.total_seconds():
                return newest.version, newest.token
        registry = parse_content(newest, issued_at=now, expires_at=now + LIFETIME)
        key_id = parse_jwk(dict(self.public_jwk)).thumbprint
        with failpoint("register.sign_trust"):
            token = sign_trust_registry(registry, signer=self._signer, key_id=key_id)
        with failpoint("register.keep_trust"), self._database.writing() as session:
            store.set_trust_token(
                session, registry.version, token=token, signed_at=int(now.timestamp())
            )
        return registry.version, token

    def _perform(self, kind: ActKind, body: Mapping[str, JsonValue], *, actor: str) -> int:
        try:
            return self._acts.perform(kind, body, actor=actor)
        except ActRefused as refused:
            if refused.detail == "identifier_taken":
                raise IdentifierTaken(str(refused)) from refused
            if refused.detail == "key_taken":
                raise KeyTaken(str(refused)) from refused
            raise


def build_content(session: Session) -> dict[str, JsonValue]:
    """The registry as the rows of entries give it: what `./city fsck` compares."""
    return {
        name: [load_content(text) for text in store.load_entries(session, kind).values()]
        for name, kind in (("issuers", store.ISSUER), ("verifiers", store.VERIFIER))
    }


def parse_content(
    trust: store.TrustVersion | None, *, issued_at: datetime, expires_at: datetime
) -> TrustRegistry:
    """A version's content as a registry between two times; no version at all trusts nobody."""
    content = load_content(trust.content) if trust else {}
    return parse_trust_registry(
        {
            **content,
            "version": trust.version if trust else 0,
            "iat": int(issued_at.timestamp()),
            "exp": int(expires_at.timestamp()),
        }
    )


def trust_leaves(session: Session) -> list[TrustLeaf]:
    """What an epoch commits to: each entry of the newest version, and the version as a whole."""
    newest = store.newest_trust(session)
    return [] if newest is None else build_leaves(newest)


def build_leaves(trust: store.TrustVersion) -> list[TrustLeaf]:
    """
    The trust leaves of one version: its entries, digests being over canonical JSON (RFC 8785), and
    a statement for each identifier and type of an issuer, which staples carry.
    """
    content = load_content(trust.content)
    leaves = [_leaf("registry", {"version": trust.version, **content})]
    for kind, members, name in (
        (store.ISSUER, content.get("issuers"), "identifiers"),
        (store.VERIFIER, content.get("verifiers"), "client_id"),
    ):
        for entry in members if isinstance(members, list) else []:
            key = entry.get(name) if isinstance(entry, dict) else None
            leaves.append(_leaf(f"{kind}/{key[0] if isinstance(key, list) else key}", entry))
    leaves += [build_trust_leaf_of(each) for each in statements_of(trust)]
    return sorted(leaves, key=lambda leaf: leaf.key)


def statements_of(trust: store.TrustVersion) -> list[TrustStatement]:
    """What the trust leaves of one version say of its issuers."""
    changed_at = datetime.fromtimestamp(trust.changed_at, UTC)
    registry = parse_content(trust, issued_at=changed_at, expires_at=changed_at + LIFETIME)
    return build_statements(registry, changed_at=changed_at)


def _leaf(key: str, entry: JsonValue) -> TrustLeaf:
    return TrustLeaf(key=key.encode(), digest=hashlib.sha256(canonical_json(entry)).digest())


def load_content(text: str) -> dict[str, JsonValue]:
    """A stored entry or content."""
    return parse_object(text, max_bytes=MAX_CONTENT, max_members=MAX_MEMBERS)


def _with_certificates(
    issuer: Mapping[str, JsonValue], certificates: Mapping[str, bytes]
) -> Mapping[str, JsonValue]:
    """The entry with the certificate of each key that the city certified."""
    keys = issuer.get("keys")
    if not isinstance(keys, list):
        return issuer
    return {**issuer, "keys": [_with_certificate(key, certificates) for key in keys]}


def _with_certificate(key: JsonValue, certificates: Mapping[str, bytes]) -> JsonValue:
    if not isinstance(key, dict) or "x5c" in key:
        return key
    certificate = certificates.get(parse_jwk(key.get("jwk")).thumbprint)
    return key if certificate is None else {**key, "x5c": [_base64(certificate)]}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
