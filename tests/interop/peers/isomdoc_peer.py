"""isomdoc in a process of its own: it issues mdocs and verifies responses; it has no holder."""

from datetime import datetime

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from isomdoc import create_mdoc, verify_device_response
from lines import serve


def verify(response, transcript, root):
    """It takes no anchors: whose certificate it is, nobody asks."""
    assert root
    found = verify_device_response(bytes.fromhex(response), cbor2.loads(bytes.fromhex(transcript)))
    return [type(each).__name__ for each in found.documents]


def issue(doc_type, namespace, texts, dates, leaf, key, device_key, since, until):
    certificate = x509.load_der_x509_certificate(bytes.fromhex(leaf))
    mdoc = create_mdoc(doc_type, [certificate], load_pem_private_key(key.encode(), None))
    for name, value in texts.items():
        mdoc.add_data_item(namespace, name, value)
    for name, value in dates.items():
        mdoc.add_data_item(namespace, name, cbor2.CBORTag(1004, value))
    begin, end = datetime.fromisoformat(since), datetime.fromisoformat(until)
    return mdoc.generate_credential(
        load_pem_public_key(device_key.encode()), begin, begin, end
    ).hex()


serve({"verify": verify, "issue": issue})
