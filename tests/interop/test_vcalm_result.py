"""What an endpoint answers after verification: VCDM 2.0 sections 7.1 and 7.2 (VCDM-13)."""

import pytest

from tests.interop.vcalm_endpoint import Endpoint, build_credential, kinds

RESULT = ("status", "document", "mediaType", "controller", "controlledIdentifierDocument")
PREFIX = "eddsa-rdfc-2022"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory):
    running = Endpoint(tmp_path_factory.mktemp("interop"))
    yield running
    running.stop()


def result_of(answer):
    return [answer[name] for name in RESULT]


@pytest.mark.parametrize("prefix", [PREFIX, "ecdsa-rdfc-2019-p256", "vc-jwt"])
def test_vcdm_13_a_result_names_what_may_be_believed_and_who_signed_it(endpoint, prefix):
    credential = build_credential(endpoint, prefix)
    issued = endpoint.issued(prefix, credential)

    _, answer = endpoint.verify(issued, prefix)

    status, document, media_type, controller, described = result_of(answer)
    assert (status, media_type, controller) == (True, "application/vc", credential["issuer"])
    assert document["credentialSubject"] == credential["credentialSubject"]
    assert "proof" not in document
    assert described["id"] == controller
    assert described["assertionMethod"]
    assert answer["errors"] == answer["warnings"] == []


def test_vcdm_13_what_does_not_hold_gives_no_document(endpoint):
    issued = endpoint.issued(PREFIX, build_credential(endpoint, PREFIX))
    issued["credentialSubject"]["name"] = "Mallory"

    _, answer = endpoint.verify(issued)

    assert result_of(answer) == [False, None, None, None, None]
    assert answer["errors"]


def test_vcdm_13_each_kind_of_error_has_its_registered_type(endpoint):
    issued = endpoint.issued(PREFIX, build_credential(endpoint, PREFIX))
    past = endpoint.issued(
        PREFIX, build_credential(endpoint, PREFIX, validUntil="2024-02-01T00:00:00Z")
    )
    changed = {**issued, "credentialSubject": {"id": "did:example:alice", "name": "Mallory"}}
    wrong = {
        "PARSING_ERROR": {name: value for name, value in issued.items() if name != "proof"},
        "CRYPTOGRAPHIC_SECURITY_ERROR": changed,
        "MALFORMED_VALUE_ERROR": {**issued, "validFrom": "yesterday"},
        "RANGE_ERROR": past,
    }

    found = {name: kinds(endpoint.verify(document)[1]) for name, document in wrong.items()}

    assert [name for name, said in found.items() if name not in said] == []
    types = [each["type"] for each in endpoint.verify(past)[1]["errors"]]
    assert types == ["https://www.w3.org/TR/vc-data-model#RANGE_ERROR"]
