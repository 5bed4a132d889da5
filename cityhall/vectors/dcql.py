"""DCQL: a wallet's answers to the authored queries (OpenID4VP 1.0 section 6.4)."""

from typing import Any

from cityhall.vectors.shelf import is_refused
from openid4vc.dcql import parse_query
from openid4vc.matching import Holding, match_query


def judge_query(case: Any, suite: Any) -> bool:
    """Whether a query is refused, or finds what its case says."""
    if case["expect"] == "invalid_request":
        return is_refused(lambda: parse_query(case["dcql_query"]))
    wallet = [_read_holding(item) for item in suite["wallet"]]
    return bool(_facts_of(case["dcql_query"], wallet, case["expect"]) == case["expect"])


def _facts_of(query: Any, wallet: list[Holding], expected: Any) -> Any:
    """Only those facts that the case speaks of."""
    match = match_query(parse_query(query), wallet)
    if match.required_ids is None:
        return {"no_match": True}
    candidates = match.candidates.items()
    facts = {
        "candidates": {name: [each.holding.id for each in found] for name, found in candidates},
        "disclose": {
            name: sorted(".".join(map(str, path)) for path in found[0].disclose)
            for name, found in candidates
            if found
        },
        "return_ids": list(match.required_ids),
        "absent_ids": [name for name, found in candidates if not found],
    }
    return {name: facts.get(name) for name in expected}


def _leaf_paths(value: Any, path: tuple[Any, ...] = ()) -> set[tuple[Any, ...]]:
    """Every claim that is no object, as a pointer."""
    if not isinstance(value, dict):
        return {path}
    return {found for name, item in value.items() for found in _leaf_paths(item, (*path, name))}


def _read_holding(item: Any) -> Holding:
    disclosable = _leaf_paths(item["claims"]) if "claims" in item else set()
    claims = item.get("claims", item.get("namespaces", {}))
    return Holding(
        id=item["wid"],
        format=item["format"],
        types=frozenset(item.get("types") or [item.get("vct") or item["doctype"]]),
        claims={**claims, **item.get("always_disclosed", {})},
        disclosable=frozenset(disclosable),
        authority_key_ids=frozenset({item["aki"]} if "aki" in item else set()),
        is_holder_bound=item["holder_binding"],
    )
