"""Revocation receipts: read strictly, believed only from the agency's own status key."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from credentials.errors import Malformed, TokenRefused
from credentials.jose import sign_jws
from credentials.keys import SoftwareSigner, parse_jwk
from credentials.model import Status, StatusReference
from credentials.receipt import (
    MAX_ENTRIES,
    RECEIPT_TYPE,
    Receipt,
    parse_receipt,
    sign_receipt,
    verify_receipt,
)
from credentials.trust import KeyUse, TrustedIssuer, TrustedKey, TrustRegistry

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
AGENCY = "https://issuer.example/agencies/transport"
LIST = f"{AGENCY}/status/1"
SIGNER = SoftwareSigner(ec.generate_private_key(ec.SECP256R1()))
OTHER = SoftwareSigner(ec.generate_private_key(ec.SECP256R1()))


def promise(**changes):
    members = {
        "issuer": AGENCY,
        "issued_at": NOON,
        "status": Status.REVOKED,
        "entries": (StatusReference(LIST, 7), StatusReference(LIST, 99)),
        "due_at": NOON + timedelta(seconds=120),
        "due_epoch": 12,
    }
    return Receipt(**{**members, **changes})


def claims(**changes):
    members = {
        "iss": AGENCY,
        "iat": int(NOON.timestamp()),
        "status": "revoked",
        "list": LIST,
        "index": 7,
        "entries": [{"list": LIST, "index": 7}],
        "due_epoch_time": int(NOON.timestamp()) + 120,
        "due_epoch": 12,
    }
    return {name: value for name, value in {**members, **changes}.items() if value != "left out"}


def sign(payload, *, signer=SIGNER, type=RECEIPT_TYPE):
    return sign_jws(payload, type=type, signer=signer)


def trusted(signer=SIGNER, *, use=KeyUse.STATUS, **times):
    key = parse_jwk(dict(signer.public_jwk))
    known = {"valid_from": NOON - HOUR, "valid_until": None, "compromised_at": None, **times}
    return TrustedKey(key=key, use=use, **known)


def registry(*keys, identifiers=(AGENCY,)):
    issuer = TrustedIssuer(
        identifiers=identifiers, name={"en": "T"}, keys=keys, x5c_anchors=(), accreditations=()
    )
    return TrustRegistry(1, NOON, NOON + HOUR, (issuer,), ())


def test_a_receipt_says_what_was_promised_and_nothing_of_a_person():
    receipt = promise()
    signed = parse_receipt(sign_receipt(receipt, signer=SIGNER, header={"kid": "k"}))

    assert verify_receipt(signed, registry=registry(trusted())) == receipt
    assert set(signed.jws.payload) == set(claims())
    assert signed.jws.key_id == "k"


def test_a_receipt_without_the_number_of_an_epoch_or_without_copies_is_one():
    for receipt in (promise(due_epoch=None), promise(entries=())):
        signed = parse_receipt(sign_receipt(receipt, signer=SIGNER, header={}))

        assert signed.receipt == receipt


@pytest.mark.parametrize(
    ("receipt", "epoch", "seconds", "is_due"),
    [
        (promise(), 11, 119, False),
        (promise(), 12, 0, True),
        (promise(), 11, 120, True),
        (promise(due_epoch=None), 1000, 119, False),
        (promise(due_epoch=None), 1, 120, True),
    ],
)
def test_a_promise_is_due_by_number_or_by_time(receipt, epoch, seconds, is_due):
    assert receipt.is_due(epoch=epoch, at=NOON + timedelta(seconds=seconds)) is is_due


WRONG = {
    "a member too many": claims(reason="he moved"),
    "no status": claims(status="left out"),
    "a status that is none": claims(status="lost"),
    "a status of another kind": claims(status=1),
    "no issuer": claims(iss=""),
    "an issuer of another kind": claims(iss=["x"]),
    "entries that are no list": claims(entries={"list": LIST, "index": 7}),
    "an entry that is no object": claims(entries=[LIST]),
    "an entry with a member too many": claims(entries=[{"list": LIST, "index": 7, "id": "x"}]),
    "an entry without a list": claims(entries=[{"list": "", "index": 7}]),
    "an index below zero": claims(entries=[{"list": LIST, "index": -1}], index=-1),
    "an index that is a truth": claims(entries=[{"list": LIST, "index": True}], index=True),
    "an index beyond all lists": claims(entries=[{"list": LIST, "index": 2**32}], index=2**32),
    "an entry twice": claims(entries=[{"list": LIST, "index": 7}] * 2),
    "too many entries": claims(
        entries=[{"list": LIST, "index": n} for n in range(MAX_ENTRIES + 1)], index=0
    ),
    "a first entry that is not the first": claims(index=8),
    "a first entry without entries": claims(entries=[]),
    "an epoch of another kind": claims(due_epoch="12"),
    "an epoch that is none": claims(due_epoch=0),
    "an epoch that is a truth": claims(due_epoch=True),
    "due before it was issued": claims(due_epoch_time=int(NOON.timestamp()) - 1),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_makes_no_clear_promise_is_refused(name):
    with pytest.raises(Malformed) as refused:
        parse_receipt(sign(WRONG[name]))

    assert refused.value.detail == "malformed_receipt"


@pytest.mark.parametrize("name", ["iat", "due_epoch_time"])
def test_s028_a_time_of_another_kind_is_refused(name):
    with pytest.raises(Malformed) as refused:
        parse_receipt(sign(claims(**{name: "soon"})))

    assert refused.value.detail == "invalid_time"


def test_s010_a_status_list_does_not_pass_for_a_receipt():
    with pytest.raises(Malformed) as refused:
        parse_receipt(sign(claims(), type="statuslist+jwt"))

    assert refused.value.detail == "invalid_typ"


REFUSED = {
    "an unknown issuer": (registry(trusted(), identifiers=("https://x.example",)), "wrong_issuer"),
    "another's list": (
        registry(trusted(), identifiers=(AGENCY, "did:web:issuer.example")),
        "wrong_issuer",
    ),
    "another's key": (registry(trusted(OTHER)), "bad_signature"),
    "the key of credentials": (registry(trusted(use=KeyUse.CREDENTIAL)), "bad_signature"),
    "a key stolen before": (registry(trusted(compromised_at=NOON)), "bad_signature"),
    "a key of tomorrow": (registry(trusted(valid_from=NOON + HOUR)), "bad_signature"),
    "no key": (registry(), "bad_signature"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_receipt_that_binds_nobody_is_refused(name):
    known, detail = REFUSED[name]
    entry = {"list": "https://elsewhere.example/status/1", "index": 7}
    payload = claims(entries=[entry], list=entry["list"]) if "list" in name else claims()

    with pytest.raises(TokenRefused) as refused:
        verify_receipt(parse_receipt(sign(payload)), registry=known)

    assert refused.value.detail == detail


def test_a_key_that_was_stolen_or_withdrawn_later_still_binds():
    signed = parse_receipt(sign(claims()))
    stolen = trusted(compromised_at=NOON + HOUR, valid_until=NOON + HOUR)

    assert verify_receipt(signed, registry=registry(trusted(OTHER), stolen)) == signed.receipt


def test_a_signature_that_was_changed_binds_nobody():
    head, body, signature = sign(claims()).split(".")
    raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
    raw[5] ^= 1
    changed = base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()

    with pytest.raises(TokenRefused):
        verify_receipt(parse_receipt(f"{head}.{body}.{changed}"), registry=registry(trusted()))
