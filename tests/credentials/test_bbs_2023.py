"""bbs-2023: proof that the holder is over 18, and nothing that could be recognised again."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from credentials.bbs import derive_secret_key
from credentials.bbs_suite import MAX_MESSAGES
from credentials.errors import Malformed
from credentials.ldp import read_ldp
from credentials.selective_credentials import derive_credential
from credentials.selective_disclosure import MAX_STATEMENTS
from credentials.selective_proof_value import BBS_BASE, BBS_DERIVED, parse_proof_value
from credentials.trust_document import build_trust_registry_json, parse_trust_registry
from credentials.verdict import Outcome, Reason
from encoding import base64url
from encoding.cbor import Tagged, build_cbor
from tests.credentials.selective import (
    CONTEXTS,
    HMAC_KEY,
    LISTED,
    OVER_18,
    altered,
    issue_ecdsa,
    issue_unlinkable,
    judge,
    permit,
    read,
    registry,
    show,
    with_parts,
)
from tests.credentials.workshop import NOW

TRUSTED = registry(bbs_keys=(LISTED,))
STRANGERS_SECRET = derive_secret_key(b"the BBS key of somebody quite unknown")


@pytest.fixture(scope="module")
def secured():
    return issue_unlinkable()


@pytest.fixture(scope="module")
def shown(secured):
    return show(secured)


def parts_of(document, tag=BBS_DERIVED):
    return parse_proof_value(document["proof"], tag=tag, count=5)


def verdict_on(document, trust=TRUSTED):
    return judge(read_ldp(document, contexts=CONTEXTS), trust=trust, paths=())


def signature_check(document, trust=TRUSTED):
    """How check 4 went."""
    checks = verdict_on(document, trust).checks
    return next(check for check in checks if check.name == "signature")


def texts_in(value):
    """Every text and number in a document, and what a proof value is made of."""
    if isinstance(value, dict):
        return {text for each in value.values() for text in texts_in(each)}
    if isinstance(value, list):
        return {text for each in value for text in texts_in(each)}
    return {value}


def octets_of(proof):
    """A BBS proof in pieces of 16 octets."""
    return {proof[start : start + 16] for start in range(0, len(proof), 16)}


def test_two_showings_share_only_the_issuer_and_what_was_disclosed():
    person = {"isOver18": True, "fullName": "Sok Dara"}
    secured = issue_unlinkable(permit(credentialSubject=person))
    first = show(secured, seed="the cinema", header=b"cinema 1")
    second = show(secured, seed="the bar", header=b"bar 2")
    both = [verdict_on(each) for each in (first, second)]
    parts = [parts_of(each) for each in (first, second)]
    values = [texts_in(each) for each in (first, second)]

    assert [each.outcome for each in both] == [Outcome.PASSED, Outcome.PASSED]
    assert [each.claims for each in both] == [{"permit": {"isOver18": True}}] * 2
    assert octets_of(parts[0][0]).isdisjoint(octets_of(parts[1][0]))
    # What is left is true of every credential of this kind from this agency.
    assert values[0] & values[1] == {
        "https://www.w3.org/ns/credentials/v2",
        "https://city.example/contexts/permit/v1",
        "VerifiableCredential",
        "PermitCredential",
        "did:web:transport.city.example",
        "did:web:transport.city.example#bbs",
        "2026-11-01T00:00:00Z",
        "2027-11-01T00:00:00Z",
        True,
        "DataIntegrityProof",
        "bbs-2023",
        "assertionMethod",
    }


def test_a_showing_looks_like_one_of_another_person():
    people = [
        issue_unlinkable(
            permit(credentialSubject={"isOver18": True, "fullName": name}),
            hmac_key=bytes([number]) * 32,
        )
        for number, name in enumerate(("Sok Dara", "Chan Thida", "Kim Sophea", "Ly Veasna"))
    ]
    shapes = [
        json.dumps([len(parts[0]), *[repr(each) for each in parts[1:]]])
        for parts in (parts_of(show(each)) for each in people)
    ]
    without_proof = [
        {name: value for name, value in show(each).items() if name != "proof"} for each in people
    ]

    # Credential and subject are blank nodes: two nodes can be shuffled in two ways, no more.
    assert len(set(shapes)) <= 2
    assert all(each == without_proof[0] for each in without_proof)


def test_issuer_and_verifier_together_find_nothing_of_the_base_proof(secured, shown):
    base = parts_of(secured, BBS_BASE)
    octets = b"".join(part for part in parts_of(shown) if isinstance(part, bytes))

    assert base[0][:48] not in octets
    assert base[0][48:] not in octets
    assert HMAC_KEY not in octets
    assert "created" not in shown["proof"]


@pytest.mark.parametrize(
    "pointers",
    [
        OVER_18,
        ("/credentialSubject/permits/1",),
        ("/credentialSubject/permits/0/plate", "/credentialSubject/isOver18"),
        ("/credentialSubject",),
    ],
)
def test_whatever_the_holder_chooses_is_accepted(secured, pointers):
    assert verdict_on(show(secured, pointers)).outcome is Outcome.PASSED


def test_without_a_listed_key_no_such_proof_passes(shown):
    check = signature_check(shown, registry())

    assert (check.outcome, check.reason, check.detail) == (
        Outcome.FAILED,
        Reason.ISSUER_NOT_TRUSTED,
        "no_key_listed",
    )


@pytest.mark.parametrize(
    ("changes", "reason", "detail"),
    [
        ({"compromised_at": NOW}, Reason.KEY_COMPROMISED, "key_compromised"),
        ({"valid_until": NOW}, Reason.ISSUER_NOT_TRUSTED, "key_no_longer_valid"),
        (
            {"valid_from": NOW + timedelta(days=1)},
            Reason.ISSUER_NOT_TRUSTED,
            "key_not_yet_valid",
        ),
    ],
)
def test_s_188_a_listed_key_counts_in_its_time_and_until_it_is_stolen(
    shown, changes, reason, detail
):
    check = signature_check(shown, registry(bbs_keys=(replace(LISTED, **changes),)))

    assert (check.reason, check.detail) == (reason, detail)


def test_the_credential_of_a_stranger_is_found():
    check = signature_check(show(issue_unlinkable(secret=STRANGERS_SECRET)))

    assert (check.reason, check.detail) == (Reason.BAD_SIGNATURE, "bad_issuer_signature")


def test_several_listed_keys_are_tried(shown):
    other = replace(LISTED, key=STRANGERS_SECRET.public_key)

    assert signature_check(shown, registry(bbs_keys=(other, LISTED))).outcome is Outcome.PASSED


def test_a_listed_key_is_for_bbs_alone_and_other_keys_are_not(secured):
    assert judge(read_ldp(show(issue_ecdsa()), contexts=CONTEXTS), trust=TRUSTED).outcome is (
        Outcome.PASSED
    )
    assert signature_check(show(secured), registry()).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("validUntil",), "2099-01-01T00:00:00Z"),
        (("credentialSubject", "isOver18"), False),
        (("credentialSubject", "fullName"), "Somebody else"),
        (("id",), "urn:example:another"),
        (("proof", "created"), "2026-11-20T00:00:00Z"),
        (("proof", "verificationMethod"), "did:web:transport.city.example#other"),
    ],
)
def test_s_031_a_changed_or_added_statement_is_found(shown, path, value):
    assert signature_check(shown).outcome is Outcome.PASSED
    check = signature_check(altered(shown, path, value))

    assert (check.outcome, check.reason) == (Outcome.FAILED, Reason.BAD_SIGNATURE)


def test_a_proof_answers_one_presentation_header(secured):
    answered = show(secured, header=b"nonce of the bar")

    def replay(parts):
        parts[4] = b"nonce of the cinema"

    assert read(answered).unlinkable.presentation_header == b"nonce of the bar"
    assert signature_check(answered).outcome is Outcome.PASSED
    assert signature_check(with_parts(answered, BBS_DERIVED, replay)).outcome is Outcome.FAILED


def test_a_base_proof_is_refused_since_it_gives_everything_away(secured):
    with pytest.raises(Malformed) as refusal:
        read_ldp(secured, contexts=CONTEXTS)

    assert refusal.value.detail == "base_proof"


def put(position, value):
    return lambda parts: parts.__setitem__(position, value)


def drop_an_index(parts):
    parts[3] = parts[3][:-1]


def move_an_index(parts):
    free = min(set(range(parts[3][-1])) - set(parts[3]))
    parts[3] = sorted([free, *parts[3][1:]])


def hide_a_mandatory_statement(parts):
    parts[2] = parts[2][:-1]


def exchange_labels(parts):
    parts[1] = dict(zip(parts[1], reversed(parts[1].values()), strict=True))


@pytest.mark.parametrize(
    "change", [drop_an_index, move_an_index, hide_a_mandatory_statement, exchange_labels]
)
def test_statements_must_be_those_of_the_proof(secured, change):
    narrow = show(secured, ("/credentialSubject/permits/0/plate",))
    check = signature_check(with_parts(narrow, BBS_DERIVED, change))

    assert (check.outcome, check.reason) == (Outcome.FAILED, Reason.BAD_SIGNATURE)


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        (put(3, [1, 1]), "invalid_indexes"),
        (put(3, [1, 0]), "invalid_indexes"),
        (put(3, [MAX_STATEMENTS - 1]), "index_out_of_range"),
        (put(3, [MAX_STATEMENTS]), "index_out_of_range"),
        (put(3, [-1]), "index_out_of_range"),
        (put(2, [0, 0]), "invalid_indexes"),
        (put(2, [0, 400]), "index_out_of_range"),
        (put(2, list(range(MAX_STATEMENTS + 1))), "too_many_statements"),
        (put(1, {0: -1}), "index_out_of_range"),
        (put(1, {0: MAX_STATEMENTS}), "index_out_of_range"),
        (put(1, {0: b"0"}), "index_out_of_range"),
        (put(1, []), "invalid_proof_value"),
        (put(0, b""), "invalid_proof_value"),
        (put(0, bytes(273)), "invalid_proof_value"),
        (put(0, bytes(272 + 32 * (MAX_MESSAGES + 1))), "too_many_statements"),
        (put(0, "text"), "invalid_proof_value"),
        (put(4, bytes(1_025)), "too_large"),
        (put(4, None), "invalid_proof_value"),
    ],
)
def test_a_proof_value_of_another_shape_is_malformed(shown, change, detail):
    with pytest.raises(Malformed) as refusal:
        read(with_parts(shown, BBS_DERIVED, change))

    assert refusal.value.detail == detail


@pytest.mark.parametrize(
    ("change", "alteration"),
    [
        (put(1, {0: 0}), "label_map_mismatch"),
        (put(1, {0: 0, 1: 0}), "label_map_mismatch"),
        (put(1, {0: 0, 1: 1, 2: 2}), "label_map_mismatch"),
        (put(3, []), "statement_mismatch"),
        (put(3, [0, 1, 2, 3]), "statement_mismatch"),
    ],
)
def test_what_does_not_fit_the_document_is_an_alteration(change, alteration):
    shown = show(issue_unlinkable(permit(credentialSubject={"isOver18": True, "zone": "A"})))

    assert read(shown).alteration is None
    assert read(with_parts(shown, BBS_DERIVED, change)).alteration == alteration


def test_headers_and_bytes_around_a_proof_value_are_strict(shown):
    whole = build_cbor(Tagged(BBS_DERIVED, parts_of(shown)))
    cases = {
        whole + b"\x00": "trailing_data",
        whole[:-1]: "invalid_cbor",
        b"\xd9\x5d\x01" + whole[3:]: "invalid_proof_value",
        b"\xd9\x5d\x05" + whole[3:]: "invalid_proof_value",
        b"\xd9\x5d\x07" + whole[3:]: "invalid_proof_value",
        b"\xd9\x5d\x00" + whole[3:]: "base_proof",
    }

    assert whole[:3] == b"\xd9\x5d\x03"
    for data, detail in cases.items():
        text = "u" + base64url.encode(data)
        with pytest.raises(Malformed) as refusal:
            read(altered(shown, ("proof", "proofValue"), text))
        assert refusal.value.detail == detail


def test_points_that_are_none_prove_nothing(shown):
    def spoil(parts):
        parts[0] = b"\xc0" + bytes(47) + parts[0][48:]

    assert signature_check(with_parts(shown, BBS_DERIVED, spoil)).detail == "bad_issuer_signature"


@pytest.mark.parametrize("position", [0, 2])
def test_a_base_proof_that_does_not_hold_gives_nothing(secured, position):
    another = issue_unlinkable(secret=STRANGERS_SECRET)
    parts = parts_of(another, BBS_BASE)

    with pytest.raises(Malformed) as refusal:
        show(with_parts(secured, BBS_BASE, put(position, parts[position])))
    assert refusal.value.detail == "statement_mismatch"
    with pytest.raises(Malformed):
        show(altered(secured, ("credentialSubject", "isOver18"), False))
    with pytest.raises(Malformed):
        show(with_parts(secured, BBS_BASE, put(2, b"\xc0" + bytes(95))))


def test_a_holder_without_randomness_shows_nothing(secured):
    with pytest.raises(Malformed) as refusal:
        derive_credential(secured, selective_pointers=OVER_18, contexts=CONTEXTS)

    assert refusal.value.detail == "unsupported_cryptosuite"


def test_an_unlinkable_showing_proves_no_holder(shown):
    verdict = judge(read_ldp(shown, contexts=CONTEXTS), trust=TRUSTED, holder=True)

    assert verdict.outcome is Outcome.FAILED
    assert verdict.reasons == (Reason.HOLDER_NOT_BOUND,)
    assert verdict.claims is None


def test_the_registry_carries_the_key_that_permits_the_suite(shown):
    carried = parse_trust_registry(build_trust_registry_json(TRUSTED))

    assert carried.issuers[0].bbs_keys == (LISTED,)
    assert signature_check(shown, carried).outcome is Outcome.PASSED
    assert "bbs_keys" not in build_trust_registry_json(registry())["issuers"][0]


@pytest.mark.parametrize(
    "entries",
    [
        [{"bls12381_g2": "", "valid_from": 0}],
        [{"bls12381_g2": "!", "valid_from": 0}],
        [{"valid_from": 0}],
        [{"bls12381_g2": base64url.encode(b"\xc0" + bytes(95)), "valid_from": 0}],
        [{"bls12381_g2": base64url.encode(LISTED.key.octets)}],
        [{"bls12381_g2": base64url.encode(LISTED.key.octets), "valid_from": 0}] * 5,
        "keys",
    ],
)
def test_a_registry_with_a_broken_key_is_malformed(entries):
    document = build_trust_registry_json(TRUSTED)
    document["issuers"][0]["bbs_keys"] = entries

    with pytest.raises(Malformed):
        parse_trust_registry(document)
