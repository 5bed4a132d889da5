"""Screens speak the city's languages, English where a word is missing."""

import json

import pytest

from runtime.i18n import Catalog, choose_language

ENGLISH = {"valid": "Valid", "checked": "Checked at {time}", "only": "Only in English"}
KHMER = {"valid": "មានសុពលភាព", "checked": "បានពិនិត្យ {time}", "extra": "?"}


@pytest.fixture
def catalog(tmp_path):
    (tmp_path / "en.json").write_text(json.dumps(ENGLISH))
    (tmp_path / "km.json").write_text(json.dumps(KHMER))
    return Catalog(tmp_path)


def test_a_word_comes_in_the_language_of_the_screen(catalog):
    assert catalog.text("km", "valid") == "មានសុពលភាព"
    assert catalog.text("en", "checked", time="09:00") == "Checked at 09:00"


@pytest.mark.parametrize("language", ["km", "zh-Hans", "xx"])
def test_a_missing_word_comes_in_english(catalog, language):
    assert catalog.text(language, "only") == "Only in English"


def test_an_unknown_word_is_a_bug(catalog):
    with pytest.raises(KeyError):
        catalog.text("en", "nonsense")


def test_a_page_gets_every_word(catalog):
    words = catalog.texts("km")

    assert words["valid"] == "មានសុពលភាព"
    assert words["only"] == "Only in English"


def test_missing_and_unknown_words_are_found(catalog):
    assert catalog.missing() == {
        "km": ["extra", "only"],
        "zh-Hans": ["checked", "only", "valid"],
    }


@pytest.mark.parametrize(
    ("header", "chosen", "language"),
    [
        ("", None, "en"),
        ("km-KH,km;q=0.9,en;q=0.8", None, "km"),
        ("zh-CN,zh;q=0.9", None, "zh-Hans"),
        ("zh-Hans-SG", None, "zh-Hans"),
        ("zh-TW,en;q=0.5", None, "en"),
        ("fr,de", None, "en"),
        ("fr, km", None, "km"),
        ("km", "zh-Hans", "zh-Hans"),
        ("km", "xx", "km"),
        (";;,,;q=" * 1000, None, "en"),
    ],
)
def test_the_first_language_that_the_city_speaks_is_chosen(header, chosen, language):
    assert choose_language(header, chosen=chosen) == language
