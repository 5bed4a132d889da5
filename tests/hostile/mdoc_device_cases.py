"""
S-040, S-039, S-042, S-044: an mdoc is shown by its device, and in this session.

ISO 18013-5 section 9.1.3 (device authentication), OpenID4VP 1.0 appendix B.2.6 (the session
transcript of a request by redirect and of one through the browser's API).
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from credentials.handover import DcApiHandover, OpenID4VPHandover
from encoding import base64url
from encoding.cbor import Tagged
from tests.hostile import mdoc_switches, proof_switches  # noqa: F401
from tests.hostile.case import HostileCase
from tests.hostile.mdoc_stage import (
    ISO,
    ISSUED,
    MDL,
    RESPONSE_URI,
    ROOT,
    SESSION,
    SHOWN,
    SIGNER,
    STRANGER,
    Change,
    cose_key,
    issue,
    line,
    respond,
    tdate,
)
from tests.hostile.proof_stage import signer_of
from tests.hostile.stage import AUDIENCE, NONCE, with_members

ORIGIN = "https://verifier.city.example"
PRINT = bytes(range(32))
BAD = "holder_not_bound/bad_holder_signature"
SIGNED = "proof_signature_of_holder"


def cases() -> Iterator[HostileCase]:
    yield from _sessions()
    yield from _browser_sessions()
    yield from _stripped()
    yield from _devices()
    yield from _device_signed()
    yield from _responses()


def _reject(
    sid: str, name: str, change: Change, check: str, why: str, **members: Any
) -> HostileCase:
    reason, _, detail = why.partition("/")
    made = line(SHOWN, change, **members)
    return SHOWN.reject(sid, name, made, check=check, reason=reason, detail=detail)


def _twin(sid: str, name: str, change: Change, **members: Any) -> HostileCase:
    return SHOWN.twin(sid, name, line(SHOWN, change, **members), check=SIGNED)


def _sessions() -> Iterator[HostileCase]:
    """What the device signed belongs to another session."""
    sessions = {
        "client": replace(SESSION, client_id="x509_san_dns:evil.example"),
        "client-case": replace(SESSION, client_id=AUDIENCE.upper()),
        "client-prefix": replace(SESSION, client_id=AUDIENCE.partition(":")[2]),
        "client-empty": replace(SESSION, client_id=""),
        "uri": replace(SESSION, response_uri="https://evil.example/response"),
        "uri-slash": replace(SESSION, response_uri=f"{RESPONSE_URI}/"),
        "uri-query": replace(SESSION, response_uri=f"{RESPONSE_URI}?a"),
        "uri-http": replace(SESSION, response_uri=RESPONSE_URI.replace("https", "http")),
        "key": replace(SESSION, jwk_thumbprint=PRINT),
        "turned": OpenID4VPHandover(RESPONSE_URI, AUDIENCE, None),
        "browser": DcApiHandover(ORIGIN, None),
    }
    for name, session in sessions.items():
        change = Change(session=session)
        yield _reject("S-040", f"session-{name}", change, SIGNED, BAD)
    for name, nonce in {
        "other": "another",
        "empty": "",
        "case": NONCE.swapcase(),
        "longer": f"{NONCE}A",
    }.items():
        yield _reject("S-040", f"nonce-{name}", Change(nonce=nonce), SIGNED, BAD)
        yield _reject("S-040", f"nonce-asked-{name}", Change(), SIGNED, BAD, nonce=nonce)
    asked: dict[str, Any] = {
        "client": {"client_id": "x509_san_dns:other.example", "response_uri": RESPONSE_URI},
        "uri": {"client_id": AUDIENCE, "response_uri": "https://other.example"},
        "key": {
            "client_id": AUDIENCE,
            "response_uri": RESPONSE_URI,
            "jwk_thumbprint": base64url.encode(PRINT),
        },
        "origin": {"origin": ORIGIN},
    }
    for name, handover in asked.items():
        yield _reject("S-040", f"asked-{name}", Change(), SIGNED, BAD, handover=handover)
    for name, text in {
        "type": "org.iso.7367.1.mVRC",
        "type-empty": "",
        "type-case": MDL.upper(),
    }.items():
        yield _reject("S-040", f"signed-{name}", Change(signed_type=text), SIGNED, BAD)
    none = "holder_not_bound/no_session"
    for name, members in {
        "handover": {"handover": ...},
        "nonce": {"nonce": ...},
        "handover-null": {"handover": None},
    }.items():
        yield _reject("S-040", f"no-{name}", Change(), "paper_holder_bound", none, **members)
    twins = {"plain": {}, "audience-unsaid": {"audience": ...}, "other-audience": {"audience": "x"}}
    for name, members in twins.items():
        yield _twin("S-040", name, Change(), **members)
    keyed = Change(session=replace(SESSION, jwk_thumbprint=PRINT))
    yield _twin("S-040", "with-key", keyed, handover=asked["key"])


def _browser_sessions() -> Iterator[HostileCase]:
    good = Change(session=DcApiHandover(ORIGIN, PRINT))
    handover = {"origin": ORIGIN, "jwk_thumbprint": base64url.encode(PRINT)}
    yield _twin("S-040", "origin", good, handover=handover)
    for name, origin in {
        "other": "https://evil.example",
        "slash": f"{ORIGIN}/",
        "port": f"{ORIGIN}:443",
        "http": ORIGIN.replace("https", "http"),
        "case": ORIGIN.replace("city", "City"),
        "suffix": f"{ORIGIN}.evil.example",
        "null": "null",
        "empty": "",
    }.items():
        change = Change(session=DcApiHandover(origin, PRINT))
        yield _reject("S-040", f"origin-{name}", change, SIGNED, BAD, handover=handover)
    for name, thumbprint in {"none": None, "zeros": bytes(32), "short": PRINT[:31]}.items():
        change = Change(session=DcApiHandover(ORIGIN, thumbprint))
        yield _reject("S-040", f"origin-key-{name}", change, SIGNED, BAD, handover=handover)


def _stripped() -> Iterator[HostileCase]:
    """S-039: the device's part taken away."""
    missing = "holder_not_bound/holder_binding_missing"
    alone = issue()
    for name, members in {
        "issued-alone": {},
        "no-handover": {"handover": ...},
        "no-nonce": {"nonce": ...},
    }.items():
        made = line(SHOWN, made=alone, **members)
        yield SHOWN.reject(
            "S-039",
            name,
            made,
            check="paper_holder_bound",
            reason="holder_not_bound",
            detail=missing.partition("/")[2],
        )
    made = line(ISSUED, made=alone)
    yield ISSUED.twin("S-039", "not-asked", made, check="paper_holder_bound")
    made = line(SHOWN, require_holder_binding=False, handover=...)
    yield SHOWN.twin("S-039", "response-not-asked", made, check="paper_holder_bound")
    shape, cose = "malformed/invalid_mdoc", "malformed/invalid_cose"
    for sid in ("S-039", "S-044"):
        for name, value in {
            "missing": ...,
            "null": None,
            "list": [],
            "text": "x",
            "number-keys": {1: 2},
        }.items():
            change = Change(
                document=lambda old, value=value: with_members(old, {"deviceSigned": value})
            )
            yield _reject(sid, f"device-signed-{name}", change, "mdoc_device_is_there", shape)
            change = Change(
                device=lambda old, value=value: with_members(old, {"deviceAuth": value})
            )
            yield _reject(sid, f"device-auth-{name}", change, "mdoc_device_signed", shape)
        for name, auth in {
            "empty": {},
            "null": {"deviceSignature": None},
            "three": {"deviceSignature": [b"", {}, None]},
            "text": {"deviceSignature": "x"},
        }.items():
            change = Change(device=lambda old, auth=auth: {**old, "deviceAuth": auth})
            yield _reject(sid, f"device-signature-{name}", change, "cose_shape", cose)


def _devices() -> Iterator[HostileCase]:
    """S-042, S-044: another key than the one that the issuer signed."""
    keys = {
        "stranger": STRANGER,
        "issuer": SIGNER,
        "root": ROOT,
        "other": signer_of("other", "ES256"),
    }
    for sid in ("S-042", "S-044", "S-040"):
        for name, key in keys.items():
            yield _reject(sid, f"device-by-{name}", Change(device_by=key), SIGNED, BAD)
        change = Change(device_by=signer_of("phone", "EdDSA"))
        yield _reject(sid, "device-by-edwards", change, "paper_holder_bound", BAD)
        stranger = cose_key(STRANGER)
        change = Change(mso=lambda old, key=stranger: {**old, "deviceKeyInfo": {"deviceKey": key}})
        yield _reject(sid, "other-device-key", change, SIGNED, BAD)

    def signature(step: Any) -> Any:
        def device(old: Any) -> Any:
            parts = old["deviceAuth"]["deviceSignature"]
            return {**old, "deviceAuth": {"deviceSignature": step(parts)}}

        return Change(device=device)

    for name, step in {
        "zeros": lambda old: [*old[:3], bytes(64)],
        "bit": lambda old: [*old[:3], old[3][:-1] + bytes([old[3][-1] ^ 1])],
        "halves": lambda old: [*old[:3], old[3][32:] + old[3][:32]],
    }.items():
        yield _reject("S-040", f"device-{name}", signature(step), SIGNED, BAD)
        yield _reject("S-042", f"device-{name}", signature(step), SIGNED, BAD)
    check, why = "cose_signature_size", "malformed/invalid_signature"
    for name, step in {
        "short": lambda old: [*old[:3], old[3][1:]],
        "der": lambda old: [*old[:3], b"\x30" * 70],
    }.items():
        yield _reject("S-040", f"device-{name}", signature(step), check, why)
    attached = signature(lambda old: [*old[:2], b"\xa0", old[3]])
    yield _reject(
        "S-044", "device-attached", attached, "mdoc_device_detached", "malformed/invalid_mdoc"
    )
    for name, members in {"alg": {1: -7}, "crit": {2: [1]}}.items():
        change = signature(lambda old, members=members: [old[0], members, *old[2:]])
        yield _reject(
            "S-044",
            f"device-unprotected-{name}",
            change,
            "cose_protected",
            "malformed/unprotected_header",
        )
    for name, number in {"none": 0, "hmac": 5, "text": "ES256", "es256k": -47}.items():
        change = Change(device_protected=lambda _, number=number: {1: number})
        yield _reject(
            "S-044",
            f"device-alg-{name}",
            change,
            "cose_algorithm",
            "malformed/invalid_signature_alg",
        )
    yield _twin("S-042", "plain", Change())
    yield _twin("S-044", "device-header", Change(device_protected=lambda old: {**old, 99: 1}))


def _device_signed() -> Iterator[HostileCase]:
    """What the device says itself needs the issuer's leave, and a MAC is nobody's signature."""
    leave = "malformed/unauthorised_element"
    for name, namespaces in {
        "element": {ISO: {"family_name": "Chan"}},
        "new-element": {ISO: {"age_over_21": True}},
        "other-namespace": {"org.other": {"a": 1}},
        "many": {ISO: {f"a{count}": count for count in range(50)}},
    }.items():
        yield _reject(
            "S-044",
            f"device-says-{name}",
            Change(namespaces=namespaces),
            "mdoc_device_elements",
            leave,
        )

    def allowing(value: Any, namespaces: Any) -> Change:
        def mso(old: Any) -> Any:
            info = {**old["deviceKeyInfo"], "keyAuthorizations": value}
            return {**old, "deviceKeyInfo": info}

        return Change(mso=mso, namespaces=namespaces)

    says = {ISO: {"age_over_21": True}}
    for name, value in {
        "element": {"dataElements": {ISO: ["a"]}},
        "namespace": {"nameSpaces": ["org.other"]},
        "case": {"nameSpaces": [ISO.upper()]},
    }.items():
        yield _reject(
            "S-044", f"leave-for-other-{name}", allowing(value, says), "mdoc_device_elements", leave
        )
    for name, value in {
        "element": {"dataElements": {ISO: ["age_over_21"]}},
        "namespace": {"nameSpaces": [ISO]},
    }.items():
        yield _twin("S-044", f"leave-for-{name}", allowing(value, says))
    mac = [b"\xa1\x01\x05", {}, None, bytes(32)]
    for name, step in {
        "alone": lambda old: {"deviceMac": mac},
        "beside": lambda old: {**old["deviceAuth"], "deviceMac": mac},
        "null": lambda old: {**old["deviceAuth"], "deviceMac": None},
    }.items():
        change = Change(device=lambda old, step=step: {**old, "deviceAuth": step(old)})
        yield _reject(
            "S-044", f"mac-{name}", change, "mdoc_device_mac", "malformed/device_mac_not_accepted"
        )
    shape = "malformed/invalid_mdoc"
    for name, value in {
        "missing": ...,
        "map": {},
        "bytes": b"\xa0",
        "null": None,
        "tag-25": Tagged(25, b"\xa0"),
    }.items():
        change = Change(device=lambda old, value=value: with_members(old, {"nameSpaces": value}))
        yield _reject("S-044", f"device-namespaces-{name}", change, "mdoc_device_signed", shape)
    altered = Change(device=lambda old: {**old, "nameSpaces": Tagged(24, b"\xa1\x61a\xa0")})
    yield _reject("S-040", "device-namespaces-altered", altered, SIGNED, BAD)


def _responses() -> Iterator[HostileCase]:
    def response(**members: Any) -> Change:
        return Change(response=lambda old: with_members(old, members))

    status = "malformed/response_status"
    for name, value in {
        "10": 10,
        "11": 11,
        "12": 12,
        "negative": -1,
        "text": "0",
        "true": True,
        "false": False,
        "missing": ...,
        "null": None,
        "float": 0.0,
    }.items():
        yield _reject("S-044", f"status-{name}", response(status=value), "mdoc_status", status)
    version = "malformed/unsupported_version"
    for name, value in {"2.0": "2.0", "number": 1, "missing": ..., "empty": "", "1": "1."}.items():
        yield _reject("S-044", f"version-{name}", response(version=value), "mdoc_version", version)
    good = respond()["documents"][0]
    empty = "malformed/empty_presentation"
    for name, value in {
        "empty": [],
        "seventeen": [good] * 17,
        "null": None,
        "map": {"0": good},
        "text": "x",
    }.items():
        yield _reject(
            "S-044", f"documents-{name}", response(documents=value), "mdoc_documents", empty
        )
    for name, errors in {
        "shown": {ISO: {"family_name": 0}},
        "text": {ISO: {"given_name": "0"}},
        "true": {ISO: {"given_name": True}},
        "null": {ISO: {"given_name": None}},
    }.items():
        change = Change(document=lambda old, errors=errors: {**old, "errors": errors})
        yield _reject("S-044", f"errors-{name}", change, "mdoc_errors", "malformed/invalid_errors")
    past = respond(
        Change(
            mso=lambda old: {
                **old,
                "validityInfo": {
                    **old["validityInfo"],
                    "validUntil": tdate("2026-11-21T10:00:00Z"),
                },
            }
        )
    )
    second = response(documents=[good, *past["documents"]])
    yield _reject("S-044", "second-document-past", second, "paper_validity", "expired/expired")
    stranger = respond(Change(device_by=STRANGER))
    second = response(documents=[good, *stranger["documents"]])
    for sid in ("S-042", "S-040"):
        yield _reject(sid, "second-document-by-stranger", second, SIGNED, BAD)
    yield _twin("S-044", "two-documents", response(documents=[good, good]))
    yield _twin("S-044", "sixteen-documents", response(documents=[good] * 16))
    errors = {ISO: {"given_name": 0}}
    yield _twin("S-044", "errors", Change(document=lambda old: {**old, "errors": errors}))
    yield _twin("S-044", "document-errors", response(documentErrors=[{"org.other": 0}]))
