"""The published multibase tables: our two bases are right, all others are refused."""

import csv

import pytest

from encoding import multibase
from encoding.errors import Malformed

BASES = {"base58btc": "z", "base64url": "u"}


def load_rows(vectors, name):
    lines = (vectors / "multibase" / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    head, *rows = csv.reader(lines, skipinitialspace=True)
    return head[1].encode().decode("unicode_escape").encode("latin-1"), rows


@pytest.mark.parametrize("name", ["basic", "leading_zero", "two_leading_zeros"])
def test_our_two_bases_are_those_of_the_tables_and_no_other_is_read(vectors, name):
    data, rows = load_rows(vectors, name)
    ours = [(encoding, text) for encoding, text in rows if encoding in BASES]

    assert len(ours) == 2
    for encoding, text in ours:
        assert multibase.encode_multibase(data, base=BASES[encoding]) == text
        assert multibase.decode_multibase(text) == data
    for _, text in (row for row in rows if row[0] not in BASES):
        with pytest.raises(Malformed) as fault:
            multibase.decode_multibase(text)
        assert fault.value.detail == "invalid_multibase"


def test_texts_that_are_not_canonical_are_refused(vectors):
    _, rows = load_rows(vectors, "case_insensitivity")

    assert len(rows) == 12
    for _, text in rows:
        with pytest.raises(Malformed):
            multibase.decode_multibase(text)


def test_the_prefixes_of_our_two_bases_are_the_registered_ones(vectors):
    rows = (vectors / "multibase" / "multibase.csv").read_text(encoding="utf-8").splitlines()
    registered = {row[2]: row[1] for row in csv.reader(rows, skipinitialspace=True)}

    assert {base: registered[base] for base in BASES} == BASES
