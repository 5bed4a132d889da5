"""Bitstring Status Lists with a proof in them (BSL-02): what is read, and what is no list."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from credentials.errors import Malformed
from credentials.keys import parse_jwk
from credentials.ldp_issuing import issue_ldp
from credentials.model import Status
from credentials.status import read_status_list, status_at
from credentials.status_lists import MAX_TOKEN_BYTES, NO_TIME, is_signed_by
from tests.credentials import selective
from tests.credentials.ldp_workshop import AGENCY, DRIVER, EXAMPLES, V2, did_of, method_of
from tests.credentials.status_papers import (
    NOW,
    REVOCATION,
    SUSPENSION,
    URI,
    bitstring_payload,
)

ISSUER = did_of(AGENCY)


def unsigned(**changes):
    changes = {"issuer": ISSUER, "validUntil": "2026-11-22T10:00:00Z", **changes}
    return bitstring_payload(**changes)


def secured(*, created=NOW, suite="eddsa-rdfc-2022", **changes):
    return issue_ldp(
        unsigned(**changes),
        signer=AGENCY,
        verification_method=method_of(AGENCY),
        cryptosuite=suite,
        created=created,
    )


def derived(issue, **changes):
    """A list that shows everything of one with a selective proof."""
    document = issue(unsigned(issuer=selective.ISSUER, **changes), mandatory=("/issuer",))
    return selective.show(document, ("/id", "/validFrom", "/validUntil", "/credentialSubject"))


def read(document):
    return read_status_list(json.dumps(document))


def refusal(text):
    with pytest.raises(Malformed) as caught:
        read_status_list(text if isinstance(text, str) else json.dumps(text))
    return caught.value.detail


def test_bsl_02_a_list_says_what_its_issuer_wrote():
    document = secured(subject={"ttl": 300_000, "statusPurpose": ["revocation", "message"]})

    listed = read(document)

    assert (listed.uri, listed.issuer, listed.bits, listed.type) == (URI, ISSUER, 1, "vc")
    assert (listed.size, listed.purposes) == (131_072, ("revocation", "message"))
    assert (listed.issued_at, listed.expires_at) == (NOW, NOW + timedelta(hours=1))
    assert listed.ttl == timedelta(minutes=5)
    assert listed.text == json.dumps(document)
    assert status_at(listed, 131_071, REVOCATION) is Status.VALID
    with pytest.raises(Malformed):
        status_at(listed, 0, SUSPENSION)


def test_bsl_02_the_key_that_signed_it_and_no_other_holds():
    listed = read(secured())

    assert listed.key_hint.key_id == method_of(AGENCY)
    assert is_signed_by(listed, parse_jwk(dict(AGENCY.public_jwk)))
    assert not is_signed_by(listed, parse_jwk(dict(DRIVER.public_jwk)))


def test_a_list_is_as_old_as_it_says_or_as_its_proof_or_never_fresh():
    created = datetime(2026, 11, 22, 8, tzinfo=UTC)

    assert read(secured(created=created)).issued_at == NOW
    assert read(secured(created=created, validFrom=...)).issued_at == created
    assert read(secured(created=None, validFrom=...)).issued_at == NO_TIME


def test_a_list_without_an_end_has_none():
    assert read(secured(validUntil=...)).expires_at is None


def test_a_list_may_stand_behind_white_space():
    assert read_status_list("\n " + json.dumps(secured())).uri == URI


def test_bsl_02_the_base_context_comes_first_and_others_may_follow():
    assert read(secured(**{"@context": [V2, EXAMPLES]})).uri == URI

    document = secured()
    for contexts in (V2, [EXAMPLES, V2], [], None):
        assert refusal({**document, "@context": contexts}) == "invalid_context"


def test_s_052_a_presentation_that_calls_itself_a_list_is_none():
    types = ["VerifiablePresentation", "BitstringStatusListCredential"]

    assert refusal(unsigned(type=types)) == "status_verification_error"


def test_s_052_an_object_that_is_not_one_is_refused_as_json_is():
    assert refusal("{") == "invalid_json"
    assert refusal('{"id": 1, "id": 2}') == "duplicate_member"


def test_security_md_a_document_of_eight_megabytes_is_read_and_a_byte_more_is_not():
    text = json.dumps(secured())
    filled = text + " " * (MAX_TOKEN_BYTES - len(text))

    assert read_status_list(filled).uri == URI
    assert refusal(filled + " ") == "too_large"


def test_a_list_has_one_signature():
    twice = issue_ldp(
        secured(),
        signer=AGENCY,
        verification_method=method_of(AGENCY),
        cryptosuite="eddsa-rdfc-2022",
        created=NOW,
    )

    assert refusal(twice) == "several_proofs"


def test_a_list_with_a_proof_that_nobody_can_link_is_refused():
    """Such a proof names no signature, and a list is asked for its signature."""
    assert refusal(derived(selective.issue_unlinkable)) == "several_proofs"


def test_s_052_a_list_that_shows_part_of_itself_is_read_and_an_altered_one_is_not():
    document = derived(selective.issue_ecdsa)
    assert read(document).uri == URI

    changed = selective.altered(document, ("credentialSubject", "statusPurpose"), "suspension")
    assert refusal(changed) == "statement_mismatch"
