"""Read the cases of `verification.json` and judge them, as `node --test` does in JavaScript."""

from datetime import UTC, datetime, timedelta

from credentials.material import ListCopy, Material, Memory
from credentials.policy import CredentialRule, Join, Policy, StatusPolicy, StatusRule
from credentials.trust_document import parse_trust_registry
from credentials.verification import verify
from encoding import base64url
from ledger.anchor import parse_anchor_proof
from ledger.quorum import parse_policy


def judge(case, document):
    """The verdict on one case."""
    given = case["given"]
    return verify(
        given["presentation"],
        read_material(given, document),
        read_policy(document["demands"][given["policy"]]),
        now=datetime.fromtimestamp(given["now"], UTC),
        audience=given["audience"],
        nonce=given["nonce"],
    )


def read_material(given, document):
    """The material of a case."""
    lists = {
        uri: tuple(
            ListCopy(
                token=document["lists"][copy["token"]],
                proof=parse_anchor_proof(document["proofs"][copy["proof"]])
                if copy["proof"]
                else None,
            )
            for copy in copies
        )
        for uri, copies in given["lists"].items()
    }
    memory = given["memory"]
    return Material(
        trust=parse_trust_registry(document["trust"][given["trust"]]),
        lists=lists,
        log=parse_policy(document["keepers"][given["log"]]) if given["log"] else None,
        is_replayed=given["is_replayed"],
        memory=Memory(
            epochs={
                int(epoch): base64url.decode(digest) for epoch, digest in memory["epochs"].items()
            },
            versions=memory["versions"],
        ),
    )


def read_policy(value):
    """A policy from its JSON."""
    status = value["status"]
    max_age = status["max_age"]
    return Policy(
        credentials=tuple(
            CredentialRule(
                id=rule["id"],
                types=frozenset(rule["types"]),
                required_claims=tuple(tuple(path) for path in rule["required_claims"]),
            )
            for rule in value["credentials"]
        ),
        joins=tuple(
            Join(
                name=join["name"],
                sides=tuple((name, tuple(path)) for name, path in join["sides"]),
            )
            for join in value["joins"]
        ),
        status=StatusPolicy(
            rule=StatusRule(status["rule"]),
            max_age=timedelta(seconds=max_age) if max_age is not None else None,
            require_anchor=status["require_anchor"],
        ),
        require_holder_binding=value["require_holder_binding"],
        freshness=timedelta(seconds=value["freshness"]),
        skew=timedelta(seconds=value["skew"]),
    )
