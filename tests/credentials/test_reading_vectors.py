"""Reading anything at all, and the published and authored cases."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.errors import CredentialError, Malformed
from credentials.keys import parse_jwk, verify_signature
from credentials.reading import read_credential, read_presentation
from credentials.vcdm import (
    issue_vc_jwt,
)
from encoding import base64url
from tests.credentials.read_papers import CHEAP, KEY_ID, PRESENTED, permit_document
from tests.credentials.workshop import (
    AGENCY,
    NOW,
    permit_claims,
    sign_raw,
)

UNHURRIED = settings(deadline=None)

# Whatever stands in a member, reading ends with an answer or with a fault of ours.
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(max_size=9)
    | st.floats(0, 9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def _reads_or_refuses(text):
    try:
        read_presentation(text)
    except CredentialError:
        return


@UNHURRIED
@given(name=st.sampled_from([*permit_claims(), "nbf", "linked", "_sd", "_sd_alg"]), value=ANYTHING)
def test_an_sd_jwt_with_anything_in_a_member_never_breaks_the_reader(name, value):
    payload = {**permit_claims(), name: value}
    _reads_or_refuses(sign_raw(payload, type="dc+sd-jwt", by=CHEAP) + "~")


@UNHURRIED
@given(
    name=st.sampled_from(
        [*permit_document(), "id", "iss", "iat", "exp", "cnf", "status", "name", "relatedResource"]
    ),
    value=ANYTHING,
)
def test_a_w3c_credential_with_anything_in_a_member_never_breaks_the_reader(name, value):
    payload = {**permit_document(), name: value}
    _reads_or_refuses(sign_raw(payload, type="vc+jwt", by=CHEAP))


@UNHURRIED
@given(
    name=st.sampled_from(["alg", "typ", "kid", "cty", "x5c", "jwk", "crit", "b64"]), value=ANYTHING
)
def test_a_header_with_anything_in_a_member_never_breaks_the_reader(name, value):
    header = {"alg": "ES256", "typ": "vc+jwt", name: value}
    parts = [json.dumps(header).encode(), json.dumps(permit_document()).encode(), bytes(64)]
    _reads_or_refuses(".".join(base64url.encode(part) for part in parts))


@UNHURRIED
@given(data=st.data())
def test_a_presentation_with_a_changed_character_never_breaks_the_reader(data):
    text = PRESENTED[data.draw(st.integers(0, len(PRESENTED) - 1))]
    place = data.draw(st.integers(0, len(text) - 1))
    change = data.draw(st.sampled_from(["", "~", ".", "A", "=", "é", "\x00", "AA"]))
    _reads_or_refuses(text[:place] + change + text[place + 1 :])


# Published and authored cases.


def test_the_authored_presentations_come_out_as_they_must(vectors):
    file = json.loads((vectors / "authored" / "sd-jwt-vc-presentations.json").read_text())
    wrong = [
        case["id"]
        for case in file["cases"]
        if _accepts(case, file["verifier"]) != (case["expect"] == "accept")
    ]

    assert len(file["cases"]) >= 29
    assert wrong == []


def _accepts(case, verifier):
    """What a verifier decides about one credential, without status and trust."""
    try:
        (credential,) = read_presentation(case["compact"])
    except CredentialError:
        return False
    key = parse_jwk(verifier["trusted_issuer_jwk"])
    now = datetime.fromtimestamp(verifier["now"], UTC)
    window = timedelta(seconds=verifier["kb_max_age_s"])
    if not verify_signature(key, credential.signing_input, credential.signature):
        return False
    if credential.valid_from and credential.valid_from > now:
        return False
    binding = credential.key_binding
    if binding is None:
        return not case.get("kb_required", verifier["kb_required_default"])
    return (
        binding.covers_presentation
        and binding.audience == verifier["expected_aud"]
        and binding.nonce == verifier["expected_nonce"]
        and abs(now - binding.issued_at) <= window
        and verify_signature(credential.holder_key, binding.signing_input, binding.signature)
        and case.get("processed_contains", {}).items() <= credential.claims.items()
        and credential.claims.keys().isdisjoint(case.get("processed_absent", ()))
    )


W3C_CASES = {
    "credential-issuer-match-signed.txt": "verified",
    "credential-jose-minimal.txt": "verified",
    "credential-jose-bad-signature.txt": "bad signature",
    "credential-jose-bad-media-type.txt": "invalid_typ",
    "credential-jose-vc-vp-claims.txt": "wrapped_document",
    "credential-jose-unknown-extensions.txt": "verified",
    "presentation-jose-bad-media-type.txt": "invalid_typ",
    "presentation-jose-bad-credential.txt": "invalid_envelope",
    "presentation-jose-multiple.txt": "verified",
}


def test_the_inputs_of_the_vc_jose_cose_suite_come_out_as_they_must(vectors):
    folder = vectors / "vc-jose-cose" / "test-suite-input"
    keys = [
        parse_jwk(json.loads((folder / name).read_text())["publicKeyJwk"])
        for name in ("vm-p256.json", "vm-p384.json", "vm-p521.json", "vm-ed25519.json")
    ]
    found = {
        file.name: _judge(file.read_text().strip(), keys) for file in sorted(folder.glob("*.txt"))
    }

    assert found == W3C_CASES


def _judge(text, keys):
    try:
        credentials = read_presentation(text)
    except Malformed as fault:
        return fault.detail
    verified = all(
        any(
            key.algorithm == credential.key_hint.algorithm
            and verify_signature(key, credential.signing_input, credential.signature)
            for key in keys
        )
        for credential in credentials
    )
    return "verified" if verified else "bad signature"


def test_issue_vc_jwt_writes_iat_only_when_asked():
    plain = issue_vc_jwt(permit_document(), signer=AGENCY, key_id=KEY_ID, issued_at=None)
    dated = issue_vc_jwt(permit_document(), signer=AGENCY, key_id=KEY_ID, issued_at=NOW)

    assert read_credential(plain).issued_at is None
    assert read_credential(dated).issued_at == NOW
