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


def openvc_sd_jwt(case, jwk):
    SdJwtVcProofSuite().verify(
        case["presentation"],
        public_key_jwk=jwk,
        audience=case["audience"],
        nonce=case["nonce"],
        require_key_binding=case["bound"],
        now=datetime.fromtimestamp(case["now"], UTC),
    )


def openvc_vc_jwt(case, jwk):
    VcJwtProofSuite().verify(case["presentation"], public_key_jwk=jwk)


def sd_jwt_python(case, jwk):
    bound = (case["audience"], case["nonce"]) if case["bound"] else (None, None)
    key = JWK(**jwk)
    SDJWTVerifier(case["presentation"], lambda *_: key, *bound).get_verified_payload()


def pyjwt(case, jwk):
    jwt.decode(
        case["presentation"],
        jwt.PyJWK(jwk),
        algorithms=ALGORITHMS,
        leeway=SKEW,
        options={"verify_aud": False, "verify_sub": False, "verify_jti": False},
    )


def joserfc(case, jwk):
    key = joserfc_jwk.import_key(jwk)
    token = joserfc_jwt.decode(case["presentation"], key, algorithms=[*ALGORITHMS, "Ed25519"])
    joserfc_jwt.JWTClaimsRegistry(now=case["now"], leeway=SKEW).validate(token.claims)


SD_JWT_ERRORS = (ValueError, JWException, SDJWTHasSDClaimException)
PEERS = {
    "openvc-core": (openvc_sd_jwt, OpenvcError),
    "openvc-core VC-JWT": (openvc_vc_jwt, OpenvcError),
    "sd-jwt (Python)": (sd_jwt_python, SD_JWT_ERRORS),
    "PyJWT": (pyjwt, jwt.PyJWTError),
    "joserfc": (joserfc, (JoseError, ValueError)),
}


def with_each(check, refusals):
    """With one key of the issuer after the other: accepted by one is accepted."""

    def ask(case):
        *others, last = case["keys"]
        for jwk in others:
            try:
                return check(case, jwk)
            except refusals:
                continue
        return check(case, last)

    return ask, refusals


set_clocks(jwt.api_jwt)
serve({name: with_each(*each) for name, each in PEERS.items()})
