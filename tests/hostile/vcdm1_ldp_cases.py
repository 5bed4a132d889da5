"""
VCDM 1.1 with linked-data proofs, shown alone: S-025 to S-028, S-031, S-054, S-057, S-141.

Such a proof signs an RDF graph: statements that the context does not define are not signed, and
one signature fits many texts. didkit says whether a proof holds and looks at nothing else.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

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
        yield from _issuers(suite)
        yield from _times(suite)
        yield from _statuses(suite)
        yield from _twins(suite)


def reject(
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
        yield reject(suite, "S-031", f"claim-{name}", bad, "ldp1_proof", BAD)
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
        yield reject(suite, sid, f"document-{name}", bad, "ldp1_proof", BAD)
    status = with_members(good, status_members(4))
    yield reject(suite, "S-031", "status-added", status, "ldp1_proof", BAD)
    bad = {**issue(suite, **status_members(REVOKED)), **status_members(4)}
    yield reject(suite, "S-031", "status-of-another", bad, "ldp1_proof", BAD)
    bad = with_members(issue(suite, **status_members(REVOKED)), {"credentialStatus": ...})
    yield reject(suite, "S-031", "status-removed", bad, "ldp1_proof", BAD)


def _issuers(suite: Suite) -> Iterator[HostileCase]:
    good = issue(suite)
    dids = ["did:web:issuer.city.example", "did:webvh:x:issuer.city.example", "did:ion:x"]
    dids += ["https://issuer.city.example", "http://169.254.169.254/x", "did:KEY:z6Mk", "urn:x:y"]
    for number, did in enumerate(dids):
        shown = {**good, "issuer": did if number % 2 else {"id": did}}
        bad = with_proof(shown, verificationMethod=f"{did}#1")
        yield reject(
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
        yield reject(suite, "S-026", f"issuer-{name}", bad, "ldp1_party", "invalid_url")
    bad = secure(suite, permit(suite, issuer=suite.did("stranger")), "stranger")
    nobody = "issuer_not_trusted/unknown_issuer"
    yield reject(suite, "S-025", "stranger", bad, "paper_issuer", nobody)
    agency = trusted(suite)[suite.did("agency")]
    for name, listed in {"nobody": {}, "upper": {suite.did("agency").upper(): agency}}.items():
        yield reject(suite, "S-026", f"listed-{name}", good, "paper_issuer", nobody, issuers=listed)
    listed = {f"{suite.did('agency')}#0": agency}
    yield reject(suite, "S-026", "listed-by-key", good, "paper_issuer", nobody, issuers=listed)
    bad = secure(suite, permit(suite, issuer=suite.did("land")), "land")
    why = "issuer_not_authorised_for_type/not_accredited"
    yield reject(suite, "S-025", "land-issues-permits", bad, "paper_type_accredited", why)
    for name, types in {"none": [], "other": ["LandTitle"], "case": [TYPE.lower()]}.items():
        issuers = trusted(suite, types=types)
        check = "paper_type_accredited"
        yield reject(suite, "S-025", f"types-{name}", good, check, why, issuers=issuers)
    two = issue(suite, type=["VerifiableCredential", TYPE, "DrivingLicence"])
    yield reject(suite, "S-025", "second-type", two, "paper_type_accredited", why)
    bare = issue(suite, type=["VerifiableCredential"])
    yield reject(suite, "S-025", "no-type", bare, "paper_type_accredited", why)
    why = "type_not_accepted/another_type"
    for name, accepted in {"none": [], "other": ["LandTitle"], "base": ["x"]}.items():
        check = "paper_type_accepted"
        asked = {"accepted_types": accepted}
        yield reject(suite, "S-027", f"asked-{name}", good, check, why, **asked)
    unlisted = {"none": [], "land": [dict(suite.signer("land").public_jwk)]}
    for name, keys in unlisted.items():
        issuers = trusted(suite, keys=keys)
        why = "issuer_not_trusted/no_key_listed"
        yield reject(suite, "S-025", f"keys-{name}", good, "ldp1_key_listed", why, issuers=issuers)
    own = [dict(suite.signer("agency").public_jwk)]
    issuers = trusted(suite, keys=[], status_keys=own)
    why = "issuer_not_trusted/key_of_another_use"
    yield reject(suite, "S-025", "key-of-lists", good, "use_of_key", why, issuers=issuers)


def _times(suite: Suite) -> Iterator[HostileCase]:
    check = "paper_validity"
    for name, end in {
        "past": "2025-02-01T00:00:00Z",
        "60-seconds-past": "2025-03-01T08:59:00Z",
        "elsewhere": "2025-03-01T15:58:00+07:00",
    }.items():
        bad = issue(suite, expirationDate=end)
        yield reject(suite, "S-028", name, bad, check, "expired/expired")
    for name, begin in {
        "ahead": "2025-04-01T00:00:00Z",
        "61-ahead": "2025-03-01T09:01:01Z",
    }.items():
        bad = issue(suite, issuanceDate=begin)
        yield reject(suite, "S-028", name, bad, check, "not_yet_valid/not_yet_valid")
    for name, ahead in {"61-seconds": timedelta(seconds=61), "days": 30 * DAY}.items():
        bad = secure(suite, permit(suite), created=NOW + ahead)
        why = "not_yet_valid/issued_in_the_future"
        yield reject(suite, "S-028", f"signed-{name}-ahead", bad, check, why)
    good = issue(suite)
    wrong: dict[str, Any] = {"null": None, "number": 1_740_000_000, "date": "2025-01-01"}
    wrong |= {"no-zone": "2025-01-01T00:00:00", "list": ["2025-01-01T00:00:00Z"]}
    wrong |= {"leap-second": "2025-06-30T23:59:60Z", "month": "2025-13-01T00:00:00Z"}
    for member in ("issuanceDate", "expirationDate"):
        for name, value in wrong.items():
            bad = {**good, member: value}
            yield reject(suite, "S-028", f"{member}-{name}", bad, "ldp1_times", "invalid_time")
    bad = with_members(good, {"issuanceDate": ...})
    yield reject(suite, "S-028", "issuanceDate-missing", bad, "ldp1_times", "invalid_time")
    bad = issue(suite, expirationDate="2024-12-31T23:59:59Z")
    yield reject(
        suite, "S-028", "ends-before-it-begins", bad, "ldp1_times_in_order", "invalid_validity"
    )
    for member in ("validFrom", "validUntil"):
        bad = {**good, member: "2025-01-01T00:00:00Z"}
        yield reject(suite, "S-028", f"{member}-beside", bad, "ldp1_residue", "draft_residue")


def _statuses(suite: Suite) -> Iterator[HostileCase]:
    revoked = issue(suite, **status_members(REVOKED))
    yield reject(suite, "S-054", "revoked", revoked, "status_of_entries", "revoked/revoked")
    kind = {"type": "BitstringStatusListEntry"}
    renamed = issue(suite, **status_members(REVOKED, **kind))
    yield reject(
        suite, "S-054", "revoked-bitstring", renamed, "status_of_entries", "revoked/revoked"
    )
    unknown = "status_unknown"
    for index in (LIST_SIZE, 10_000_000, 2**52):
        bad = issue(suite, **status_members(index))
        why = f"{unknown}/range_error"
        yield reject(suite, "S-054", f"index-{index}", bad, "status_is_known", why)
    good = issue(suite, **status_members(4))
    lists: dict[str, Json] = {"none": {}, "other": {f"{LIST}/": status_list(suite)}}
    for name, given in lists.items():
        why = f"{unknown}/status_list_missing"
        yield reject(
            suite, "S-057", f"list-{name}", good, "status_is_known", why, status_lists=given
        )
    for by in ("stranger", "land"):
        given = {LIST: status_list(suite, by)}
        why = f"{unknown}/status_list_not_authentic"
        yield reject(
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
    indexes: dict[str, Any] = {"number": 4, "minus": "-4", "plus": "+4", "hex": "0x4", "zero": "04"}
    for name, index in indexes.items():
        shapes[f"index-{name}"] = {**entry, "statusListIndex": index}
    for name, value in shapes.items():
        bad = {**good, "credentialStatus": value}
        why = "invalid_status_reference"
        yield reject(suite, "S-054", f"status-{name}", bad, "ldp1_status_reference", why)
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
