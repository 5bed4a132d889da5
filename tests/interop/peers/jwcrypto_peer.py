"""jwcrypto in a process of its own: a compact JWS, signed and checked."""

import json

from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from lines import serve


def sign(header, payload, jwk):
    token = JWS(json.dumps(payload))
    token.add_signature(JWK.from_json(json.dumps(jwk)), protected=json.dumps(header))
    return token.serialize(compact=True)


def verify(text, jwk):
    token = JWS()
    token.deserialize(text, JWK.from_json(json.dumps(jwk)))
    return json.loads(token.payload)


serve({"sign": sign, "verify": verify})
