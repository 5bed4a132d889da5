"""
Agencies: how an office comes to be able to issue.

1. the operator founds it here: two keys are made, one for credentials, one for status (S-191), and
   the first status list is opened and published
2. the operator takes both public keys to the register, which certifies and accredits them
3. the operator brings the certificates here; from then on the agency can issue

Each step may be repeated. Private keys never leave the keystore.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time
from urllib.parse import urlsplit

from credentials.catalog import CredentialType, vct
from credentials.dids import build_did_jwk, build_did_web
from credentials.errors import CredentialError
from credentials.keys import PublicKey, parse_jwk
from credentials.verdict import format_instant
from credentials.x509 import parse_leaf_key
from encoding.strict_json import JsonValue
from issuer.actors import Actor, require_operator
from issuer.errors import (
    AgencyExists,
    AgencyNotReady,
    BadCertificate,
    BadRequest,
    NoSuchAgency,
    TypeNotAccredited,
)
from issuer.office import Office
from issuer.store import agencies as store
from issuer.store import status_lists
from issuer.store.agencies import Agency
from runtime import audit
from runtime.failpoints import failpoint

FIRST_LIST = 1
LIST_SIZE = 131_072
"""BSL-05: the smallest list that keeps a herd."""
MAX_CERTIFICATES = 4

_NAME = re.compile(r"[a-z][a-z0-9-]{1,31}\Z")


def found_agency(
    office: Office,
    *,
    actor: Actor,
    name: str,
    types: tuple[str, ...],
    label: Mapping[str, str],
) -> Agency:
    """Found it, or find it as it was founded before with the same types."""
    require_operator(actor)
    if not _NAME.match(name):
        raise BadRequest("an agency's name is 2 to 32 of a-z, 0-9 and -")
    for type_name in types:
        office.catalog.by_name(type_name)
    if not types or len(set(types)) != len(types) or not label.get("en"):
        raise BadRequest("an agency needs types, each once, and a label in English")
    office.credential_signer(name)
    office.status_signer(name)
    with failpoint("issuer.found_agency"), office.database.writing() as session:
        agency = store.load_agency(session, name)
        if agency is None:
            store.add_agency(session, name=name, label=label, types=types, now=office.clock())
            status_lists.add_list(session, agency=name, number=FIRST_LIST, size=LIST_SIZE)
            audit.record(
                session,
                clock=office.clock,
                actor=actor.subject,
                action="found_agency",
                subject=name,
                detail={"types": list(types)},
            )
    if agency is not None and set(agency.types) != set(types):
        raise AgencyExists("an agency of this name is there with other types")
    return require_known(office, name)


def certify_agency(
    office: Office,
    *,
    actor: Actor,
    name: str,
    credential_x5c: tuple[bytes, ...],
    status_x5c: tuple[bytes, ...],
) -> Agency:
    """Keep the certificates of both keys; what is signed from now on carries them."""
    require_operator(actor)
    require_known(office, name)
    _check_chain(credential_x5c, key=credential_key(office, name))
    _check_chain(status_x5c, key=status_key(office, name))
    with failpoint("issuer.certify_agency"), office.database.writing() as session:
        store.record_certificates(
            session, name, credential_x5c=credential_x5c, status_x5c=status_x5c
        )
        status_lists.mark_agency_changed(session, name)
        audit.record(
            session,
            clock=office.clock,
            actor=actor.subject,
            action="certify_agency",
            subject=name,
            detail={},
        )
    return require_known(office, name)


def require_known(office: Office, name: str) -> Agency:
    """The agency of this name."""
    with office.database.reading() as session:
        agency = store.load_agency(session, name)
    if agency is None:
        raise NoSuchAgency("no such agency")
    return agency


def list_agencies(office: Office) -> tuple[Agency, ...]:
    """Every agency, by name."""
    with office.database.reading() as session:
        return store.load_agencies(session)


def require_type(office: Office, *, agency: str, type_name: str) -> CredentialType:
    """The type, if this agency may issue it now."""
    credential_type = office.catalog.by_name(type_name)
    check_accredited(require_known(office, agency), type_name)
    return credential_type


def check_accredited(agency: Agency, type_name: str) -> None:
    """Refuse a type that the agency was not accredited for, and an agency without certificates."""
    if type_name not in agency.types:
        raise TypeNotAccredited(f"agency {agency.name} is not accredited for type {type_name}")
    if not agency.is_certified:
        raise AgencyNotReady(f"agency {agency.name} has no certificates yet")


def credential_key(office: Office, agency: str) -> PublicKey:
    """The public half of the key that signs credentials."""
    return parse_jwk(dict(office.credential_signer(agency).public_jwk))


def status_key(office: Office, agency: str) -> PublicKey:
    """The public half of the key that signs status lists."""
    return parse_jwk(dict(office.status_signer(agency).public_jwk))


def agency_did(office: Office, agency: str) -> str:
    """The issuer of the agency's W3C credentials."""
    return build_did_web(office.credential_issuer(agency))


def build_agency_json(agency: Agency) -> dict[str, JsonValue]:
    """The agency as its officers and operators see it."""
    return {
        "name": agency.name,
        "label": dict(agency.label),
        "types": list(agency.types),
        "is_certified": agency.is_certified,
        "created_at": format_instant(agency.created_at),
    }


def build_founded_json(office: Office, agency: Agency) -> dict[str, JsonValue]:
    """All that the operator takes to the register."""
    issuer = office.credential_issuer(agency.name)
    keys = {
        "credential": credential_key(office, agency.name),
        "status": status_key(office, agency.name),
    }
    since = int(_start_of_day(agency.created_at).timestamp())
    return {
        "agency": build_agency_json(agency),
        "credential_issuer": issuer,
        "did": agency_did(office, agency.name),
        "credential_jwk": dict(keys["credential"].jwk),
        "status_jwk": dict(keys["status"].jwk),
        "certificate_requests": {
            use: {
                "public_jwk": dict(key.jwk),
                "subject": f"{agency.name} {use}",
                "san_uris": [issuer],
                "san_dns": [urlsplit(issuer).hostname],
            }
            for use, key in keys.items()
        },
        "trusted_issuer": {
            "identifiers": [
                issuer,
                agency_did(office, agency.name),
                build_did_jwk(keys["credential"]),
            ],
            "name": dict(agency.label),
            "keys": [
                {"jwk": dict(key.jwk), "use": use, "valid_from": since} for use, key in keys.items()
            ],
            "accreditations": [{"types": _build_identifiers(office, agency), "valid_from": since}],
        },
    }


def _build_identifiers(office: Office, agency: Agency) -> list[JsonValue]:
    identifiers: list[JsonValue] = []
    for name in agency.types:
        identifiers += [vct(name, office.base_url), office.catalog.by_name(name).vcdm_type]
    return identifiers


def _start_of_day(instant: datetime) -> datetime:
    """Credentials carry times rounded down to the day, so keys must be valid from then on."""
    return datetime.combine(instant.astimezone(UTC).date(), time.min, tzinfo=UTC)


def _check_chain(chain: tuple[bytes, ...], *, key: PublicKey) -> None:
    if not 1 <= len(chain) <= MAX_CERTIFICATES:
        raise BadCertificate(f"a chain has 1 to {MAX_CERTIFICATES} certificates")
    try:
        leaf = parse_leaf_key(chain[0])
    except CredentialError as error:
        raise BadCertificate("the certificate cannot be read") from error
    if leaf != key:
        raise BadCertificate("the certificate is for another key")
