"""The vectors of both kinds of status list, file by file: drafts, W3C, our own cases (S-055)."""

import json
import re

import pytest

from credentials.cose import parse_value
from credentials.cwt import CWT_TYPES, STATUS, parse_cwt, to_json
from credentials.errors import Malformed
from credentials.model import StatusPurpose
from credentials.sd_jwt import parse_sd_jwt
from credentials.status_lists import (
    read_bitstring,
    read_status_list,
    read_status_list_cwt,
    value_at,
)
from credentials.status_references import read_bitstring_references, read_token_references
from credentials.vcdm_shape import check_credential
from encoding import base64url, compression
from tests.credentials.status_papers import bitstring_answer, judged
from tests.credentials.test_status_cwt import signed
from tests.vectors.small_city import seconds

LISTS = ("status_list_encoding", "status_list_encoding2")
TABLES = {
    "status_list_encoding": "001-compressed-byte-array.txt",
    "status_list_encoding2": "003-compressed-byte-array.txt",
    "status_list_encoding1_long": "016-1-bit-status-list.txt",
    "status_list_encoding2_long": "017-2-bit-status-list.txt",
}


def hex_of(text):
    """The bytes of a block of hex lines, comments and titles aside."""
    lines = [re.sub(r"#.*", "", line).replace(" ", "") for line in text.splitlines()]
    return bytes.fromhex("".join(line for line in lines if re.fullmatch("[0-9a-f]+", line)))


def table_of(path):
    lines = re.findall(r"status\[(\d+)\]\s*= 0b([01]+)", path.read_text(encoding="utf-8"))
    return {int(index): int(value, 2) for index, value in lines}


def list_of(value):
    """The list of a StatusList map of a specification."""
    return read_status_list_cwt(signed(c65533=value))


def check_table(listed, table):
    assert table
    assert {index: value_at(listed, index) for index in table} == table
    if listed.size > 100:
        # Everything else in the list is 0.
        expected = bytearray(len(listed.entries))
        for index, value in table.items():
            expected[index * listed.bits // 8] |= value << index * listed.bits % 8
        assert listed.entries == bytes(expected)


@pytest.mark.parametrize("name", TABLES)
def test_the_cbor_lists_of_the_draft_decode_to_its_tables(vectors, name):
    """S-055, TSL Appendix C"""
    folder = vectors / "token-status-list"
    data = hex_of((folder / "draft-examples" / f"{name}_cbor.md").read_text(encoding="utf-8"))

    check_table(list_of(parse_value(data)), table_of(folder / "spec-blocks" / TABLES[name]))


@pytest.mark.parametrize("name", TABLES)
def test_the_lists_of_the_draft_are_the_same_in_json_and_in_cbor(vectors, name):
    folder = vectors / "token-status-list" / "draft-examples"
    text = (folder / f"{name}_json.md").read_text(encoding="utf-8")
    in_json = json.loads(re.sub(r"\n\s*", "", text[text.index("{") :]))
    in_cbor = parse_value(hex_of((folder / f"{name}_cbor.md").read_text(encoding="utf-8")))

    assert in_cbor == {"bits": in_json["bits"], "lst": base64url.decode(in_json["lst"])}


@pytest.mark.parametrize("name", LISTS)
def test_the_diagnostic_notations_are_the_bytes_of_the_lists(vectors, name):
    folder = vectors / "token-status-list" / "draft-examples"
    diagnostic = (folder / f"{name}_cbor_diag.md").read_text(encoding="utf-8")

    assert hex_of(diagnostic) == hex_of((folder / f"{name}_cbor.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("block", "table"),
    [
        ("008", "001-4-1"),
        ("009", "001-4-1"),
        ("027", "025-c-1"),
        ("030", "028-c-2"),
    ],
)
def test_the_cbor_blocks_of_the_rendered_draft_decode_to_its_tables(vectors, block, table):
    """S-055"""
    folder = vectors / "token-status-list" / "rendered-draft"
    (path,), (expected,) = sorted(folder.glob(f"{block}-*")), sorted(folder.glob(f"{table}-*"))

    check_table(list_of(parse_value(hex_of(path.read_text(encoding="utf-8")))), table_of(expected))


@pytest.mark.parametrize(
    ("block", "table"),
    [("005", "001-4-1"), ("006", "003-4-1"), ("026", "025-c-1"), ("029", "028-c-2")],
)
def test_the_json_blocks_of_the_rendered_draft_decode_to_its_tables(vectors, block, table):
    """S-055"""
    folder = vectors / "token-status-list" / "rendered-draft"
    (path,), (expected,) = sorted(folder.glob(f"{block}-*")), sorted(folder.glob(f"{table}-*"))
    text = path.read_text(encoding="utf-8")
    value = json.loads(re.sub(r"\n\s*", "", text[text.index("{") :]))

    check_table(
        list_of({"bits": value["bits"], "lst": base64url.decode(value["lst"])}),
        table_of(expected),
    )


@pytest.mark.parametrize("folder", ["rendered-draft", "spec-blocks"])
@pytest.mark.parametrize(("block", "table"), [("002", "001"), ("004", "003")])
def test_the_drawings_of_bytes_are_the_tables(vectors, folder, block, table):
    """S-055: least significant bits first."""
    found = vectors / "token-status-list" / folder
    (drawing,), (expected,) = sorted(found.glob(f"{block}-*")), sorted(found.glob(f"{table}-*"))
    compressed = re.search(r"\(hex\): ([0-9a-f]+)", drawing.read_text(encoding="utf-8"))
    table = table_of(expected)
    bits = 1 if len(table) == 16 else 2

    check_table(list_of({"bits": bits, "lst": bytes.fromhex(compressed[1])}), table)


@pytest.mark.parametrize(("block", "bits"), [("016", 1), ("017", 2), ("018", 4), ("019", 8)])
def test_the_tables_of_appendix_c_hold_for_every_width(vectors, block, bits):
    """S-055: entries of 1, 2, 4 and 8 bits start at the least significant bit."""
    (path,) = sorted((vectors / "token-status-list" / "spec-blocks").glob(f"{block}-*"))
    table = table_of(path)
    entries = bytearray(2**20 * bits // 8)
    for index, value in table.items():
        entries[index * bits // 8] |= value << index * bits % 8

    check_table(list_of({"bits": bits, "lst": compression.deflate_zlib(bytes(entries))}), table)
    assert max(table.values()) == 2**bits - 1


@pytest.mark.parametrize("block", ["011", "012"])
def test_the_status_list_cwt_of_the_draft_is_read(vectors, block):
    """TSL section 5.2, as hex and annotated."""
    (path,) = sorted((vectors / "token-status-list" / "rendered-draft").glob(f"{block}-*"))
    listed = read_status_list_cwt(hex_of(path.read_text(encoding="utf-8")))

    assert listed.uri == "https://example.com/statuslists/1"
    assert (listed.bits, listed.key_hint.key_id) == (1, "12")
    assert (seconds(listed.issued_at), seconds(listed.expires_at)) == (1686920170, 2291720170)
    assert listed.ttl.total_seconds() == 43200
    assert listed.entries == b"\xb9\xa3"


@pytest.mark.parametrize("block", ["016", "017"])
def test_the_referenced_token_in_cose_of_the_draft_names_its_list(vectors, block):
    """TSL section 6.3: claim 65535."""
    (path,) = sorted((vectors / "token-status-list" / "rendered-draft").glob(f"{block}-*"))
    token = parse_cwt(hex_of(path.read_text(encoding="utf-8")), types=CWT_TYPES)

    (reference,) = read_token_references({"status": to_json(token.claims[STATUS])})

    assert (reference.uri, reference.index) == ("https://example.com/statuslists/1", 0)


@pytest.mark.parametrize(
    "name",
    [
        "draft-examples/status_list_jwt_raw.md",
        "rendered-draft/019-8-2-status-list-response.txt",
        "rendered-draft/021-8-4-historical-resolution.txt",
    ],
)
def test_the_status_list_jwt_of_the_draft_is_read(vectors, name):
    text = (vectors / "token-status-list" / name).read_text(encoding="utf-8")
    listed = read_status_list(re.sub(r"\s", "", text[text.index("eyJ") :]))

    assert listed.uri == "https://example.com/statuslists/1"
    assert listed.entries == b"\xb9\xa3"


@pytest.mark.parametrize(
    "name",
    [
        "rendered-draft/013-6-2-referenced-token-in-jose.json",
        "rendered-draft/015-6-2-referenced-token-in-jose.json",
        "spec-blocks/006-referenced-token-in-jose.txt",
        "spec-blocks/008-referenced-token-in-jose.txt",
    ],
)
def test_the_referenced_tokens_in_jose_of_the_draft_name_their_list(vectors, name):
    text = (vectors / "token-status-list" / name).read_text(encoding="utf-8")
    payload = json.loads(text.rpartition("\n.\n")[2])

    (reference,) = read_token_references(payload)

    assert (reference.uri, reference.index) == ("https://example.com/statuslists/1", 0)


def authored(vectors):
    path = vectors / "authored" / "token-status-list-cases.json"
    return json.loads(path.read_text(encoding="utf-8"))


def table_in(case):
    listed = read_status_list(case["token"])
    return [value_at(listed, index) for index in range(len(case["statuses"]))]


def test_every_authored_token_list_comes_to_what_the_case_expects(vectors):
    document = authored(vectors)
    for case in document["cases"]:
        try:
            found = (
                [
                    value_at(read_status_list(case["token"]), at)
                    for at in range(len(case["statuses"]))
                ]
                if case["expect"] == "table"
                else judged(case, document["verifier"])
            )
        except Malformed as refused:
            unknown = refused.detail == "unknown_status_value"
            found = "APPLICATION_SPECIFIC" if unknown else "reject"
        expected = case["statuses"] if case["expect"] == "table" else case["expect"]
        assert found == expected or found in expected, case["id"]


def test_every_authored_bitstring_comes_to_what_the_case_expects(vectors):
    document = json.loads(
        (vectors / "authored" / "bitstring-cases.json").read_text(encoding="utf-8")
    )
    for case in document["cases"]:
        expected = case["expect"]
        accepted = expected.split("|") if isinstance(expected, str) else [expected]
        assert bitstring_answer(case) in accepted, case["id"]
    first = next(case for case in document["cases"] if case["id"] == "set")
    entries = read_bitstring(first["list"]["encodedList"], status_size=1)
    assert [
        index for index in range(len(entries) * 8) if entries[index // 8] >> (7 - index % 8) & 1
    ] == document["bits_set"]


@pytest.mark.parametrize("number", ["01", "03", "04", "05"])
def test_the_bitstring_examples_are_credentials_or_lists(vectors, number):
    """BSL-01, BSL-02"""
    folder = vectors / "bitstring-status-list" / "spec-examples"
    (path,) = sorted(folder.glob(f"{number}-*"))
    document = json.loads(path.read_text(encoding="utf-8"))

    check_credential(document)
    if "BitstringStatusListCredential" in document["type"]:
        encoded = document["credentialSubject"]["encodedList"]
        assert read_bitstring(encoded, status_size=1) == bytes(16_384)


@pytest.mark.parametrize("number", ["06", "07"])
def test_the_entries_of_the_older_examples_are_read(vectors, number):
    """Their documents are of VCDM 1.1 and hold comments; the entries are BSL-01 all the same."""
    folder = vectors / "bitstring-status-list" / "spec-examples"
    (path,) = sorted(folder.glob(f"{number}-*"))
    text = re.sub(r"(?m)^\s*//.*$", "", path.read_text(encoding="utf-8"))

    references = read_bitstring_references(json.loads(text))

    assert [(each.index, each.purpose) for each in references] == [
        (94567, StatusPurpose.REVOCATION),
        (12345, StatusPurpose.SUSPENSION),
    ]


def test_the_credential_of_the_bitstring_suite_is_one_once_it_has_an_issuer(vectors):
    """The suite's issuer fills it in."""
    path = vectors / "bitstring-status-list" / "test-suite-validVc.json"
    document = json.loads(path.read_text(encoding="utf-8"))

    with pytest.raises(Malformed):
        check_credential(document)
    check_credential(document | {"issuer": "did:example:issuer"})


@pytest.mark.parametrize(
    "name",
    [
        "rendered-draft/014-6-2-referenced-token-in-jose.txt",
        "spec-blocks/007-referenced-token-in-jose.txt",
    ],
)
def test_the_sd_jwt_of_the_draft_names_its_list(vectors, name):
    text = (vectors / "token-status-list" / name).read_text(encoding="utf-8")
    sd_jwt = parse_sd_jwt(re.sub(r"\s", "", text), types=frozenset({"example+sd-jwt"}))

    (reference,) = read_token_references(sd_jwt.jws.payload)

    assert (reference.uri, reference.index) == ("https://example.com/statuslists/1", 0)
