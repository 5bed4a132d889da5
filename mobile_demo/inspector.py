"""
An inspector's phone in software: the signed bundle, the scanner's memory, and `verify()`.

It makes no call. What it knows is the bundle it stored last; what it remembers is which codes it
has seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from credentials.errors import CredentialError
from credentials.jose import parse_jws, verify_jws
from credentials.keys import PublicKey
from credentials.material import ListCopy, Material
from credentials.packing import read_qr_text
from credentials.policy import ClaimPath, CredentialRule, Join, Policy, StatusPolicy, StatusRule
from credentials.reading import read_presentation
from credentials.trust import TrustRegistry, trusted_certificates
from credentials.trust_document import REGISTRY_TYPE, parse_trust_registry
from credentials.verdict import Reason, Verdict, build_verdict_json
from credentials.verification import verify
from encoding.strict_json import JsonValue
from ledger.anchor import parse_anchor_proof
from ledger.note import QuorumPolicy
from ledger.quorum import parse_policy
from mobile_demo.errors import DemoError
from mobile_demo.letters import object_of, objects_of, text_of

BUNDLE_TYPE = "offline-bundle+jwt"
MAX_BUNDLE_BYTES = 32 << 20
NOT_THE_HOLDERS = frozenset({Reason.MALFORMED, Reason.BAD_SIGNATURE, Reason.HOLDER_NOT_BOUND})


@dataclass(frozen=True, slots=True)
class Bundle:
    """An offline bundle whose signature held."""

    version: int
    expires_at: datetime
    trust: TrustRegistry
    log: QuorumPolicy
    lists: Mapping[str, tuple[ListCopy, ...]]
    purposes: Mapping[str, Mapping[str, JsonValue]]


@dataclass(slots=True)
class OfflineInspector:
    """One phone. `key`: the verifier's bundle key, pinned when the phone was enrolled."""

    purpose: str
    key: PublicKey
    bundle: Bundle | None = None
    seen: set[str] = field(default_factory=set)

    def store(self, text: str) -> int:
        """Keep a newer bundle; its epoch. An older one than is kept is refused (S-134)."""
        bundle = read_bundle(text, key=self.key)
        if self.bundle is not None and bundle.version < self.bundle.version:
            raise DemoError("the bundle is older than the one that is kept", code="rollback")
        self.bundle = bundle
        return bundle.version

    def check(self, code: str, *, now: datetime) -> dict[str, JsonValue]:
        """The verdict on a QR text, offline. DemoError when it is no code of the city."""
        if self.bundle is None or now > self.bundle.expires_at:
            raise DemoError("this phone has no valid bundle", code="no_bundle")
        view = object_of(self.bundle.purposes[self.purpose], "view")
        policy = read_policy(object_of(view, "policy"))
        try:
            certificates = trusted_certificates(self.bundle.trust)
            presentation = read_qr_text(code, certificates=certificates)
            verdict = self._judge(presentation, policy, text_of(view, "audience"), now)
        except CredentialError as error:
            raise DemoError("this is no code of a city wallet", code="malformed") from error
        return build_verdict_json(replace(verdict, purpose=self.purpose))

    def _judge(self, presentation: str, policy: Policy, audience: str, now: datetime) -> Verdict:
        assert self.bundle is not None
        (credential,) = read_presentation(presentation)
        digest = credential.key_binding.digest if credential.key_binding else ""
        material = Material(
            trust=self.bundle.trust,
            lists=self.bundle.lists,
            log=self.bundle.log,
            is_replayed=digest in self.seen,
        )
        (rule,) = policy.credentials
        verdict = verify(
            {rule.id: presentation}, material, policy, now=now, audience=audience, nonce=None
        )
        # Only what its holder made: a forged copy must not use up the real code.
        if NOT_THE_HOLDERS.isdisjoint(verdict.reasons):
            self.seen.add(digest)
        return verdict


def read_bundle(text: str, *, key: PublicKey) -> Bundle:
    """A bundle that this key signed; DemoError otherwise."""
    jws = parse_jws(text, types=frozenset({BUNDLE_TYPE}), max_bytes=MAX_BUNDLE_BYTES)
    if not verify_jws(jws, key):
        raise DemoError("the bundle is not signed by this city's verifier", code="bad_signature")
    payload = dict(jws.payload)
    trust = parse_jws(
        text_of(payload, "trust"), types=frozenset({REGISTRY_TYPE}), max_bytes=MAX_BUNDLE_BYTES
    )
    snapshot = object_of(payload, "snapshot")
    return Bundle(
        version=_number(payload, "version"),
        expires_at=datetime.fromtimestamp(_number(payload, "exp"), UTC),
        trust=parse_trust_registry(dict(trust.payload)),
        log=parse_policy(text_of(payload, "log_policy")),
        lists={
            text_of(entry, "uri"): (
                ListCopy(text_of(entry, "token"), parse_anchor_proof(entry["proof"])),
            )
            for entry in objects_of(snapshot, "lists")
        },
        purposes={text_of(entry, "id"): entry for entry in objects_of(payload, "purposes")},
    )


def read_policy(value: Mapping[str, JsonValue]) -> Policy:
    """A policy as the bundle carries it."""
    status = object_of(value, "status")
    age = status.get("max_age")
    return Policy(
        credentials=tuple(
            CredentialRule(
                id=text_of(rule, "id"),
                types=frozenset(_texts(rule, "types")),
                required_claims=tuple(_path(path) for path in _list(rule, "required_claims")),
            )
            for rule in objects_of(value, "credentials")
        ),
        joins=tuple(
            Join(
                name=text_of(join, "name"),
                sides=tuple(_side(side) for side in _list(join, "sides")),
            )
            for join in objects_of(value, "joins")
        ),
        status=StatusPolicy(
            rule=StatusRule(text_of(status, "rule")),
            max_age=timedelta(seconds=age) if isinstance(age, int) else None,
            require_anchor=status.get("require_anchor") is True,
        ),
        require_holder_binding=value.get("require_holder_binding") is True,
        freshness=timedelta(seconds=_number(value, "freshness")),
        skew=timedelta(seconds=_number(value, "skew")),
    )


def _side(side: JsonValue) -> tuple[str, ClaimPath]:
    if not isinstance(side, list) or len(side) != 2 or not isinstance(side[0], str):
        raise DemoError("a join's side is a credential and a path", code="malformed")
    return side[0], _path(side[1])


def _path(path: JsonValue) -> ClaimPath:
    if not isinstance(path, list):
        raise DemoError("a path is a list", code="malformed")
    return tuple(step for step in path if isinstance(step, str | int) or step is None)


def _list(value: Mapping[str, JsonValue], name: str) -> list[JsonValue]:
    member = value.get(name)
    if not isinstance(member, list):
        raise DemoError(f"the bundle lacks the list {name}", code="malformed")
    return member


def _texts(value: Mapping[str, JsonValue], name: str) -> list[str]:
    return [text for text in _list(value, name) if isinstance(text, str)]


def _number(value: Mapping[str, JsonValue], name: str) -> int:
    member = value.get(name)
    if isinstance(member, bool) or not isinstance(member, int):
        raise DemoError(f"the bundle lacks the number {name}", code="malformed")
    return member
