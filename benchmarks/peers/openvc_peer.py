"""
openvc-core, isomdoc and sd-jwt, the reference of RFC 9901, on our papers in their own environment.

Started with `.venv-peers`' Python. Reads one JSON line with the papers, then answers each line
that names an operation, perhaps with papers of its own, with its operations per CPU-second. Knows
nothing of our packages.
"""

import json
import sys
import time

import cbor2
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from isomdoc import verify_device_response
from jwcrypto.common import JWException
from jwcrypto.jwk import JWK
from openvc import mdoc
from openvc.errors import OpenvcError
from openvc.keys import signing_key_from_jwk
from openvc.proof.data_integrity import DataIntegrityProofSuite
from openvc.proof.di_jcs import EddsaJcsProofSuite
from openvc.proof.sd_jwt import SdJwtVcProofSuite
from openvc.proof.vc_jwt import VcJwtProofSuite
from sd_jwt.common import SDObj
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

SECONDS = 0.25
REFUSALS = (OpenvcError, JWException, InvalidSignature, ValueError, RuntimeError)
"""How these libraries refuse; any other error is our mistake and ends the process."""


def rate(operation):
    operation()
    count = 0
    started = time.thread_time()
    while (spent := time.thread_time() - started) < SECONDS:
        for _ in range(8):
            operation()
        count += 8
    return count / spent


def build_operations(papers):
    sd_jwt, vc_jwt = SdJwtVcProofSuite(), VcJwtProofSuite()
    key = signing_key_from_jwk(papers["private_jwk"], papers["key_id"])
    # Its VC-JWT is VCDM 1.1 with a `vc` claim: it gets the same claims in that form.
    own_vc_jwt = vc_jwt.sign(papers["credential"], signing_key=key, expires_in_s=86400)
    issuer_key = JWK(**papers["issuer_jwk"])
    private_key = JWK(**papers["private_jwk"])
    claims = {
        SDObj(name) if name in papers["disclosable"] else name: value
        for name, value in papers["claims"].items()
    }
    return {
        "reference_verify_sd_jwt": lambda: SDJWTVerifier(
            papers["presentation"],
            lambda *_: issuer_key,
            expected_aud=papers["audience"],
            expected_nonce=papers["nonce"],
        ).get_verified_payload(),
        "reference_issue_sd_jwt": lambda: SDJWTIssuer(claims, private_key).sd_jwt_issuance,
        "verify_sd_jwt": lambda: sd_jwt.verify(
            papers["presentation"],
            public_key_jwk=papers["issuer_jwk"],
            audience=papers["audience"],
            nonce=papers["nonce"],
            require_key_binding=True,
            expected_vct=papers["vct"],
        ),
        "verify_vc_jwt": lambda: vc_jwt.verify(own_vc_jwt, public_key_jwk=papers["issuer_jwk"]),
        "issue_sd_jwt": lambda: sd_jwt.issue(
            papers["claims"],
            signing_key=key,
            disclosable=papers["disclosable"],
            holder_jwk=papers["holder_jwk"],
            vct=papers["vct"],
            expires_in_s=86400,
        ),
    }


def verify_proof(suite):
    """From the text, as ours."""

    def build(words):
        text, jwk = words["text"], words["jwk"]
        return lambda: suite.verify(json.loads(text), public_key_jwk=jwk)

    return build


def verify_mdoc(words):
    response, transcript = bytes.fromhex(words["response"]), bytes.fromhex(words["transcript"])
    anchors = [x509.load_der_x509_certificate(bytes.fromhex(words["root"]))]
    return lambda: mdoc.verify_device_response(
        response, session_transcript=transcript, trust_anchors=anchors
    )


def verify_with_isomdoc(words):
    """It takes no anchors: whose certificate it is, nobody asks."""
    response = bytes.fromhex(words["response"])
    transcript = cbor2.loads(bytes.fromhex(words["transcript"]))
    return lambda: verify_device_response(response, transcript)


WITH_WORDS = {
    "verify_jcs": verify_proof(EddsaJcsProofSuite()),
    "verify_rdfc": verify_proof(DataIntegrityProofSuite()),
    "verify_mdoc": verify_mdoc,
    "isomdoc_verify_mdoc": verify_with_isomdoc,
}


def main():
    operations = build_operations(json.loads(sys.stdin.readline()))
    for line in sys.stdin:
        words = json.loads(line)
        name = words["operation"]
        try:
            build = WITH_WORDS.get(name)
            answer = {"rate": rate(build(words) if build else operations[name])}
        except REFUSALS as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
