"""`./city interop` over HTTPS: what it issues it verifies, and what was changed it refuses."""

import copy

import pytest

from tests.interop.vcalm_endpoint import (
    BASE,
    SELECTIVE,
    SUITES,
    Endpoint,
    build_credential,
    codes,
    kinds,
)

STATUS = "bitstring-status-list"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory):
    running = Endpoint(tmp_path_factory.mktemp("interop"))
    yield running
    running.stop()


@pytest.mark.parametrize("prefix", [*SUITES, "vc-jwt"])
def test_each_suite_verifies_what_it_issued(endpoint, prefix):
    issued = endpoint.issued(prefix, build_credential(endpoint, prefix))

    status, answer = endpoint.verify(issued, prefix)

    assert status == 200
    assert answer["verified"] is True
    assert "signature" in answer["checks"]
    assert answer["errors"] == answer["warnings"] == []


@pytest.mark.parametrize("prefix", SUITES)
def test_the_issuer_becomes_the_endpoints_own_did(endpoint, prefix):
    issuer = {"id": "https://issuer.example/", "name": "A school"}
    issued = endpoint.issued(prefix, build_credential(endpoint, prefix, issuer=issuer))

    assert issued["issuer"] == {"id": endpoint.did(prefix), "name": "A school"}
    assert issued["proof"]["cryptosuite"] == prefix.removesuffix("-p256").removesuffix("-p384")


@pytest.mark.parametrize("prefix", SUITES)
def test_a_changed_claim_is_not_genuine(endpoint, prefix):
    issued = endpoint.issued(prefix, build_credential(endpoint, prefix))
    issued["credentialSubject"]["name"] = "Mallory"

    status, answer = endpoint.verify(issued)

    assert (status, answer["verified"]) == (400, False)
    assert kinds(answer) >= {"CRYPTOGRAPHIC_SECURITY_ERROR"}


@pytest.mark.parametrize("member", ["type", "verificationMethod", "proofPurpose", "proofValue"])
@pytest.mark.parametrize("prefix", SUITES)
def test_a_proof_that_lacks_a_member_is_refused_s_031(endpoint, prefix, member):
    issued = endpoint.issued(prefix, build_credential(endpoint, prefix))
    del issued["proof"][member]

    status, answer = endpoint.verify(issued)

    assert status == 400
    assert kinds(answer) == {"PROOF_VERIFICATION_ERROR"}


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        ("cryptosuite", "unknown-2099", "unsupported_cryptosuite"),
        ("proofPurpose", "authentication", "invalid_proof_purpose"),
        ("type", "UnknownProof", "invalid_proof_type"),
        ("created", "invalidDate", "invalid_time"),
        ("expires", "invalidDate", "invalid_time"),
        ("previousProof", "urn:uuid:not-there", "unknown_previous_proof"),
        ("proofValue", None, "invalid_proof_value"),
        ("proofValue", "zzzz", "invalid_proof_value"),
    ],
)
def test_a_wrong_proof_is_refused_s_031(endpoint, member, value, code):
    issued = endpoint.issued("eddsa-rdfc-2022", build_credential(endpoint, "eddsa-rdfc-2022"))
    issued["proof"][member] = value

    status, answer = endpoint.verify(issued)

    assert (status, codes(answer)) == (400, {code})


def test_a_credential_without_a_proof_is_not_verified(endpoint):
    status, answer = endpoint.verify(build_credential(endpoint, "eddsa-rdfc-2022"))

    assert (status, codes(answer)) == (400, {"missing_proof"})


def test_a_key_speaks_for_no_other_did_di_07(endpoint):
    issued = endpoint.issued("eddsa-rdfc-2022", build_credential(endpoint, "eddsa-rdfc-2022"))
    issued["issuer"] = endpoint.did("ecdsa-sd-2023")

    status, answer = endpoint.verify(issued)

    assert (status, codes(answer)) == (400, {"invalid_verification_method"})


def test_a_second_proof_must_be_by_the_key_that_it_names_di_05(endpoint):
    issued = endpoint.issued("eddsa-rdfc-2022", build_credential(endpoint, "eddsa-rdfc-2022"))
    stranger = "did:key:z6MkhWqdDBPojHA7cprTGTt5yHv5yUi1B8cnXn8ReLumkw6E"
    forged = {**issued["proof"], "verificationMethod": f"{stranger}#{stranger[8:]}"}
    issued["proof"] = [issued["proof"], forged]

    status, answer = endpoint.verify(issued)

    assert (status, codes(answer)) == (400, {"bad_signature"})


@pytest.mark.parametrize("prefix", ["eddsa-rdfc-2022", "ecdsa-rdfc-2019-p384"])
def test_an_undefined_term_is_no_part_of_what_is_signed_di_04(endpoint, prefix):
    plain = build_credential(endpoint, prefix)
    plain["@context"], plain["type"] = [BASE], ["VerifiableCredential"]
    plain["credentialSubject"] = {"id": "did:example:alice", "undefinedTerm": "lost"}

    status, answer = endpoint.issue(prefix, plain)

    assert (status, kinds(answer)) == (400, {"DATA_LOSS_DETECTION_ERROR"})


@pytest.mark.parametrize(
    ("times", "code"),
    [
        ({"validUntil": "2024-06-01T00:00:00Z"}, "expired"),
        ({"validFrom": "2090-01-01T00:00:00Z"}, "not_yet_valid"),
    ],
)
def test_a_credential_out_of_its_time_is_not_verified(endpoint, times, code):
    issued = endpoint.issued(
        "eddsa-jcs-2022", build_credential(endpoint, "eddsa-jcs-2022", **times)
    )

    status, answer = endpoint.verify(issued)

    assert (status, codes(answer), kinds(answer)) == (400, {code}, {"RANGE_ERROR"})


@pytest.mark.parametrize("prefix", SELECTIVE)
def test_what_a_holder_shows_of_a_credential_verifies(endpoint, prefix):
    pointers = ["/credentialSubject/id"]
    issued = endpoint.issued(prefix, build_credential(endpoint, prefix), mandatoryPointers=pointers)
    shown = endpoint.derive(issued, "/credentialSubject/name")
    changed = copy.deepcopy(shown)
    changed["credentialSubject"]["name"] = "Mallory"

    assert endpoint.verify(shown)[0] == 200
    assert "alumniOf" not in shown["credentialSubject"]
    assert endpoint.verify(changed)[0] == 400
    assert codes(endpoint.verify(issued)[1]) == {"base_proof"}


def test_a_first_version_credential_is_signed_and_verified(endpoint):
    plain = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential"],
        "issuer": endpoint.did("ecdsa-rdfc-2019-p384"),
        "issuanceDate": "2020-03-16T22:37:26Z",
        "credentialSubject": {"id": "did:example:alice"},
    }
    issued = endpoint.issued("ecdsa-rdfc-2019-p384", plain)

    assert "https://w3id.org/security/data-integrity/v2" in issued["@context"]
    assert endpoint.verify(issued)[0] == 200

    issued["issuanceDate"] = "2021-03-16T22:37:26Z"

    assert endpoint.verify(issued)[0] == 400


@pytest.mark.parametrize("prefix", [*SUITES, "ecdsa-sd-2023"])
def test_a_presentation_answers_one_challenge_for_one_domain_di_01(endpoint, prefix):
    credential = endpoint.issued("eddsa-rdfc-2022", build_credential(endpoint, "eddsa-rdfc-2022"))
    plain = {
        "@context": [BASE],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [credential],
    }
    status, answer = endpoint.present(prefix, plain, challenge="abc", domain="city.example")
    shown = answer["verifiablePresentation"]

    assert status == 201
    asked = {"challenge": "abc", "domain": "city.example"}
    assert endpoint.verify_presentation(shown, **asked)[1]["errors"] == []
    wrong = endpoint.verify_presentation(shown, **{**asked, "challenge": "other"})
    assert (wrong[0], kinds(wrong[1])) == (400, {"INVALID_CHALLENGE_ERROR"})
    wrong = endpoint.verify_presentation(shown, **{**asked, "domain": "other.example"})
    assert (wrong[0], kinds(wrong[1])) == (400, {"INVALID_DOMAIN_ERROR"})


def test_a_presentation_holds_only_with_each_of_its_credentials(endpoint):
    credential = endpoint.issued("eddsa-jcs-2022", build_credential(endpoint, "eddsa-jcs-2022"))
    credential["credentialSubject"]["name"] = "Mallory"
    plain = {
        "@context": [BASE],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [credential],
    }
    shown = endpoint.present("eddsa-rdfc-2022", plain)[1]["verifiablePresentation"]

    status, answer = endpoint.verify_presentation(shown)

    assert (status, kinds(answer)) == (400, {"CRYPTOGRAPHIC_SECURITY_ERROR"})


def test_a_presentation_is_its_holders(endpoint):
    plain = {"@context": [BASE], "type": ["VerifiablePresentation"]}
    shown = endpoint.present("eddsa-rdfc-2022", plain)[1]["verifiablePresentation"]

    assert endpoint.verify_presentation(shown)[0] == 200

    other = {**shown, "holder": "did:example:somebody"}
    bare = {name: value for name, value in shown.items() if name != "proof"}

    assert "holder_mismatch" in codes(endpoint.verify_presentation(other)[1])
    assert codes(endpoint.verify_presentation(bare)[1]) == {"missing_proof"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("issue", {"credential": {}, "options": {"unheardOf": True}}),
        ("issue", {"credential": {}, "other": 1}),
        ("issue", {"options": {}}),
        ("verify", {"verifiableCredential": {}, "options": {"checks": ["unheardOf"]}}),
        ("verify", {"verifiableCredential": {}, "options": {"returnResults": True}}),
        ("verify", {"verifiableCredential": "text"}),
        ("verify", []),
    ],
)
def test_unknown_options_and_members_are_errors_vcalm_01(endpoint, path, body):
    assert endpoint.post(f"/eddsa-rdfc-2022/credentials/{path}", body)[0] == 400


def test_nothing_but_json_is_read_vcalm_01(endpoint):
    path = "/eddsa-rdfc-2022/credentials/verify"

    assert endpoint.post_as(path, b"a=b", "application/x-www-form-urlencoded")[0] == 400
    assert endpoint.post(path, b'{"options":{},"options":{}}')[0] == 400
    assert endpoint.post("/no-such-suite/credentials/verify", {})[0] == 404


def test_a_revoked_credential_is_no_longer_verified(endpoint):
    plain = build_credential(endpoint, STATUS, id="urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33")
    issued = endpoint.issued(STATUS, plain)
    entry = issued["credentialStatus"]
    change = {
        "credentialId": issued["id"],
        "credentialStatus": {
            "type": "BitstringStatusListEntry",
            "statusPurpose": entry["statusPurpose"],
        },
        "status": True,
    }

    assert endpoint.verify(issued, checks=["credentialStatus"])[0] == 200
    assert endpoint.post(f"/{STATUS}/credentials/status", change)[0] == 200
    status, answer = endpoint.verify(issued)
    assert (status, codes(answer)) == (400, {"revoked"})


def test_the_status_list_is_a_credential_that_verifies(endpoint):
    status, published = endpoint.get("/status/1")

    assert status == 200
    assert published["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
    assert endpoint.verify(published)[0] == 200
    assert endpoint.get("/status/1", accept="application/vc+jwt")[1].count(".") == 2


def test_a_status_of_others_is_not_fetched_but_told(endpoint):
    entry = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "94567",
        "statusListCredential": "https://lists.example/1",
    }
    issued = endpoint.issued(
        "eddsa-rdfc-2022", build_credential(endpoint, "eddsa-rdfc-2022", credentialStatus=entry)
    )

    status, answer = endpoint.verify(issued, checks=["proof"])
    asked = endpoint.verify(issued, checks=["proof", "credentialStatus"])

    assert (status, answer["verified"]) == (200, True)
    assert [each["type"].rpartition("#")[2] for each in answer["warnings"]] == [
        "STATUS_RETRIEVAL_ERROR"
    ]
    assert (asked[0], kinds(asked[1])) == (400, {"STATUS_RETRIEVAL_ERROR"})
