"""Data Integrity proofs: the published vectors, every suite both ways, and S-031's refusals."""

import hashlib
import json
from datetime import timedelta

import pytest

from credentials import proof_input
from credentials.data_integrity import (
    build_options,
    list_proofs,
    parse_proof,
    prepare_signing,
    read_signing_input,
    sign_document,
)
from credentials.did_key import parse_did_key
from credentials.errors import Malformed
from credentials.keys import parse_jwk, verify_signature
from encoding.multibase import encode_multibase
from tests.credentials.ldp_workshop import (
    AGENCY,
    EXAMPLES,
    SUITES,
    UNDEFINED,
    V2,
    changed,
    did_of,
    method_of,
    permit,
    signed_permit,
    signer_of,
)
from tests.credentials.workshop import NOW

# Folder, files of the vector: signed document, canonical document, both hashes.
PUBLISHED = [
    ("vc-di-eddsa/eddsa-jcs-2022", "signedJCS.json", "combinedHashJCS.txt"),
    ("vc-di-eddsa/eddsa-rdfc-2022", "signedDataInt.json", "combinedHashDataInt.txt"),
    ("vc-di-ecdsa/ecdsa-jcs-2019-p256", "signedJCSECDSAP256.json", "combinedHashJCSECDSAP256.txt"),
    ("vc-di-ecdsa/ecdsa-rdfc-2019-p256", "signedECDSAP256.json", "combinedHashECDSAP256.txt"),
]


def holds(document, key, number=0):
    proofs = list_proofs(document)
    proof = parse_proof(proofs[number])
    return verify_signature(key, read_signing_input(document, proof, proofs), proof.signature)


def key_of(signer):
    return parse_jwk(dict(signer.public_jwk))


@pytest.mark.parametrize(("folder", "signed", "combined"), PUBLISHED)
def test_di_02_a_published_proof_holds_and_its_hashes_are_ours(vectors, folder, signed, combined):
    document = json.loads((vectors / folder / signed).read_text())
    proof = parse_proof(document["proof"])
    key = parse_did_key(proof.options.controller)

    assert read_signing_input(document, proof, [document["proof"]]).hex() == (
        (vectors / folder / combined).read_text().strip()
    )
    assert holds(document, key)
    assert not holds(changed(document, "credentialSubject", "alumniOf", to="Another"), key)


@pytest.mark.parametrize(("folder", "signed", "combined"), PUBLISHED)
def test_di_02_our_options_hash_to_the_published_value(vectors, folder, signed, combined):
    document = json.loads((vectors / folder / signed).read_text())
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    proof = parse_proof(document["proof"])
    options = build_options(
        unsigned,
        cryptosuite=proof.suite.name,
        algorithm=proof.algorithm,
        verification_method=proof.options.verification_method,
        purpose="assertionMethod",
        created=proof.options.created,
    )

    assert prepare_signing(unsigned, options, algorithm=proof.algorithm).hex() == (
        (vectors / folder / combined).read_text().strip()
    )


@pytest.mark.parametrize(("suite", "algorithm"), SUITES)
def test_di_06_every_suite_signs_and_reads_back(suite, algorithm):
    signer = signer_of(algorithm)
    document = signed_permit(suite, signer)

    assert parse_proof(document["proof"]).algorithm == algorithm
    assert holds(document, key_of(signer))
    assert not holds(document, key_of(signer_of(algorithm, "stranger")))


@pytest.mark.parametrize(("suite", "algorithm"), SUITES)
@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("credentialSubject", "zone", "code"), 5),
        (("validUntil",), "2028-11-01T00:00:00Z"),
        (("credentialStatus", "statusListIndex"), "1"),
        (("credentialStatus",), None),
        (("id",), None),
        (("proof", "created"), "2026-11-22T09:00:01Z"),
        (("proof", "created"), None),
        (("proof", "expires"), "2036-11-22T09:00:01Z"),
        (("proof", "domain"), "https://verifier.city.example"),
        (("proof", "verificationMethod"), "did:example:other#1"),
        (("proof", "proofPurpose"), "authentication"),
        (("type",), ["VerifiableCredential", "BusPermit"]),
    ],
)
def test_s_031_whatever_is_changed_the_proof_does_not_hold(suite, algorithm, path, value):
    signer = signer_of(algorithm)

    assert not holds(changed(signed_permit(suite, signer), *path, to=value), key_of(signer))


def test_di_06_p_384_hashes_with_sha_384_also_in_rdfc():
    for suite in ("ecdsa-rdfc-2019", "ecdsa-jcs-2019"):
        document = signed_permit(suite, signer_of("ES384"))
        proof = parse_proof(document["proof"])

        data = read_signing_input(document, proof, [document["proof"]])

        assert len(data) == 2 * hashlib.sha384().digest_size
        assert len(proof.signature) == 96


SHAPES = {
    "no type": ("type", None, "invalid_proof_type"),
    "another type": ("type", "Ed25519Signature2020", "invalid_proof_type"),
    "a list of types": ("type", ["DataIntegrityProof"], "invalid_proof_type"),
    "no cryptosuite": ("cryptosuite", None, "unsupported_cryptosuite"),
    "an unknown cryptosuite": ("cryptosuite", "eddsa-2022", "unsupported_cryptosuite"),
    "a cryptosuite of another key": ("cryptosuite", ["eddsa-jcs-2022"], "unsupported_cryptosuite"),
    "no method": ("verificationMethod", None, "invalid_verification_method"),
    "a method that is no URL": ("verificationMethod", "key-1", "invalid_verification_method"),
    "a method that is an object": ("verificationMethod", {"id": 1}, "invalid_verification_method"),
    "a very long method": (
        "verificationMethod",
        "did:x:" + "a" * 9_000,
        "invalid_verification_method",
    ),
    "no purpose": ("proofPurpose", None, "invalid_proof_purpose"),
    "a purpose that is a list": ("proofPurpose", ["assertionMethod"], "invalid_proof_purpose"),
    "no value": ("proofValue", None, "invalid_proof_value"),
    "a value in base64url": (
        "proofValue",
        encode_multibase(bytes(64), base="u"),
        "invalid_proof_value",
    ),
    "a value in no base": ("proofValue", encode_multibase(b"\1" * 64)[1:], "invalid_proof_value"),
    "a value with a foreign character": ("proofValue", "z0OIl", "invalid_proof_value"),
    "63 bytes": ("proofValue", encode_multibase(b"\1" * 63), "invalid_proof_value"),
    "65 bytes": ("proofValue", encode_multibase(b"\1" * 65), "invalid_proof_value"),
    "96 bytes": ("proofValue", encode_multibase(b"\1" * 96), "invalid_proof_value"),
    "an endless value": ("proofValue", "z" + "2" * 5_000, "invalid_proof_value"),
    "a value that is a list": ("proofValue", ["z"], "invalid_proof_value"),
    "created without a zone": ("created", "2026-11-22T09:00:00", "invalid_time"),
    "created as a number": ("created", 1_700_000_000, "invalid_time"),
    "created as a date": ("created", "2026-11-22", "invalid_time"),
    "expires that is none": ("expires", "soon", "invalid_time"),
    "a domain that is a number": ("domain", 5, "invalid_proof"),
    "no domain among domains": ("domain", [], "invalid_proof"),
    "a domain twice": ("domain", ["a", "a"], "invalid_proof"),
    "a challenge that is an object": ("challenge", {}, "invalid_proof"),
    "an id that is no URL": ("id", "1", "invalid_proof"),
    "a previous proof that is a number": ("previousProof", 5, "invalid_proof"),
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_s_031_di_01_a_proof_of_another_shape_is_refused(suite, name):
    member, value, detail = SHAPES[name]
    altered = dict(signed_permit(suite)["proof"])
    altered.pop(member, None)
    if value is not None:
        altered[member] = value

    with pytest.raises(Malformed) as refused:
        parse_proof(altered)
    assert refused.value.detail == detail


@pytest.mark.parametrize("proof", [[], "proof", [5], [{}] * 9, None])
def test_a_document_has_a_few_proofs_that_are_objects(proof):
    with pytest.raises(Malformed):
        list_proofs({**permit(), "proof": proof})


def test_a_document_without_proof_has_nothing_to_read():
    with pytest.raises(Malformed) as refused:
        list_proofs(permit())
    assert refused.value.detail == "missing_proof"


def test_a_key_signs_with_its_own_suites_only():
    for algorithm, suite in (
        ("EdDSA", "ecdsa-rdfc-2019"),
        ("ES256", "eddsa-rdfc-2022"),
        ("ES512", "ecdsa-jcs-2019"),
        ("EdDSA", "no-such-suite"),
    ):
        with pytest.raises(Malformed) as refused:
            signed_permit(suite, signer_of(algorithm))
        assert refused.value.detail == "unsupported_cryptosuite"


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_di_05_proof_sets_and_chains_cover_what_they_name(suite):
    first = signed_permit(suite, proof_id="urn:uuid:1")
    beside = signed_permit(suite, document=first, proof_id="urn:uuid:2")
    chain = signed_permit(suite, document=beside, previous=["urn:uuid:1", "urn:uuid:2"])
    key = key_of(AGENCY)
    other = changed(chain, "proof", 0, "created", to="2020-01-01T00:00:00Z")

    assert [holds(chain, key, number) for number in range(3)] == [True, True, True]
    assert [holds(other, key, number) for number in range(3)] == [False, True, False]


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_s_031_di_05_a_previous_proof_that_is_not_there_is_refused(suite):
    first = signed_permit(suite, proof_id="urn:uuid:1")
    chain = signed_permit(suite, document=first, proof_id="urn:uuid:2", previous=["urn:uuid:1"])
    lonely = {**chain, "proof": chain["proof"][1]}
    circle = changed(chain, "proof", 1, "previousProof", to="urn:uuid:2")
    doubled = changed(chain, "proof", 1, "id", to="urn:uuid:1")

    for document in (
        lonely,
        circle,
        {**doubled, "proof": [doubled["proof"][0], *doubled["proof"]]},
    ):
        with pytest.raises(Malformed) as refused:
            holds(document, key_of(AGENCY), len(list_proofs(document)) - 1)
        assert refused.value.detail == "unknown_previous_proof"
    with pytest.raises(Malformed):
        signed_permit(suite, document=first, previous=["urn:uuid:7"])


def test_di_02_jcs_proofs_carry_the_contexts_and_those_come_first_in_the_document():
    document = signed_permit("eddsa-jcs-2022")
    key = key_of(AGENCY)

    assert document["proof"]["@context"] == [V2, EXAMPLES]
    assert holds({**document, "@context": [V2, EXAMPLES, UNDEFINED]}, key)
    for contexts in ([V2], [EXAMPLES, V2], [V2, UNDEFINED, EXAMPLES], V2, None):
        with pytest.raises(Malformed) as refused:
            holds({**document, "@context": contexts}, key)
        assert refused.value.detail == "proof_context_mismatch"


def test_the_template_of_options_is_used_only_where_the_contexts_say_the_same(monkeypatch):
    readings = []
    read = proof_input.to_n_quads
    monkeypatch.setattr(
        proof_input, "to_n_quads", lambda *a, **k: readings.append(1) or read(*a, **k)
    )
    proof_input._proven.clear()
    key = key_of(AGENCY)
    documents = [signed_permit(created=NOW + timedelta(seconds=number)) for number in range(3)]
    first = len(readings)

    assert all(holds(document, key) for document in documents)
    assert len(readings) - first == 3  # the documents; their options come from the template
    assert first == 4
    # A default language changes what the domain says, so here the template is never right.
    spoken = {**permit(), "@context": [V2, EXAMPLES, {"@language": "en"}]}
    options = build_options(
        spoken,
        cryptosuite="eddsa-rdfc-2022",
        algorithm="EdDSA",
        verification_method=method_of(AGENCY),
        purpose="assertionMethod",
        created=NOW,
        extra={"domain": "city"},
    )
    for _ in range(2):
        assert holds(sign_document(spoken, options, signer=AGENCY), key)
    assert False in proof_input._proven.values()


def test_di_07_the_controller_is_the_method_without_its_fragment():
    assert parse_proof(signed_permit()["proof"]).options.controller == did_of(AGENCY)
