"""VC-JOSE-COSE in COSE: credentials and presentations, read strictly, judged (JC-01 to JC-05)."""

import base64
import json
from datetime import timedelta

import pytest

from credentials.cose import build_cose_sign1, parse_cose_sign1, parse_value
from credentials.cwt import read_cwt
from credentials.errors import Malformed
from credentials.keys import parse_jwk, verify_signature
from credentials.model import Format, StatusPurpose, StatusReference
from credentials.policy import StatusRule
from credentials.reading import read_credential, read_presentation
from credentials.vc_cose import issue_vc_cose, read_vc_cose
from credentials.verdict import Outcome, Reason
from credentials.vp_cose import attach_vp_cose, build_vp_cose_input, read_vp_cose
from encoding import base64url, strict_json
from tests.credentials import cwt_workshop as workshop
from tests.vectors import small_city
from tests.vectors.small_city import (
    DAY,
    HOLDER,
    NOW,
    QR_AUDIENCE,
    STRANGER,
    TRANSPORT,
    public,
    seconds,
    w3c_document,
)

SIGNER = TRANSPORT.credential
KEY_ID = f"{TRANSPORT.did}#{public(SIGNER).thumbprint}"
STATUS = StatusReference(f"{TRANSPORT.list}/revocation", 7, StatusPurpose.REVOCATION)
NONCE = base64url.encode(b"our own question")


def document(**changes):
    return w3c_document(statuses=(), **changes)


def issue(*, by=SIGNER, issued_at=NOW - DAY, **changes):
    return issue_vc_cose(document(**changes), signer=by, key_id=KEY_ID, issued_at=issued_at)


def present(*credentials, by=HOLDER, audience=QR_AUDIENCE, nonce=NONCE, at=NOW):
    presentation = build_vp_cose_input(
        credentials or (issue(),),
        holder_key=public(by),
        audience=audience,
        nonce=nonce,
        now=at,
    )
    return attach_vp_cose(presentation, signature=by.sign(presentation.signing_input))


def judge(presentation, **changes):
    words = {"nonce": NONCE, "types": ("TaxiPermit",), "status": StatusRule.IF_PRESENT}
    return workshop.judge(presentation, **(words | changes))


def raw(payload, *, type="application/vc+cose", content="application/vc", claims=None, **words):
    """A message that no builder of ours would make."""
    header = {16: type, 3: content, 15: claims}
    return build_cose_sign1(
        payload if isinstance(payload, bytes) else strict_json.build_json(payload),
        signer=SIGNER,
        protected={key: value for key, value in header.items() if value is not None},
        unprotected=words.get("unprotected", {}),
        tagged=words.get("tagged", True),
        detached=words.get("detached", False),
    )


def refusal(function, data):
    with pytest.raises(Malformed) as caught:
        function(data)
    return caught.value.detail


def test_a_credential_reads_as_it_was_issued():
    credential = read_vc_cose(issue())

    assert credential.format is Format.VC_COSE
    assert (credential.issuer, credential.types) == (TRANSPORT.did, ("TaxiPermit",))
    assert credential.claims["plate"] == "2A-4417"
    assert (credential.valid_from, credential.valid_until) == (NOW - DAY, NOW + DAY)
    assert credential.issued_at == NOW - DAY
    assert credential.holder_key == public(HOLDER)
    assert credential.key_hint.key_id == KEY_ID


def test_the_payload_is_the_document_and_the_header_says_what_it_is():
    """JC-01, JC-02"""
    message = parse_cose_sign1(parse_value(issue()), tagged=True)

    assert strict_json.parse_object(message.payload) == document()
    assert message.protected_header[16] == "application/vc+cose"
    assert message.protected_header[3] == "application/vc"
    assert message.unprotected == {}


def test_a_presentation_is_judged_like_any_other():
    verdict = judge(present())

    assert verdict.outcome is Outcome.PASSED, verdict.checks
    assert verdict.claims[workshop.RULE_ID]["plate"] == "2A-4417"


def test_cose_and_jose_may_envelop_each_other():
    """JC-05"""
    in_jose = small_city.w3c(document())

    for shown in (present(in_jose), base64url.encode(present(issue()))):
        assert judge(shown).outcome is Outcome.PASSED
    envelope = base64.b64encode(issue()).decode()
    vp_jwt = small_city.present_w3c(in_jose, nonce=NONCE)
    swapped = vp_jwt.split(".")
    payload = strict_json.parse_object(base64url.decode(swapped[1]))
    payload["verifiableCredential"][0]["id"] = f"data:application/vc+cose;base64,{envelope}"
    text = small_city.sign_jws(payload, type="vp+jwt", signer=HOLDER, header={"cty": "vp"})
    assert judge(text).outcome is Outcome.PASSED


def test_the_one_door_reads_both_as_base64url():
    held, shown = issue(), present(issue(), issue())

    assert read_credential(base64url.encode(held)) == read_vc_cose(held)
    assert read_presentation(base64url.encode(shown)) == read_vp_cose(shown)
    assert len(read_vp_cose(shown)) == 2


JUDGED = {
    "another key signed": (lambda: present(issue(by=STRANGER)), {}, Reason.BAD_SIGNATURE),
    "a stranger presents it (S-042)": (lambda: present(by=STRANGER), {}, Reason.HOLDER_NOT_BOUND),
    "nobody presents it": (issue, {}, Reason.HOLDER_NOT_BOUND),
    "for another": (lambda: present(audience="urn:x"), {}, Reason.WRONG_AUDIENCE),
    "another nonce": (lambda: present(nonce="bm8tbm8tbm8"), {}, Reason.WRONG_NONCE),
    "long ago": (lambda: present(at=NOW - timedelta(minutes=3)), {}, Reason.STALE_CODE),
    "seen before": (present, {"is_replayed": True}, Reason.REPLAYED),
    "expired": (lambda: present(issue(validUntil="2026-11-22T08:00:00Z")), {}, Reason.EXPIRED),
    "another type": (present, {"types": ("taxi-inspection",)}, Reason.TYPE_NOT_ACCEPTED),
    "another issuer": (
        lambda: present(issue(issuer="did:web:x.example")),
        {},
        Reason.ISSUER_NOT_TRUSTED,
    ),
    "a status that no list answers": (
        lambda: present(
            issue_vc_cose(
                w3c_document(statuses=(STATUS,)), signer=SIGNER, key_id=KEY_ID, issued_at=None
            )
        ),
        {},
        Reason.STATUS_UNKNOWN,
    ),
}


@pytest.mark.parametrize("name", JUDGED)
def test_what_does_not_hold_is_told(name):
    make, changes, reason = JUDGED[name]

    verdict = judge(make(), **changes)

    assert verdict.outcome is not Outcome.PASSED
    assert reason in verdict.reasons


def test_a_changed_document_breaks_the_signature():
    def change(parts):
        parts[2] = parts[2].replace(b"2A-4417", b"2A-4418")

    assert Reason.BAD_SIGNATURE in judge(present(workshop.edit(issue(), change))).reasons


REFUSED = {
    "no typ (JC-02)": (raw(document(), type=None), "invalid_typ"),
    "typ without application (JC-02)": (raw(document(), type="vc+cose"), "invalid_typ"),
    "typ of a presentation (S-010)": (raw(document(), type="application/vp+cose"), "invalid_typ"),
    "a CWT (S-010)": (workshop.issue(), "invalid_typ"),
    "another content (JC-02)": (raw(document(), content="application/json"), "invalid_cty"),
    "a presentation's content": (raw(document(), content="application/vp"), "invalid_cty"),
    "wrapped in vc (JC-01)": (raw({"vc": document()}), "wrapped_document"),
    "no document": (raw(document(), detached=True), "invalid_cose"),
    "CBOR in place of JSON": (raw(b"\xa1\x01\x02"), "invalid_utf8"),
    "an array": (raw([document()]), "not_an_object"),
    "a member twice (S-012)": (raw(b'{"a":1,"a":2}'), "duplicate_member"),
    "no issuer (VCDM-03)": (raw(document(issuer=...)), "invalid_url"),
    "a vct": (raw(document(vct="x")), "draft_residue"),
    "iss of another": (raw(document(), claims={1: "did:web:x"}), "issuer_mismatch"),
    "iat twice": (raw(document(iat=1), claims={6: 1}), "duplicate_member"),
    "claims that are an array": (raw(document(), claims=[1]), "invalid_claims"),
    "claims that nobody signed": (raw(document(), unprotected={15: {4: 1}}), "invalid_claims"),
    "exp is text": (raw(document(), claims={4: "x"}), "invalid_time"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_message_that_is_no_credential_is_refused(name):
    data, detail = REFUSED[name]

    found = refusal(read_vc_cose, data)

    assert found == detail


def test_times_of_the_header_count():
    """JC-06: exp is the life of the signature."""
    credential = read_vc_cose(raw(document(), claims={4: seconds(NOW), 5: seconds(NOW) - 9}))

    assert (seconds(credential.valid_until), seconds(credential.valid_from)) == (
        seconds(NOW),
        seconds(NOW) - 9,
    )


def test_a_message_may_come_without_its_tag():
    assert read_vc_cose(raw(document(), tagged=False)).types == ("TaxiPermit",)


def test_a_presentation_that_addresses_nobody_binds_nobody():
    held = issue()
    envelope = f"data:application/vc+cose;base64,{base64.b64encode(held).decode()}"
    payload = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [
            {
                "@context": "https://www.w3.org/ns/credentials/v2",
                "id": envelope,
                "type": "EnvelopedVerifiableCredential",
            }
        ],
    }
    words = {"type": "application/vp+cose", "content": "application/vp"}

    assert read_vp_cose(raw(payload, **words))[0].key_binding is None
    for claims, detail in (
        ({3: "us"}, "missing_iat"),
        ({3: "us", 6: 1}, "missing_nonce"),
        ({39: b"12345678", 6: 1}, "missing_aud"),
        ({3: "us", 39: b"", 6: 1}, "missing_nonce"),
    ):
        assert refusal(read_vp_cose, raw(payload, claims=claims, **words)) == detail
    for broken in ("!", envelope[:-1], "AA=A"):
        payload["verifiableCredential"][0]["id"] = (
            f"data:application/vc+cose;base64,{broken.rpartition(',')[2]}"
        )
        assert refusal(read_vp_cose, raw(payload, **words)) in {"invalid_envelope", "invalid_cbor"}


def test_a_holder_that_is_not_the_signer_is_refused():
    payload = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": "did:example:a",
    }
    words = {"type": "application/vp+cose", "content": "application/vp"}

    data = raw(payload, claims={1: "did:example:b"}, **words)
    assert refusal(read_vp_cose, data) == "holder_mismatch"
    assert refusal(read_vp_cose, raw(payload, **words)) == "empty_presentation"


def test_an_empty_presentation_and_a_nonce_of_words_are_not_built():
    words = {"holder_key": public(HOLDER), "audience": "us", "now": NOW}
    for credentials, nonce, detail in (
        ((), NONCE, "empty_presentation"),
        ((issue(),), "no nonce!", "invalid_base64url"),
    ):
        with pytest.raises(Malformed) as caught:
            build_vp_cose_input(credentials, nonce=nonce, **words)
        assert caught.value.detail == detail


def test_a_credential_of_one_kind_is_no_other():
    """S-010"""
    assert refusal(read_cwt, issue()) == "invalid_typ"
    assert refusal(read_vp_cose, issue()) == "invalid_typ"
    assert refusal(read_vc_cose, present()) == "invalid_typ"


def test_the_cose_credential_in_the_presentation_of_the_w3c_suite_holds(vectors):
    """JC-05: beside one in JOSE and one in SD-JWT."""
    folder = vectors / "vc-jose-cose" / "test-suite-input"
    text = (folder / "presentation-jose-multiple.txt").read_text(encoding="utf-8").strip()
    keys = [
        parse_jwk(json.loads((folder / name).read_text(encoding="utf-8"))["publicKeyJwk"])
        for name in ("vm-p256.json", "vm-p384.json", "vm-p521.json", "vm-ed25519.json")
    ]

    (credential,) = (each for each in read_presentation(text) if each.format is Format.VC_COSE)

    assert any(
        key.algorithm == credential.key_hint.algorithm
        and verify_signature(key, credential.signing_input, credential.signature)
        for key in keys
    )
