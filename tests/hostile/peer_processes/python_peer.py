"""
Python libraries of others on hostile cases, in their own environment.

Started with `.venv-peers`' Python. Answers each JSON line `{"peer", ...}` with `{"accepts"}`, and
with `{"crash"}` too when the library fell over with an error that is none of its own. Knows nothing
of us.
"""

import json
import sys
from datetime import UTC, datetime

import jwt
from jwcrypto.jwk import JWK
from openvc.proof.sd_jwt import SdJwtVcProofSuite
from openvc.proof.vc_jwt import VcJwtProofSuite
from sd_jwt.verifier import SDJWTVerifier

CRASHES = (RecursionError, TypeError, AttributeError, LookupError, UnicodeError, MemoryError)


def openvc_sd_jwt(case):
    SdJwtVcProofSuite().verify(
        case["presentation"],
        public_key_jwk=case["key"],
        audience=case["audience"],
        nonce=case["nonce"],
        require_key_binding=case["bound"],
        now=datetime.fromtimestamp(case["now"], UTC),
    )


def openvc_vc_jwt(case):
    VcJwtProofSuite().verify(case["presentation"], public_key_jwk=case["key"])


def sd_jwt_python(case):
    bound = (case["audience"], case["nonce"]) if case["bound"] else (None, None)
    key = JWK(**case["key"])
    SDJWTVerifier(case["presentation"], lambda *_: key, *bound).get_verified_payload()


def pyjwt(case):
    key = jwt.PyJWK(case["key"])
    jwt.decode(
        case["presentation"],
        key,
        algorithms=["ES256", "ES384", "ES512", "EdDSA"],
        options={"verify_aud": False, "verify_sub": False, "verify_jti": False},
    )


PEERS = {
    "openvc-core dc+sd-jwt": openvc_sd_jwt,
    "openvc-core jwt_vc_json": openvc_vc_jwt,
    "sd-jwt (Python) dc+sd-jwt": sd_jwt_python,
    "PyJWT vc+jwt": pyjwt,
    "PyJWT jwt_vc_json": pyjwt,
}


def main():
    for line in sys.stdin:
        case = json.loads(line)
        try:
            PEERS[case["peer"]](case)
            answer = {"accepts": True}
        except CRASHES as error:
            answer = {"accepts": False, "crash": type(error).__name__}
        except Exception:  # noqa: BLE001 (its way to refuse)
            answer = {"accepts": False}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
