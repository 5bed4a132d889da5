"""docs/conformance.md says what a run says, and names no test that does not quote its ID."""

import re

from cityhall.vectors.registry import FOLDERS, run_folders
from tests.support.conformance import (
    PAGE,
    ROOT,
    build_reasons_block,
    build_vectors_block,
    list_ids,
    quoted_in,
    read_block,
)


def page():
    return PAGE.read_text(encoding="utf-8")


def test_the_tables_of_the_vectors_are_those_of_a_run(vectors):
    found = run_folders(vectors)

    assert read_block(page(), "vectors") == build_vectors_block(found)
    assert read_block(page(), "unknown") == build_reasons_block(found)


def test_the_table_of_the_vectors_names_every_folder():
    assert set(re.findall(r"^\| ([a-z0-9-]+) \|", read_block(page(), "vectors"), re.MULTILINE)) - {
        "folder",
        "all",
    } == set(FOLDERS)


def test_each_requirement_is_listed_once_and_its_tests_quote_it():
    block = read_block(page(), "requirements")
    rows = dict(re.findall(r"^\| ([A-Z][A-Z-]*-\d+) \| (.*) \|$", block, re.MULTILINE))
    missing = re.search(r"^No test quotes: (.*)\.$", block, re.MULTILINE)[1].split(", ")

    assert sorted([*rows, *[each for each in missing if each != "none"]]) == sorted(list_ids())
    for name, places in rows.items():
        for place in re.findall(r"`([^`]+)`", places):
            assert name in quoted_in((ROOT / place).read_text(encoding="utf-8")), (name, place)


def test_ids_are_found_in_names_texts_and_ranges():
    text = """
    def test_sd_v_06_and_s_030(): "BSL-01, DI-06"
    def test_wvh_01_to_03_hold(): ...
    "TSL-V-02 to TSL-V-04; AES-128 SHA-256 RES-040"
    """

    assert quoted_in(text) == {
        *("SD-V-06", "S-030", "BSL-01", "DI-06"),
        *("WVH-01", "WVH-02", "WVH-03"),
        *("TSL-V-02", "TSL-V-03", "TSL-V-04"),
    }
