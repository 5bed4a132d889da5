"""Our side of the peers' processes: hands them papers, asks for one rate at a time."""

import json
import shutil
import subprocess
from pathlib import Path

from benchmarks.measure import Contender
from benchmarks.papers import AUDIENCE, CLAIMS, DID, ISSUER, NONCE, VCT, Papers
from encoding import base64url

SCRIPT = Path(__file__).with_name("openvc_peer.py")
NODE_SCRIPT = Path(__file__).with_name("digitalbazaar_peer.mjs")


class PeerError(Exception):
    """The peer could not do it."""

    kind = "unavailable"
    code = "peer_failed"


class Peers:
    """
    openvc-core, isomdoc and sd-jwt in `.venv-peers`; @digitalbazaar/vc in node, started when it is
    first asked. Close them with `stop`.
    """

    def __init__(self, python: Path, papers: Papers) -> None:
        self._python = _start([str(python), str(SCRIPT)])
        self._node: subprocess.Popen[str] | None = None
        _send(self._python, json.dumps(_build_papers(papers)))

    def rate(self, operation: str) -> float:
        """Operations per CPU-second of one operation."""
        return self.contender(operation)()

    def contender(self, operation: str, **words: object) -> Contender:
        """The peer's rate, when its turn comes. `words`: papers of this operation alone."""
        line = json.dumps({"operation": operation, **words})
        return lambda: _ask(self._python, line)

    def node_contender(self, operation: str, **words: object) -> Contender:
        """The same of the peer in node."""
        line = json.dumps({"operation": operation, **words})
        return lambda: _ask(self._start_node(), line)

    def stop(self) -> None:
        """End the children."""
        for process in (self._python, self._node):
            if process is None:
                continue
            assert process.stdin is not None
            process.stdin.close()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()

    def _start_node(self) -> subprocess.Popen[str]:
        if self._node is None:
            node = shutil.which("node")
            if node is None:
                raise PeerError("node is not installed")
            self._node = _start([node, str(NODE_SCRIPT)])
        return self._node


def _start(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _ask(process: subprocess.Popen[str], line: str) -> float:
    """Operations per CPU-second of one operation."""
    try:
        _send(process, line)
        assert process.stdout is not None
        answer = json.loads(process.stdout.readline() or '{"error": "it ended"}')
    except BrokenPipeError as error:
        raise PeerError("it ended") from error
    if "error" in answer:
        raise PeerError(str(answer["error"]))
    return float(answer["rate"])


def _send(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def _build_papers(papers: Papers) -> dict[str, object]:
    numbers = papers.issuer.private_key.private_numbers()  # type: ignore[union-attr]
    private = numbers.private_value.to_bytes(32, "big")  # type: ignore[union-attr]
    return {
        "presentation": papers.presentation,
        "credential": {
            "@context": ["https://www.w3.org/2018/credentials/v1"],
            "id": "urn:uuid:8c5b1e5e-5a57-4f3c-9d5e-1f0c6a3b2d10",
            "type": ["VerifiableCredential", "DrivingLicence"],
            "issuer": DID,
            "issuanceDate": papers.now.isoformat().replace("+00:00", "Z"),
            "credentialSubject": {"id": "did:example:holder", **CLAIMS},
        },
        "issuer_jwk": dict(papers.issuer.public_jwk),
        "private_jwk": {**papers.issuer.public_jwk, "d": base64url.encode(private)},
        "key_id": papers.issuer_key.thumbprint,
        "holder_jwk": dict(papers.holder.public_jwk),
        "audience": AUDIENCE,
        "nonce": NONCE,
        "vct": VCT,
        "claims": {"iss": ISSUER, **CLAIMS},
        "disclosable": list(CLAIMS),
    }
