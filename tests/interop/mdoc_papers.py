"""Driving licences as mdocs for the peers, who read the machine's clock, and hostile ones."""

import secrets
from datetime import date

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from credentials.cose import build_protected, build_value, parse_value, sig_structure
from credentials.errors import Malformed
from credentials.handover import OpenID4VPHandover, build_transcript
from credentials.mdoc import read_device_response
from credentials.mdoc_issuing import issue_mdoc
from credentials.mdoc_presenting import (
    build_device_response,
    build_device_signing_input,
    build_document,
    select_elements,
)
from credentials.mdoc_values import build_full_date
from credentials.x509 import (
    MDL_DOCUMENT_SIGNER,
    build_authority_certificate,
    build_leaf_certificate,
)
from encoding.cbor import build_cbor, build_embedded
from tests.interop.our_side import AUDIENCE, DAY, NONCE, Party, is_accepted, now, trust

MDL, ISO = "org.iso.18013.5.1.mDL", "org.iso.18013.5.1"
ISSUER = "https://issuer.city.example/agencies/transport"
ANSWER = "https://verifier.city.example/answer"
ROOT, AGENCY, DRIVER, STRANGER = Party("root"), Party("agency"), Party("driver"), Party("stranger")
SESSION = OpenID4VPHandover(client_id=AUDIENCE, response_uri=ANSWER, jwk_thumbprint=None)
ELEMENTS = {
    "family_name": "Sok",
    "given_name": "Dara",
    "birth_date": build_full_date(date(1990, 4, 12)),
    "issue_date": build_full_date(date(2026, 1, 15)),
    "expiry_date": build_full_date(date(2031, 1, 15)),
    "issuing_country": "KH",
    "issuing_authority": "Transport agency",
    "document_number": "PP-0712345",
    "portrait": b"\xff\xd8\xff\xe0" * 20,
    "driving_privileges": [
        {"vehicle_category_code": "B", "issue_date": build_full_date(date(2026, 1, 15))}
    ],
    "un_distinguishing_sign": "K",
    "age_over_18": True,
}
EVERYTHING = tuple(ELEMENTS)
SHOWN = {
    "everything": EVERYTHING,
    "name and age": ("family_name", "age_over_18", "issuing_country"),
    "one element": ("family_name", "issuing_country"),
}


def _root(by=ROOT):
    return build_authority_certificate(
        common_name="City of Phnom Penh",
        public_key=by.key,
        serial=1,
        valid_from=now() - 100 * DAY,
        validity=3650 * DAY,
        country="KH",
    ).sign(by.private_key, SHA256())


def _leaf(root, key=AGENCY, *, by=ROOT):
    return build_leaf_certificate(
        common_name="Transport agency",
        public_key=key.key,
        authority=root,
        uris=(),
        dns_names=(),
        serial=2,
        valid_from=now() - 10 * DAY,
        validity=365 * DAY,
        country="KH",
        uses=(MDL_DOCUMENT_SIGNER,),
    ).sign(by.private_key, SHA256())


ROOT_CERTIFICATE = _root()
LEAF_CERTIFICATE = _leaf(ROOT_CERTIFICATE)


def der(certificate):
    return certificate.public_bytes(Encoding.DER)


def pem(certificate):
    return certificate.public_bytes(Encoding.PEM).decode()


def private_pem(party):
    return party.private_key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    ).decode()


def public_pem(party):
    public = party.private_key.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def transcript(nonce=NONCE):
    return build_cbor(build_transcript(SESSION, nonce))


def issue(**changes):
    members = {
        "doc_type": MDL,
        "signer": AGENCY.signer,
        "x5chain": (der(LEAF_CERTIFICATE),),
        "device_key": DRIVER.key,
        "signed": now() - DAY,
        "valid_from": now() - DAY,
        "valid_until": now() + 30 * DAY,
        "status": None,
        "salt": lambda: secrets.token_bytes(16),
        **changes,
    }
    return issue_mdoc({ISO: ELEMENTS}, **members)


def present(issuer_signed, names=EVERYTHING, *, by=DRIVER, nonce=NONCE):
    return device_signed(select_elements(issuer_signed, {ISO: names}), by=by, nonce=nonce)


def device_signed(shown, *, by=DRIVER, nonce=NONCE):
    algorithm = by.algorithm
    signing_input = build_device_signing_input(
        shown, transcript=build_transcript(SESSION, nonce), algorithm=algorithm
    )
    document = build_document(shown, algorithm=algorithm, signature=by.signer.sign(signing_input))
    return build_device_response([document])


def accepted_here(response):
    registry = trust(issuer=ISSUER, key=None, types=[MDL], anchors=[der(ROOT_CERTIFICATE)])
    try:
        read = read_device_response(response)
    except Malformed:
        return False
    return is_accepted(
        read, registry=registry, types=[MDL], claim=(ISO, "family_name"), handover=SESSION
    )


def altered(response):
    """Another name, after everything was signed."""
    changed = response.replace(b"\x63Sok", b"\x63Sak")
    assert changed != response
    return changed


# What follows breaks one rule each, signed again where a signature would hide it.


def edit(response, change):
    value = parse_value(response)
    change(value, value["documents"][0])
    return build_value(value)


def resigned(change, *, by=AGENCY):
    """An MSO that its issuer signed although it is wrong, in a response that is right otherwise."""

    def resign(_, document):
        auth = document["issuerSigned"]["issuerAuth"]
        mso = parse_value(parse_value(auth[2]).value)
        change(mso)
        auth[0] = build_protected(by.algorithm, {})
        auth[2] = build_embedded(build_value(mso))
        auth[3] = by.signer.sign(sig_structure(auth[0], auth[2]))

    return edit(present(issue()), resign)


def set_member(*path, to):
    def change(mso):
        place = mso
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to(place[path[-1]])

    return change


def anchored_nowhere():
    """A stranger's root of the same name, and a leaf under it."""
    leaf = _leaf(_root(STRANGER), STRANGER, by=STRANGER)
    return issue(signer=STRANGER.signer, x5chain=(der(leaf),))


def leaf_of(issuer_signed):
    return parse_value(issuer_signed)["issuerAuth"][1][33]
