"""What a line of the judge says that an issuer may issue, and what it may state in it."""

from datetime import UTC, datetime
from typing import Final

from credentials.errors import Malformed
from credentials.trust import Accreditation
from encoding.strict_json import JsonValue

_ALWAYS: Final = datetime.min.replace(tzinfo=UTC)


def read_accreditations(types: JsonValue, claims: JsonValue) -> tuple[Accreditation, ...]:
    """
    One accreditation for each type, always in force. `claims`: the names that may be stated, by
    type; a type that it does not name has no limit.
    """
    if not isinstance(claims, dict) or not read_texts([*claims]) <= read_texts(types):
        raise Malformed("claims are named by the issuer's types", detail="invalid_case")
    return tuple(
        Accreditation(
            types=frozenset({name}),
            valid_from=_ALWAYS,
            valid_until=None,
            claims=read_texts(claims[name]) if name in claims else None,
        )
        for name in sorted(read_texts(types))
    )


def read_texts(value: JsonValue) -> frozenset[str]:
    """A list of texts, as a set."""
    if not isinstance(value, list):
        raise Malformed("a list was expected", detail="invalid_case")
    if not all(isinstance(each, str) for each in value):
        raise Malformed("types must be texts", detail="invalid_case")
    return frozenset(str(each) for each in value)
