"""An mdoc of ten elements, shown over OpenID4VP: both signatures, chain, digests, anchored list."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from benchmarks import raw
from benchmarks.measure import local
from benchmarks.operation import Bench, Operation, available, refuse_unless
from benchmarks.papers import AUDIENCE, DAY, INDEX, LIST, NONCE, Papers, fresh_signer, policy
from credentials.cose import build_value, parse_value
from credentials.device_authentication import build_device_authentication
from credentials.handover import OpenID4VPHandover, build_transcript
from credentials.holder_judgement import HolderQuestion, judge_holder
from credentials.issuer_judgement import IssuerQuestion, find_issuer_of, judge_signature
from credentials.keys import parse_jwk, verify_signature
from credentials.material import Material
from credentials.mdoc import read_device_response
from credentials.mdoc_issuing import issue_mdoc
from credentials.mdoc_presenting import (
    build_device_response,
    build_device_signing_input,
    build_document,
)
from credentials.mdoc_values import build_full_date
from credentials.model import DeviceBinding, StatusPurpose, StatusReference
from credentials.policy import Policy
from credentials.reading import read_presentation
from credentials.trust import Accreditation
from credentials.verdict import Outcome, Verdict
from credentials.verification import verify
from credentials.x509 import (
    MDL_DOCUMENT_SIGNER,
    build_authority_certificate,
    build_leaf_certificate,
)
from encoding import base64url
from encoding.cbor import CborValue

MDL = "org.iso.18013.5.1.mDL"
NAMESPACE = "org.iso.18013.5.1"
SESSION = OpenID4VPHandover(AUDIENCE, "https://verifier.city.example/answer", None)
ELEMENTS: dict[str, CborValue] = {
    "family_name": "Sok", "given_name": "Dara", "document_number": "PP-0712345",
    "birth_date": build_full_date(date(1990, 4, 17)),
    "issue_date": build_full_date(date(2026, 1, 15)),
    "expiry_date": build_full_date(date(2031, 1, 15)),
    "issuing_country": "KH", "issuing_authority": "Phnom Penh", "age_over_18": True,
    "driving_privileges": [{"vehicle_category_code": "B"}],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """A response, the root that its signer's certificate leads to, and who is trusted for what."""

    response: bytes
    root: bytes
    material: Material
    policy: Policy

    @property
    def text(self) -> str:
        """As OpenID4VP carries it."""
        return base64url.encode(self.response)


def build(bench: Bench) -> list[Operation]:
    """One operation."""
    papers = bench.papers
    shown = show(papers)
    text = shown.text
    refuse_unless(judge(papers, shown, text).outcome is Outcome.PASSED, "mdoc")
    words = {
        "response": shown.response.hex(),
        "transcript": build_value(build_transcript(SESSION, NONCE)).hex(),
        "root": shown.root.hex(),
    }
    return [
        Operation(
            "verify mdoc + device authentication, ES256",
            local(lambda: judge(papers, shown, text)),
            local(raw.p256_verification()), "two raw P-256 verifications", 2,
            aim_of_limit=0.5,
            peers=available(
                {
                    "openvc-core, without status": bench.peers.contender("verify_mdoc", **words),
                    "isomdoc, without anchors and status": bench.peers.contender(
                        "isomdoc_verify_mdoc", **words
                    ),
                }
            ),
            parts=parts_of_verifying(papers, shown),
        )
    ]  # fmt: skip


def show(papers: Papers) -> Shown:
    """A licence by the agency's certificate, shown with all its elements."""
    root, leaf = _certify(papers)
    issued = issue_mdoc(
        {NAMESPACE: ELEMENTS}, doc_type=MDL, signer=papers.issuer, x5chain=[leaf],
        device_key=parse_jwk(dict(papers.holder.public_jwk)),
        signed=papers.now, valid_from=papers.now, valid_until=papers.now + 30 * DAY,
        status=StatusReference(LIST, INDEX, StatusPurpose.BOTH),
        salt=lambda: secrets.token_bytes(32),
    )  # fmt: skip
    data = build_device_signing_input(
        issued, transcript=build_transcript(SESSION, NONCE), algorithm="ES256"
    )
    document = build_document(issued, algorithm="ES256", signature=papers.holder.sign(data))
    [agency] = papers.material.trust.issuers
    agency = replace(
        agency,
        x5c_anchors=(root,),
        accreditations=(Accreditation(frozenset({MDL}), papers.now - DAY, None),),
    )
    rule = policy("driving_licence", MDL, holder=True)
    [credential] = rule.credentials
    asked = replace(credential, required_claims=((NAMESPACE, "document_number"),))
    return Shown(
        response=build_device_response([document]),
        root=root,
        material=replace(
            papers.material, trust=replace(papers.material.trust, issuers=(agency,))
        ),
        policy=replace(rule, credentials=(asked,)),
    )  # fmt: skip


def _certify(papers: Papers) -> tuple[bytes, bytes]:
    """A root and, of the agency's key, a document signer's certificate (DER)."""
    authority = fresh_signer()
    root = build_authority_certificate(
        common_name="city root", public_key=parse_jwk(dict(authority.public_jwk)), serial=1,
        valid_from=papers.now - DAY, validity=365 * DAY, country="KH",
    ).sign(authority.private_key, SHA256())  # fmt: skip
    leaf = build_leaf_certificate(
        common_name="transport", public_key=papers.issuer_key, authority=root, uris=(),
        dns_names=(), serial=2, valid_from=papers.now - DAY, validity=90 * DAY, country="KH",
        uses=(MDL_DOCUMENT_SIGNER,),
    ).sign(authority.private_key, SHA256())  # fmt: skip
    return root.public_bytes(Encoding.DER), leaf.public_bytes(Encoding.DER)


def judge(papers: Papers, shown: Shown, text: str) -> Verdict:
    """From the text to the verdict."""
    return verify(
        {"driving_licence": text}, shown.material, shown.policy,
        now=papers.now, audience=AUDIENCE, nonce=NONCE, handover=SESSION,
    )  # fmt: skip


def parts_of_verifying(papers: Papers, shown: Shown) -> dict[str, Callable[[], object]]:
    """Reading, what it is made of, and the checks after it."""
    text = shown.text
    read = read_presentation(text)
    [credential] = read
    binding = credential.key_binding
    assert isinstance(binding, DeviceBinding)
    whom = IssuerQuestion(shown.material.trust, papers.now, shown.policy.skew, {})
    holder = HolderQuestion(shown.policy, papers.now, AUDIENCE, NONCE, SESSION, {})
    return {
        "1 format: the whole reading": lambda: read_presentation(text),
        "  base64url": lambda: base64url.decode(text),
        "  the response's CBOR": lambda: parse_value(shown.response),
        "  the response, its elements and their digests": lambda: read_device_response(
            shown.response
        ),
        "2 and 4 issuer: certificate, registry, signature": lambda: judge_signature(
            credential, find_issuer_of(credential, whom), whom
        ),
        "  the signature alone": lambda: verify_signature(
            papers.issuer_key, credential.signing_input, credential.signature
        ),
        "6 holder: session and signature": lambda: judge_holder(credential, holder),
        "  what the device signed": lambda: build_device_authentication(
            transcript=build_transcript(SESSION, NONCE), doc_type=binding.doc_type,
            namespaces=binding.namespaces, protected=binding.protected,
        ),
        "all checks after reading (both signatures)": lambda: verify(
            {"driving_licence": read}, shown.material, shown.policy,
            now=papers.now, audience=AUDIENCE, nonce=NONCE, handover=SESSION,
        ),
    }  # fmt: skip
