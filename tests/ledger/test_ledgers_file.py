"""`ledgers.json` is understood as a whole or refused as a whole, and nodes are never believed."""

import json
from pathlib import Path

import pytest

from ledger.chain import FinalityKind
from ledger.contract import check_code, expected_code, load_contract, parse_head
from ledger.errors import ChainUnavailable, ForeignChain, Malformed
from ledger.evm_ledger import build_evm_chain
from ledger.json_rpc import Node, ask_each, parse_data, parse_quantity, reached
from ledger.ledgers_file import load_ledgers, parse_ledgers

FOLDER = Path("/somewhere")
GOOD = {
    "caip2": "eip155:31337",
    "nodes": ["https://one.example", "https://two.example"],
    "agree": 2,
    "contract": "0x" + "ab" * 20,
    "governor": "0x" + "cd" * 20,
    "ledger_key": "keys/ledger.hex",
    "relayer_key": "keys/relayer.hex",
    "finality": {"kind": "depth", "depth": 12},
    "cadence_seconds": 60,
    "max_fee": 100_000_000_000,
}
BAD = {
    "caip2": ["eip155", "EIP155:1", "eip155:", 7, "cosmos:hub"],
    "nodes": [[], "https://one.example", ["x", "x"], [""], [7], ["x"] * 17],
    "agree": [0, 3, True, 1.5, "2"],
    "contract": ["0x", "ab" * 20, "0x" + "zz" * 20, None],
    "governor": ["0x" + "ab" * 21],
    "ledger_key": ["", None, "a\0b"],
    "finality": [
        {}, {"kind": "soon"}, {"kind": "depth"}, {"kind": "depth", "depth": 0},
        {"kind": "tag", "depth": 3}, {"kind": "instant", "more": 1}, "instant", [],
    ],
    "cadence_seconds": [-1, 10**9, None],
    "max_fee": [-1, 2**53, "1"],
}  # fmt: skip
CASES = [(name, value) for name, values in BAD.items() for value in values]


def read(value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return parse_ledgers(data, folder=FOLDER, namespaces={"eip155"})


def test_an_entry_is_read_with_its_paths_beside_the_file():
    (entry,) = read({"ledgers": [GOOD]})

    assert (entry.namespace, entry.reference) == ("eip155", "31337")
    assert entry.ledger_key == FOLDER / "keys" / "ledger.hex"
    assert (entry.finality.kind, entry.finality.depth) == (FinalityKind.DEPTH, 12)


@pytest.mark.parametrize(("name", "value"), CASES)
def test_a_wrong_word_refuses_the_whole_file(name, value):
    with pytest.raises(Malformed) as refused:
        read({"ledgers": [GOOD, {**GOOD, "caip2": "eip155:2", name: value}]})
    assert refused.value.detail in ("malformed_ledgers", "malformed_caip2")


@pytest.mark.parametrize(
    "value",
    [
        b"", b"{", b"[]", b"null", {"ledgers": {}}, {"ledgers": [GOOD], "more": 1},
        {"ledgers": [GOOD, GOOD]}, {"ledgers": [{**GOOD, "extra": 1}]}, {"ledgers": [None]},
        {"ledgers": [{**GOOD, "caip2": f"eip155:{number}"} for number in range(257)]},
    ],
)  # fmt: skip
def test_another_file_is_refused(value):
    with pytest.raises(Malformed) as refused:
        read(value)
    assert refused.value.detail == "malformed_ledgers"


def test_a_missing_file_and_a_readable_key_are_refused(tmp_path):
    with pytest.raises(Malformed):
        load_ledgers(tmp_path / "none.json", namespaces={"eip155"})
    (entry,) = parse_ledgers(
        json.dumps({"ledgers": [GOOD]}).encode(), folder=tmp_path, namespaces={"eip155"}
    )
    with pytest.raises(Malformed):
        build_evm_chain(entry, origin="log.example", transport=None)
    entry.ledger_key.parent.mkdir()
    for mode, text in ((0o644, "11" * 32), (0o600, "11"), (0o600, "00" * 32)):
        entry.ledger_key.write_text(text)
        entry.ledger_key.chmod(mode)
        with pytest.raises(Malformed):
            build_evm_chain(entry, origin="log.example", transport=None)


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"{", b"[]", b"7", b'{"jsonrpc":"2.0","id":2,"result":1}', b'{"jsonrpc":"2.0","id":1}',
        b'{"id":1,"result":1}', b'{"jsonrpc":"2.0","id":1,"result":1,"result":2}', b"\xff\xfe",
        b"[" * 10_000,
    ],
)  # fmt: skip
def test_an_answer_that_is_none_is_foreign(answer):
    with pytest.raises(ForeignChain) as refused:
        Node("https://one.example", lambda _url, _body: answer).ask("eth_chainId")
    assert refused.value.detail == "bad_answer"


def test_an_error_of_a_node_is_no_answer():
    body = b'{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"nonce too low"}}'
    with pytest.raises(ChainUnavailable):
        Node("https://one.example", lambda _url, _body: body).ask("eth_sendRawTransaction")


@pytest.mark.parametrize("value", [None, 7, "7", "0x", "0x07", "0xG", "0x" + "f" * 65, "0x7\n"])
def test_a_number_of_a_node_has_one_form(value):
    with pytest.raises(ForeignChain):
        parse_quantity(value)


@pytest.mark.parametrize("value", [None, "", "0x0", "0xGG", "0xAB", "0x" + "00" * 31, "0x\n"])
def test_bytes_of_a_node_have_one_form(value):
    with pytest.raises(ForeignChain):
        parse_data(value, length=32)


def test_silence_and_lies_of_nodes_are_told_apart():
    def answer(node):
        if node == "silent":
            raise ChainUnavailable("no")
        if node == "foreign":
            raise ForeignChain("no", detail="foreign_chain_id")
        return node

    assert len(ask_each(["a", "b", "silent"], answer, threshold=2)) == 2
    with pytest.raises(ChainUnavailable):
        ask_each(["a", "silent", "silent"], answer, threshold=2)
    with pytest.raises(ForeignChain):
        ask_each(["a", "silent", "foreign"], answer, threshold=2)
    assert reached([9, 7, 1000], threshold=2) == 9


def test_only_the_exact_code_is_ours():
    words = {"origin": "log.example", "governor": b"\1" * 20}
    code = expected_code(**words)
    check_code(code, **words)
    for other in (b"", code[:-1], code + b"\0", code[:100] + b"\0" + code[101:]):
        with pytest.raises(ForeignChain):
            check_code(other, **words)
    with pytest.raises(ForeignChain):
        check_code(code, origin="other.example", governor=words["governor"])
    assert len(load_contract("SignedHead")["runtime_sha256"]) == 64


@pytest.mark.parametrize("data", [b"", bytes(127), bytes(129), b"\xff" * 128])
def test_a_head_that_cannot_be_is_foreign(data):
    with pytest.raises(ForeignChain):
        parse_head(data)
    assert parse_head(bytes(128)) is None
