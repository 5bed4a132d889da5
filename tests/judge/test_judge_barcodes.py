"""A line with a barcode, and with what was scanned from the card beside it (BAR-01)."""

import pytest

from tests.credentials.barcode_workshop import REGISTRY_OFFICE, ZONE, card, code, sign
from tests.credentials.ldp_workshop import did_of
from tests.judge.cases import case, judge

OFFICE = {
    did_of(REGISTRY_OFFICE): {
        "keys": [dict(REGISTRY_OFFICE.public_jwk)],
        "types": ["OpticalBarcodeCredential"],
    }
}


def line(text=None, **changes):
    members = {
        "issuers": OFFICE,
        "require_holder_binding": False,
        "status": "ignore",
        "optical_data": ZONE,
        **changes,
    }
    return case(code(sign(card())) if text is None else text, **members)


def verdict(given):
    answer = judge(given)
    return answer["outcome"], answer["reasons"], answer["details"]


def test_bar_01_a_barcode_passes_beside_its_card():
    assert verdict(line()) == ("passed", [], [])
    assert verdict(line(code(sign(card())) + "\n")) == ("passed", [], [])


def test_bar_01_both_lists_of_a_terse_entry_are_asked_for():
    outcome, reasons, _ = verdict(line(status="required"))

    assert (outcome, reasons) == ("indeterminate", ["status_unknown"])


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"optical_data": ZONE.replace("SMITH", "SMYTH")}, "bad_issuer_signature"),
        ({"optical_data": "SMITH"}, "invalid_optical_data"),
        ({"optical_data": None}, "missing_extra_information"),
        ({"text": "VC1-R"}, "invalid_cbor"),
        ({"text": "a.b.c"}, "uncovered_extra_information"),
    ],
)
def test_bar_01_a_barcode_on_another_card_does_not_pass(changes, detail):
    outcome, _, details = verdict(line(**changes))

    assert outcome == "failed"
    assert detail in details


def test_bar_01_what_was_scanned_is_a_text():
    assert judge(line(optical_data=5))["reasons"] == ["malformed"]
