"""Data Integrity proofs of EdDSA over canonical JSON and over RDF: ten claims, no list."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric import ed25519

from benchmarks import raw
from benchmarks.measure import local
from benchmarks.operation import Bench, Operation, available, refuse_unless
from benchmarks.papers import AUDIENCE, CLAIMS, DAY, NONCE, Papers, policy, trust
from credentials.data_integrity import list_proofs, parse_proof
from credentials.did_key import build_did_key
from credentials.json_ld import to_n_quads
from credentials.keys import PublicKey, SoftwareSigner, parse_jwk, verify_signature
from credentials.ldp_issuing import issue_ldp
from credentials.material import Material
from credentials.pinned_contexts import PINNED, bundled_contexts, read_pinned
from credentials.policy import Policy
from credentials.proof_input import hash_document, hash_options
from credentials.rdf_canonical import canonicalize
from credentials.reading import read_presentation
from credentials.vcdm import build_vc
from credentials.vcdm_shape import check_credential
from credentials.verdict import Outcome, Verdict, format_instant
from credentials.verification import verify
from encoding.strict_json import build_json, parse_object

CONTEXT = "https://www.w3.org/ns/credentials/examples/v2"
MULTIKEY = "https://w3id.org/security/multikey/v1"
SUITES = (("eddsa-jcs-2022", "verify_jcs", 0.65), ("eddsa-rdfc-2022", "verify_rdfc", 0.3))


@dataclass(frozen=True, slots=True)
class Document:
    """A credential as text, its issuer's key, and who is trusted for what."""

    text: str
    key: PublicKey
    material: Material
    policy: Policy


def build(bench: Bench) -> list[Operation]:
    """One operation for each suite."""
    return [_build(bench, *each) for each in SUITES]


def _build(bench: Bench, suite: str, peer: str, aim: float) -> Operation:
    papers = bench.papers
    document = issue(papers, suite)
    refuse_unless(judge(papers, document).outcome is Outcome.PASSED, suite)
    words = {"text": document.text, "jwk": dict(document.key.jwk)}
    return Operation(
        f"verify {suite}",
        local(lambda: judge(papers, document)),
        local(raw.ed25519_verification()),
        "one raw Ed25519 verification",
        aim_of_limit=aim,
        peers=available(
            {
                "openvc-core": bench.peers.contender(peer, **words),
                "@digitalbazaar/vc": bench.peers.node_contender(
                    peer, contexts=_list_documents(document.key),
                    now=format_instant(papers.now), **words,
                ),
            }
        ),
        parts=parts_of_verifying(papers, document),
    )  # fmt: skip


def issue(papers: Papers, suite: str) -> Document:
    """By an agency whose DID is its key, so that a peer finds the key as well."""
    signer = SoftwareSigner(ed25519.Ed25519PrivateKey.generate())
    key = parse_jwk(dict(signer.public_jwk))
    did = build_did_key(key)
    credential = build_vc(
        issuer=did, types=("DrivingLicence",), contexts=(CONTEXT,), subject=dict(CLAIMS),
        subject_id=None, valid_from=papers.now, valid_until=papers.now + 30 * DAY, statuses=(),
    )  # fmt: skip
    signed = issue_ldp(
        credential, signer=signer, verification_method=_method(key), cryptosuite=suite,
        created=papers.now,
    )  # fmt: skip
    registry = trust(key, now=papers.now)
    [agency] = registry.issuers
    registry = replace(registry, issuers=(replace(agency, identifiers=(did,)),))
    return Document(
        text=build_json(signed).decode(),
        key=key,
        material=Material(trust=registry, lists={}, log=None, is_replayed=False),
        policy=policy("driving_licence", "DrivingLicence", holder=False),
    )


def judge(papers: Papers, document: Document) -> Verdict:
    """From the text to the verdict."""
    return verify(
        {"driving_licence": document.text}, document.material, document.policy,
        now=papers.now, audience=AUDIENCE, nonce=NONCE,
    )  # fmt: skip


def _method(key: PublicKey) -> str:
    did = build_did_key(key)
    return f"{did}#{did.removeprefix('did:key:')}"


def _list_documents(key: PublicKey) -> dict[str, object]:
    """What the peer in node may load: our contexts, the key and who controls it."""
    did, name = build_did_key(key), _method(key)
    method = {
        "@context": MULTIKEY, "type": "Multikey", "id": name, "controller": did,
        "publicKeyMultibase": did.removeprefix("did:key:"),
    }  # fmt: skip
    controller = {
        "@context": ["https://www.w3.org/ns/did/v1", MULTIKEY],
        "id": did,
        "assertionMethod": [name],
        "verificationMethod": [method],
    }
    return {url: json.loads(read_pinned(url)) for url in PINNED} | {name: method, did: controller}


def parts_of_verifying(papers: Papers, document: Document) -> dict[str, Callable[[], object]]:
    """Reading, what it is made of, and the checks after it."""
    text, known = document.text, bundled_contexts()
    members = parse_object(text)
    [written] = list_proofs(members)
    proof = parse_proof(written)
    is_rdf = proof.suite.is_rdf
    options = {name: value for name, value in written.items() if name != "proofValue"}
    unsecured = {name: value for name, value in members.items() if name != "proof"}
    shown = read_presentation(text)
    [credential] = shown
    parts: dict[str, Callable[[], object]] = {
        "1 format: the whole reading": lambda: read_presentation(text),
        "  JSON": lambda: parse_object(text),
        "  rules of the data model": lambda: check_credential(members),
        "  the proof's members": lambda: parse_proof(written),
        "  hash of the proof's options": lambda: hash_options(
            unsecured, options, is_rdf=is_rdf, hash_name="sha256", contexts=known
        ),
        "  hash of the document": lambda: hash_document(
            unsecured, is_rdf=is_rdf, hash_name="sha256", contexts=known
        ),
    }
    if is_rdf:
        quads = to_n_quads(unsecured, contexts=known)
        parts |= {
            "    statements": lambda: to_n_quads(unsecured, contexts=known),
            "    their canonical order": lambda: canonicalize(quads, hash_name="sha256"),
        }
    return parts | {
        "4 signature: the issuer's": lambda: verify_signature(
            document.key, credential.signing_input, credential.signature
        ),
        "all checks after reading (with the signature)": lambda: verify(
            {"driving_licence": shown}, document.material, document.policy,
            now=papers.now, audience=AUDIENCE, nonce=NONCE,
        ),
    }  # fmt: skip
