"""Governors with keys, and a chain of acts that they sign: one fact changed at a time."""

from datetime import timedelta
from itertools import count

from credentials.governance_act import (
    NO_ACT,
    Act,
    ActKind,
    add_signature,
    build_governors,
    build_governors_json,
    propose_act,
)
from credentials.governance_chain import AcceptedAct, accept, found
from credentials.key_states import KeyState, key_state
from credentials.keys import parse_jwk
from tests.credentials import workshop
from tests.credentials.workshop import NOW

CITY = "status.city.example"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AGENCY_ID = "https://issuer.example/agencies/transport"
DID = "did:web:issuer.example:agencies:transport"
TYPE, OTHER_TYPE = "https://issuer.example/types/x", "https://issuer.example/types/y"


_NUMBERS = count()


def signer():
    """A key that nobody has used before."""
    return workshop.signer(f"governed {next(_NUMBERS)}")


def seconds(time):
    return int(time.timestamp())


def key_of(some):
    return parse_jwk(dict(some.public_jwk))


def governors(*signers, threshold):
    return build_governors([key_of(each) for each in signers], threshold)


def sign(signed, *signers):
    for each in signers:
        signed = add_signature(signed, signer=each, key_id=key_of(each).thumbprint)
    return signed


def agency_entry(*keys, **changes):
    """An agency with one key for credentials, or with these."""
    listed = keys or (signer(),)
    return {
        "identifiers": [AGENCY_ID, DID],
        "name": {"en": "Transport"},
        "keys": [
            {"jwk": dict(each.public_jwk), "use": "credential", "valid_from": seconds(NOW - DAY)}
            for each in listed
        ],
        "x5c_anchors": [],
        "accreditations": [{"types": [TYPE], "valid_from": seconds(NOW - DAY)}],
        **changes,
    }


class GovernedCity:
    """Owns a chain; `state` is what holds after its last act, `now` the register's clock."""

    def __init__(self, *signers, threshold=None):
        self.signers = list(signers) or [signer() for _ in range(3)]
        self.threshold = threshold or len(self.signers) // 2 + 1
        self.now = NOW
        body = {
            **build_governors_json(governors(*self.signers, threshold=self.threshold)),
            "version": 1,
            "issuers": [],
            "verifiers": [],
        }
        first = propose_act(self.words(ActKind.FOUND, body, sequence=1, previous=NO_ACT))
        first = sign(first, *self.signers[: self.threshold])
        self.state = found(first, city=CITY, at=self.now)
        self.acts = [AcceptedAct(first, self.now)]

    def words(self, kind, body, **changes):
        members = {
            "city": CITY,
            "sequence": changes.pop("sequence", None) or self.state.sequence + 1,
            "previous": changes.pop("previous", None) or self.state.head,
            "kind": ActKind(kind),
            "body": body,
            "not_before": self.now,
            "not_after": self.now + DAY,
        }
        return Act(**(members | changes))

    def propose(self, kind, body, **changes):
        return propose_act(self.words(kind, body, **changes))

    def signed(self, kind, body, *, by=None, **changes):
        by = self.signers[: self.threshold] if by is None else by
        return sign(self.propose(kind, body, **changes), *by)

    def accept(self, signed):
        self.state = accept(self.state, signed, at=self.now)
        self.acts.append(AcceptedAct(signed, self.now))
        return self.state

    def do(self, kind, body, **changes):
        return self.accept(self.signed(kind, body, **changes))

    def agency(self):
        return self.state.entries.issuers[AGENCY_ID]

    def key_states(self):
        return [key_state(each, now=self.now) for each in self.agency().keys]


ACTIVE = KeyState.ACTIVE
