"""A part of a document by JSON pointers: strict, in order, and never more than was chosen."""

import pytest

from credentials.errors import Malformed
from credentials.json_selection import MAX_POINTERS, parse_pointer, select

DOCUMENT = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "id": "urn:example:1",
    "type": ["VerifiableCredential"],
    "issuer": {"id": "urn:example:issuer", "name": "An agency"},
    "credentialSubject": {
        "type": "Person",
        "given/name": "Dara",
        "~": "tilde",
        "permits": [{"id": "urn:p:0", "plate": "A"}, {"plate": "B", "zone": "1"}, "third"],
    },
}
ROOT = {name: DOCUMENT[name] for name in ("@context", "id", "type")}


def test_nothing_chosen_is_nothing():
    assert select(DOCUMENT, []) is None


def test_the_whole_can_be_chosen_and_is_a_copy():
    whole = select(DOCUMENT, ["/issuer", "", "/issuer/name"])

    assert whole == DOCUMENT
    assert whole["issuer"] is not DOCUMENT["issuer"]


def test_what_stands_above_a_choice_keeps_its_id_and_type():
    assert select(DOCUMENT, ["/issuer/name", "/credentialSubject/permits/1/plate"]) == {
        **ROOT,
        "issuer": {"id": "urn:example:issuer", "name": "An agency"},
        "credentialSubject": {"type": "Person", "permits": [{"plate": "B"}]},
    }


def test_a_blank_node_label_is_no_id_to_keep():
    chosen = select({"id": "_:b0", "a": {"id": "_:b1", "b": "c"}}, ["/a/b"])

    assert chosen == {"a": {"b": "c"}}


def test_arrays_keep_their_order_whatever_the_order_of_pointers():
    chosen = select(
        DOCUMENT, ["/credentialSubject/permits/2", "/credentialSubject/permits/0/plate"]
    )

    assert chosen["credentialSubject"]["permits"] == [{"id": "urn:p:0", "plate": "A"}, "third"]


@pytest.mark.parametrize(
    "pointers", [["/issuer", "/issuer/name"], ["/issuer/name", "/issuer"]], ids=["first", "last"]
)
def test_the_whole_of_a_value_swallows_its_parts(pointers):
    assert select(DOCUMENT, pointers) == {**ROOT, "issuer": DOCUMENT["issuer"]}


def test_the_whole_of_a_value_swallows_parts_of_its_parts():
    subject = "/credentialSubject"

    assert select(DOCUMENT, [subject, f"{subject}/permits/0/plate"]) == select(DOCUMENT, [subject])


def test_escapes_are_those_of_rfc_6901():
    assert parse_pointer("/a~1b/~01") == ("a/b", "~1")
    chosen = select(DOCUMENT, ["/credentialSubject/given~1name", "/credentialSubject/~0"])
    assert chosen["credentialSubject"] == {"type": "Person", "given/name": "Dara", "~": "tilde"}


def test_the_context_is_always_there():
    assert select(DOCUMENT, ["/@context"]) == ROOT


@pytest.mark.parametrize(
    "pointer",
    [
        "issuer",
        "/issuers",
        "/issuer/name/0",
        "/type/1",
        "/type/-1",
        "/type/00",
        "/type/+0",
        "/type/1e0",
        "/type/",
        "/type/-",
        "/issuer/~2",
        "/issuer/~",
        "/" + "x" * 1_024,
    ],
)
def test_a_pointer_that_leads_nowhere_is_refused(pointer):
    with pytest.raises(Malformed) as refusal:
        select(DOCUMENT, [pointer])

    assert refusal.value.detail == "invalid_pointer"


def test_too_many_pointers_are_refused():
    with pytest.raises(Malformed) as refusal:
        select(DOCUMENT, ["/issuer"] * (MAX_POINTERS + 1))

    assert refusal.value.detail == "too_many_pointers"
    assert select(DOCUMENT, ["/issuer"] * MAX_POINTERS) is not None
