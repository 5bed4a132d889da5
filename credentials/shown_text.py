"""
A text as it was shown: scanned from a code, pasted, or read from a file.

Scanners end what they read with a new line, and people copy a blank too many. What RFC 8259 section
2 calls white space is no part of any token, document or code at either end, so there it is dropped,
once, where a text comes in. Within a text nothing is dropped. Base45 has a blank among its digits,
but no text of it ends with one: neither of its last digits reaches so far.
"""

from typing import Final

_SPACE: Final = " \t\r\n"


def trim(text: str) -> str:
    """The text without white space at its ends."""
    return text.strip(_SPACE)
