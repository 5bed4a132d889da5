"""`cwt` in a process of its own: COSE_Sign1 and CBOR Web Tokens, signed and checked."""

import cbor2
import cwt
from cwt import COSE, COSEKey
from lines import serve


def key(jwk):
    return COSEKey.from_jwk(jwk)


def verify_cwt(token, jwk):
    claims = cwt.decode(bytes.fromhex(token), key(jwk))
    return sorted(str(name) for name in claims)


def verify_sign1(token, jwk):
    """The COSE layer alone, which has no opinion on claims."""
    return COSE.new().decode(bytes.fromhex(token), key(jwk)).hex()


def issue(claims, protected, jwk):
    """`claims`: CBOR in hex, since JSON has no integer names."""
    header = cbor2.loads(bytes.fromhex(protected))
    cose = COSE.new(alg_auto_inclusion=True)
    return cose.encode_and_sign(bytes.fromhex(claims), key(jwk), protected=header).hex()


serve({"verify_cwt": verify_cwt, "verify_sign1": verify_sign1, "issue": issue})
