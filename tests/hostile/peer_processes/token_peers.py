"""SD-JWT and JWT by Python libraries of others; started with the Python of `.venv-peers`."""

from datetime import UTC, datetime

import jwt
import jwt.api_jwt
from joserfc import jwk as joserfc_jwk
from joserfc import jwt as joserfc_jwt
from joserfc.errors import JoseError
from jwcrypto.common import JWException
from jwcrypto.jwk import JWK
from openvc.errors import OpenvcError
from openvc.proof.sd_jwt import SdJwtVcProofSuite
from openvc.proof.vc_jwt import VcJwtProofSuite
from sd_jwt.common import SDJWTHasSDClaimException
from sd_jwt.verifier import SDJWTVerifier
from serving import serve, set_clocks

ALGORITHMS = ["ES256", "ES384", "ES512", "EdDSA"]
SKEW = 60


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
    jwt.decode(
        case["presentation"],
        jwt.PyJWK(case["key"]),
        algorithms=ALGORITHMS,
        leeway=SKEW,
        options={"verify_aud": False, "verify_sub": False, "verify_jti": False},
    )


def joserfc(case):
    key = joserfc_jwk.import_key(case["key"])
    token = joserfc_jwt.decode(case["presentation"], key, algorithms=[*ALGORITHMS, "Ed25519"])
    joserfc_jwt.JWTClaimsRegistry(now=case["now"], leeway=SKEW).validate(token.claims)


SD_JWT_ERRORS = (ValueError, JWException, SDJWTHasSDClaimException)
set_clocks(jwt.api_jwt)
serve(
    {
        "openvc-core": (openvc_sd_jwt, OpenvcError),
        "openvc-core VC-JWT": (openvc_vc_jwt, OpenvcError),
        "sd-jwt (Python)": (sd_jwt_python, SD_JWT_ERRORS),
        "PyJWT": (pyjwt, jwt.PyJWTError),
        "joserfc": (joserfc, (JoseError, ValueError)),
    }
)
