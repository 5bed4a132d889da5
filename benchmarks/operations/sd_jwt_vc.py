"""SD-JWT VC with ten disclosures and key binding, all ten checks, status anchored; and issuing."""

from collections.abc import Callable
from dataclasses import replace

from benchmarks import raw
from benchmarks.measure import local
from benchmarks.operation import Bench, Operation, available, refuse_unless
from benchmarks.papers import AUDIENCE, CLAIMS, NONCE, Papers, issue_licence
from credentials.disclosures import conceal_claims, parse_disclosures
from credentials.holder_judgement import HolderQuestion, judge_holder
from credentials.issuer_judgement import IssuerQuestion, find_issuer_of, judge_issuer
from credentials.jose import parse_jws
from credentials.keys import PublicKey, verify_signature
from credentials.material import Material
from credentials.model import Credential
from credentials.reading import read_presentation
from credentials.sd_jwt import KEY_BINDING_TYPES, SD_JWT_TYPES, parse_sd_jwt, processed_claims
from credentials.sd_jwt_vc import read_key_binding
from credentials.signature_memory import SignatureMemory
from credentials.status_judgement import Evidence, StatusQuestion, judge_reference
from credentials.verdict import Check, Outcome, Verdict
from credentials.verification import verify


def build(bench: Bench) -> list[Operation]:
    """Verifying cold and with the issuer's signature seen, and issuing."""
    papers = bench.papers
    seen = replace(papers.material, signatures=SignatureMemory())
    for material in (papers.material, seen):
        refuse_unless(judge(papers, material).outcome is Outcome.PASSED, "SD-JWT VC")
    peers = available(
        {
            "openvc-core, without status and trust": bench.peers.contender("verify_sd_jwt"),
            "sd-jwt, signatures only": bench.peers.contender("reference_verify_sd_jwt"),
        }
    )
    limit = local(raw.p256_verification())
    return [
        Operation(
            "verify SD-JWT VC + key binding, ES256",
            local(lambda: judge(papers, papers.material)),
            limit, "two raw P-256 verifications", 2,
            aim_of_limit=0.55, peers=peers, parts=parts_of_verifying(papers),
        ),
        Operation(
            "the same, issuer's signature already seen",
            local(lambda: judge(papers, seen)),
            limit, "two raw P-256 verifications", 2,
            aim_of_limit=1.0,
        ),
        build_issuing(bench),
    ]  # fmt: skip


def judge(papers: Papers, material: Material) -> Verdict:
    """From the text to the verdict."""
    return verify(
        {"driving_licence": papers.presentation}, material, papers.policy,
        now=papers.now, audience=AUDIENCE, nonce=NONCE,
    )  # fmt: skip


def build_issuing(bench: Bench) -> Operation:
    """Ten disclosures. As for the peer, the holder's JWK and the key's name are there before."""
    papers = bench.papers
    jwk, key_id = papers.holder.public_jwk, papers.issuer_key.thumbprint
    claims = {"iss": "https://issuer.example", "vct": "https://issuer.example/type", **CLAIMS}
    paths = [(name,) for name in CLAIMS]
    return Operation(
        "issue SD-JWT VC, ten disclosures, ES256",
        local(lambda: issue_licence(papers.issuer, holder_jwk=jwk, key_id=key_id, now=papers.now)),
        local(raw.p256_signature()),
        "one raw P-256 signature",
        aim_of_peer=1.5,
        peers=available(
            {
                "openvc-core": bench.peers.contender("issue_sd_jwt"),
                "sd-jwt": bench.peers.contender("reference_issue_sd_jwt"),
            }
        ),
        parts={
            "conceal ten claims": lambda: conceal_claims(
                claims, paths=paths, salt=numbered_salts(), decoys=0
            ),
            "sign 1,300 bytes": lambda: papers.issuer.sign(raw.DATA + raw.DATA[:300]),
        },
    )


def numbered_salts() -> Callable[[], bytes]:
    """Salts that differ, without the cost of drawing them."""
    numbers = iter(range(1 << 30))
    return lambda: next(numbers).to_bytes(16, "big")


def parts_of_verifying(papers: Papers) -> dict[str, Callable[[], object]]:
    """The checks of `credentials.verification`, and what reading is made of."""
    text = papers.presentation
    jwt, *disclosures, binding = text.split("~")
    sd_jwt = parse_sd_jwt(text, types=SD_JWT_TYPES)
    assert sd_jwt.key_binding is not None
    [credential] = read_presentation(text)
    jws, proof, key_binding = sd_jwt.jws, sd_jwt.key_binding, credential.key_binding
    material, policy = papers.material, papers.policy
    whom = IssuerQuestion(material.trust, papers.now, policy.skew, {})
    issuer = find_issuer_of(credential, whom)
    assert issuer is not None
    holder = HolderQuestion(policy, papers.now, AUDIENCE, NONCE, None, {})
    status = StatusQuestion(material, policy.status, papers.now, policy.skew)
    assert key_binding is not None
    return {
        "1 format: the whole reading": lambda: read_presentation(text),
        "  the issuer's JWT": lambda: parse_jws(jwt, types=SD_JWT_TYPES),
        "  ten disclosures, decoded, parsed and hashed": lambda: parse_disclosures(
            disclosures, hash_name="sha-256"
        ),
        "  the key binding's JWT": lambda: parse_jws(binding, types=KEY_BINDING_TYPES),
        "  the key binding's members and sd_hash": lambda: read_key_binding(sd_jwt, proof),
        "  claims put back in place": lambda: processed_claims(sd_jwt),
        "2 issuer: trust registry and accreditation": lambda: find_and_judge(credential, whom),
        "4 signature: the issuer's": lambda: verify_signature(
            papers.issuer_key, jws.signing_input, jws.signature
        ),
        "6 holder: signature, audience, nonce, sd_hash": lambda: judge_holder(credential, holder),
        "8 status: the anchored list": lambda: judge_reference(
            credential.statuses[0],
            owners=(issuer,), question=status, evidence=Evidence(), credential="driving_licence",
        ),
        "all checks after reading (both signatures)": lambda: verify(
            {"driving_licence": (credential,)}, material, policy,
            now=papers.now, audience=AUDIENCE, nonce=NONCE,
        ),
        "(a holder's key seen for the first time)": lambda: new_key(papers),
    }  # fmt: skip


def find_and_judge(credential: Credential, whom: IssuerQuestion) -> Check:
    """The issuer in the registry, and what it may issue."""
    return judge_issuer(credential, find_issuer_of(credential, whom), whom)


def new_key(papers: Papers) -> PublicKey:
    """Making the key object that is remembered from then on."""
    from credentials import keys

    jwk = papers.holder.public_jwk
    return keys._parse_elliptic.__wrapped__(jwk["crv"], jwk["x"], jwk["y"])
