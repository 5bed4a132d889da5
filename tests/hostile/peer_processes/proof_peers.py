"""Data Integrity by openvc-core; started with the Python of `.venv-peers`."""

import json
import re
from datetime import UTC, datetime

from openvc.did.base import DidResolutionError, parse_did_document
from openvc.did.did_jwk import DidJwkResolver
from openvc.errors import OpenvcError
from openvc.openid4vp import verify_vp_token
from openvc.verify import VerificationPolicy, verify_credential
from serving import serve, set_clocks

META = {"type_values": [["https://www.w3.org/2018/credentials#VerifiableCredential"]]}
ANY = {"credentials": [{"id": "paper", "format": "ldp_vc", "meta": META}]}


class Resolver:
    """The DIDs of a case. A key has no name there, so it has the one that the paper uses."""

    def __init__(self, case, place):
        self._case, self._place = case, place

    def supports(self, did):
        return did.startswith("did:jwk:") or did in self._case["issuers"]

    def resolve(self, did):
        if did.startswith("did:jwk:"):
            return DidJwkResolver().resolve(did)
        if did not in self._case["issuers"]:
            raise DidResolutionError(f"not at hand: {did}")
        keys = self._case["issuers"][did]
        key = keys[min(self._place, len(keys) - 1)]
        names = set(re.findall(re.escape(did) + r'#[^"\\\s]+', self._case["presentation"]))
        methods = [
            {"id": name, "type": "JsonWebKey", "controller": did, "publicKeyJwk": key}
            for name in sorted(names)
        ]
        return parse_did_document(
            {"id": did, "verificationMethod": methods, "assertionMethod": sorted(names)}
        )


def verify(case, document, resolver):
    now = datetime.fromtimestamp(case["now"], UTC)
    if not case["bound"]:
        policy = VerificationPolicy(now=now, require_status=False)
        verify_credential(
            document, policy=policy, resolver=resolver, extra_contexts=case["contexts"]
        )
        return
    verify_vp_token(
        {"paper": [document]},
        dcql_query=ANY,
        nonce=case["nonce"],
        client_id=case["audience"],
        resolver=resolver,
        now=now,
        extra_contexts=case["contexts"],
        require_holder_binding=True,
    )


def openvc_proof(case):
    """With one key of each issuer after the other: accepted by one is accepted."""
    try:
        document = json.loads(case["presentation"])
    except RecursionError as error:
        raise json.JSONDecodeError("too deep for this parser", "", 0) from error
    last = max(len(keys) for keys in case["issuers"].values()) - 1
    for place in range(last):
        try:
            return verify(case, document, Resolver(case, place))
        except OpenvcError:
            continue
    return verify(case, document, Resolver(case, last))


set_clocks()
serve({"openvc-core": (openvc_proof, (OpenvcError, json.JSONDecodeError))})
