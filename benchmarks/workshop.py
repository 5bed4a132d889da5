"""Verification and issuing in one process, against raw signatures and openvc-core."""

from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from benchmarks.measure import Row, compete, local
from benchmarks.papers import AUDIENCE, NONCE, Papers, build_papers, issue_licence
from benchmarks.peers.openvc_client import OpenvcPeer
from credentials.verdict import Outcome
from credentials.verification import verify

PEER = "openvc-core 1.37"


def run(peers: Path) -> list[Row]:
    """The three rows; what is timed is checked to pass first."""
    papers = build_papers()
    refuse_failing(papers)
    peer = OpenvcPeer(peers, papers)
    try:
        return [verify_sd_jwt(papers, peer), verify_vc_jwt(papers, peer), issue(papers, peer)]
    finally:
        peer.stop()


def refuse_failing(papers: Papers) -> None:
    """A benchmark of refusals would look fast."""
    for verdict in (judge_sd_jwt(papers), judge_vc_jwt(papers)):
        if verdict.outcome is not Outcome.PASSED:
            raise AssertionError(f"the benchmark's papers do not pass: {verdict.reasons}")


def judge_sd_jwt(papers: Papers):  # noqa: ANN201 - a Verdict
    """All ten checks, status anchored."""
    return verify(
        {"driving_licence": papers.presentation}, papers.material, papers.policy,
        now=papers.now, audience=AUDIENCE, nonce=NONCE,
    )  # fmt: skip


def judge_vc_jwt(papers: Papers):  # noqa: ANN201 - a Verdict
    """A W3C credential without holder binding."""
    return verify(
        {"driving_licence": papers.vc_jwt}, papers.material, papers.vc_policy,
        now=papers.now, audience=AUDIENCE, nonce=NONCE,
    )  # fmt: skip


def raw_verification():  # noqa: ANN201 - an operation
    """One P-256 verification by `cryptography`, DER in."""
    key = ec.generate_private_key(ec.SECP256R1())
    data = b"x" * 1000
    signature = key.sign(data, ec.ECDSA(hashes.SHA256()))
    public = key.public_key()
    return lambda: public.verify(signature, data, ec.ECDSA(hashes.SHA256()))


def raw_signature():  # noqa: ANN201 - an operation
    """One P-256 signature by `cryptography`."""
    key: EllipticCurvePrivateKey = ec.generate_private_key(ec.SECP256R1())
    data = b"x" * 1000
    return lambda: key.sign(data, ec.ECDSA(hashes.SHA256()))


def verify_sd_jwt(papers: Papers, peer: OpenvcPeer) -> Row:
    """SD-JWT VC with ten disclosures and key binding."""
    found = compete(
        {
            "limit": local(raw_verification()),
            "ours": local(lambda: judge_sd_jwt(papers)),
            "peer": lambda: peer.rate("verify_sd_jwt"),
        }
    )
    return Row(
        "verify SD-JWT VC + key binding", found["ours"], found["limit"] / 2,
        "two raw P-256 verifications", found["peer"], f"{PEER}, without status and trust registry",
    )  # fmt: skip


def verify_vc_jwt(papers: Papers, peer: OpenvcPeer) -> Row:
    """VC-JWT."""
    found = compete(
        {
            "limit": local(raw_verification()),
            "ours": local(lambda: judge_vc_jwt(papers)),
            "peer": lambda: peer.rate("verify_vc_jwt"),
        }
    )
    return Row(
        "verify VC-JWT", found["ours"], found["limit"], "one raw P-256 verification",
        found["peer"], PEER,
    )  # fmt: skip


def issue(papers: Papers, peer: OpenvcPeer) -> Row:
    """An SD-JWT VC with ten disclosures."""
    # As the peer's: the holder's JWK and the key's name are there before.
    jwk, key_id = papers.holder.public_jwk, papers.issuer_key.thumbprint
    found = compete(
        {
            "limit": local(raw_signature()),
            "ours": local(
                lambda: issue_licence(papers.issuer, holder_jwk=jwk, key_id=key_id, now=papers.now)
            ),
            "peer": lambda: peer.rate("issue_sd_jwt"),
        }
    )
    return Row(
        "issue SD-JWT VC, ten disclosures", found["ours"], found["limit"],
        "one raw P-256 signature", found["peer"], PEER,
    )  # fmt: skip
