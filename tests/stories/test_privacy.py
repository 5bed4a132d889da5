"""
What the city makes public says nothing about anybody (S-196, ledger design section 8): a real city
is scanned after issuing and revoking, and the scan is shown to find each thing it looks for.
"""

import hashlib
import hmac
import json
import random
import shutil
import sys
from base64 import b64encode, urlsafe_b64encode
from datetime import UTC, datetime
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from public_city import live_a_day

from cityhall.command_line import main
from cityhall.privacy.guesses import Datum, Person
from cityhall.privacy.keccak import keccak_256_many
from cityhall.privacy.public_bytes import is_public
from cityhall.privacy.scan import scan
from cityhall.privacy.views import Piece
from encoding.cbor import build_cbor
from encoding.compression import deflate_zlib
from ledger.epoch import EpochLeaf, build_epoch_leaf
from ledger.merkle import leaf_hash

DID = "did:key:zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv"
THUMBPRINT = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
CREDENTIAL = "7d1e9b3c52f04a6c"
SOMEBODY = Person(
    "record 9",
    (
        Datum("family_name", "Sovann"),
        Datum("given_name", "Bo"),
        Datum("birth_date", "1987-04-19"),
        Datum("driver_number", "D-104417"),
        Datum("plate", "2A-4417"),
        Datum("credential id", CREDENTIAL),
        Datum("holder's DID", DID),
        Datum("key thumbprint", THUMBPRINT),
    ),
)
ORIGIN = "register.example/log"
LIST = "https://issuer.example/agencies/transport/status/1"


def sha256(text):
    return hashlib.sha256(text.encode()).digest()


def keccak(text):
    return keccak_256_many([text.encode()])[0]


def noise(length):
    return random.Random(length).randbytes(length)


def entry(lists_root=bytes(32)):
    return build_epoch_leaf(
        EpochLeaf(7, datetime(2026, 11, 22, tzinfo=UTC), 9, lists_root, noise(32))
    )


def tile(value):
    return noise(96) + value + noise(64)


def token(members, entries=bytes(256)):
    payload = {"sub": LIST, "status_list": {"bits": 2, "lst": b64url(deflate_zlib(entries))}}
    head = b64url(json.dumps({"alg": "ES256", "typ": "statuslist+jwt"}).encode())
    return (
        f"{head}.{b64url(json.dumps({**payload, **members}).encode())}.{b64url(noise(64))}".encode()
    )


def checkpoint(line):
    text = f"{ORIGIN}\n7\n{b64encode(noise(32)).decode()}\n{line}\n\n"
    return f"{text}- {ORIGIN} {b64url(noise(68))}\n".encode()


def trust_leaf(key, digest=bytes(32)):
    return build_cbor((1, key, digest))


def staple(data):
    return json.dumps({"chunk": {"index": 3, "data": b64url(data), "path": []}}).encode()


def calldata(word):
    return b"\x8f\x1d\x0a\xe2" + (7).to_bytes(32, "big") + word.ljust(32, b"\0")


def ots(digest):
    return (
        b"\x00OpenTimestamps\x00\x00Proof\x00\xbf\x89\xe2\xe8\x84\xe8\x92\x94\x01\x08"
        + digest
        + b"\xf0\x10"
        + noise(16)
    )


def b64url(data):
    return urlsafe_b64encode(data).decode().rstrip("=")


PLANTED = {
    "a name in an entry of the log": entry(b"Sovann".ljust(32, b"\0")),
    "a name in a list token": token({"note": "for Sovann"}),
    "a name of two letters in a list token": token({"note": "for Bo"}),
    "a name in upper case": token({"note": "SOVANN"}),
    "a name in UTF-16": trust_leaf("Sovann".encode("utf-16-be")),
    "a name in hexadecimal in a memo": b"city " + b"Sovann Bo".hex().encode(),
    "a birth date in a list token": token({"note": "1987-04-19"}),
    "a birth date as offices write it": token({"note": "19.04.1987"}),
    "a licence number in a compressed list": token({}, bytes(100) + b"D-104417" + bytes(100)),
    "a licence number without its hyphen": checkpoint("d104417"),
    "a plate in a checkpoint": checkpoint("2A-4417"),
    "a credential id in a receipt": token({"credential": CREDENTIAL}),
    "a credential id in a staple": staple(bytes(20) + CREDENTIAL.encode() + bytes(28)),
    "a holder's DID in a trust leaf": trust_leaf(b"holder/" + DID.encode()),
    "a key thumbprint in a trust leaf": trust_leaf(THUMBPRINT.encode()),
    "a joined pair as it is": checkpoint("Sovann|1987-04-19"),
    "SHA-1 of a name in a memo": b"city " + hashlib.sha1(b"Sovann").hexdigest().encode(),
    "SHA-256 of a name in an entry": entry(sha256("Sovann")),
    "SHA-384 of a birth date in a trust leaf": trust_leaf(
        b"x", hashlib.sha384(b"1987-04-19").digest()
    ),
    "SHA-512 of a licence number in a staple": staple(hashlib.sha512(b"D-104417").digest()),
    "keccak of a plate in calldata": calldata(keccak("2A-4417")),
    "keccak of a DID, cut to an address": calldata(bytes(12) + keccak(DID)[12:]),
    "SHA-256 of a credential id in an .ots proof": ots(sha256(CREDENTIAL)),
    "SHA-256 of a thumbprint in a tile": tile(sha256(THUMBPRINT)),
    "a leaf hash of a name in a tile": tile(leaf_hash(b"Sovann")),
    "a digest cut to eight bytes": trust_leaf(sha256("D-104417")[:8]),
    "a digest in upper-case hexadecimal": checkpoint(sha256("1987-04-19").hex().upper()),
    "a digest behind 0x": b"head 0x" + sha256("2A-4417").hex().encode(),
    "a digest in base64": checkpoint(b64encode(sha256("Sovann")).decode()),
    "a digest in base64url": token({"ref": b64url(sha256("Sovann"))}),
    "base64 of hexadecimal": token({"ref": b64url(sha256("Sovann").hex().encode())}),
    "a name hashed twice": tile(hashlib.sha256(sha256("Sovann")).digest()),
    "a name salted with the list's address": tile(sha256(LIST + "Sovann")),
    "a number salted with the origin behind it": tile(sha256("D-104417|" + ORIGIN)),
    "a name salted with the epoch's number": tile(sha256("7:Sovann")),
    "keccak of a name with a public salt": calldata(keccak(ORIGIN + "Sovann")),
    "a name under a public key of HMAC": tile(hmac.digest(ORIGIN.encode(), b"Sovann", "sha256")),
    "a hashed pair": tile(sha256("Sovann|1987-04-19")),
    "a hashed pair without separator": calldata(keccak("SovannBo")),
    "a hashed triple": tile(sha256("Sovann,Bo,1987-04-19")),
    "a name with a counter": tile(sha256("Sovann#3")),
    "a licence number with a binary counter": tile(
        hashlib.sha256(b"D-104417" + (5).to_bytes(4, "big")).digest()
    ),
    "a pair with a counter": calldata(keccak("Sovann|1987-04-19:1")),
    "a name hashed as JSON": tile(sha256('{"family_name":"Sovann"}')),
    "a name hashed as CBOR": tile(hashlib.sha256(build_cbor("Sovann")).digest()),
}
HARMLESS = {
    "an epoch": entry(),
    "a list": token({}),
    "a commitment under a secret salt": tile(hashlib.sha256(noise(16) + sha256("Sovann")).digest()),
    "another's name": token({"note": "Sovannara"}),
    "calldata": calldata(noise(32)),
}


@pytest.fixture(scope="module")
def public(tmp_path_factory):
    """A city after a day of issuing and revoking."""
    city = live_a_day(tmp_path_factory.mktemp("city"))
    yield city
    city.close()


@pytest.fixture(scope="module")
def found():
    """What one scan found, by the place where it was planted."""
    pieces = [Piece(place, data) for place, data in {**PLANTED, **HARMLESS}.items()]
    places = {}
    for finding in scan(pieces, [SOMEBODY]).findings:
        places.setdefault(finding.place.split(" > ")[0], []).append(finding)
    return places


@pytest.mark.slow
def test_s196_nothing_public_says_anything_about_the_people_of_a_city(public):
    report = scan(public.pieces(), public.people)

    assert report.findings == ()
    assert (len(public.people), report.pieces > 50, report.digests > 500_000) == (3, True, True)


@pytest.mark.parametrize("place", PLANTED)
def test_the_scan_finds_what_is_planted(found, place):
    assert place in found


@pytest.mark.parametrize("place", HARMLESS)
def test_the_scan_finds_nothing_where_nothing_is(found, place):
    assert found.get(place, []) == []


def test_a_finding_names_the_kind_of_datum_and_never_the_datum(found):
    told = json.dumps(
        [
            [each.place, each.person, each.kind, each.how]
            for each in found["a plate in a checkpoint"]
        ]
    )

    assert "plate" in told
    assert "4417" not in told.replace("a plate", "")


def test_a_planted_datum_is_found_in_each_place_of_a_real_city(public):
    number = public.people[0].data[3].text
    pieces = [
        Piece(piece.place, piece.data + b"\n" + number.encode())
        for piece in public.pieces()
        if is_public(piece.place)
    ]
    somebody = Person("record 0", (Datum("driver_number", number),))
    found = {each.place for each in scan(pieces, [somebody]).findings}

    assert found == {piece.place for piece in pieces}


def test_the_command_scans_a_stored_city_and_tells_what_it_finds(public, tmp_path, capsys):
    for service in ("register", "issuer"):
        shutil.copytree(public.folder / service, tmp_path / "city", dirs_exist_ok=True)
    (number,) = (each.text for each in public.people[1].data if each.kind == "credential id")
    leak = tmp_path / "memo.txt"
    leak.write_text(hashlib.sha256(number.encode()).hexdigest())
    words = ["privacy", "--data-dir", str(tmp_path / "city")]
    codes = [main(words), main([*words, "--also", str(leak)])]
    told = capsys.readouterr().out

    assert codes == [0, 1]
    assert "findings: 0" in told
    assert "memo.txt > hex: credential id of record" in told
    assert number not in told


def test_a_table_that_nobody_listed_is_public():
    assert is_public("ledger_chain_transaction")
    assert not is_public("runtime_audit")


@pytest.mark.parametrize(("pieces", "people"), [([], [SOMEBODY]), ([Piece("x", b"abc")], [])])
def test_a_scan_of_nothing_or_for_nobody_is_no_pass(pieces, people):
    with pytest.raises(ValueError, match="needs"):
        scan(pieces, people)


def test_keccak_gives_its_published_digests():
    assert [each.hex() for each in keccak_256_many([b"", b"abc", b"a" * 200])] == [
        "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
        "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45",
        "96ea54061def936c4be90b518992fdc6f12f535068a256229aca54267b4d084d",
    ]
