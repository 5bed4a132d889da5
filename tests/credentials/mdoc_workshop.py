"""A driving licence as an mdoc, its signer, its holder and its judge. Every key is fixed."""

from datetime import date, timedelta

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from credentials.cose import build_protected, build_value, parse_value, sig_structure
from credentials.handover import OpenID4VPHandover, build_transcript
from credentials.material import Material
from credentials.mdoc import read_device_response
from credentials.mdoc_issuing import issue_mdoc
from credentials.mdoc_presenting import (
    build_device_response,
    build_device_signing_input,
    build_document,
    select_elements,
)
from credentials.mdoc_values import build_full_date
from credentials.policy import CredentialRule, Policy, StatusPolicy, StatusRule
from credentials.trust import Accreditation, TrustedIssuer, TrustRegistry
from credentials.verification import verify
from credentials.x509 import (
    MDL_DOCUMENT_SIGNER,
    build_authority_certificate,
    build_leaf_certificate,
)
from encoding.cbor import Tagged, build_embedded
from tests.credentials.workshop import (
    AGENCY,
    DRIVER,
    ISSUER,
    NONCE,
    NOW,
    VERIFIER,
    public_key,
    salts,
    signer,
)

MDL = "org.iso.18013.5.1.mDL"
ISO = "org.iso.18013.5.1"
ROOT = signer("city root")
DAY = timedelta(days=1)
SESSION = OpenID4VPHandover(
    client_id=VERIFIER, response_uri="https://verifier.city.example/answer", jwk_thumbprint=None
)
ELEMENTS = {
    "family_name": "Sok",
    "given_name": "Dara",
    "birth_date": build_full_date(date(1990, 4, 12)),
    "document_number": "PP-0712345",
    "portrait": b"\xff\xd8\xff\xe0",
    "driving_privileges": [
        {"vehicle_category_code": "B", "issue_date": build_full_date(date(2026, 1, 15))}
    ],
    "age_over_18": True,
}


def der(certificate):
    return certificate.public_bytes(Encoding.DER)


def root_certificate(by=ROOT, name="City of Phnom Penh"):
    builder = build_authority_certificate(
        common_name=name,
        public_key=public_key(by),
        serial=1,
        valid_from=NOW - 100 * DAY,
        validity=3650 * DAY,
        country="KH",
    )
    return builder.sign(by.private_key, SHA256())


def signer_certificate(key=AGENCY, *, by=ROOT, **changes):
    """A document signer's certificate, in the profile of ISO 18013-5 annex B."""
    members = {
        "common_name": "Transport agency",
        "public_key": public_key(key),
        "authority": root_certificate(by),
        "uris": (),
        "dns_names": (),
        "serial": 2,
        "valid_from": NOW - 10 * DAY,
        "validity": 365 * DAY,
        "country": "KH",
        "uses": (MDL_DOCUMENT_SIGNER,),
    }
    return der(build_leaf_certificate(**{**members, **changes}).sign(by.private_key, SHA256()))


SERVER_AUTH = (ExtendedKeyUsageOID.SERVER_AUTH,)
ROOT_DER = der(root_certificate())
LEAF_DER = signer_certificate()


def issue(**changes):
    members = {
        "namespaces": {ISO: ELEMENTS},
        "doc_type": MDL,
        "signer": AGENCY,
        "x5chain": (LEAF_DER,),
        "device_key": public_key(DRIVER),
        "signed": NOW - DAY,
        "valid_from": NOW - DAY,
        "valid_until": NOW + 30 * DAY,
        "status": None,
        "salt": salts(),
    }
    members |= changes
    return issue_mdoc(members.pop("namespaces"), **members)


def present(issuer_signed, names=("family_name",), *, by=DRIVER, session=SESSION, nonce=NONCE):
    """A DeviceResponse with one document."""
    return build_device_response([document_of(issuer_signed, names, by, session, nonce)])


def document_of(issuer_signed, names=("family_name",), by=DRIVER, session=SESSION, nonce=NONCE):
    shown = select_elements(issuer_signed, {ISO: names})
    transcript = build_transcript(session, nonce)
    signing_input = build_device_signing_input(shown, transcript=transcript, algorithm=by.algorithm)
    return build_document(shown, algorithm=by.algorithm, signature=by.sign(signing_input))


def changed(data, change):
    """The encoded value after `change` was made to what it holds."""
    value = parse_value(data)
    change(value)
    return build_value(value)


def resigned(issuer_signed, change, *, by=AGENCY):
    """The IssuerSigned with a changed MSO that its issuer signed nevertheless."""
    members = parse_value(issuer_signed)
    mso = parse_value(parse_value(members["issuerAuth"][2]).value)
    change(mso)
    protected, payload = build_protected(by.algorithm, {}), build_embedded(build_value(mso))
    members["issuerAuth"][0] = protected
    members["issuerAuth"][2] = payload
    members["issuerAuth"][3] = by.sign(sig_structure(protected, payload))
    return build_value(members)


def embedded(value):
    return Tagged(24, build_value(value))


def agency(*, identifiers=(ISSUER,), anchors=(ROOT_DER,), keys=(), types=(MDL,)):
    return TrustedIssuer(
        identifiers=identifiers,
        name={"en": "Transport agency"},
        keys=keys,
        x5c_anchors=anchors,
        accreditations=(
            Accreditation(types=frozenset(types), valid_from=NOW - 100 * DAY, valid_until=None),
        ),
    )


def registry(*issuers):
    return TrustRegistry(
        version=1,
        issued_at=NOW - DAY,
        expires_at=NOW + DAY,
        issuers=issuers or (agency(),),
        verifiers=(),
    )


def policy(*, status=StatusRule.IF_PRESENT, claims=((ISO, "family_name"),), bound=True):
    return Policy(
        credentials=(CredentialRule(id="licence", types=frozenset({MDL}), required_claims=claims),),
        joins=(),
        status=StatusPolicy(rule=status, max_age=None, require_anchor=False),
        require_holder_binding=bound,
        freshness=timedelta(minutes=5),
        skew=timedelta(seconds=60),
    )


def judge(data, *, trust=None, now=NOW, nonce=NONCE, session=SESSION, rules=None, lists=None):
    """The verdict on an encoded DeviceResponse."""
    return verify(
        {"licence": read_device_response(data)},
        Material(trust=trust or registry(), lists=lists or {}, log=None, is_replayed=False),
        rules or policy(),
        now=now,
        audience=VERIFIER,
        nonce=nonce,
        handover=session,
    )


def failing(verdict):
    """(check, reason, detail) of the checks that did not pass by themselves."""
    return [
        (check.name, check.reason.value, check.detail)
        for check in verdict.checks
        if check.reason is not None and check.detail != "not_verified"
    ]
