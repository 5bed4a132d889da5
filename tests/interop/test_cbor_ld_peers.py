"""CBOR-LD with its reference implementation: the same bytes, in both directions (BAR-01)."""

import pytest

from credentials.cbor_ld import decode_cbor_ld, encode_cbor_ld
from credentials.cbor_ld_registry import BUILT_IN
from credentials.errors import Malformed
from tests.credentials.barcode_workshop import BARCODES, card, sign
from tests.credentials.ldp_workshop import V2, permit
from tests.credentials.test_cbor_ld import CITY, CONTEXTS, ENTRY, TABLES, WORDS, written
from tests.interop.peer_page import assert_exchange
from tests.interop.peer_process import PeerRefused

pytestmark = pytest.mark.interop
CBORLD = "@digitalbazaar/cborld"
LOADED = {
    CITY: {"@context": WORDS},
    **{url: {"@context": CONTEXTS.get(url)} for url in (V2, BARCODES, *permit()["@context"])},
}
WORDS_OF = {
    "place": [
        *("https://city.example/x", "http://city.example/x", "https://city.example:8443/x"),
        *("https://city.example/issuer", "urn:uuid:188e8450-269e-11eb-b545-d3692cf35398"),
        *("urn:uuid:188E8450-269e-11eb-b545-d3692cf35398", "data:image/png;base64,AAEC"),
        *("data:text/plain,hi", "did:key:z2#z3", "did:key:abc", "did:web:x", "Card", "urn:x"),
    ],
    "made": ["2026-11-22T09:00:00Z", "2026-11-22T09:00:00.250Z", "2026-01-01T00:00:00Z", "now"],
    "born": ["1988-04-19", "1912-02-29", "1911-02-29", "19 April"],
    "seal": ["uggAg", "z2", "MAAEC", "plain"],
    "zone": ["north", "west", True],
    "note": ["hello", "Hello", 1, -1, 1.5, 2**53 - 1, None, False, [], [1, [2]], {"note": "x"}],
    "other word": [{"made": "1969-12-31T23:59:59.999Z"}, "hello"],
}
DOCUMENTS = {
    "a card": sign(card()),
    "a permit": permit(),
    "several": [{}, permit()],
    **{
        f"{word} {place}": {"@context": [CITY], "type": ["Card", "Badge"], word: value, "colour": 1}
        for word, values in WORDS_OF.items()
        for place, value in enumerate(values)
    },
}


def write(peers, document, entry):
    return peers[CBORLD].ask(
        "write", document=document, entry=entry, contexts=LOADED, tables=TABLES
    )


def test_bar_01_the_reference_implementation_writes_and_reads_the_same_bytes(peers):
    ours, theirs = {}, {}
    for entry in (BUILT_IN[1], ENTRY):
        for name, document in DOCUMENTS.items():
            data = encode_cbor_ld(document, entry=entry, contexts=CONTEXTS)
            read = peers[CBORLD].ask("read", hex=data.hex(), contexts=LOADED, tables=TABLES)
            case = f"{name}, entry {entry.number}"
            ours[case] = read == document
            written_there = bytes.fromhex(write(peers, document, entry.number))
            registry = {entry.number: entry}
            back = decode_cbor_ld(written_there, contexts=CONTEXTS, registry=registry)
            theirs[case] = written_there == data and back == document

    assert [case for case, is_same in {**ours, **theirs}.items() if not is_same] == []
    assert_exchange("CBOR-LD", CBORLD, ours=ours, altered=None, theirs=theirs)


@pytest.mark.parametrize("payload", [{0: 8}, {0: 7, 998: 1}, {0: 7, 118: b"\x0a"}])
def test_bar_01_both_refuse_numbers_that_nobody_gave(peers, payload):
    data = written(payload)

    with pytest.raises(Malformed):
        decode_cbor_ld(data, contexts=CONTEXTS, registry={ENTRY.number: ENTRY})
    with pytest.raises(PeerRefused):
        peers[CBORLD].ask("read", hex=data.hex(), contexts=LOADED, tables=TABLES)
