"""Every face of the shared vectors, found as phones find it; and the key that is handed out."""

import json

import pytest

from credentials.cwt import read_cwt
from credentials.issuer_judgement import IssuerQuestion, find_signing_key
from credentials.reading import read_presentation
from credentials.trust_document import parse_trust_registry
from tests.vectors import cwt_cases, make_faces, make_verification, small_city
from tests.vectors.small_city import MINUTE, NOW, TRANSPORT, public, trust

DOCUMENT = json.loads(make_faces.TARGET.read_text(encoding="utf-8"))


def key_of(credential, **changes):
    registry = parse_trust_registry(trust(**changes))
    return find_signing_key(credential, IssuerQuestion(registry, NOW, MINUTE, {}))


@pytest.mark.parametrize("case", DOCUMENT["cases"], ids=lambda case: case["name"])
def test_a_face_is_found_as_the_vector_says(case):
    """S-051"""
    assert make_faces.judge(case, DOCUMENT) == (case["expect"], case["reason"])


def test_the_vectors_are_those_that_the_script_writes():
    text = make_verification.build_text(make_faces.build_document())

    assert text == make_faces.TARGET.read_text(encoding="utf-8")


def test_the_key_is_the_one_with_which_the_signature_holds():
    for credential in (read_cwt(cwt_cases.GOOD)[0], read_presentation(small_city.view())[0]):
        assert key_of(credential) == public(TRANSPORT.credential)


def test_a_credential_that_does_not_hold_has_no_key():
    """S-025, S-026, S-191"""
    (good,) = read_cwt(cwt_cases.GOOD)
    for other in (
        cwt_cases.view(by=small_city.signer("a forger")),
        cwt_cases.view(by=TRANSPORT.status),
        cwt_cases.view(iss="https://evil.example"),
        cwt_cases.view(vct="https://evil.example/types/other"),
    ):
        assert key_of(read_cwt(other)[0]) is None
    assert key_of(good, entries=[]) is None
    assert key_of(good, expires_at=NOW - MINUTE) is None
