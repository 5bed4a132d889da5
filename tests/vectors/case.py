"""What a case of `verification.json` is made of, with a fresh, valid taxi view as the default."""

from dataclasses import dataclass, field

from tests.vectors import small_city as city
from tests.vectors.small_city import AGENCIES, NOW
from tests.vectors.small_ledger import LOG

RULE = "taxi_inspection"


@dataclass
class Case:
    """A question and the answer it must get. `lists`: URI to (token, proof or None)."""

    name: str
    why: str
    spec: str
    expect: str
    reason: str | None
    presentation: dict
    policy: dict
    trust: dict
    lists: dict
    log: str | None = field(default_factory=LOG.policy_text)
    is_replayed: bool = False
    memory: dict = field(default_factory=lambda: {"epochs": {}, "versions": {}})
    now: int = city.seconds(NOW)
    audience: str = city.QR_AUDIENCE
    nonce: str | None = None


def rule(name, *types, claims=()):
    """What one credential must be."""
    return {"id": name, "types": list(types), "required_claims": [list(path) for path in claims]}


def demand(*rules, joins=(), status="required", max_age=3600, anchor=True, **changes):
    """A policy."""
    return {
        "credentials": list(rules),
        "joins": list(joins),
        "status": {"rule": status, "max_age": max_age, "require_anchor": anchor},
        "require_holder_binding": True,
        "freshness": 60,
        "skew": 60,
    } | changes


VIEW_RULE = rule(RULE, city.vct("taxi-inspection"), claims=[("plate",)])
VIEW_POLICY = demand(VIEW_RULE)


def tokens(statuses=None, **words):
    """A list token of each agency; `statuses` by agency name."""
    return [
        city.status_token(agency, (statuses or {}).get(name), **words)
        for name, agency in AGENCIES.items()
    ]


def anchored(statuses=None, *, log=LOG, words=None, **epoch):
    """The lists of all agencies, anchored in one epoch."""
    made = tokens(statuses, **(words or {}))
    proofs = log.anchor(made, **epoch)
    uris = [agency.list for agency in AGENCIES.values()]
    return {uri: [(token, proofs[token])] for uri, token in zip(uris, made, strict=True)}


GOOD_LISTS = anchored()
GOOD_TRUST = city.trust()
GOOD_VIEW = city.view()


def case(
    name, why, expect="passed", reason=None, *, spec="architecture 4", text=GOOD_VIEW, **words
):
    """A case; what is not said is as it should be."""
    defaults = {
        "presentation": {RULE: text},
        "policy": VIEW_POLICY,
        "trust": GOOD_TRUST,
        "lists": GOOD_LISTS,
    }
    return Case(name=name, why=why, spec=spec, expect=expect, reason=reason, **(defaults | words))
