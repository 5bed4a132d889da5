"""Small changes to valid texts and bytes, and the values that the codecs have in common."""

import pytest
from hypothesis import strategies as st

from credentials.errors import Malformed
from encoding.errors import Malformed as Misencoded

REFUSALS = (Malformed, Misencoded)
MAX_INTEGER = 2**53 - 1
"""The greatest that RFC 8785 writes; the reader knows one more, which nobody can canonicalize."""
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ASCII = st.characters(min_codepoint=0, max_codepoint=127)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
JSON_SCALARS = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | FLOATS | TEXTS
JSON_VALUES = st.recursive(
    JSON_SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=20,
)
JSON_OBJECTS = st.dictionaries(TEXTS, JSON_VALUES, max_size=5)


@st.composite
def edited(draw, whole, pieces):
    """A drawn text or bytes with one to three places replaced, doubled, cut or inserted."""
    value = draw(whole)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(value)))
        end = draw(st.integers(start, min(len(value), start + 4)))
        value = value[:start] + draw(pieces) + value[end:]
    return value


def edited_bytes(whole):
    return edited(whole, st.binary(max_size=3))


def edited_text(whole, alphabet=ASCII):
    return edited(whole, st.text(alphabet, max_size=3))


def refused(read, *arguments, **options):
    """Whether it is refused; nothing but Malformed may be raised."""
    try:
        read(*arguments, **options)
    except REFUSALS:
        return True
    return False


def only_writes(read, write, given):
    """What is read is exactly what would have been written."""
    try:
        value = read(given)
    except REFUSALS:
        return True
    return write(value) == given


def detail_of(read, *arguments, **options):
    with pytest.raises(REFUSALS) as caught:
        read(*arguments, **options)
    return caught.value.detail
