"""
The trust registry: who may issue what, and which verifiers the city knows.

Every change is one transaction: entry, new version, audit row. Signing follows; a crash in between
leaves an unsigned version that the next reader has signed. Versions only rise, and the newest one
is part of every epoch's trust root from the next epoch on.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from credentials.errors import CredentialError
from credentials.key_states import check_succession
from credentials.keys import parse_jwk
from credentials.trust import TrustRegistry, find_issuer
from credentials.trust_document import (
    build_trust_registry_json,
    parse_trust_registry,
    sign_trust_registry,
)
from encoding.strict_json import JsonValue, canonical_json, parse_object
from ledger.epoch import TrustLeaf
from register import store
from register.authority import Authority
from register.errors import BadRequest, IdentifierTaken, KeyTaken
from runtime import audit
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
        self, database: Database, *, signer: ServiceSigner, authority: Authority, clock: Clock
    ) -> None:
        self._database = database
        self._signer = signer
        self._authority = authority
        self._clock = clock

    @property
    def public_jwk(self) -> dict[str, str]:
        """The key that signs the registry."""
        return self._signer.public_jwk

    def begin(self) -> None:
        """Make version 1, which trusts nobody, if there is none."""
        with self._database.writing() as session:
            if store.newest_trust(session) is None:
                self._put_version(session, 1)

    def put_issuer(self, entry: Mapping[str, JsonValue], *, actor: str) -> int:
        """Add an issuer, or put its entry in the place of the one before; the new version."""
        anchors = entry.get("x5c_anchors") or [_base64(self._authority.root_der())]
        with self._database.reading() as session:
            certificates = store.load_certificates(session)
        complete: dict[str, JsonValue] = {
            **_with_certificates(entry, certificates),
            "x5c_anchors": anchors,
        }
        return self._put(store.ISSUER, _first_identifier(entry), complete, actor=actor)

    def put_verifier(self, entry: Mapping[str, JsonValue], *, actor: str) -> int:
        """Add a verifier, or put its entry in the place of the one before; the new version."""
        key = entry.get("client_id")
        if not isinstance(key, str) or not key:
            raise BadRequest("a verifier has a client_id")
        return self._put(store.VERIFIER, key, entry, actor=actor)

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

    def _put(self, kind: str, key: str, entry: Mapping[str, JsonValue], *, actor: str) -> int:
        with failpoint("register.govern"), self._database.writing() as session:
            before = store.newest_trust(session)
            version = (before.version if before else 0) + 1
            text = canonical_json(dict(entry)).decode()
            store.save_entry(session, kind, key, content=text, version=version)
            if self._put_version(session, version):
                audit.record(
                    session, clock=self._clock, actor=actor, action=f"put_{kind}", subject=key
                )
                return version
            return version - 1

    def _put_version(self, session: Session, version: int) -> bool:
        """Write the registry of all entries as a new version; False when nothing changed."""
        content = build_content(session)
        before = store.newest_trust(session)
        if before is not None and before.content == content:
            return False
        _check_succession(before, content, now=self._clock())
        store.insert_trust(
            session,
            version=version,
            content=content,
            changed_at=int(self._clock().timestamp()),
        )
        return True


def build_content(session: Session) -> str:
    """The whole registry from its entries, in the one form that is signed and anchored."""
    issuers = [_load(text) for text in store.load_entries(session, store.ISSUER).values()]
    verifiers = [_load(text) for text in store.load_entries(session, store.VERIFIER).values()]
    _check_identifiers(issuers)
    try:
        registry = parse_trust_registry(
            {
                "version": 1,
                "iat": 0,
                "exp": 0,
                "issuers": list(issuers),
                "verifiers": list(verifiers),
            }
        )
    except CredentialError as error:
        raise BadRequest(str(error)) from error
    _check_keys(registry)
    built = build_trust_registry_json(registry)
    return canonical_json({"issuers": built["issuers"], "verifiers": built["verifiers"]}).decode()


def parse_content(
    trust: store.TrustVersion | None, *, issued_at: datetime, expires_at: datetime
) -> TrustRegistry:
    """A version's content as a registry between two times; no version at all trusts nobody."""
    content = _load(trust.content) if trust else {}
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
    """The trust leaves of one version; digests are over canonical JSON (RFC 8785)."""
    content = _load(trust.content)
    leaves = [_leaf("registry", {"version": trust.version, **content})]
    for kind, members, name in (
        (store.ISSUER, content.get("issuers"), "identifiers"),
        (store.VERIFIER, content.get("verifiers"), "client_id"),
    ):
        for entry in members if isinstance(members, list) else []:
            key = entry.get(name) if isinstance(entry, dict) else None
            leaves.append(_leaf(f"{kind}/{key[0] if isinstance(key, list) else key}", entry))
    return sorted(leaves, key=lambda leaf: leaf.key)


def _leaf(key: str, entry: JsonValue) -> TrustLeaf:
    return TrustLeaf(key=key.encode(), digest=hashlib.sha256(canonical_json(entry)).digest())


def _load(text: str) -> dict[str, JsonValue]:
    return parse_object(text, max_bytes=MAX_CONTENT, max_members=MAX_MEMBERS)


def _first_identifier(entry: Mapping[str, JsonValue]) -> str:
    identifiers = entry.get("identifiers")
    first = identifiers[0] if isinstance(identifiers, list) and identifiers else None
    if not isinstance(first, str) or not first:
        raise BadRequest("an issuer has identifiers")
    return first


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


def _check_identifiers(issuers: list[dict[str, JsonValue]]) -> None:
    seen: set[str] = set()
    for issuer in issuers:
        identifiers = issuer.get("identifiers")
        listed = identifiers if isinstance(identifiers, list) else []
        names = {name for name in listed if isinstance(name, str)}
        if names & seen:
            raise IdentifierTaken("another issuer signs under this identifier")
        seen |= names


def _check_keys(registry: TrustRegistry) -> None:
    """One key, one purpose (S-191): no key stands twice in the registry."""
    thumbprints = [trusted.key.thumbprint for issuer in registry.issuers for trusted in issuer.keys]
    if len(set(thumbprints)) != len(thumbprints):
        raise KeyTaken("a key stands twice in the trust registry")


def _check_succession(before: store.TrustVersion | None, content: str, *, now: datetime) -> None:
    """No change brings a key back, or forgets that it was stolen (S-188)."""
    old = parse_content(before, issued_at=now, expires_at=now + LIFETIME)
    new = parse_trust_registry({**_load(content), "version": 0, "iat": 0, "exp": 0})
    for issuer in old.issuers:
        for name in issuer.identifiers:
            successor = find_issuer(new, name)
            if successor is not None:
                check_succession(issuer, successor, now=now)
                break


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
