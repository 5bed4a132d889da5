"""
VCDM 1.1 with linked-data proofs, shown alone: S-025 to S-028, S-031, S-033, S-054, S-057, S-141.

Such a proof signs an RDF graph: statements that the context does not define are not signed, and
one signature fits many texts. didkit says whether a proof holds and looks at nothing else.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from encoding import base64url
from encoding.multibase import decode_multibase, encode_multibase
from encoding.strict_json import build_json
from tests.hostile import (
    proof_switches,  # noqa: F401
    token_status_cases,  # noqa: F401
    vcdm1_ldp_switches,  # noqa: F401
)
from tests.hostile.case import HostileCase
from tests.hostile.stage import TYPE, with_members
from tests.hostile.vcdm1_ldp_stage import (
    DAY,
    LIST,
    LIST_SIZE,
    NOW,
    REVOKED,
    STATUS_CONTEXT,
    SUITES,
    Json,
    Suite,
    issue,
    line,
    permit,
    secure,
    status_list,
    status_members,
    trusted,
    with_proof,
    with_subject,
)


def cases() -> Iterator[HostileCase]:
    for suite in SUITES:
        yield from _altered(suite)
        yield from _signatures(suite)
        yield from _proofs(suite)
        yield from _issuers(suite)
        yield from _times(suite)
        yield from _statuses(suite)
        yield from _twins(suite)


def _reject(
    suite: Suite, sid: str, name: str, shown: Any, check: str, why: str, **members: Any
) -> HostileCase:
    """`why`: reason and detail, with a slash between; a detail alone is of what is malformed."""
    reason, _, detail = why.rpartition("/")
    outcome = "indeterminate" if reason == "status_unknown" else "failed"
    return suite.alone.reject(
        sid,
        name,
        line(suite, shown, **members),
        check=check,
        reason=reason or "malformed",
        detail=detail,
        outcome=outcome,
    )


BAD = "bad_signature/bad_issuer_signature"


def _altered(suite: Suite) -> Iterator[HostileCase]:
    """A signed permit that says something else."""
    good = issue(suite)
    claims: dict[str, Json] = {
        "plate": {"plate": "2A-9999"},
        "plate-case": {"plate": "2a-4417"},
        "plate-space": {"plate": "2A-4417 "},
        "plate-gone": {"plate": ...},
        "zone-more": {"zones": ["A", "B", "C"]},
        "zone-less": {"zones": ["A"]},
        "seats": {"seats": 40},
        "seats-text": {"seats": "4"},
        "seats-true": {"seats": True},
        "owner": {"owner": "Chan"},
        "vehicle": {"vehicle": {"maker": "Tuk & Co", "colour": "ក្រហម"}},
        "vehicle-twice": {"vehicle": [{"maker": "Tuk & Co", "colour": "ខៀវ"}] * 2},
        "vehicle-named": {"vehicle": {"id": "urn:v:1", "maker": "Tuk & Co", "colour": "ខៀវ"}},
        "subject": {"id": suite.did("stranger")},
        "subject-gone": {"id": ...},
    }
    for name, change in claims.items():
        bad = with_subject(good, **change)
        yield _reject(suite, "S-031", f"claim-{name}", bad, "ldp1_proof", BAD)
    documents: dict[str, Json] = {
        "later-end": {"expirationDate": "2027-01-01T00:00:00Z"},
        "no-end": {"expirationDate": ...},
        "earlier-begin": {"issuanceDate": "2024-01-01T00:00:00Z"},
        "same-begin-written-otherwise": {"issuanceDate": "2025-01-01T07:00:00+07:00"},
        "id": {"id": "urn:uuid:6b1f2a3c-0000-4000-8000-000000000001"},
        "no-id": {"id": ...},
        "type-more": {"type": ["VerifiableCredential", TYPE, "urn:t:DrivingLicence"]},
        "named-issuer": {"issuer": {"id": good["issuer"], "name": "The city"}},
        "name": {"name": "Permit of honour"},
        "evidence": {"evidence": {"id": "urn:e:1", "type": ["DocumentVerification"]}},
        "terms": {"termsOfUse": {"type": "IssuerPolicy"}},
        "another-vocabulary": {"@context": [good["@context"][0], {"@vocab": "https://x.example/"}]},
        "same-vocabulary-shorter": {"@context": [good["@context"][0], {"@vocab": "urn:a:"}]},
    }
    for name, change in documents.items():
        sid = "S-033" if "vocabulary" in name else "S-031"
        bad = with_members(good, change)
        yield _reject(suite, sid, f"document-{name}", bad, "ldp1_proof", BAD)
    status = with_members(good, status_members(4))
    yield _reject(suite, "S-031", "status-added", status, "ldp1_proof", BAD)
    bad = {**issue(suite, **status_members(REVOKED)), **status_members(4)}
    yield _reject(suite, "S-031", "status-of-another", bad, "ldp1_proof", BAD)
    bad = with_members(issue(suite, **status_members(REVOKED)), {"credentialStatus": ...})
    yield _reject(suite, "S-031", "status-removed", bad, "ldp1_proof", BAD)


def _signatures(suite: Suite) -> Iterator[HostileCase]:
    """The permit with another signature, or other words about it."""
    good = issue(suite)
    other = issue(suite, id="urn:uuid:another")
    text = good["proof"][suite.value]
    raw, write = _open(suite, text)
    others = {
        "of-another-document": other["proof"][suite.value],
        "zeros": write(bytes(64)),
        "ones": write(b"\xff" * 64),
        "first-bit": write(bytes([raw[0] ^ 0x80]) + raw[1:]),
        "last-bit": write(raw[:-1] + bytes([raw[-1] ^ 1])),
        "halves-exchanged": write(raw[32:] + raw[:32]),
    }
    for name, value in others.items():
        bad = with_proof(good, **{suite.value: value})
        yield _reject(suite, "S-031", f"signature-{name}", bad, "ldp1_proof", BAD)
    texts: dict[str, Any] = {"empty": "", "null": None, "number": 7, "list": [text]}
    texts |= {"missing": ..., "space": f" {text}", "line-feed": f"{text}\n"}
    texts |= {"hex": f"f{raw.hex()}", "base64url": f"u{base64url.encode(raw)}"}
    texts |= {"twice": text + text, "no-signature": write(b"")}
    if suite.value == "proofValue":
        texts |= {"63-bytes": write(raw[:63]), "65-bytes": write(raw + b"\0"), "cut": text[:-2]}
    for name, value in texts.items():
        bad = with_proof(good, **{suite.value: value})
        yield _reject(suite, "S-031", f"value-{name}", bad, "ldp1_value", "invalid_proof_value")
    bad = with_proof(good, type=SUITES[suite is SUITES[0]].proof_type)
    yield _reject(suite, "S-031", "type-of-the-other", bad, "ldp1_value", "invalid_proof_value")
    members: dict[str, Json] = {
        "created": {"created": "2025-03-01T08:59:59Z"},
        "no-created": {"created": ...},
        "nonce": {"nonce": "n-1"},
        "domain": {"domain": "x.example"},
        "challenge": {"challenge": "n-1"},
        "expires": {"expires": "2027-01-01T00:00:00Z"},
        "unknown": {"note": "honest"},
        "id": {"id": "urn:p:1"},
    }
    for name, change in members.items():
        bad = with_proof(good, **change)
        yield _reject(suite, "S-031", f"proof-member-{name}", bad, "ldp1_proof", BAD)
    stranger = secure(suite, permit(suite), "stranger")["proof"]
    bad = {**good, "proof": {**stranger, "verificationMethod": suite.method("agency")}}
    yield _reject(suite, "S-025", "signed-by-stranger", bad, "ldp1_proof", BAD)
    if suite.value == "jws":
        yield from _headers(suite, good)


def _open(suite: Suite, text: str) -> tuple[bytes, Any]:
    """The bytes of a signature, and how others are written in their place."""
    if suite.value == "proofValue":
        return decode_multibase(text), encode_multibase
    header = text.partition("..")[0]
    raw = base64url.decode(text.partition("..")[2])
    return raw, lambda data: f"{header}..{base64url.encode(data)}"


def _headers(suite: Suite, good: Json) -> Iterator[HostileCase]:
    """A detached JWS whose header says something else (RFC 7797)."""
    header_text, _, signature = good["proof"]["jws"].partition("..")
    headers: dict[str, Json] = {
        "none": {"alg": "none", "crit": ["b64"], "b64": False},
        "hs256": {"alg": "HS256", "crit": ["b64"], "b64": False},
        "es384": {"alg": "ES384", "crit": ["b64"], "b64": False},
        "eddsa": {"alg": "EdDSA", "crit": ["b64"], "b64": False},
        "b64-true": {"alg": "ES256", "crit": ["b64"], "b64": True},
        "no-crit": {"alg": "ES256", "b64": False},
        "no-b64": {"alg": "ES256"},
        "unknown-crit": {"alg": "ES256", "crit": ["b64", "x"], "b64": False, "x": 1},
    }
    for name, header in headers.items():
        bad = with_proof(good, jws=f"{base64url.encode(build_json(header))}..{signature}")
        yield _reject(suite, "S-009", f"header-{name}", bad, "ldp1_proof", BAD)
    for name, value in {"63": signature[:84], "65": signature + "A"}.items():
        bad = with_proof(good, jws=f"{header_text}..{value}")
        yield _reject(suite, "S-009", f"signature-{name}-bytes", bad, "ldp1_proof", BAD)
    attached = f"{header_text}.{base64url.encode(b'anything')}.{signature}"
    for name, value in {"attached": attached, "no-header": f"..{signature}"}.items():
        bad = with_proof(good, jws=value)
        yield _reject(suite, "S-009", name, bad, "ldp1_value", "invalid_proof_value")
    yield suite.alone.twin("S-009", "plain", line(suite, good), check="ldp1_proof")


def _proofs(suite: Suite) -> Iterator[HostileCase]:
    good = issue(suite)
    proof = good["proof"]
    shapes: dict[str, Any] = {
        "missing": ...,
        "null": None,
        "text": "proof",
        "number": 7,
        "true": True,
        "empty": {},
        "list-empty": [],
        "list-of-one": [proof],
        "list-of-two": [proof, proof],
    }
    for name, value in shapes.items():
        bad = with_members(good, {"proof": value})
        yield _reject(suite, "S-031", f"proof-{name}", bad, "ldp1_proof_there", "invalid_proof")
    for kind in ("Ed25519Signature2018", "RsaSignature2018", "DataIntegrityProof", "", "Proof"):
        bad = with_proof(good, type=kind)
        name = f"type-{kind or 'empty'}"
        yield _reject(suite, "S-031", name, bad, "ldp1_proof_there", "invalid_proof")
    for name, value in {"missing": ..., "null": None, "list": [suite.proof_type]}.items():
        bad = with_proof(good, type=value)
        yield _reject(suite, "S-031", f"type-{name}", bad, "ldp1_proof_there", "invalid_proof")
    purposes: dict[str, Any] = {"missing": ..., "null": None, "list": ["assertionMethod"]}
    purposes |= {"case": "assertionmethod", "iri": "https://w3id.org/security#assertionMethod"}
    for name, value in purposes.items():
        bad = with_proof(good, proofPurpose=value)
        yield _reject(
            suite, "S-031", f"purpose-{name}", bad, "ldp1_purpose", "invalid_proof_purpose"
        )
    for purpose in ("authentication", "keyAgreement", "capabilityInvocation"):
        bad = secure(suite, permit(suite), proofPurpose=purpose)
        name = f"signed-for-{purpose}"
        yield _reject(suite, "S-031", name, bad, "ldp1_purpose", "invalid_proof_purpose")
    yield from _methods(suite, good)
    times: dict[str, Any] = {"null": None, "number": 7, "date": "2025-03-01", "words": "today"}
    times |= {"no-zone": "2025-03-01T09:00:00", "lower": "2025-03-01t09:00:00z", "list": []}
    for name, value in times.items():
        bad = with_proof(good, created=value)
        yield _reject(suite, "S-031", f"created-{name}", bad, "ldp1_times", "invalid_time")


def _methods(suite: Suite, good: Json) -> Iterator[HostileCase]:
    why = "invalid_verification_method"
    own = suite.method("agency")
    methods: dict[str, Any] = {
        "land": suite.method("land"),
        "stranger": suite.method("stranger"),
        "missing": ...,
        "null": None,
        "number": 7,
        "list": [own],
        "object": {"id": own},
        "relative": f"#{own.partition('#')[2]}",
        "query": own.replace("#", "?versionId=1#"),
        "path": own.replace("#", "/#"),
        "web": "did:web:evil.example#1",
        "url": "https://evil.example/keys/1",
    }
    for name, value in methods.items():
        sid = "S-141" if name in ("web", "url") else "S-031"
        bad = with_proof(good, verificationMethod=value)
        yield _reject(suite, sid, f"method-{name}", bad, "ldp1_method", why)
    bad = secure(suite, permit(suite), "stranger")
    yield _reject(suite, "S-025", "method-and-key-of-stranger", bad, "ldp1_method", why)
    bad = secure(suite, permit(suite), "land")
    yield _reject(suite, "S-025", "method-and-key-of-land", bad, "ldp1_method", why)
    did = suite.did("agency")
    for name, fragment in {"other": "other", "empty": "", "key-2": "key-2"}.items():
        bad = with_proof(good, verificationMethod=f"{did}#{fragment}")
        yield _reject(suite, "S-031", f"fragment-{name}", bad, "ldp1_method_key", "invalid_did")


def _issuers(suite: Suite) -> Iterator[HostileCase]:
    good = issue(suite)
    dids = ("did:web:issuer.city.example", "did:webvh:x:issuer.city.example", "did:ion:x")
    dids += ("https://issuer.city.example", "http://169.254.169.254/x", "did:KEY:z6Mk", "urn:x:y")
    for number, did in enumerate(dids):
        shown = {**good, "issuer": did if number % 2 else {"id": did}}
        bad = with_proof(shown, verificationMethod=f"{did}#1")
        yield _reject(
            suite,
            "S-141",
            f"issuer-{did.partition(':')[2]}",
            bad,
            "ldp1_did",
            "unsupported_did",
            issuers={**trusted(suite), did: trusted(suite)[suite.did("agency")]},
        )
    parties: dict[str, Any] = {"missing": ..., "null": None, "number": 7, "empty": ""}
    parties |= {"word": "city", "list": [suite.did("agency")], "object": {}}
    for name, value in parties.items():
        bad = with_members(good, {"issuer": value})
        yield _reject(suite, "S-026", f"issuer-{name}", bad, "ldp1_party", "invalid_url")
    bad = secure(suite, permit(suite, issuer=suite.did("stranger")), "stranger")
    nobody = "issuer_not_trusted/unknown_issuer"
    yield _reject(suite, "S-025", "stranger", bad, "paper_issuer", nobody)
    agency = trusted(suite)[suite.did("agency")]
    for name, listed in {"nobody": {}, "upper": {suite.did("agency").upper(): agency}}.items():
        yield _reject(
            suite, "S-026", f"listed-{name}", good, "paper_issuer", nobody, issuers=listed
        )
    listed = {f"{suite.did('agency')}#0": agency}
    yield _reject(suite, "S-026", "listed-by-key", good, "paper_issuer", nobody, issuers=listed)
    bad = secure(suite, permit(suite, issuer=suite.did("land")), "land")
    why = "issuer_not_authorised_for_type/not_accredited"
    yield _reject(suite, "S-025", "land-issues-permits", bad, "paper_type_accredited", why)
    for name, types in {"none": [], "other": ["LandTitle"], "case": [TYPE.lower()]}.items():
        issuers = trusted(suite, types=types)
        check = "paper_type_accredited"
        yield _reject(suite, "S-025", f"types-{name}", good, check, why, issuers=issuers)
    two = issue(suite, type=["VerifiableCredential", TYPE, "DrivingLicence"])
    yield _reject(suite, "S-025", "second-type", two, "paper_type_accredited", why)
    bare = issue(suite, type=["VerifiableCredential"])
    yield _reject(suite, "S-025", "no-type", bare, "paper_type_accredited", why)
    why = "type_not_accepted/another_type"
    for name, accepted in {"none": [], "other": ["LandTitle"], "base": ["x"]}.items():
        check = "paper_type_accepted"
        asked = {"accepted_types": accepted}
        yield _reject(suite, "S-027", f"asked-{name}", good, check, why, **asked)
    unlisted = {"none": [], "land": [dict(suite.signer("land").public_jwk)]}
    for name, keys in unlisted.items():
        issuers = trusted(suite, keys=keys)
        why = "issuer_not_trusted/no_key_listed"
        yield _reject(suite, "S-025", f"keys-{name}", good, "ldp1_key_listed", why, issuers=issuers)
    own = [dict(suite.signer("agency").public_jwk)]
    issuers = trusted(suite, keys=[], status_keys=own)
    why = "issuer_not_trusted/key_of_another_use"
    yield _reject(suite, "S-025", "key-of-lists", good, "use_of_key", why, issuers=issuers)


def _times(suite: Suite) -> Iterator[HostileCase]:
    check = "paper_validity"
    for name, end in {
        "past": "2025-02-01T00:00:00Z",
        "60-seconds-past": "2025-03-01T08:59:00Z",
        "elsewhere": "2025-03-01T15:58:00+07:00",
    }.items():
        bad = issue(suite, expirationDate=end)
        yield _reject(suite, "S-028", name, bad, check, "expired/expired")
    for name, begin in {
        "ahead": "2025-04-01T00:00:00Z",
        "61-ahead": "2025-03-01T09:01:01Z",
    }.items():
        bad = issue(suite, issuanceDate=begin)
        yield _reject(suite, "S-028", name, bad, check, "not_yet_valid/not_yet_valid")
    for name, ahead in {"61-seconds": timedelta(seconds=61), "days": 30 * DAY}.items():
        bad = secure(suite, permit(suite), created=NOW + ahead)
        why = "not_yet_valid/issued_in_the_future"
        yield _reject(suite, "S-028", f"signed-{name}-ahead", bad, check, why)
    good = issue(suite)
    wrong: dict[str, Any] = {"null": None, "number": 1_740_000_000, "date": "2025-01-01"}
    wrong |= {"no-zone": "2025-01-01T00:00:00", "list": ["2025-01-01T00:00:00Z"]}
    wrong |= {"leap-second": "2025-06-30T23:59:60Z", "month": "2025-13-01T00:00:00Z"}
    for member in ("issuanceDate", "expirationDate"):
        for name, value in wrong.items():
            bad = {**good, member: value}
            yield _reject(suite, "S-028", f"{member}-{name}", bad, "ldp1_times", "invalid_time")
    bad = with_members(good, {"issuanceDate": ...})
    yield _reject(suite, "S-028", "issuanceDate-missing", bad, "ldp1_times", "invalid_time")
    bad = issue(suite, expirationDate="2024-12-31T23:59:59Z")
    yield _reject(
        suite, "S-028", "ends-before-it-begins", bad, "ldp1_times_in_order", "invalid_validity"
    )
    for member in ("validFrom", "validUntil"):
        bad = {**good, member: "2025-01-01T00:00:00Z"}
        yield _reject(suite, "S-028", f"{member}-beside", bad, "ldp1_residue", "draft_residue")


def _statuses(suite: Suite) -> Iterator[HostileCase]:
    revoked = issue(suite, **status_members(REVOKED))
    yield _reject(suite, "S-054", "revoked", revoked, "status_of_entries", "revoked/revoked")
    kind = {"type": "BitstringStatusListEntry"}
    renamed = issue(suite, **status_members(REVOKED, **kind))
    yield _reject(
        suite, "S-054", "revoked-bitstring", renamed, "status_of_entries", "revoked/revoked"
    )
    unknown = "status_unknown"
    for index in (LIST_SIZE, 10_000_000, 2**52):
        bad = issue(suite, **status_members(index))
        why = f"{unknown}/range_error"
        yield _reject(suite, "S-054", f"index-{index}", bad, "status_is_known", why)
    good = issue(suite, **status_members(4))
    lists: dict[str, Json] = {"none": {}, "other": {f"{LIST}/": status_list(suite)}}
    for name, given in lists.items():
        why = f"{unknown}/status_list_missing"
        yield _reject(
            suite, "S-057", f"list-{name}", good, "status_is_known", why, status_lists=given
        )
    for by in ("stranger", "land"):
        given = {LIST: status_list(suite, by)}
        why = f"{unknown}/status_list_not_authentic"
        yield _reject(
            suite, "S-057", f"list-by-{by}", good, "status_is_known", why, status_lists=given
        )
    why = f"{unknown}/status_missing"
    yield suite.alone.reject(
        "S-057",
        "demanded",
        line(suite, issue(suite), status="required"),
        check="status_rule",
        reason=unknown,
        detail="status_missing",
    )
    entry = status_members(4)["credentialStatus"]
    shapes: dict[str, Any] = {
        "number": 7,
        "null": None,
        "text": LIST,
        "many": [with_members(entry, {"id": ...})] * 9,
    }
    shapes |= {"no-index": with_members(entry, {"statusListIndex": ...})}
    for name, index in {
        "number": 4,
        "minus": "-4",
        "plus": "+4",
        "hex": "0x4",
        "zero": "04",
    }.items():
        shapes[f"index-{name}"] = {**entry, "statusListIndex": index}
    for name, value in shapes.items():
        bad = {**good, "credentialStatus": value}
        why = "invalid_status_reference"
        yield _reject(suite, "S-054", f"status-{name}", bad, "ldp1_status_reference", why)
    for sid in ("S-054", "S-057"):
        for name in ("StatusList2021Entry", "BitstringStatusListEntry"):
            shown = issue(suite, **status_members(4, type=name))
            yield suite.alone.twin(
                sid, f"valid-{name}", line(suite, shown), check="status_is_known"
            )


def _twins(suite: Suite) -> Iterator[HostileCase]:
    good = issue(suite)
    shown: dict[str, Json] = {
        "plain": good,
        "turned": dict(reversed(good.items())),
        "proof-turned": {**good, "proof": dict(reversed(good["proof"].items()))},
        "no-end": issue(suite, expirationDate=...),
        "no-id": issue(suite, id=...),
        "issuer-object": issue(suite, issuer={"id": suite.did("agency"), "name": "Transport"}),
        "59-seconds-past": issue(suite, expirationDate="2025-03-01T08:59:01Z"),
        "60-seconds-ahead": issue(suite, issuanceDate="2025-03-01T09:01:00Z"),
        "signed-60-seconds-ahead": secure(
            suite, permit(suite), created=NOW + timedelta(seconds=60)
        ),
        "khmer": issue(suite, credentialSubject={"ឈ្មោះ": "សុខ ដារ៉ា", "អាយុ": 34}),
        "technical-context": issue(
            suite, **{"@context": [good["@context"][0], STATUS_CONTEXT, good["@context"][1]]}
        ),
    }
    for sid in ("S-025", "S-026", "S-027", "S-028", "S-031", "S-141"):
        for name, document in shown.items():
            if sid == "S-031" or name == "plain" or (sid == "S-028" and "ahead" in name):
                yield suite.alone.twin(sid, name, line(suite, document), check="ldp1_proof")
    both = trusted(suite)[suite.did("agency")]["keys"]
    both = [dict(suite.signer("older").public_jwk), *both]
    made = line(suite, good, issuers=trusted(suite, keys=both))
    yield suite.alone.twin("S-025", "second-key", made, check="ldp1_key_listed")
