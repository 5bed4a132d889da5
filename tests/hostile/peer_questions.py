"""
What a peer is told of a hostile case: what our judge is told, as far as its API has a place for it.

A case in which the judge itself is told too little (no nonce, audience or session for a holder's
proof) is no question, and neither is a text whose key it is to find in a certificate chain, or for
which it has no key at all.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from credentials.handover import DcApiHandover, OpenID4VPHandover, build_transcript
from credentials.pinned_contexts import PINNED, read_pinned
from encoding import base64url
from encoding.cbor import build_cbor
from encoding.strict_json import parse_json
from tests.hostile.case import HostileCase
from tests.hostile.peer_list import Peer
from tests.hostile.stage import DID, ISSUER, LIST

CHAINS_ARE_READ = frozenset({"mso_mdoc"})


def is_asked(case: HostileCase, peer: Peer) -> bool:
    """Whether it is one for those who read its format; JWTs stand alone here."""
    shown = case.line
    if case.format != peer.format or case.id.split("/")[1].startswith(("jwt_vp", "ldp.bbs")):
        return False
    if case.format in CHAINS_ARE_READ:
        return all(shown.get(each) for each in ("nonce", "audience", "handover"))
    agency = _agency(case)
    if agency is None or not agency["keys"] or agency.get("x5c_anchors"):
        return False
    if case.format == "dc+sd-jwt" and "nonce" not in shown:
        return False
    if case.format == "ldp_vp" and not shown["require_holder_binding"]:
        return False
    return not shown["require_holder_binding"] or {"nonce", "audience"} <= set(shown)


def build_question(case: HostileCase, peer: Peer) -> dict[str, Any]:
    """The line that it gets."""
    shown, issuers = case.line, _issuers(case)
    agency = _agency(case)
    lists: Any = shown.get("status_lists", {})
    is_list = case.format == "statuslist+cwt"
    anchors = [pem for entry in issuers.values() for pem in entry.get("x5c_anchors", ())]
    return {
        "peer": peer.said or peer.name,
        "presentation": lists[LIST] if is_list else shown["presentation"],
        "keys": agency["keys"] if agency else [],
        "issuers": {name: entry["keys"] for name, entry in issuers.items()},
        "anchors": anchors,
        "audience": shown.get("audience"),
        "nonce": shown.get("nonce"),
        "transcript": _transcript(shown) if case.format == "mso_mdoc" else None,
        "bound": shown["require_holder_binding"],
        "now": shown["now"],
        "lists": lists,
        "typ": "vc+jwt" if case.format == "vc+jwt" else None,
    }


def _issuers(case: HostileCase) -> dict[str, Any]:
    issuers: Any = case.line["issuers"]
    return dict(issuers)


def _agency(case: HostileCase) -> Any:
    """Who issued the paper: under one of its two names."""
    issuers = _issuers(case)
    return issuers.get(ISSUER) or issuers.get(DID)


def _transcript(shown: Mapping[str, Any]) -> str:
    told = shown["handover"]
    bound = base64url.decode(told["jwk_thumbprint"]) if "jwk_thumbprint" in told else None
    if "origin" in told:
        handover: Any = DcApiHandover(told["origin"], bound)
    else:
        handover = OpenID4VPHandover(told["client_id"], told["response_uri"], bound)
    return build_cbor(build_transcript(handover, shown["nonce"])).hex()


@cache
def shared_by_cases() -> Mapping[str, Any]:
    """What a process is told first: the contexts that our judge has at hand."""
    return {"contexts": {url: parse_json(read_pinned(url)) for url in PINNED}}
