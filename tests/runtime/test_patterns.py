"""Patterns of JSON Schema: what they find, what is refused, and that their work is counted."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoding.errors import Malformed
from runtime.patterns import MAX_STATES, compile_pattern


def found(pattern, text):
    return compile_pattern(pattern).is_found_in(text, spend=lambda _: None)


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("", ["", "a"], []),
        ("a", ["a", "xay"], ["", "b"]),
        ("^a$", ["a"], ["a\n", "ba", "aa"]),
        ("^(ab|c)*d?$", ["", "abc", "cabd"], ["d d", "ba"]),
        ("^a{2,3}$", ["aa", "aaa"], ["a", "aaaa"]),
        ("^a{2}$", ["aa"], ["aaa"]),
        ("^a{2,}?$", ["aa", "aaaa"], ["a"]),
        ("^(a*)*$", ["", "aaa"], ["b"]),
        ("^(|a)+$", ["", "aa"], ["b"]),
        ("^[a-c\\d_-]+$", ["a-1_", "-"], ["d", "٣"]),
        ("^[^a-c]$", ["d", "😀"], ["a", ""]),
        ("^[\\]\\b]$", ["]", "\b"], ["b"]),
        ("^[]$", [], ["", "a"]),
        ("^[^]$", ["a", "\n"], [""]),
        ("^\\w\\W\\s\\S\\D$", ["a- bc"], ["a- b1"]),
        ("^.$", ["a", "ខ"], ["\n", "\u2028", ""]),
        ("^\\p{L}\\P{L}\\p{Nd}$", ["ខ-٣"], ["1-1", "aa1"]),
        ("^\\x41\\u0042\\u{1F600}\\t\\.\\-$", ["AB😀\t.-"], ["AB"]),
        ("^(?:a|b)(c)$", ["ac", "bc"], ["c"]),
        ("^2[A-Z]-[0-9]{4}$", ["2A-4417"], ["2A-44170", "2a-4417"]),
    ],
)
def test_a_pattern_finds_what_the_standard_says(pattern, yes, no):
    assert [text for text in yes if not found(pattern, text)] == []
    assert [text for text in no if found(pattern, text)] == []


@pytest.mark.parametrize(
    "pattern",
    [
        *("(?=a)", "(?!a)", "(?<=a)", "(?<n>a)", "(a)\\1", "\\ba", "\\k<n>", "\\cA", "\\01"),
        *("(", ")", "[", "a**", "*", "a{", "a{2", "a{3,2}", "{2}", "}", "]", "\\"),
        *("[z-a]", "[a-\\d]", "\\p{Script=Khmer}", "\\p", "\\ud83d", "\\u{110000}", "\\xg1", "\\e"),
        *("a{1001}", "(a{100}){100}", "(" * 40 + ")" * 40, "a" * 1025),
        # No state at all, built a thousand million times.
        *("(?:(?:(?:){1000}){1000}){1000}", "(()" + "{1000})" * 8),
    ],
)
def test_what_is_not_known_or_cannot_be_bounded_is_refused(pattern):
    with pytest.raises(Malformed) as fault:
        compile_pattern(pattern)
    assert fault.value.detail == "unsupported_pattern"


@pytest.mark.parametrize(
    "pattern", ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "a*a*a*a*a*b", "(.*.*)*=x"]
)
def test_no_pattern_makes_a_search_try_again(pattern):
    machine = compile_pattern(pattern)
    steps = []

    assert not machine.is_found_in("a" * 2000 + "!", spend=steps.append)
    assert sum(steps) <= 4 * len(machine.states) * 2002
    assert len(machine.states) <= MAX_STATES


# Parts of which both dialects say the same.
PARTS = st.recursive(
    st.sampled_from(["a", "b", "[ab]", "[^a]", "\\d", "^"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{1,2}"])).map(
            lambda two: f"(?:{two[0]}){two[1]}"
        ),
    ),
    max_leaves=6,
)


@given(PARTS, st.text("ab1", max_size=8))
def test_the_machine_and_a_search_with_memory_agree(pattern, text):
    assert found(pattern, text) == (re.search(pattern, text) is not None)


@given(st.text("ab()[]{}^$.*+?|\\1dp,-:=", max_size=12))
def test_any_text_is_a_pattern_or_refused(pattern):
    details = []
    try:
        found(pattern, "ab")
    except Malformed as error:
        details.append(error.detail)
    assert {"unsupported_pattern"}.issuperset(details)
