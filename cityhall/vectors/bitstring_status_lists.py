"""Bitstring Status List: the examples of the text and of its suite (BSL-01, BSL-02)."""

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from cityhall.vectors.shelf import Checks, Differs, Result, Shelf, Unknown, is_refused
from credentials.model import StatusPurpose
from credentials.status_lists import read_bitstring
from credentials.status_references import read_bitstring_references
from credentials.vcdm_shape import check_credential

V1 = "https://www.w3.org/2018/credentials/v1"
_PURPOSES = {each.value: each for each in StatusPurpose}
ISSUER = 'VCDM 2.0 section 4.7: a credential "MUST have an issuer"; the suite fills it in'


def _check_example(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "example", partial(_is_read, shelf.text(path)))


def _is_read(text: str) -> bool:
    if re.search(r"^\s*\.\.\.", text, re.MULTILINE):
        raise Unknown("illustration: parts are left out")
    document = json.loads(re.sub(r"(?m)^\s*//.*$", "", text))
    if V1 not in document["@context"]:
        check_credential(document)
    found = False
    if "BitstringStatusListCredential" in document["type"]:
        # The printed lists have all their bits unset.
        entries = read_bitstring(document["credentialSubject"]["encodedList"], status_size=1)
        found = entries == bytes(16_384)
    if "credentialStatus" in document:
        status = document["credentialStatus"]
        printed = status if isinstance(status, list) else [status]
        read = read_bitstring_references(document)
        found = [(each.index, each.purpose, each.uri) for each in read] == [
            (
                int(each["statusListIndex"]),
                _PURPOSES[each["statusPurpose"]],
                each["statusListCredential"],
            )
            for each in printed
        ]
    return found


def _check_suite(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "credential", partial(_is_valid, shelf.text(path)))


def _is_valid(text: str) -> bool:
    document = json.loads(text)
    if not is_refused(lambda: check_credential(document)):
        return True
    check_credential(document | {"issuer": "did:example:issuer"})
    raise Differs(ISSUER)


CHECKS: Checks = (
    ("spec-examples/*.json", _check_example),
    ("test-suite-*.json", _check_suite),
)
