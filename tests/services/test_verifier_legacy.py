"""Presentations of VCDM 1.1: proofs by didkit in a child process, everything else by us."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

sys.path.insert(0, str(Path(__file__).parent))

from verifier_counter import Counter, reasons

from credentials.dids import build_did_key
from credentials.keys import build_public_key
from credentials.legacy import build_issue_request
from encoding import base64url
from encoding.strict_json import build_json
from runtime.children import ChildPool
from verifier.store import checks

AUDIENCE = "urn:citywallet:qr:business-licence"
PURPOSE = "business-licence"
BASE = "https://www.w3.org/2018/credentials/v1"


class Person:
    """A key and the DID that holds it."""

    def __init__(self, seed):
        raw = bytes([seed]) * 32
        self.key = build_public_key(Ed25519PrivateKey.from_private_bytes(raw).public_key())
        self.private_jwk = {**self.key.jwk, "d": base64url.encode(raw)}
        self.did = build_did_key(self.key)
        self.method = f"{self.did}#{self.did.removeprefix('did:key:')}"


ISSUER, HOLDER, THIEF = Person(11), Person(12), Person(13)


@pytest.fixture(scope="module")
def child():
    pool = ChildPool("credentials.legacy_worker", size=1, timeout=30)
    yield pool
    pool.close()


@pytest.fixture
def counter(tmp_path):
    counter = Counter(tmp_path)
    agency = counter.city.agencies["business"]
    agency.legacy_key = ISSUER.key
    counter.list_uri = counter.city.publish_bitstring(agency, revoked=[9])
    counter.city.publish_trust()
    counter.clock.move(seconds=61)
    counter.city.close_epoch()
    yield counter
    counter.desk.legacy.close()
    counter.close()


def issue(child, counter, *, index=4, holder=HOLDER, issuer=ISSUER, **changes):
    document = {
        "@context": [
            BASE,
            "https://w3id.org/vc/status-list/2021/v1",
            {"@vocab": "https://city.example/terms#"},
        ],
        "type": ["VerifiableCredential", "BusinessLicence"],
        "issuer": issuer.did,
        "issuanceDate": "2026-11-22T12:00:00Z",
        "expirationDate": "2027-01-01T00:00:00Z",
        "credentialStatus": {
            "id": f"{counter.list_uri}#{index}",
            "type": "StatusList2021Entry",
            "statusPurpose": "revocation",
            "statusListIndex": str(index),
            "statusListCredential": counter.list_uri,
        },
        "credentialSubject": {
            "id": holder.did,
            "licence_number": "BL-1",
            "business_name": "Dara Noodle House",
        },
        **changes,
    }
    request = build_issue_request(
        document,
        private_jwk=issuer.private_jwk,
        verification_method=issuer.method,
        now=counter.clock(),
    )
    return child.ask(request)["document"]


def present(child, counter, *credentials, holder=HOLDER, challenge="c-1", domain=AUDIENCE, at=None):
    answer = child.ask(
        {
            "operation": "issue_presentation",
            "document": {
                "@context": [BASE],
                "type": ["VerifiablePresentation"],
                "holder": holder.did,
                "verifiableCredential": list(credentials),
            },
            "key": holder.private_jwk,
            "options": {
                "proofPurpose": "authentication",
                "verificationMethod": holder.method,
                "created": (at or counter.clock()).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "challenge": challenge,
                "domain": domain,
            },
        }
    )
    return build_json(answer["document"]).decode()


def check(counter, text):
    answer = counter.post("/api/v1/checks", {"presentation": text, "purpose": PURPOSE})
    assert answer.status_code == 200, answer.data
    return answer.json


def test_an_old_presentation_of_a_licence_passes_and_counts_once(child, counter):
    text = present(child, counter, issue(child, counter))

    first, again = check(counter, text), check(counter, text)

    assert reasons(first) == ("passed", [])
    assert first["claims"]["business_licence"]["business_name"] == "Dara Noodle House"
    assert first["epoch"] == 2
    assert again["reasons"] == ["replayed"]


def test_a_revoked_one_is_revoked(child, counter):
    text = present(child, counter, issue(child, counter, index=9))

    assert check(counter, text)["reasons"] == ["revoked"]


def test_what_didkit_leaves_out_is_checked(child, counter):
    good = issue(child, counter)
    ended = {"issuanceDate": "2026-11-22T10:00:00Z", "expirationDate": "2026-11-22T11:00:00Z"}
    expired = issue(child, counter, **ended)
    tampered = {**good, "credentialSubject": {**good["credentialSubject"], "licence_number": "X"}}
    stolen = issue(child, counter, holder=THIEF)
    strange = issue(child, counter, issuer=THIEF)
    statusless = issue(child, counter)
    other = issue(child, counter, type=["VerifiableCredential", "TaxiPermit"])
    old = counter.clock() - timedelta(minutes=5)
    found = {
        "expired": check(counter, present(child, counter, expired, challenge="a"))["reasons"],
        "tampered": check(counter, present(child, counter, tampered, challenge="b"))["reasons"],
        "stolen": check(counter, present(child, counter, stolen, challenge="c"))["reasons"],
        "strange": check(counter, present(child, counter, strange, challenge="d"))["reasons"],
        "domain": check(counter, present(child, counter, good, domain="evil"))["reasons"],
        "stale": check(counter, present(child, counter, statusless, at=old))["reasons"],
        "other": check(counter, present(child, counter, other, challenge="e"))["reasons"],
    }

    assert found["expired"] == ["expired"]
    assert found["tampered"] == ["bad_signature"]
    assert found["stolen"] == ["holder_not_bound"]
    assert found["strange"] == ["issuer_not_trusted", "status_unknown"]
    assert found["domain"] == ["wrong_audience"]
    assert found["stale"] == ["stale_code"]
    assert set(found["other"]) == {"issuer_not_authorised_for_type", "type_not_accepted"}


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{}",
        '{"type":"VerifiablePresentation"}',
        '{"@context":["https://www.w3.org/2018/credentials/v1","https://evil.example"],'
        '"type":["VerifiablePresentation"]}',
        '{"a":1,"a":2}',
    ],
)
def test_an_odd_document_is_malformed_and_no_child_is_asked(counter, text):
    answer = counter.post("/api/v1/checks", {"presentation": text, "purpose": PURPOSE})

    assert (answer.status_code, answer.json["code"]) == (400, "malformed_presentation")


def test_a_child_that_cannot_work_says_nothing_about_a_card(child, counter):
    """S-224: 503, nothing on record, nothing used up."""
    text = present(child, counter, issue(child, counter))
    counter.desk.legacy.close()

    lost = counter.post("/api/v1/checks", {"presentation": text, "purpose": PURPOSE})

    assert lost.status_code == 503
    with counter.desk.database.reading() as session:
        assert checks.count_checks(session) == 0
