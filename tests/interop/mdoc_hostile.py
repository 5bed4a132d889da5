"""Responses on which readers of mdocs differ, each with what decides."""

from encoding.cbor import Tagged
from tests.interop.mdoc_papers import (
    AGENCY,
    DAY,
    STRANGER,
    altered,
    anchored_nowhere,
    edit,
    issue,
    leaf_of,
    now,
    present,
    resigned,
    set_member,
)
from tests.interop.peer_page import Hostile


def _without_device(_, document):
    del document["deviceSigned"]


def _another_type(_, document):
    document["docType"] = "org.iso.7367.1.mVRC"


def _one_bit_of(part):
    def change(_, document):
        if part == "issuer":
            place = document["issuerSigned"]["issuerAuth"]
        else:
            place = document["deviceSigned"]["deviceAuth"]["deviceSignature"]
        place[3] = place[3][:-1] + bytes([place[3][-1] ^ 1])

    return change


def _leaf_swapped(_, document):
    document["issuerSigned"]["issuerAuth"][1][33] = leaf_of(anchored_nowhere())


def _status_text(value, _):
    value["status"] = 10


MAKERS = {
    "nothing wrong": lambda: present(issue()),
    "an element changed": lambda: altered(present(issue())),
    "a digest that is not there": lambda: resigned(
        set_member("valueDigests", to=lambda each: {name: {} for name in each})
    ),
    "a digest algorithm that nobody knows": lambda: resigned(
        set_member("digestAlgorithm", to=lambda _: "SHA-257")
    ),
    "an MSO of version 2.0": lambda: resigned(set_member("version", to=lambda _: "2.0")),
    "an MSO of another docType": lambda: resigned(
        set_member("docType", to=lambda _: "org.iso.7367.1.mVRC")
    ),
    "a document of another docType": lambda: edit(present(issue()), _another_type),
    "a time with a fraction": lambda: resigned(
        set_member("validityInfo", "validUntil", to=lambda each: Tagged(0, each.value[:-1] + ".5Z"))
    ),
    "validity ended": lambda: present(
        issue(signed=now() - 3 * DAY, valid_from=now() - 3 * DAY, valid_until=now() - DAY)
    ),
    "validity begins tomorrow": lambda: present(issue(valid_from=now() + DAY)),
    "a chain to nobody's anchor": lambda: present(anchored_nowhere()),
    "somebody else's certificate": lambda: edit(present(issue()), _leaf_swapped),
    "signed by another key than the leaf's": lambda: resigned(lambda _: None, by=STRANGER),
    "an issuer's signature of other bits": lambda: edit(present(issue()), _one_bit_of("issuer")),
    "a device's signature of other bits": lambda: edit(present(issue()), _one_bit_of("device")),
    "a device's signature for another session": lambda: present(issue(), nonce="another-nonce-00"),
    "another device": lambda: present(issue(), by=AGENCY),
    "no device's part": lambda: edit(present(issue()), _without_device),
    "a response with an error status": lambda: edit(present(issue()), _status_text),
    "bytes behind the response": lambda: present(issue()) + b"\0",
}
_ISO = "ISO/IEC 18013-5"
_MSO = "the digest of each element is the one in the MSO (our words)"
_DEVICE = "the mdoc reader validates the device signature against the session (our words)"
_CHAIN = "the certificate chain is validated to a trusted root (our words)"
ROWS = (
    ("nothing wrong", True, f"{_ISO} 9.3", "all of its steps succeed (our words)"),
    ("an element changed", False, f"{_ISO} 9.3.1", _MSO),
    ("a digest that is not there", False, f"{_ISO} 9.3.1", _MSO),
    (
        "a digest algorithm that nobody knows",
        False,
        f"{_ISO} 9.1.2.5",
        "SHA-256, SHA-384 or SHA-512 (our words)",
    ),
    ("an MSO of version 2.0", False, f"{_ISO} 9.1.2.4", "the version is 1.0 (our words)"),
    (
        "an MSO of another docType",
        False,
        f"{_ISO} 9.3.1",
        "docType of MSO and document are the same (our words)",
    ),
    (
        "a document of another docType",
        False,
        f"{_ISO} 9.3.1",
        "docType of MSO and document are the same (our words)",
    ),
    (
        "a time with a fraction",
        False,
        f"{_ISO} 9.1.2.4",
        "fraction-of-seconds are not used in validityInfo (our words)",
    ),
    ("validity ended", False, f"{_ISO} 9.3.1", "now is within validityInfo (our words)"),
    ("validity begins tomorrow", False, f"{_ISO} 9.3.1", "now is within validityInfo (our words)"),
    ("a chain to nobody's anchor", False, f"{_ISO} 9.3.3", _CHAIN),
    ("somebody else's certificate", False, f"{_ISO} 9.3.3", _CHAIN),
    (
        "signed by another key than the leaf's",
        False,
        f"{_ISO} 9.3.1",
        "the signature is verified with the key of the certificate (our words)",
    ),
    (
        "an issuer's signature of other bits",
        False,
        "RFC 9052 4.4",
        "the signature is verified over the Sig_structure (our words)",
    ),
    ("a device's signature of other bits", False, f"{_ISO} 9.1.3", _DEVICE),
    (
        "a device's signature for another session",
        False,
        "OpenID4VP 1.0 B.2.6",
        "the transcript holds the nonce (our words)",
    ),
    ("another device", False, f"{_ISO} 9.1.3", _DEVICE),
    ("no device's part", False, f"{_ISO} 8.3.2.1.2.2", "deviceSigned is there (our words)"),
    (
        "a response with an error status",
        False,
        f"{_ISO} 8.3.2.1.2.3",
        "10, 11 and 12 are errors and carry no documents (our words)",
    ),
    (
        "bytes behind the response",
        False,
        "RFC 8949 5.3.1",
        "nothing remains behind the item (our words)",
    ),
)
HOSTILE = tuple(Hostile(*row) for row in ROWS)
