"""VCDM 1.1 with linked-data proofs before `verify`: every hole of didkit is closed (S-028)."""

from datetime import timedelta

import pytest

from credentials.keys import SoftwareSigner
from credentials.model import Status, StatusPurpose
from credentials.policy import StatusRule
from credentials.status import StatusArray, build_bitstring_credential
from credentials.trust import KeyUse
from credentials.verdict import Outcome
from runtime.children import ChildPool
from tests.credentials.old_papers import (
    DAY,
    HOLDER,
    ISSUER,
    LIST,
    NOW,
    THIEF,
    Person,
    answers,
    changed,
    judge,
    permit,
    present,
    reasons,
    registry,
    sign,
    with_status,
)


@pytest.fixture(scope="module")
def child():
    pool = ChildPool("credentials.legacy_worker", size=1, timeout=20)
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def signed(child):
    return sign(child, permit())


@pytest.fixture(scope="module")
def shown(child, signed):
    return present(child, signed)


@pytest.fixture(scope="module")
def status_list():
    """Entry 9 is revoked. The issuer signs its list with the one key that it has."""
    return build_bitstring_credential(
        StatusArray.all_valid(131_072).with_statuses({9: Status.REVOKED}),
        purpose=StatusPurpose.REVOCATION,
        uri=LIST,
        issuer=ISSUER.did,
        valid_from=NOW - DAY,
        valid_until=NOW + DAY,
        ttl=timedelta(minutes=5),
        signer=SoftwareSigner(ISSUER.private),
        key_id=ISSUER.method,
    )


def test_a_presentation_by_its_holder_passes_every_check(child, shown):
    verdict = judge(shown, proofs=answers(child, shown))

    assert verdict.outcome is Outcome.PASSED
    assert [check.name for check in verdict.checks] == [
        "format", "issuer", "type", "signature", "validity", "holder", "replay", "claims",
    ]  # fmt: skip
    assert verdict.claims["permit"]["plate"] == "2A-4417"


P256 = Person(7, curve="P-256")
P256_JWK = Person(8, curve="P-256", method="jwk")
ED_JWK = Person(9, method="jwk")


@pytest.mark.parametrize("by", [ISSUER, P256, P256_JWK, ED_JWK], ids=lambda each: each.did[:12])
def test_json_web_signature_2020_passes_with_every_key_of_the_city(child, by):
    document = sign(child, permit(issuer=by), by=by, proof_type="JsonWebSignature2020")
    shown = present(child, document, proof_type="JsonWebSignature2020")
    forged = changed(document, "credentialSubject", "plate", value="2A-9999")

    assert document["proof"]["type"] == "JsonWebSignature2020"
    assert reasons(child, shown, trust=registry(issuer=by)) == []
    assert reasons(child, present(child, forged), trust=registry(issuer=by)) == ["bad_signature"]


def test_didkit_lets_an_expired_permit_pass_and_we_do_not(child):
    document = sign(child, permit(expirationDate="2025-02-01T00:00:00Z"))
    shown = present(child, document)

    assert set(answers(child, shown).values()) == {True}
    assert reasons(child, shown) == ["expired"]


def test_didkit_lets_a_permit_of_the_future_pass_and_we_do_not(child):
    document = sign(child, permit(issuanceDate="2025-04-01T00:00:00Z"))
    shown = present(child, document)

    assert set(answers(child, shown).values()) == {True}
    assert reasons(child, shown) == ["not_yet_valid"]


def test_s_028_didkit_knows_another_time_than_the_callers_and_we_judge_at_the_callers(child):
    document = sign(child, permit(), now=NOW + DAY / 2)

    assert set(answers(child, document).values()) == {True}
    assert reasons(child, document, bound=False) == ["not_yet_valid"]
    assert reasons(child, document, bound=False, now=NOW + DAY / 2) == []


def test_didkit_lets_a_forged_permit_inside_a_presentation_pass_and_we_do_not(child, signed):
    forged = changed(signed, "credentialSubject", "plate", value="2A-9999")
    shown = present(child, forged)
    said = answers(child, shown)

    assert sorted(said.values()) == [False, True]
    assert reasons(child, shown) == ["bad_signature"]
    assert judge(shown, proofs=said).claims is None


@pytest.mark.parametrize(
    ("index", "found"), [(4, []), (9, ["revoked"]), (10_000_000, ["status_unknown"])]
)
@pytest.mark.parametrize("kind", ["StatusList2021Entry", "BitstringStatusListEntry"])
def test_didkit_looks_at_no_status_and_we_do(child, status_list, index, found, kind):
    document = sign(child, permit(**with_status(index, kind=kind)))

    assert reasons(child, present(child, document), lists={LIST: status_list}) == found


def test_a_status_that_cannot_be_had_is_unknown(child):
    shown = present(child, sign(child, permit(**with_status(4))))

    assert reasons(child, shown) == ["status_unknown"]
    assert judge(shown, proofs=answers(child, shown)).outcome is Outcome.INDETERMINATE


def test_a_policy_that_asks_for_status_passes_none_without(child, shown):
    assert reasons(child, shown, status=StatusRule.REQUIRED) == ["status_unknown"]


def test_didkit_is_told_the_domain_of_the_proof_and_we_compare_it_with_ours(child, signed):
    shown = present(child, signed, audience="other.example")

    assert set(answers(child, shown).values()) == {True}
    assert reasons(child, shown) == ["wrong_audience"]
    assert reasons(child, present(child, signed, nonce="other")) == ["wrong_nonce"]


@pytest.mark.parametrize("name", ["challenge", "domain", "created"])
def test_an_address_put_in_after_signing_binds_nobody(child, signed, name):
    other = present(child, signed, audience="other.example", nonce="other", created=NOW - DAY)
    ours = present(child, signed)["proof"][name]

    assert "holder_not_bound" in reasons(child, changed(other, "proof", name, value=ours))


def test_an_old_presentation_is_stale(child, signed):
    old = present(child, signed, created=NOW - timedelta(minutes=10))
    ahead = present(child, signed, created=NOW + timedelta(minutes=10))

    assert reasons(child, old) == reasons(child, ahead) == ["stale_code"]


def test_s_042_a_permit_of_somebody_else_is_not_ones_own(child, signed):
    stolen = present(child, signed, by=THIEF)

    assert set(answers(child, stolen).values()) == {True}
    assert reasons(child, stolen)[0] == "holder_not_bound"


def test_s_042_a_permit_of_nobody_is_bound_to_nobody(child):
    for subject in ({"plate": "2"}, {"id": "urn:citizen:7", "plate": "2"}):
        document = sign(child, permit(credentialSubject=subject))

        assert reasons(child, present(child, document))[0] == "holder_not_bound"


def test_a_presentation_changed_after_signing_binds_nobody(child, shown):
    other = {**shown, "id": "urn:uuid:9c9a36f8-518f-4976-a934-6649502d0008"}

    assert reasons(child, other)[0] == "holder_not_bound"


def test_s_039_a_credential_alone_is_not_presented(child, signed):
    assert reasons(child, signed)[0] == "holder_not_bound"
    assert reasons(child, signed, bound=False) == []


@pytest.mark.parametrize(
    ("how", "found"),
    [
        ({}, []),
        ({"identifier": HOLDER.did}, ["issuer_not_trusted"]),
        ({"key": HOLDER.key}, ["issuer_not_trusted"]),
        ({"use": KeyUse.STATUS}, ["issuer_not_trusted"]),
        ({"valid_until": NOW - DAY}, ["issuer_not_trusted"]),
        ({"compromised_at": NOW - DAY}, ["key_compromised"]),
        ({"types": ("DrivingLicence",)}, ["issuer_not_authorised_for_type"]),
        ({"types": ()}, ["issuer_not_authorised_for_type"]),
        ({"expires": timedelta(seconds=-60)}, ["issuer_not_trusted"]),
    ],
)
def test_s_025_a_good_proof_counts_only_from_an_accredited_issuer(child, shown, how, found):
    assert reasons(child, shown, trust=registry(**how)) == found


def test_without_an_answer_nothing_is_told_and_nothing_passes(child, shown):
    said = answers(child, shown)
    for name in said:
        rest = {other: value for other, value in said.items() if other != name}
        verdict = judge(shown, proofs=rest)
        details = {check.detail for check in verdict.checks}

        assert verdict.outcome is Outcome.INDETERMINATE
        assert "proof_not_judged" in details
        assert verdict.claims is None


def test_an_answer_for_another_document_counts_for_nothing(child, signed, shown):
    forged = changed(shown, "verifiableCredential", 0, "credentialSubject", "plate", value="X")

    verdict = judge(forged, proofs={**answers(child, signed), **answers(child, shown)})
    assert verdict.outcome is Outcome.INDETERMINATE
    assert verdict.claims is None


def test_s_186_several_credentials_where_one_was_asked_for_are_refused(child, signed):
    assert reasons(child, present(child, signed, signed)) == ["malformed"]
