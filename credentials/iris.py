"""
Absolute IRIs (RFC 3987 section 2.2), as JSON-LD and N-Quads write them.

A text either is an absolute IRI to the letter or it is refused: what one library lets pass and
another drops would make two readers disagree about what was signed. Nothing is named by an IP
address in brackets.
"""

import re

_UCS = (
    "\xa0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef"
    + "".join(f"{chr(p << 16)}-{chr((p << 16) + 0xFFFD)}" for p in range(1, 14))
    + "\U000e1000-\U000efffd"
)
_PRIVATE = "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
_PLAIN = rf"A-Za-z0-9\-._~{_UCS}!$&'()*+,;="
_PERCENT = "%[0-9A-Fa-f]{2}"
_SEGMENTS = rf"(?:[{_PLAIN}:@/]|{_PERCENT})*+"
_AUTHORITY = (
    rf"(?:(?:[{_PLAIN}:]|{_PERCENT})*@)?"
    rf"(?:[{_PLAIN}]|{_PERCENT})*(?::[0-9]*)?"
)
_IRI = re.compile(
    rf"[A-Za-z][A-Za-z0-9+.\-]*:(?://{_AUTHORITY}(?:/{_SEGMENTS})?|(?!//){_SEGMENTS})"
    rf"(?:\?(?:[{_PLAIN}{_PRIVATE}:@/?]|{_PERCENT})*+)?(?:\#(?:[{_PLAIN}:@/?]|{_PERCENT})*+)?\Z"
)


def is_absolute_iri(text: str) -> bool:
    """Whether this is an absolute IRI, with or without a fragment."""
    return _IRI.match(text) is not None
