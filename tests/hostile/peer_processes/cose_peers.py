"""CBOR Web Tokens and COSE by `cwt`; started with the Python of `.venv-peers`."""

from base64 import urlsafe_b64decode

import cbor2
import cwt.cwt
from cwt import COSE, CWT, COSEKey
from cwt.exceptions import CWTError
from serving import serve, set_clocks

SKEW = 60
PROTECTED, HEADERS = 0, 2
KID, KEY_ID, CONFIRMATION, COSE_KEY, KCWT = 4, 2, 8, 1, 13


def data(case):
    text = case["presentation"]
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def name_in(token):
    """The key id in the headers: keys have no names in a case, so they have the one it uses."""
    try:
        protected, unprotected = cbor2.loads(token).value[:HEADERS]
        return cbor2.loads(protected).get(KID) or unprotected.get(KID)
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError, EOFError):
        return None


def keys(case, token):
    name = name_in(token)
    members = [COSEKey.from_jwk(each).to_dict() for each in case["keys"]]
    return [COSEKey.new({**each, KEY_ID: name} if name else each) for each in members]


def decode(token, some):
    return CWT.new(leeway=SKEW).decode(token, some)


def inner_of(outer):
    """The issuer's token in the header of the holder's proof."""
    try:
        return cbor2.dumps(cbor2.loads(outer.value[PROTECTED])[KCWT])
    except (AttributeError, LookupError, TypeError, RecursionError) as error:
        raise ValueError("no token inside") from error


def key_of_holder(claims):
    try:
        return claims[CONFIRMATION][COSE_KEY]
    except (LookupError, TypeError) as error:
        raise ValueError("no key of a holder") from error


def read_cwt(case):
    """
    A token by its issuer's key; one that is bound, by the key that the inner one names. That proof
    has no key id, which only the COSE layer takes.
    """
    if not case["bound"]:
        decode(data(case), keys(case, data(case)))
        return
    inner = inner_of(cbor2.loads(data(case)))
    claims = decode(inner, keys(case, inner))
    COSE.new().decode(data(case), COSEKey.new(key_of_holder(claims)))


def read_sign1(case):
    """The COSE layer alone: what is signed is no CWT."""
    COSE.new().decode(data(case), keys(case, data(case)))


REFUSALS = (CWTError, cbor2.CBORError, ValueError)
set_clocks(cwt.cwt)
serve({"cwt": (read_cwt, REFUSALS), "cwt COSE": (read_sign1, REFUSALS)})
