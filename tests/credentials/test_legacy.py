"""VCDM 1.1 with linked-data proofs: what is read, what is asked, what never reaches didkit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.errors import Malformed
from credentials.legacy import ask_proofs, build_issue_request, build_requests, is_proven
from credentials.linked_claims import read_as_signed
from credentials.model import Format, StatusPurpose, StatusReference
from credentials.reading import list_proof_requests, read_credential, read_presentation
from runtime.children import ChildPool
from runtime.errors import ChildFailed
from tests.credentials.old_papers import (
    BASE,
    HOLDER,
    ISSUER,
    LIST,
    NOW,
    VOCABULARY,
    changed,
    permit,
    present,
    sign,
    text_of,
    with_status,
)
from tests.credentials.workshop import issue_permit

TECHNICAL = "https://w3id.org/security/suites/ed25519-2020/v1"


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


def refusal(document):
    with pytest.raises(Malformed) as fault:
        read_presentation(text_of(document))
    return fault.value.detail


def test_a_credential_reads_like_every_other_format(signed):
    credential = read_credential(text_of(signed))

    assert credential.format is Format.LDP_VC
    assert (credential.issuer, credential.types) == (ISSUER.did, ("TaxiPermit",))
    assert credential.claims == {"id": HOLDER.did, "plate": "2A-4417", "zones": ["A", "B"]}
    assert credential.holder_key == HOLDER.key
    assert credential.key_hint.key_id == ISSUER.method
    assert credential.key_binding is None
    assert credential.signature == b""
    assert list(build_requests(signed)) == [credential.external_proof]


def test_a_presentation_reads_with_a_proof_of_each_kind(signed, shown):
    (credential,) = read_presentation(text_of(shown))
    binding = credential.key_binding
    asked = build_requests(shown)

    assert (binding.nonce, binding.audience) == ("n-0S6_WzA2Mj", "verifier.city.example")
    assert (binding.issued_at, binding.proof_key) == (NOW, HOLDER.key)
    assert set(asked) == {binding.external_proof, credential.external_proof}
    assert asked[binding.external_proof]["options"] == {
        "proofPurpose": "authentication",
        "challenge": "n-0S6_WzA2Mj",
        "domain": "verifier.city.example",
    }


def test_an_answer_is_for_one_exact_document(signed):
    other = changed(signed, "credentialSubject", "plate", value="2A-9999")

    assert set(build_requests(signed)).isdisjoint(build_requests(other))


def test_a_replay_is_known_in_whatever_order_its_members_stand(shown):
    (first,) = read_presentation(text_of(shown))
    (again,) = read_presentation(text_of(dict(reversed(shown.items()))))

    assert first.key_binding.digest == again.key_binding.digest


def test_a_presentation_without_challenge_and_domain_binds_nobody(shown):
    proof = {name: each for name, each in shown["proof"].items() if name[:2] not in ("ch", "do")}
    (credential,) = read_presentation(text_of({**shown, "proof": proof}))

    assert credential.key_binding is None


@pytest.mark.parametrize("name", ["challenge", "domain"])
@pytest.mark.parametrize("value", ["", 7, None, ["x"]])
def test_half_an_address_is_none(shown, name, value):
    assert refusal(changed(shown, "proof", name, value=value)) == "invalid_proof"


def test_only_an_issued_document_is_a_credential(shown):
    with pytest.raises(Malformed, match="presented"):
        read_credential(text_of(shown))


def test_other_texts_ask_nothing():
    for text in (issue_permit(), "{}", '{"@context":"x"}', "e30.e30.e30"):
        assert list_proof_requests(text) == {}


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"checks": [], "errors": []},
        {"checks": ["proof"], "errors": ["no"]},
        {"checks": ["proof"]},
        {"checks": ["JWS"], "errors": []},
        {"errors": []},
    ],
)
def test_an_answer_without_a_checked_proof_is_never_a_pass(answer):
    assert not is_proven(answer)
    assert is_proven({"checks": ["proof"], "warnings": [], "errors": []})


def test_a_child_that_fails_is_no_answer(signed):
    def fail(_):
        raise ChildFailed("gone")

    with pytest.raises(ChildFailed):
        ask_proofs(build_requests(signed), fail)


SUBJECT = "credentialSubject"
SECOND = {"@vocab": "https://other.example/#"}


@pytest.mark.parametrize(
    ("path", "value", "detail"),
    [
        (("issuer",), "did:web:city.example", "unsupported_did"),
        (("issuer",), {"id": "https://city.example"}, "unsupported_did"),
        (("issuer",), "did:key:z6Mk", "invalid_verification_method"),
        (("proof", "verificationMethod"), "did:web:evil.example#1", "invalid_verification_method"),
        (("proof", "verificationMethod"), f"{ISSUER.did}#other", "invalid_did"),
        (("proof", "proofPurpose"), "authentication", "invalid_proof_purpose"),
        (("proof", "type"), "RsaSignature2018", "invalid_proof"),
        (("proof", "type"), "DataIntegrityProof", "invalid_proof"),
        (("proof", "@context"), "https://evil.example/swap", "unknown_context"),
        (("proof", "@context"), [TECHNICAL, VOCABULARY], "unknown_context"),
        (("proof",), [], "invalid_proof"),
        (("proof", "created"), "yesterday", "invalid_time"),
        (("proof", "created"), None, "invalid_time"),
        (("@context", 1), "https://evil.example/swap", "unknown_context"),
        (("@context", 1), {"plate": "https://city.example/terms#vin"}, "unknown_context"),
        (("@context", 1), {"@vocab": ""}, "unknown_context"),
        (("@context", 1), {"@vocab": "terms#"}, "unknown_context"),
        (("@context", 1), {"@vocab": "https://city.example:8"}, "unknown_context"),
        (("@context", 1), {"@vocab": "https://city.example/a#b#"}, "unknown_context"),
        (("@context", 1), {"@vocab": None}, "unknown_context"),
        (("@context",), [BASE, VOCABULARY, SECOND], "unknown_context"),
        (("@context",), ["https://www.w3.org/ns/credentials/v2"], "invalid_proof_type"),
        (("@context",), BASE, "invalid_context"),
        (("@context",), [BASE], "type_not_mapped"),
        (("type",), ["TaxiPermit"], "invalid_type"),
        (("type",), ["VerifiableCredential", "Taxi Permit"], "type_not_mapped"),
        (("type",), ["VerifiableCredential", "StatusList2021Entry"], "type_not_mapped"),
        ((SUBJECT, "@context"), {"plate": "x:y"}, "invalid_claim_name"),
        ((SUBJECT, "https://city.example/terms#vin"), "1", "invalid_claim_name"),
        ((SUBJECT, "tyres"), [{"@id": "x:y"}], "invalid_claim_name"),
        ((SUBJECT,), {}, "invalid_subject"),
        ((SUBJECT,), [{"plate": "1"}], "invalid_subject"),
        (("expirationDate",), "2026-01-01", "invalid_time"),
        (("expirationDate",), None, "invalid_time"),
        (("expirationDate",), "2024-01-01T00:00:00Z", "invalid_validity"),
        (("validUntil",), "2025-01-01T00:00:00Z", "draft_residue"),
        (("credentialStatus",), "https://city.example/1", "invalid_status_reference"),
    ],
)
def test_s_033_s_141_what_may_not_reach_didkit_is_refused_before(signed, path, value, detail):
    assert refusal(changed(signed, *path, value=value)) == detail


@pytest.mark.parametrize(
    ("name", "value", "detail"),
    [
        ("a b", "1", "invalid_claim_name"),
        ("a<b", "1", "invalid_claim_name"),
        ("a#b", "1", "invalid_claim_name"),
        ("a\u200eb", "1", "invalid_claim_name"),
        ("\ue000", "1", "invalid_claim_name"),
        ("a" * 129, "1", "invalid_claim_name"),
        ("", "1", "invalid_claim_name"),
        ("proof", "1", "invalid_claim_name"),
        ("owner", {"id": "relative", "name": "x"}, "invalid_url"),
        ("owner", {"id": "urn:x:a b", "name": "x"}, "invalid_url"),
        ("owner", {"id": "urn:x:%zz", "name": "x"}, "invalid_url"),
        ("owner", {"id": "https://a:x/", "name": "x"}, "invalid_url"),
        ("owner", {"id": "https://[::1/", "name": "x"}, "invalid_url"),
        ("owner", {"id": "urn:x:a#b#c", "name": "x"}, "invalid_url"),
        ("owner", {"id": None, "name": "x"}, "invalid_url"),
        ("owner", {"type": "a b", "name": "x"}, "type_not_mapped"),
        ("owner", {"type": "StatusList2021Entry", "name": "x"}, "type_not_mapped"),
        ("owner", {"id": HOLDER.did, "name": "x"}, "duplicate_id"),
        ("owners", [{"id": "urn:x:1", "a": "1"}, {"id": "urn:x:1"}], "duplicate_id"),
    ],
)
def test_s_033_what_the_proof_would_not_cover_is_refused(signed, name, value, detail):
    assert refusal(changed(signed, SUBJECT, name, value=value)) == detail


@pytest.mark.parametrize(
    "change",
    [{"statusListCredential": "https://a b/1"}, {"id": "#7"}, {"statusListIndex": 7}],
)
def test_s_033_a_status_that_the_proof_would_not_cover_is_refused(signed, change):
    status = with_status(7)
    status["credentialStatus"].update(change)

    assert refusal({**signed, **status}) in {"invalid_url", "invalid_status_reference"}


@pytest.mark.parametrize("name", ["ឈ្មោះ", "名", "a.b", "a-b", "2", "_a", "a" * 128])
@pytest.mark.parametrize("value", ["1", {"id": "https://a.example:8/x?y=1#z", "n": "1"}])
def test_names_of_every_script_and_absolute_ids_are_signed(child, name, value):
    """The twin of the refusals: didkit signs these whole; another value breaks the proof."""
    document = sign(child, permit(credentialSubject={"id": HOLDER.did, name: value}))
    other = {**value, "n": "2"} if isinstance(value, dict) else "2"

    (good,) = ask_proofs(build_requests(document), child.ask).values()
    forged = changed(document, SUBJECT, name, value=other)
    (bad,) = ask_proofs(build_requests(forged), child.ask).values()
    assert (good, bad) == (True, False)
    assert read_credential(text_of(document)).claims[name] == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("zones", ["B", "A"]),
        ("zones", ["A", "B", "A"]),
        ("zones", [["A"], ["B", None]]),
        ("plate", ["2A-4417"]),
        ("extra", None),
        ("extra", []),
        ("extra", [None]),
        ("seats", 4.0),
    ],
)
def test_what_a_holder_may_change_without_breaking_the_proof_changes_no_claim(child, name, value):
    """Found with didkit: all these texts carry one signature."""
    subject = {**permit()[SUBJECT], "seats": 4}
    document = sign(child, permit(credentialSubject=subject))
    other = changed(document, SUBJECT, name, value=value)

    assert list(ask_proofs(build_requests(other), child.ask).values()) == [True]
    first, second = read_credential(text_of(document)), read_credential(text_of(other))
    assert first.claims == second.claims
    assert type(second.claims["seats"]) is int


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("xy"), inner, max_size=2),
    max_leaves=12,
)


@pytest.mark.parametrize("number", [2**53, -(2**53), 1e308, 0.1])
def test_every_number_that_reads_is_read_as_signed(number):
    found = read_as_signed([{"b": [number], "a": 1}, number])

    assert found == [number, {"a": 1, "b": number}]
    assert read_as_signed([number, {"a": [1], "b": number}]) == found


@given(PLAIN)
def test_reading_as_signed_twice_is_reading_once(value):
    assert read_as_signed(read_as_signed(value)) == read_as_signed(value)


@given(st.lists(PLAIN, max_size=4))
def test_the_order_of_a_set_does_not_count(values):
    assert read_as_signed(values) == read_as_signed(values[::-1])


def test_status_references_are_found_and_unknown_ones_are_not_dropped(child):
    entries = [with_status(7)["credentialStatus"], {"id": "urn:x:1", "type": "Revocation2020"}]
    document = sign(child, permit(**{**with_status(7), "credentialStatus": entries[0]}))
    credential = read_credential(text_of(changed(document, "credentialStatus", value=entries)))

    assert credential.statuses == (
        StatusReference(LIST, 7, StatusPurpose.REVOCATION),
        StatusReference("unsupported:credentialStatus", 0),
    )


@pytest.mark.parametrize("text", ["{", "{}", '{"a":1,"a":2}', '{"type":"VerifiablePresentation"}'])
def test_what_is_no_document_is_refused(text):
    for read in (read_presentation, read_credential):
        with pytest.raises(Malformed):
            read(text)


@pytest.mark.parametrize("listed", [[], [None] * 17])
def test_a_presentation_holds_one_to_sixteen_credentials(shown, listed):
    assert refusal({**shown, "verifiableCredential": listed}) == "empty_presentation"


def test_a_credential_of_another_kind_inside_is_refused(shown):
    assert refusal({**shown, "verifiableCredential": ["e30.e30.e30"]}) == "not_an_object"


def test_s_224_the_child_refuses_what_it_was_not_made_for(child):
    for request in ({"operation": "resolve_did"}, {"operation": "verify_credential", "options": 1}):
        with pytest.raises(ChildFailed):
            child.ask(request)
    with pytest.raises(Malformed):
        build_issue_request(
            permit(),
            private_jwk={},
            verification_method="x",
            now=NOW,
            proof_type="RsaSignature2018",
        )
