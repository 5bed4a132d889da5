"""mdocs by Python libraries of others; started with the Python of `.venv-peers`."""

from base64 import urlsafe_b64decode
from datetime import UTC, datetime

import cbor2
import pymdoccbor.mso.verifier
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from isomdoc import verify_device_response
from openvc import mdoc
from openvc.errors import OpenvcError
from pycose.exceptions import (
    CoseException,
    CoseIllegalAlgorithm,
    CoseIllegalKeyOps,
    CoseIllegalKeyType,
    CoseInvalidKey,
    CoseMalformedMessage,
    CoseUnsupportedCurve,
)
from pymdoccbor.exceptions import InvalidMdoc, MsoX509ChainNotFound, UnsupportedMsoDataFormat
from pymdoccbor.mdoc.exceptions import (
    MissingIssuerAuth,
    NoDocumentTypeProvided,
    NoSignedDocumentProvided,
)
from pymdoccbor.mdoc.verifier import MdocCbor
from serving import serve, set_clocks

PYCOSE_ERRORS = (
    CoseException,
    CoseIllegalAlgorithm,
    CoseIllegalKeyOps,
    CoseIllegalKeyType,
    CoseInvalidKey,
    CoseMalformedMessage,
    CoseUnsupportedCurve,
)
PYMDOCCBOR_ERRORS = (
    InvalidMdoc,
    MsoX509ChainNotFound,
    UnsupportedMsoDataFormat,
    MissingIssuerAuth,
    NoDocumentTypeProvided,
    NoSignedDocumentProvided,
    *PYCOSE_ERRORS,
    cbor2.CBORError,
    ValueError,
)


def response(case):
    text = case["presentation"]
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def anchors(case):
    return [x509.load_pem_x509_certificate(each.encode()) for each in case["anchors"]]


def isomdoc(case):
    """It takes neither anchors nor a time."""
    verify_device_response(response(case), cbor2.loads(bytes.fromhex(case["transcript"])))


def pymdoccbor_issuer(case):
    """It reads the issuer's part of each document, and knows no session."""
    read = MdocCbor()
    read.loads(response(case))
    if not read.verify(trusted_root_certs=anchors(case)):
        raise ValueError("not verified")


def openvc_mdoc(case):
    mdoc.verify_device_response(
        response(case),
        session_transcript=bytes.fromhex(case["transcript"]),
        trust_anchors=anchors(case),
        now=datetime.fromtimestamp(case["now"], UTC),
    )


set_clocks(pymdoccbor.mso.verifier)
serve(
    {
        "isomdoc": (isomdoc, (RuntimeError, ValueError, cbor2.CBORError, InvalidSignature)),
        "pymdoccbor": (pymdoccbor_issuer, PYMDOCCBOR_ERRORS),
        "openvc-core": (openvc_mdoc, OpenvcError),
    }
)
