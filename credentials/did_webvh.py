"""
did:webvh 1.0: the document of a DID, from the bytes of its log (WVH-01 to WVH-08).

Nothing here fetches: whoever calls brings `did.jsonl`, `did-witness.json` and the time. Knowing
that a log is whole gives nobody trust in its DID; which agency is trusted says the registry.
A deactivated DID has no document any more; its older versions can still be asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from credentials.errors import Malformed
from credentials.webvh_identifier import VersionQuery, WebvhDid, parse_did_webvh_url
from credentials.webvh_log import Version, verify_log
from credentials.webvh_parameters import Parameters
from credentials.webvh_witness import verify_witnesses
from encoding.strict_json import JsonValue

WHOIS_CONTEXT = "https://identity.foundation/linked-vp/contexts/v1"


@dataclass(frozen=True, slots=True)
class Resolution:
    """A document, or None when the DID is deactivated, with what is known about the version."""

    document: Mapping[str, JsonValue] | None
    metadata: Mapping[str, JsonValue]
    ttl: int


def resolve_did_webvh(
    url: str, *, log: bytes, witness_proofs: bytes | None, now: datetime
) -> Resolution:
    """
    Resolve a DID, or a DID URL with `versionId`, `versionTime` or `versionNumber`.

    `witness_proofs` None means that there is no such file. The DID that is asked for must be the
    name of at least one version, and every version must carry its SCID.
    """
    did, query = parse_did_webvh_url(url)
    versions = verify_log(log, now=now)
    verify_witnesses(versions, witness_proofs, now=now)
    # The SCID of every entry equals the first one's, so a name in common is the SCID in common.
    if all(version.did.text != did.text for version in versions):
        raise Malformed("the log is of another DID", detail="log_of_another_did")
    version = _select(versions, query)
    last = versions[-1].parameters
    return Resolution(
        document=None if version.parameters.deactivated else version.document,
        metadata=_build_metadata(versions, version, last),
        ttl=last.ttl,
    )


def add_implicit_services(document: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """
    The document with the two services that every did:webvh has unless it says otherwise.

    "DID URL Path Resolution" and "whois LinkedVP Service": files beneath the DID, and `/whois`.
    """
    did, _ = parse_did_webvh_url(str(document.get("id")))
    files = did.files_url(allow_http_loopback=True)
    implicit: tuple[dict[str, JsonValue], ...] = (
        {"id": "#files", "type": "relativeRef", "serviceEndpoint": files},
        {
            "@context": WHOIS_CONTEXT,
            "id": "#whois",
            "type": "LinkedVerifiablePresentation",
            "serviceEndpoint": f"{files}whois.vp",
        },
    )
    given = document.get("service")
    services = [*given] if isinstance(given, list) else []
    named = {_service_name(each, did) for each in services}
    services += [each for each in implicit if each["id"] not in named]
    return {**document, "service": services}


def build_parallel_did_web(document: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The did:web document of the same place, for resolvers that know no did:webvh."""
    did, _ = parse_did_webvh_url(str(document.get("id")))
    old, new = f"did:webvh:{did.scid}:", "did:web:"
    renamed = _rename(add_implicit_services(document), old=old, new=new)
    if not isinstance(renamed, dict):
        raise Malformed("a document must be an object", detail="invalid_did_document")
    given = renamed.get("alsoKnownAs")
    names = [each for each in given if isinstance(each, str)] if isinstance(given, list) else []
    known_as = dict.fromkeys([*names, did.text])
    known_as.pop(str(renamed["id"]), None)
    return {**renamed, "alsoKnownAs": [*known_as]}


def _select(versions: Sequence[Version], query: VersionQuery) -> Version:
    if query.version_id is not None:
        found = [each for each in versions if each.version_id == query.version_id]
    elif query.version_number is not None:
        found = [each for each in versions if each.number == query.version_number]
    elif query.version_time is not None:
        moment = query.version_time
        found = [each for each in versions if each.time <= moment]
    else:
        found = [*versions]
    if not found:
        raise Malformed("the log has no such version", detail="version_not_found")
    return found[-1]


def _build_metadata(
    versions: Sequence[Version], version: Version, last: Parameters
) -> dict[str, JsonValue]:
    """DID resolution knows no integers but for the version number, so they stand as text."""
    metadata: dict[str, JsonValue] = {
        "versionId": version.version_id,
        "versionNumber": version.number,
        "versionTime": version.time_text,
        "created": versions[0].time_text,
        "updated": versions[-1].time_text,
        "scid": last.scid,
        "portable": last.portable,
        "deactivated": last.deactivated,
        "ttl": str(last.ttl),
        "watchers": [*last.watchers],
    }
    if last.witnesses is not None:
        witnesses: list[JsonValue] = [{"id": each} for each in last.witnesses.ids]
        metadata["witness"] = {
            "threshold": str(last.witnesses.threshold),
            "witnesses": witnesses,
        }
    return metadata


def _service_name(service: JsonValue, did: WebvhDid) -> str:
    name = service.get("id") if isinstance(service, dict) else None
    return name.removeprefix(did.text) if isinstance(name, str) else ""


def _rename(value: JsonValue, *, old: str, new: str) -> JsonValue:
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, list):
        return [_rename(each, old=old, new=new) for each in value]
    if isinstance(value, dict):
        return {
            name.replace(old, new): _rename(each, old=old, new=new) for name, each in value.items()
        }
    return value
