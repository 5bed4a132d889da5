"""Cards with a barcode, and who signs them. Every key is fixed."""

from credentials.cbor_ld_registry import BUILT_IN, DEFAULT
from credentials.data_integrity import build_options, sign_document
from credentials.optical_data import hash_optical_data
from credentials.vc_barcode import build_barcode
from tests.credentials.ldp_workshop import V2, did_of, method_of, signer_of

BARCODES = "https://w3id.org/vc-barcodes/v1"
STATUSES = "https://issuer.city.example/status-lists"
ENTRY = BUILT_IN[DEFAULT]
REGISTRY_OFFICE = signer_of("ES256", "registry office")

ZONE = (
    "I<UTOX12345678<<<<<<<<<<<<<<<<\n8804192M2601058UTO<<<<<<<<<<<4\nSMITH<<JOHN<<<<<<<<<<<<<<<<<<<"
)

ELEMENTS = (
    *("DAQX1234", "DCSSOK", "DACDARA", "DADNONE", "DDEN", "DDFN", "DDGN", "DCAC", "DCBNONE"),
    *("DCDNONE", "DBD01012024", "DBB04191988", "DBA04192030", "DBC1", "DAU069 IN", "DAYBRO"),
    *("DAG1 RIVERSIDE", "DAIPHNOM PENH", "DAJPP", "DAK120000000  ", "DCF1", "DCGKHM"),
)


def licence_barcode(elements=ELEMENTS, *, jurisdiction="ZZA"):
    """The text of a PDF417 barcode with a subfile of the licence and one of the jurisdiction."""
    first, second = "DL" + "\n".join(elements) + "\r", f"ZZ{jurisdiction}\r"
    head = "@\n\x1e\rANSI 000000090002"
    start = len(head) + 20
    directory = f"DL{start:04}{len(first):04}ZZ{start + len(first):04}{len(second):04}"
    return head + directory + first + second


def card(subject=None, **changes):
    """An OpticalBarcodeCredential before it is signed; None leaves a member out."""
    document = {
        "@context": [V2, BARCODES],
        "type": ["VerifiableCredential", "OpticalBarcodeCredential"],
        "issuer": did_of(REGISTRY_OFFICE),
        "validUntil": "2027-11-01T00:00:00Z",
        "credentialSubject": subject or {"type": "MachineReadableZone"},
        "credentialStatus": {
            "type": "TerseBitstringStatusListEntry",
            "terseStatusListBaseUrl": STATUSES,
            "terseStatusListIndex": 3 * 2**26 + 41,
        },
        **changes,
    }
    return {name: value for name, value in document.items() if value is not None}


def sign(document, *, optical=ZONE, by=REGISTRY_OFFICE, suite="ecdsa-xi-2023"):
    """The document with the issuer's proof over it, and over what the card says."""
    options = build_options(
        document,
        cryptosuite=suite,
        algorithm=by.algorithm,
        verification_method=method_of(by),
        purpose="assertionMethod",
        created=None,
    )
    extra = hash_optical_data(document["credentialSubject"], optical) if optical else None
    return sign_document(document, options, signer=by, extra=extra)


def code(document):
    """The text of the QR code on the card."""
    return build_barcode(document, entry=ENTRY)
