"""VC-JWT: a VCDM 2.0 credential as `vc+jwt`, without a holder's proof and without a list."""

from collections.abc import Callable

from benchmarks import raw
from benchmarks.measure import local
from benchmarks.operation import Bench, Operation, available, refuse_unless
from benchmarks.papers import AUDIENCE, NONCE, Papers
from credentials.jose import parse_jws
from credentials.keys import verify_signature
from credentials.reading import read_presentation
from credentials.vcdm_shape import check_credential
from credentials.verdict import Outcome, Verdict
from credentials.verification import verify


def build(bench: Bench) -> list[Operation]:
    """One operation."""
    papers = bench.papers
    refuse_unless(judge(papers).outcome is Outcome.PASSED, "VC-JWT")
    return [
        Operation(
            "verify VC-JWT, ES256",
            local(lambda: judge(papers)),
            local(raw.p256_verification()),
            "one raw P-256 verification",
            aim_of_limit=0.75,
            peers=available(
                {
                    "joserfc, signature and JSON only": local(verify_with_joserfc(papers)),
                    "openvc-core, VCDM 1.1": bench.peers.contender("verify_vc_jwt"),
                }
            ),
            parts=parts_of_verifying(papers),
        )
    ]


def judge(papers: Papers) -> Verdict:
    """From the text to the verdict."""
    return verify(
        {"driving_licence": papers.vc_jwt}, papers.material, papers.vc_policy,
        now=papers.now, audience=AUDIENCE, nonce=NONCE,
    )  # fmt: skip


def verify_with_joserfc(papers: Papers) -> Callable[[], object]:
    """The same token."""
    from joserfc import jwt
    from joserfc.jwk import ECKey

    key = ECKey.import_key(dict(papers.issuer.public_jwk))
    return lambda: jwt.decode(papers.vc_jwt, key, algorithms=["ES256"])


def parts_of_verifying(papers: Papers) -> dict[str, Callable[[], object]]:
    """Reading, and the checks after it."""
    text, types = papers.vc_jwt, frozenset({"vc+jwt"})
    jws = parse_jws(text, types=types)
    shown = read_presentation(text)
    return {
        "1 format: the whole reading": lambda: read_presentation(text),
        "  the JWT": lambda: parse_jws(text, types=types),
        "  rules of the data model": lambda: check_credential(jws.payload),
        "4 signature: the issuer's": lambda: verify_signature(
            papers.issuer_key, jws.signing_input, jws.signature
        ),
        "all checks after reading (with the signature)": lambda: verify(
            {"driving_licence": shown}, papers.material, papers.vc_policy,
            now=papers.now, audience=AUDIENCE, nonce=NONCE,
        ),
    }  # fmt: skip
