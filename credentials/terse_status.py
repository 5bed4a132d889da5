"""
Terse status entries of Verifiable Credential Barcodes: a base URL and one number of 32 bits.

W3C Verifiable Credential Barcodes, "Convert Status List Entries". Lists have 2^26 entries each, so
there are 2^6 of them for a purpose (BAR-01). The entry does not say its purpose: it stands for one
place in the lists of every purpose that the verifier asks about.
"""

from collections.abc import Mapping
from typing import Final

from credentials.errors import Malformed
from credentials.iris import is_absolute_iri
from encoding.strict_json import JsonValue

TYPE: Final = "TerseBitstringStatusListEntry"
LIST_LENGTH: Final = 2**26
LIST_COUNT: Final = 2**6
MAX_URL: Final = 2_048


def expand_terse_entry(entry: Mapping[str, JsonValue], *, purpose: str) -> dict[str, JsonValue]:
    """The `BitstringStatusListEntry` of this purpose that a terse entry stands for."""
    base, index = entry.get("terseStatusListBaseUrl"), entry.get("terseStatusListIndex")
    if entry.get("type") not in (TYPE, [TYPE]):
        raise _fault("this is no terse entry")
    if not isinstance(base, str) or len(base) > MAX_URL or not is_absolute_iri(base):
        raise _fault("terseStatusListBaseUrl must be a URL")
    if type(index) is not int or not 0 <= index < LIST_LENGTH * LIST_COUNT:
        raise _fault("terseStatusListIndex must be a number of 32 bits")
    number, place = divmod(index, LIST_LENGTH)
    return {
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListCredential": f"{base}/{purpose}/{number}",
        "statusListIndex": str(place),
    }


def build_terse_entry(base: str, *, number: int, place: int) -> dict[str, JsonValue]:
    """The terse entry for one place in the lists with this number."""
    if not 0 <= number < LIST_COUNT or not 0 <= place < LIST_LENGTH:
        raise _fault("there is no such place in these lists")
    entry: dict[str, JsonValue] = {
        "type": TYPE,
        "terseStatusListBaseUrl": base,
        "terseStatusListIndex": number * LIST_LENGTH + place,
    }
    expand_terse_entry(entry, purpose="revocation")
    return entry


def _fault(message: str) -> Malformed:
    return Malformed(message, detail="invalid_status_reference")
