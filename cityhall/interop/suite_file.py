"""
The configuration that the public suites are given: who issues and verifies, and where.

It is the content of a suite's `localConfig.cjs`, after `module.exports =`.
"""

from collections.abc import Iterable
from typing import Final

from cityhall.interop.issuers import InteropIssuer
from credentials.selective_credentials import SELECTIVE_SUITES
from encoding.strict_json import JsonValue

NAME: Final = "CityWallet"
_CURVES: Final = ("P-256", "P-384")
_FEATURES: Final = tuple(
    f"{what}_{how}" for what in ("credential", "presentation") for how in ("jose", "sdjwt", "cose")
)


def build_suite_file(issuers: Iterable[InteropIssuer], *, base_url: str) -> dict[str, JsonValue]:
    """One implementation for every suite; each picks its endpoints by tag."""
    listed = [*issuers]
    verifier = f"{base_url}/{listed[0].prefix}"
    tags = dict.fromkeys(tag for each in listed for tag in each.tags)
    implementation: dict[str, JsonValue] = {
        "name": NAME,
        "implementation": NAME,
        "issuers": [_build_issuer(each, base_url) for each in listed],
        "verifiers": [
            {
                "id": verifier,
                "endpoint": f"{verifier}/credentials/verify",
                "supports": {"vc": ["1.1", "2.0"]},
                "supportedEcdsaKeyTypes": [*_CURVES],
                "tags": [*tags],
            }
        ],
        "vpVerifiers": [
            {
                "id": verifier,
                "endpoint": f"{verifier}/presentations/verify",
                "supports": {"vc": ["1.1", "2.0"]},
                "tags": ["vc2.0"],
            }
        ],
        "vcHolders": [
            {
                "id": verifier,
                "endpoint": f"{verifier}/credentials/derive",
                "tags": ["vcHolder", *[each for each in tags if each in SELECTIVE_SUITES]],
            }
        ],
        "jose-cose": {"features": dict.fromkeys(_FEATURES, True)},
    }
    settings: dict[str, JsonValue] = {"enableInteropTests": True, "testAllImplementations": False}
    return {"settings": settings, "implementations": [implementation]}


def _build_issuer(issuer: InteropIssuer, base_url: str) -> JsonValue:
    is_ecdsa = issuer.cryptosuite.startswith("ecdsa-")
    return {
        "id": issuer.did,
        "endpoint": f"{base_url}/{issuer.prefix}/credentials/issue",
        "supports": {"vc": ["1.1", "2.0"]},
        **({"supportedEcdsaKeyTypes": [issuer.curve]} if is_ecdsa else {}),
        "tags": [*issuer.tags],
    }
