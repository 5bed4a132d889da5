"""The lists of the specifications and of other authors are read as they say (S-055)."""

import json
import re

import pytest

from credentials.errors import Malformed
from credentials.model import Status
from credentials.status import (
    read_status_list,
    status_at,
)
from credentials.status_lists import (
    value_at,
)
from tests.credentials.status_papers import (
    REVOCATION,
    bitstring_answer,
    judged,
    list_payload,
    signed,
)


def blocks(folder, pattern):
    found = sorted(folder.glob(pattern))
    assert found
    return found


def spec_list(path):
    """The JSON of a list in the specification, its line breaks taken out."""
    text = path.read_text(encoding="utf-8")
    value = json.loads(re.sub(r"\n\s*", "", text[text.index("{") :]))
    return read_status_list(signed(list_payload(status_list=value)))


def spec_table(path):
    lines = re.findall(r"status\[(\d+)\]\s*= 0b([01]+)", path.read_text(encoding="utf-8"))
    return {int(index): int(value, 2) for index, value in lines}


@pytest.mark.parametrize(
    ("encoded", "table"),
    [
        ("status_list_encoding_json.md", "001-compressed-byte-array.txt"),
        ("status_list_encoding2_json.md", "003-compressed-byte-array.txt"),
        ("status_list_encoding1_long_json.md", "016-1-bit-status-list.txt"),
        ("status_list_encoding2_long_json.md", "017-2-bit-status-list.txt"),
    ],
)
def test_the_lists_of_the_specification_decode_to_its_tables(vectors, encoded, table):
    """S-055"""
    folder = vectors / "token-status-list"
    listed = spec_list(folder / "draft-examples" / encoded)
    expected = spec_table(folder / "spec-blocks" / table)

    assert expected
    assert {index: value_at(listed, index) for index in expected} == expected
    if listed.size > 100:
        set_entries = sum(value_at(listed, index) != 0 for index in range(0, listed.size, 1))
        assert set_entries == len(expected)


def test_the_bitstrings_of_the_specification_are_read(vectors):
    folder = vectors / "bitstring-status-list" / "spec-examples"
    for path in blocks(folder, "0[35]-*.json"):
        listed = read_status_list(
            signed(json.loads(path.read_text(encoding="utf-8")), type="vc+jwt")
        )
        assert status_at(listed, 94_567, REVOCATION) is Status.VALID


def test_the_authored_token_lists_are_read_or_refused(vectors):
    path = vectors / "authored" / "token-status-list-cases.json"
    document = json.loads(path.read_text(encoding="utf-8"))

    for case in document["cases"]:
        if case["expect"] == "table":
            listed = read_status_list(case["token"])
            found = [value_at(listed, index) for index in range(len(case["statuses"]))]
            assert found == case["statuses"], case["id"]
            continue
        try:
            found = judged(case, document["verifier"])
        except Malformed as refused:
            unknown = refused.detail == "unknown_status_value"
            found = "APPLICATION_SPECIFIC" if unknown else "reject"
        assert found in case["expect"], case["id"]


def test_the_authored_bitstrings_are_read_or_refused(vectors):
    path = vectors / "authored" / "bitstring-cases.json"
    document = json.loads(path.read_text(encoding="utf-8"))

    for case in document["cases"]:
        expected = case["expect"]
        accepted = expected.split("|") if isinstance(expected, str) else [expected]
        assert bitstring_answer(case) in accepted, case["id"]
