"""Small EVM nodes over HTTP, each with its own port, chain id and head; can be slow or forked."""

import hashlib
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import rlp

from ledger.chain import LogHead
from ledger.contract import EXTEND_SELECTOR, expected_code
from ledger.merkle import verify_consistency

CONTRACT = b"\x5a" * 20


@dataclass
class StubNode:
    """An instant chain whose only contract is `SignedHead` of one log, without its key check."""

    chain_id: int
    origin: str
    governor: bytes
    head: LogHead | None = None
    height: int = 1
    nonce: int = 0
    delay: float = 0.0
    answers: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, method, params):
        time.sleep(self.delay)
        with self.lock:
            self.answers += 1
            return getattr(self, method)(*params)

    def eth_chainId(self):  # noqa: N802 - the names of the methods
        return hex(self.chain_id)

    def eth_gasPrice(self):  # noqa: N802
        return hex(1_000_000_000)

    def eth_getTransactionCount(self, _account, _block):  # noqa: N802
        return hex(self.nonce)

    def eth_getBlockByNumber(self, _block, _full):  # noqa: N802
        digest = hashlib.sha256(f"{self.chain_id} {self.height}".encode()).hexdigest()
        return {"number": hex(self.height), "hash": "0x" + digest}

    def eth_getCode(self, _address, _block):  # noqa: N802
        return "0x" + expected_code(origin=self.origin, governor=self.governor).hex()

    def eth_call(self, _call, _block):
        head = self.head or LogHead(0, 0, bytes(32))
        words = (head.epoch, head.size, int.from_bytes(head.root, "big"), self.height)
        return "0x" + b"".join(word.to_bytes(32, "big") for word in words).hex()

    def eth_sendRawTransaction(self, raw):  # noqa: N802
        nonce, _price, _gas, to, _value, data, *_ = rlp.decode(bytes.fromhex(raw[2:]))
        if int.from_bytes(nonce, "big") != self.nonce or to != CONTRACT:
            raise ValueError("nonce too low")
        self.nonce += 1
        self.height += 1
        self._extend(data)
        return "0x" + hashlib.sha256(data).hexdigest()

    def _extend(self, data):
        assert data[:4] == EXTEND_SELECTOR
        words = [data[at : at + 32] for at in range(4, len(data), 32)]
        head = LogHead(int.from_bytes(words[0], "big"), int.from_bytes(words[1], "big"), words[2])
        held = self.head
        if held is None or verify_consistency(
            old_size=held.size,
            old_root=held.root,
            size=head.size,
            root=head.root,
            proof=words[8:],
        ):
            self.head = head


def _handler(node):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = {"jsonrpc": "2.0", "id": asked["id"]}
            try:
                answer["result"] = node.answer(asked["method"], asked["params"])
            except ValueError as error:
                answer["error"] = {"code": -32000, "message": str(error)}
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                self.close_connection = True

        def log_message(self, *_):
            pass

    return Handler
