"""didkit, which shares no code with us, and VCDM 1.1 as JWT: what we sign it accepts, and back."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from credentials.dids import build_did_jwk, build_did_key, parse_key_did
from credentials.errors import Malformed
from credentials.jose import join_signature
from credentials.jwt_vc import build_presentation_input, issue_jwt_vc
from credentials.keys import SoftwareSigner, build_public_key, parse_jwk, verify_signature
from credentials.reading import read_credential, read_presentation
from credentials.vcdm1 import build_document
from encoding import base64url

pytestmark = pytest.mark.interop
# Later than this, whatever the machine's clock says.
NOW = datetime(2025, 3, 1, 9, tzinfo=UTC)
END = datetime(2099, 1, 1, tzinfo=UTC)
PEER = Path(__file__).parent / "peers" / "didkit_peer.py"


class Peer:
    """didkit in its own process."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, PEER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, call, *arguments):
        texts = [each if isinstance(each, str) else json.dumps(each) for each in arguments]
        self.process.stdin.write(json.dumps({"call": call, "arguments": texts}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def errors_of(self, call, *arguments):
        answer = self.ask(call, *arguments)
        return [answer["error"]] if "error" in answer else json.loads(answer["ok"])["errors"]


@pytest.fixture(scope="module")
def didkit():
    peer = Peer()
    yield peer
    peer.process.stdin.close()
    peer.process.wait(10)
    peer.process.stdout.close()


class Party:
    """Somebody with a key of one kind and a DID of one method."""

    def __init__(self, kind, method, number):
        if kind == "EdDSA":
            raw = bytes([number]) * 32
            private = Ed25519PrivateKey.from_private_bytes(raw)
        else:
            raw = number.to_bytes(32, "big")
            private = ec.derive_private_key(number, ec.SECP256R1())
        self.method = method
        self.signer = SoftwareSigner(private)
        self.key = build_public_key(private.public_key())
        self.jwk = {**self.key.jwk, "d": base64url.encode(raw)}
        self.did = build_did_key(self.key) if method == "key" else build_did_jwk(self.key)
        fragment = self.did.removeprefix("did:key:") if method == "key" else "0"
        self.key_id = f"{self.did}#{fragment}"
        self.name = f"{kind} did:{method}"


PARTIES = [
    Party(kind, method, number)
    for number, (kind, method) in enumerate(
        [("EdDSA", "key"), ("EdDSA", "jwk"), ("ES256", "key"), ("ES256", "jwk")], start=11
    )
]
HOLDER = PARTIES[1]
PROOF = {"proofFormat": "jwt"}


def each_party():
    return pytest.mark.parametrize("by", PARTIES, ids=lambda party: party.name)


def document(by, **changes):
    return {
        **build_document(
            types=["TaxiPermit"],
            contexts=[{"@vocab": "https://city.example/terms#"}],
            issuer=by.did,
            subject={"plate": "2A-4417"},
            subject_id=HOLDER.did,
            issued=NOW,
            expires=END,
            statuses=(),
        ),
        **changes,
    }


def ours(by, **changes):
    return issue_jwt_vc(document(by, **changes), signer=by.signer, key_id=by.key_id, issued_at=NOW)


def theirs(didkit, by, **changes):
    options = {**PROOF, "verificationMethod": by.key_id}
    return didkit.ask("issue_credential", document(by, **changes), options, by.jwk)["ok"]


def with_claim(text, old, new):
    """The same token with another payload under the old signature."""
    header, payload, signature = text.split(".")
    changed = base64url.decode(payload).replace(old, new)
    assert changed != base64url.decode(payload)
    return ".".join((header, base64url.encode(changed), signature))


@each_party()
def test_both_derive_the_same_did_and_method_from_a_key(didkit, by):
    private = json.dumps(by.jwk)

    assert didkit.ask("key_to_verification_method", by.method, private)["ok"] == by.key_id
    theirs_did = didkit.ask("key_to_did", by.method, private)["ok"]
    assert theirs_did == by.did
    assert parse_key_did(theirs_did) == by.key


@each_party()
def test_both_read_the_same_key_from_a_did(didkit, by):
    found = json.loads(didkit.ask("resolve_did", by.did, {})["ok"])
    document = found.get("didDocument", found)
    (method,) = document["verificationMethod"]

    if "publicKeyJwk" in method:
        assert parse_jwk(method["publicKeyJwk"]) == by.key
    assert method["id"] == by.key_id


@each_party()
def test_didkit_accepts_our_jwt_vc_json(didkit, by):
    assert didkit.errors_of("verify_credential", ours(by), PROOF) == []


@each_party()
def test_didkit_refuses_ours_when_a_claim_is_changed(didkit, by):
    forged = with_claim(ours(by), b"2A-4417", b"2A-9999")

    assert didkit.errors_of("verify_credential", forged, PROOF) != []
    credential = read_credential(forged)
    assert not verify_signature(by.key, credential.signing_input, credential.signature)


@each_party()
def test_we_accept_didkits_jwt_vc_json(didkit, by):
    credential = read_credential(theirs(didkit, by))

    assert (credential.issuer, credential.types) == (by.did, ("TaxiPermit",))
    assert (credential.valid_from, credential.valid_until) == (NOW, END)
    assert credential.claims == {"id": HOLDER.did, "plate": "2A-4417"}
    assert credential.holder_key == HOLDER.key
    assert verify_signature(by.key, credential.signing_input, credential.signature)


@each_party()
def test_we_refuse_didkits_when_a_claim_is_changed(didkit, by):
    credential = read_credential(with_claim(theirs(didkit, by), b"2A-4417", b"2A-9999"))

    assert not verify_signature(by.key, credential.signing_input, credential.signature)


@each_party()
def test_didkit_accepts_our_presentation_as_a_jwt(didkit, by):
    signing_input = build_presentation_input(
        [ours(PARTIES[0])], holder_key=by.key, audience="aud", nonce="n-1", now=NOW
    )
    text = join_signature(signing_input, by.signer.sign(signing_input.encode()))
    expected = {**PROOF, "challenge": "n-1", "domain": "aud"}

    assert didkit.errors_of("verify_presentation", text, expected) == []
    assert didkit.errors_of("verify_presentation", text, {**expected, "challenge": "n-2"}) != []


@each_party()
def test_we_accept_didkits_presentation_as_a_jwt(didkit, by):
    presentation = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiablePresentation"],
        "holder": by.did,
        "verifiableCredential": [theirs(didkit, PARTIES[0])],
    }
    options = {**PROOF, "verificationMethod": by.key_id, "challenge": "n-1", "domain": "aud"}
    text = didkit.ask("issue_presentation", presentation, options, by.jwk)["ok"]

    (credential,) = read_presentation(text)
    binding = credential.key_binding
    assert (binding.audience, binding.nonce, binding.issued_at) == ("aud", "n-1", None)
    assert verify_signature(by.key, binding.signing_input, binding.signature)


@pytest.mark.parametrize(
    ("old", "new", "is_let_pass"),
    [
        (b'"iss":"did:key:', b'"iss":"did:kez:', False),
        (b'"sub":"did:jwk:', b'"sub":"did:jwj:', True),
        (b'"exp":', b'"exq":', True),
        (b'"nbf":', b'"nbg":', True),
    ],
)
def test_where_claims_of_token_and_document_disagree_the_text_decides(
    didkit, old, new, is_let_pass
):
    """
    VCDM 1.1 section 6.3.1: the registered claims "MUST be used, instead of or in addition to"
    their counterparts. We refuse such a token even under a good signature; didkit lets some pass.
    """
    by = PARTIES[0]
    header, payload, _ = ours(by).split(".")
    changed = base64url.encode(base64url.decode(payload).replace(old, new, 1))
    signing_input = f"{header}.{changed}"
    text = join_signature(signing_input, by.signer.sign(signing_input.encode()))

    with pytest.raises(Malformed):
        read_credential(text)
    assert (didkit.errors_of("verify_credential", text, PROOF) == []) is is_let_pass
