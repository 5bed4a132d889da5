"""pymdoccbor in a process of its own: issuer's data only; it knows no device authentication."""

import tempfile
from pathlib import Path

from cryptography import x509
from lines import serve
from pymdoccbor.mdoc.issuer import MdocCborIssuer
from pymdoccbor.mdoc.verifier import MdocCbor


def verify(response, transcript, root):
    assert transcript
    mdoc = MdocCbor()
    mdoc.loads(response)
    anchors = [x509.load_der_x509_certificate(bytes.fromhex(root))]
    if not mdoc.verify(trusted_root_certs=anchors):
        raise ValueError("not verified")
    return True


def issue(doc_type, namespace, claims, leaf, secret, device_key, since, until):
    private = {"KTY": "EC2", "CURVE": "P_256", "ALG": "ES256", "D": bytes.fromhex(secret)}
    issuer = MdocCborIssuer(private_key={**private, "KID": b"key-1"}, alg="ES256")
    device = {name: bytes.fromhex(value) for name, value in device_key.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "leaf.der"
        path.write_bytes(bytes.fromhex(leaf))
        issuer.new(
            doctype=doc_type,
            data={namespace: claims},
            devicekeyinfo={"KTY": "EC2", "CURVE": "P_256", "ALG": "ES256", **device},
            cert_path=str(path),
            validity={"issuance_date": since, "expiry_date": until},
        )
    return issuer.dump().hex()


serve({"verify": verify, "issue": issue})
