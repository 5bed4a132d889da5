"""Our side of the peers' process: hands it the papers, asks for one rate at a time."""

import json
import subprocess
from pathlib import Path

from benchmarks.measure import Contender
from benchmarks.papers import AUDIENCE, CLAIMS, DID, ISSUER, NONCE, VCT, Papers
from encoding import base64url

SCRIPT = Path(__file__).with_name("openvc_peer.py")


class PeerError(Exception):
    """The peer could not do it."""

    kind = "unavailable"
    code = "peer_failed"


class Peers:
    """openvc-core and sd-jwt in `.venv-peers`. Close them with `stop`."""

    def __init__(self, python: Path, papers: Papers) -> None:
        self._process = subprocess.Popen(
            [str(python), str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._send(json.dumps(_build_papers(papers)))

    def rate(self, operation: str) -> float:
        """Operations per CPU-second of one operation."""
        self._send(operation)
        assert self._process.stdout is not None
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise PeerError(f"{operation}: {answer['error']}")
        return float(answer["rate"])

    def contender(self, operation: str) -> Contender:
        """The peer's rate, when its turn comes."""
        return lambda: self.rate(operation)

    def stop(self) -> None:
        """End the child."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _send(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()


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
