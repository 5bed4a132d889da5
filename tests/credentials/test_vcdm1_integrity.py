"""VCDM 1.1 under Data Integrity, and digests of contexts (VCDM-11)."""

import base64
import hashlib
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from credentials.dids import build_did_key
from credentials.errors import Malformed
from credentials.keys import SoftwareSigner, build_public_key, verify_signature
from credentials.pinned_contexts import read_pinned
from credentials.related_resources import check_resources
from credentials.vcdm1_integrity import PROOF_CONTEXT, issue_first_version, read_first_version
from encoding.multibase import encode_multibase

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
BASE = "https://www.w3.org/ns/credentials/v2"
FIRST = "https://www.w3.org/2018/credentials/v1"
SIGNERS = {
    "eddsa-rdfc-2022": SoftwareSigner(ed25519.Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)),
    "ecdsa-jcs-2019": SoftwareSigner(ec.derive_private_key(7, ec.SECP384R1())),
}


def issue(suite, *, method=None, **members):
    signer = SIGNERS[suite]
    did = build_did_key(build_public_key(signer.private_key.public_key()))
    document = {
        "@context": [FIRST],
        "type": ["VerifiableCredential"],
        "issuer": did,
        "issuanceDate": "2020-03-16T22:37:26Z",
        "expirationDate": "2030-03-16T22:37:26Z",
        "credentialSubject": {"id": "did:example:alice"},
        **members,
    }
    plain = {name: value for name, value in document.items() if value is not None}
    return issue_first_version(
        plain,
        signer=signer,
        verification_method=method or f"{did}#{did.removeprefix('did:key:')}",
        cryptosuite=suite,
        created=NOW,
    )


@pytest.mark.parametrize("suite", SIGNERS)
def test_a_first_version_credential_reads_as_it_was_signed(suite):
    issued = issue(suite)
    read = read_first_version(issued)
    key = build_public_key(SIGNERS[suite].private_key.public_key())

    assert issued["@context"] == [FIRST, PROOF_CONTEXT]
    assert verify_signature(key, read.signing_input, read.signature)
    assert read.valid_from == datetime(2020, 3, 16, 22, 37, 26, tzinfo=UTC)
    assert read.valid_until == datetime(2030, 3, 16, 22, 37, 26, tzinfo=UTC)
    assert dict(read.claims) == {"id": "did:example:alice"}

    issued["expirationDate"] = "2040-03-16T22:37:26Z"
    changed = read_first_version(issued)

    assert not verify_signature(key, changed.signing_input, changed.signature)


@pytest.mark.parametrize(
    ("members", "detail"),
    [
        ({"issuanceDate": None}, "invalid_time"),
        ({"issuer": None}, "invalid_url"),
        ({"credentialSubject": {}}, "invalid_subject"),
        ({"validFrom": "2020-03-16T22:37:26Z"}, "draft_residue"),
        ({"@context": [BASE]}, "invalid_context"),
        ({"method": "did:example:other#key"}, "invalid_verification_method"),
    ],
)
def test_what_is_no_first_version_credential_is_not_issued(members, detail):
    with pytest.raises(Malformed) as refused:
        issue("eddsa-rdfc-2022", **members)

    assert refused.value.detail == detail


def test_a_proof_of_somebody_else_is_refused_unless_it_is_known_to_speak_di_07():
    issued = issue("eddsa-rdfc-2022")
    signer = issued["issuer"]
    issued["issuer"] = "https://issuer.example/"

    with pytest.raises(Malformed) as refused:
        read_first_version(issued)
    known = read_first_version(issued, controllers={"https://issuer.example/": (signer,)})

    assert refused.value.detail == "invalid_verification_method"
    assert known.issuer == "https://issuer.example/"


def digests():
    data = read_pinned(BASE)
    sha_256, sha_384 = hashlib.sha256(data).digest(), hashlib.sha384(data).digest()
    return {
        "digestSRI": "sha384-" + base64.b64encode(sha_384).decode(),
        "digestMultibase": encode_multibase(b"\x12\x20" + sha_256, base="u"),
        "bare": encode_multibase(sha_256, base="u"),
        "long": encode_multibase(b"\x20\x30" + sha_384),
    }


@pytest.mark.parametrize(
    ("member", "name"),
    [
        ("digestSRI", "digestSRI"),
        ("digestMultibase", "digestMultibase"),
        ("digestMultibase", "bare"),
        ("digestMultibase", "long"),
    ],
)
def test_the_digest_of_a_context_must_be_that_of_its_bytes_vcdm_11(member, name):
    right = digests()[name]
    check_resources({"relatedResource": {"id": BASE, member: right}})

    for other in (FIRST, "https://w3id.org/security/data-integrity/v2"):
        with pytest.raises(Malformed) as refused:
            check_resources({"relatedResource": [{"id": other, member: right}]})
        assert refused.value.detail == "integrity_mismatch"


def test_a_digest_of_what_is_not_at_hand_is_left_to_who_retrieves_it():
    check_resources({"relatedResource": [{"id": "https://x.example/", "digestSRI": "sha384-AA"}]})


def test_a_digest_that_cannot_be_read_is_refused():
    with pytest.raises(Malformed):
        check_resources({"relatedResource": [{"id": BASE, "digestMultibase": "!"}]})
