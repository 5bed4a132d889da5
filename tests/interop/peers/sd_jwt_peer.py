"""The reference implementation `sd-jwt` in a process of its own."""

import json

from jwcrypto.jwk import JWK
from lines import serve
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier


def key(jwk):
    return JWK.from_json(json.dumps(jwk))


def mark(value, paths):
    """The claims with what these paths name wrapped as the library wants it."""
    here = {path[0] for path in paths if len(path) == 1}
    below = {
        step: [path[1:] for path in paths if path[0] == step and path[1:]] for step, *_ in paths
    }
    if isinstance(value, dict):
        return {
            SDObj(name) if name in here else name: mark(member, below.get(name, []))
            for name, member in value.items()
        }
    if isinstance(value, list):
        marked = [mark(member, below.get(place, [])) for place, member in enumerate(value)]
        return [SDObj(each) if place in here else each for place, each in enumerate(marked)]
    return value


def issue(claims, disclosable, jwk, alg, decoys, holder):
    issuer = SDJWTIssuer(
        mark(claims, disclosable),
        key(jwk),
        holder_key=key(holder) if holder else None,
        sign_alg=alg,
        add_decoy_claims=decoys > 0,
        extra_header_parameters={"typ": "dc+sd-jwt"},
    )
    return issuer.sd_jwt_issuance


def present(text, disclose, jwk, alg, audience, nonce):
    holder = SDJWTHolder(text)
    holder.create_presentation(disclose, nonce, audience, key(jwk) if jwk else None, sign_alg=alg)
    return holder.sd_jwt_presentation


def verify(text, jwk, audience, nonce):
    verifier = SDJWTVerifier(text, lambda *_: key(jwk), audience, nonce)
    return verifier.get_verified_payload()


serve({"issue": issue, "present": present, "verify": verify})
