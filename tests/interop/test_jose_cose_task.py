"""The command line of the VC-JOSE-COSE suite: each feature, both ways (JC-01 to JC-05)."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from cityhall.command_line import main
from cityhall.interop.jose_cose import FEATURES, Task, run_task
from credentials.keys import SoftwareSigner
from encoding import base64url

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ISSUER = "https://issuer.example/vc-jose-cose"
CREDENTIAL = {
    "@context": [
        "https://www.w3.org/ns/credentials/v2",
        "https://www.w3.org/ns/credentials/examples/v2",
    ],
    "type": ["VerifiableCredential", "IdentityCredential"],
    "issuer": ISSUER,
    "validFrom": "2024-01-01T00:00:00Z",
    "validUntil": "2027-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:jane", "names": ["Jane", "Doe"], "town": "Anytown"},
}
PRESENTATION = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiablePresentation"],
    "holder": ISSUER,
    "verifiableCredential": [
        {
            "@context": "https://www.w3.org/ns/credentials/v2",
            "type": "EnvelopedVerifiableCredential",
            "id": "data:application/vc+jwt,eyJhbGciOiJFUzI1NiJ9.e30.AAAA",
        }
    ],
}
PATHS = {
    "credential_sdjwt": ["credentialSubject.names[0]", "credentialSubject.town"],
    "presentation_sdjwt": ["holder", "verifiableCredential[0]"],
}


def build_key(private, name="#key-1"):
    signer = SoftwareSigner(private)
    public = dict(signer.public_jwk)
    if isinstance(private, ed25519.Ed25519PrivateKey):
        secret = private.private_bytes_raw()
    else:
        secret = private.private_numbers().private_value.to_bytes(
            (private.key_size + 7) // 8, "big"
        )
    return json.dumps(
        {
            "id": ISSUER + name,
            "type": "JsonWebKey",
            "controller": ISSUER,
            "publicKeyJwk": public,
            "secretKeyJwk": {**public, "d": base64url.encode(secret)},
        }
    ).encode()


KEYS = {
    "P-256": build_key(ec.derive_private_key(11, ec.SECP256R1())),
    "P-384": build_key(ec.derive_private_key(12, ec.SECP384R1())),
    "P-521": build_key(ec.derive_private_key(13, ec.SECP521R1())),
    "Ed25519": build_key(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))),
}
OTHER = build_key(ec.derive_private_key(99, ec.SECP256R1()))


def run(action, feature, document, *, key=KEYS["P-256"], now=NOW):
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    paths = PATHS.get(feature, [])
    return run_task(Task(action, feature, data, key=key, paths=paths, now=now))


def issue(feature, *, key=KEYS["P-256"], **members):
    document = CREDENTIAL if feature.startswith("credential") else PRESENTATION
    result = run("issue", feature, {**document, **members}, key=key)
    assert result.result == "success", result.data
    return result.data.encode()


@pytest.mark.parametrize("curve", KEYS)
@pytest.mark.parametrize("feature", FEATURES)
def test_what_a_key_secured_it_verifies(feature, curve):
    secured = issue(feature, key=KEYS[curve])

    assert run("verify", feature, secured, key=KEYS[curve]).result == "success"


@pytest.mark.parametrize("feature", FEATURES)
def test_another_key_verifies_nothing(feature):
    result = run("verify", feature, issue(feature), key=OTHER)

    assert result.result == "failure"
    assert result.data in {"bad_signature", "the key did not sign this presentation"}


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("other", FEATURES)
def test_one_media_type_is_not_taken_for_another_jc_02(feature, other):
    result = run("verify", other, issue(feature))

    assert result.result == ("success" if feature == other else "failure")


@pytest.mark.parametrize("feature", FEATURES)
def test_an_unsecured_document_is_refused(feature):
    document = CREDENTIAL if feature.startswith("credential") else PRESENTATION

    assert run("verify", feature, document).result == "failure"


@pytest.mark.parametrize("member", ["vc", "vp"])
@pytest.mark.parametrize("feature", ["credential_jose", "presentation_jose", "presentation_cose"])
def test_a_wrapped_document_is_refused_jc_01(feature, member):
    secured = issue(feature, **{member: {}})

    assert run("verify", feature, secured).data == "the document must be the payload itself"


@pytest.mark.parametrize("feature", [each for each in FEATURES if each.startswith("pres")])
def test_a_presentation_of_what_is_not_enveloped_is_not_issued_jc_05(feature):
    broken = {**PRESENTATION["verifiableCredential"][0], "id": "bad-credential"}
    document = {**PRESENTATION, "verifiableCredential": [broken]}

    assert run("issue", feature, document).result == "failure"


def test_only_named_paths_are_hidden():
    secured = issue("credential_sdjwt").decode()
    payload = json.loads(base64url.decode(secured.split(".")[1]))

    assert secured.count("~") == 3
    assert payload["credentialSubject"]["id"] == "did:example:jane"
    assert "town" not in payload["credentialSubject"]
    assert payload["credentialSubject"]["names"][1] == "Doe"


def test_a_document_counts_in_its_time_only():
    late = NOW + timedelta(days=400)
    credential = run("verify", "credential_jose", issue("credential_jose"), now=late)
    ends = int((NOW + timedelta(days=1)).timestamp())
    presentation = issue("presentation_jose", exp=ends)

    assert (credential.result, credential.data) == ("failure", "expired")
    assert run("verify", "presentation_jose", presentation).result == "success"
    assert run("verify", "presentation_jose", presentation, now=late).result == "failure"


def test_a_status_that_cannot_be_told_leaves_it_open():
    entry = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": "https://lists.example/1",
    }
    secured = issue("credential_jose", credentialStatus=entry)

    assert run("verify", "credential_jose", secured).result == "indeterminate"


@pytest.mark.parametrize("key", [b"{", b"{}", b'{"id":"x","publicKeyJwk":{}}'])
def test_a_key_that_cannot_be_read_is_an_error(key):
    assert run("issue", "credential_jose", CREDENTIAL, key=key).result == "error"


def test_a_secret_of_another_key_is_an_error():
    mixed = json.loads(KEYS["P-256"])
    mixed["secretKeyJwk"] = json.loads(OTHER)["secretKeyJwk"]

    result = run("issue", "credential_jose", CREDENTIAL, key=json.dumps(mixed).encode())

    assert (result.result, result.data) == ("error", "the secret is that of another key")


def test_the_words_of_the_suite_write_its_result_file(tmp_path, capsys):
    document, key = tmp_path / "in.json", tmp_path / "key.json"
    document.write_text(json.dumps(CREDENTIAL))
    key.write_bytes(KEYS["P-384"])
    common = ["--key", str(key), "--feature", "credential_sdjwt"]
    first, second = tmp_path / "1.json", tmp_path / "2.json"

    words = ["interop", "issue", "--input", str(document), *common, "--output", str(first)]
    assert main([*words, "--sd", '["credentialSubject.town"]']) == 0
    secured = tmp_path / "in.txt"
    secured.write_text(json.loads(first.read_text())["data"])
    words = ["interop", "verify", "--input", str(secured), *common, "--output", str(second)]
    assert main([*words, "--now", "2026-11-22T09:00:00Z"]) == 0

    assert json.loads(second.read_text())["result"] == "success"
    assert main(["interop", "verify", "--now", "today"]) == 3
    assert "needs --input" in capsys.readouterr().err
