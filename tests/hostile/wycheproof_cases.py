"""
S-004: Wycheproof's signatures of P-256 and Ed25519, as issuers' signatures on our papers.

A vector signs its own message, so on ours each of them is wrong, and under the key that it was made
to break no one may pass. The vectors themselves, message and all, run in
`tests/credentials/test_keys.py`. Without `CITY_VECTORS` there are none of these cases, and enough
of S-004 in `issuer_cases`.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.hostile.case import HostileCase
from tests.hostile.slots import Slot
from tests.hostile.stage import Change, agencies, setting

FILES = {
    "ES256": "ecdsa_secp256r1_sha256_p1363_test.json",
    "EdDSA": "ed25519_test.json",
}
SLOTS = {"ES256": Slot("dc+sd-jwt", "credential"), "EdDSA": Slot("vc+jwt", "credential")}


def groups() -> Iterator[tuple[str, dict[str, Any]]]:
    """The test groups at hand, each with our name of its algorithm."""
    folder = os.environ.get("CITY_VECTORS")
    for algorithm, name in FILES.items():
        path = Path(folder or "", "wycheproof", name)
        if folder and path.is_file():
            for group in json.loads(path.read_bytes())["testGroups"]:
                yield algorithm, group


def cases() -> Iterator[HostileCase]:
    for algorithm, group in groups():
        jwk = {key: value for key, value in group.get("publicKeyJwk", {}).items() if key != "kid"}
        if not jwk:
            continue
        for test in group["tests"]:
            yield _case(algorithm, jwk, test)


def _case(algorithm: str, jwk: dict[str, Any], test: dict[str, Any]) -> HostileCase:
    slot = SLOTS[algorithm]
    jwk.pop("alg", None)
    signature = bytes.fromhex(test["sig"])
    change = Change(header=setting(alg=algorithm, kid=...), signature=lambda *_: signature)
    made = slot.line(change, issuers=agencies(keys=[jwk], status_keys=[]), status="ignore")
    return slot.reject(
        "S-004",
        f"wycheproof-{test['tcId']}",
        made,
        check="signatures",
        reason="bad_signature",
        detail="bad_issuer_signature",
    )
