"""What no issuer of ours secures with a selective proof, and what no holder derives."""

import pytest

from credentials import ecdsa_sd
from credentials.errors import Malformed
from credentials.selective_disclosure import MAX_STATEMENTS
from tests.credentials.selective import CONTEXTS, HMAC_KEY, METHOD, issue_ecdsa, permit, show
from tests.credentials.workshop import AGENCY, DRIVER, ed25519_signer


@pytest.mark.parametrize(
    "signers",
    [(ed25519_signer("an agency"), DRIVER), (AGENCY, ed25519_signer("a key of one proof"))],
    ids=["issuer", "proof"],
)
def test_di_06_only_keys_on_p_256_make_such_proofs(signers):
    with pytest.raises(Malformed) as refusal:
        ecdsa_sd.secure(
            permit(),
            options={},
            mandatory_pointers=(),
            signer=signers[0],
            proof_signer=signers[1],
            hmac_key=HMAC_KEY,
            contexts=CONTEXTS,
        )

    assert refusal.value.detail == "unsupported_key"


def test_an_hmac_key_has_32_octets():
    with pytest.raises(Malformed) as refusal:
        ecdsa_sd.secure(
            permit(),
            options={},
            mandatory_pointers=(),
            signer=AGENCY,
            proof_signer=DRIVER,
            hmac_key=bytes(16),
            contexts=CONTEXTS,
        )

    assert refusal.value.detail == "invalid_key_length"


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"issuer": "did:web:another.city.example"}, "invalid_verification_method"),
        ({"type": ["PermitCredential"]}, "invalid_type"),
        ({"proof": {"type": "DataIntegrityProof"}}, "several_proofs"),
        ({"validFrom": None, "validUntil": "soon"}, "invalid_time"),
    ],
)
def test_what_no_verifier_would_take_is_not_issued(changes, detail):
    with pytest.raises(Malformed) as refusal:
        issue_ecdsa(permit(**changes))

    assert refusal.value.detail == detail


def test_a_document_that_cannot_be_shown_in_parts_is_not_issued():
    route = permit(credentialSubject={"stops": ["Central Market", "Riverside"]})
    with pytest.raises(Malformed) as refusal:
        issue_ecdsa(route)
    assert refusal.value.detail == "not_selectable"

    with pytest.raises(Malformed) as refusal:
        issue_ecdsa(permit(subject="urn:city-blank:7"))
    assert refusal.value.detail == "not_selectable"


def test_a_value_that_is_json_is_not_shown_in_parts():
    with pytest.raises(Malformed) as refusal:
        issue_ecdsa(permit(credentialSubject={"details": {"colour": "red"}}))

    assert refusal.value.detail == "not_selectable"


def test_s_033_a_part_that_would_mean_something_else_is_not_shown():
    document = permit(
        credentialSubject={"@context": {"@vocab": "https://b.example/"}, "colour": "red"}
    )
    document["@context"].append({"@vocab": "https://a.example/"})

    with pytest.raises(Malformed) as refusal:
        show(issue_ecdsa(document), ("/credentialSubject/colour",))
    assert refusal.value.detail == "not_selectable"


def test_nothing_chosen_is_nothing_shown():
    secured = ecdsa_sd.secure(
        permit(),
        options={"verificationMethod": METHOD, "proofPurpose": "assertionMethod"},
        mandatory_pointers=(),
        signer=AGENCY,
        proof_signer=DRIVER,
        hmac_key=HMAC_KEY,
        contexts=CONTEXTS,
    )

    with pytest.raises(Malformed) as refusal:
        show(secured, ())
    assert refusal.value.detail == "invalid_pointer"
    assert set(show(secured)) == {*permit(), "proof"} - {"issuer", "validFrom", "validUntil"}


def test_too_many_statements_are_not_issued():
    crowd = [f"plate {number}" for number in range(MAX_STATEMENTS)]
    with pytest.raises(Malformed) as refusal:
        issue_ecdsa(permit(credentialSubject={"plate": crowd}))

    assert refusal.value.detail == "too_many_statements"
