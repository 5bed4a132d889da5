"""The papers that the benchmarks work on: a real agency, a real phone, an anchored status list."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from credentials.jose import join_signature
from credentials.keys import PublicKey, SoftwareSigner, parse_jwk
from credentials.material import ListCopy, Material
from credentials.policy import CredentialRule, Policy, StatusPolicy, StatusRule
from credentials.sd_jwt import build_key_binding_input, issue_sd_jwt
from credentials.status import StatusArray, build_status_list_token
from credentials.status_lists import read_status_list
from credentials.trust import (
    Accreditation,
    KeyUse,
    TrustedIssuer,
    TrustedKey,
    TrustRegistry,
)
from credentials.vcdm import build_vc, issue_vc_jwt
from encoding.strict_json import JsonValue
from ledger.anchor import AnchorProof
from ledger.epoch import (
    EpochLeaf,
    ListLeaf,
    build_epoch_leaf,
    build_list_leaf,
    chunk_root,
    token_digest,
)
from ledger.merkle import EMPTY_ROOT, leaf_hash
from ledger.note import (
    Checkpoint,
    QuorumPolicy,
    build_checkpoint_text,
    build_cosignature,
    sign_note,
)
from ledger.vkey import COSIGNATURE, ED25519, VerifierKey

BASE = "https://issuer.city.example"
ISSUER = f"{BASE}/agencies/transport"
DID = "did:web:issuer.city.example:agencies:transport"
LIST = f"{ISSUER}/status/1"
VCT = f"{BASE}/types/driving-licence"
AUDIENCE = "x509_san_dns:verifier.city.example"
NONCE = "n-0S6_WzA2Mj-7f3bXkq0A"
ENTRIES = 131_072
INDEX = 4711
DAY = timedelta(days=1)

CLAIMS: dict[str, JsonValue] = {
    "licence_number": "DL-104417", "driver_number": "D-104417", "family_name": "Sok",
    "given_name": "Dara", "birth_date": "1990-04-17", "address": "12 Street 240, Phnom Penh",
    "categories": ["B", "D"], "issuing_office": "Phnom Penh", "blood_group": "O+",
    "restrictions": "none",
}  # fmt: skip


@dataclass(frozen=True)
class Papers:
    """Everything once; operations take from it."""

    now: datetime
    issuer: SoftwareSigner
    holder: SoftwareSigner
    issuer_key: PublicKey
    credential: str
    presentation: str
    vc_jwt: str
    material: Material
    policy: Policy
    vc_policy: Policy


def fresh_signer() -> SoftwareSigner:
    """A new P-256 key."""
    return SoftwareSigner(ec.generate_private_key(ec.SECP256R1()))


def build_papers() -> Papers:
    """Issue, present and anchor, as of now."""
    now = datetime.now(UTC).replace(microsecond=0)
    issuer, holder = fresh_signer(), fresh_signer()
    key = parse_jwk(dict(issuer.public_jwk))
    credential = issue_licence(issuer, holder_jwk=holder.public_jwk, key_id=key.thumbprint, now=now)
    token, proof, log = anchor_list(issuer, key, now=now)
    return Papers(
        now=now,
        issuer=issuer,
        holder=holder,
        issuer_key=key,
        credential=credential,
        presentation=present(credential, holder, now=now),
        vc_jwt=issue_w3c(issuer, key, now=now),
        material=Material(
            trust=trust(key, now=now),
            lists={LIST: (ListCopy(token, proof),)},
            log=log,
            is_replayed=False,
        ),
        policy=policy("driving_licence", VCT, holder=True),
        vc_policy=policy("driving_licence", "DrivingLicence", holder=False),
    )


def issue_licence(
    issuer: SoftwareSigner, *, holder_jwk: Mapping[str, str], key_id: str, now: datetime
) -> str:
    """An SD-JWT VC with ten disclosures. What belongs to a key is made beforehand."""
    claims: dict[str, JsonValue] = {
        "iss": ISSUER,
        "vct": VCT,
        "iat": int(now.timestamp()),
        "exp": int((now + 30 * DAY).timestamp()),
        "cnf": {"jwk": {**holder_jwk}},
        "status": {"status_list": {"uri": LIST, "idx": INDEX}},
        **CLAIMS,
    }
    return issue_sd_jwt(
        claims,
        disclosable=[(name,) for name in CLAIMS],
        type="dc+sd-jwt",
        signer=issuer,
        header={"kid": key_id},
        salt=lambda: secrets.token_bytes(16),
    )


def present(credential: str, holder: SoftwareSigner, *, now: datetime) -> str:
    """All disclosures with a key binding."""
    signing_input = build_key_binding_input(credential, audience=AUDIENCE, nonce=NONCE, now=now)
    return credential + join_signature(signing_input, holder.sign(signing_input.encode()))


def issue_w3c(issuer: SoftwareSigner, key: PublicKey, *, now: datetime) -> str:
    """A VCDM 2.0 credential as `vc+jwt`."""
    document = build_vc(
        issuer=DID,
        types=("DrivingLicence",),
        contexts=(f"{BASE}/contexts/driving-licence",),
        subject=dict(CLAIMS),
        subject_id=None,
        valid_from=now,
        valid_until=now + 30 * DAY,
        statuses=(),
    )
    key_id = f"{DID}#{key.thumbprint}"
    return issue_vc_jwt(document, signer=issuer, key_id=key_id, issued_at=None)


def trust(key: PublicKey, *, now: datetime) -> TrustRegistry:
    """A registry with the one agency."""
    listed = TrustedKey(key, KeyUse.CREDENTIAL, now - DAY, None, None)
    agency = TrustedIssuer(
        identifiers=(ISSUER, DID),
        name={"en": "Transport"},
        keys=(listed,),
        x5c_anchors=(),
        accreditations=(Accreditation(frozenset({VCT, "DrivingLicence"}), now - DAY, None),),
    )
    return TrustRegistry(1, now - DAY, now + DAY, (agency,), ())


def policy(name: str, type_: str, *, holder: bool) -> Policy:
    """Every check on; a W3C credential without status reference carries none to check."""
    rule = StatusRule.REQUIRED if holder else StatusRule.IF_PRESENT
    return Policy(
        credentials=(CredentialRule(name, frozenset({type_}), (("driver_number",),)),),
        joins=(),
        status=StatusPolicy(rule, timedelta(hours=1), require_anchor=True),
        require_holder_binding=holder,
        freshness=timedelta(days=1),
        skew=timedelta(seconds=60),
    )


def anchor_list(
    issuer: SoftwareSigner, key: PublicKey, *, now: datetime
) -> tuple[str, AnchorProof, QuorumPolicy]:
    """A list of 131,072 entries in an epoch of its own, logged and cosigned."""
    token = build_status_list_token(
        StatusArray.all_valid(ENTRIES), uri=LIST, signer=issuer, key_id=key.thumbprint,
        issued_at=now, expires_at=now + DAY, ttl=timedelta(minutes=1),
    )  # fmt: skip
    entries = read_status_list(token).entries
    leaf = ListLeaf(LIST, 1, 2, ENTRIES, token_digest(token.encode()), chunk_root(entries))
    lists_root = leaf_hash(build_list_leaf(leaf))
    epoch = EpochLeaf(1, now, 1, lists_root, EMPTY_ROOT)
    log_signer, witness_signer = (
        SoftwareSigner(ed25519.Ed25519PrivateKey.generate()) for _ in range(2)
    )
    log = VerifierKey("log.city.example", ED25519, _raw(log_signer))
    witness = VerifierKey("witness.city.example", COSIGNATURE, _raw(witness_signer))
    text = build_checkpoint_text(Checkpoint(log.name, 1, leaf_hash(build_epoch_leaf(epoch))))
    note = sign_note(text, key=log, signer=log_signer)
    note += build_cosignature(text, key=witness, signer=witness_signer, now=now)
    return token, AnchorProof(leaf, 0, (), epoch, 0, (), note), QuorumPolicy(log, (witness,), 1)


def _raw(signer: SoftwareSigner) -> bytes:
    key = signer.private_key
    assert isinstance(key, ed25519.Ed25519PrivateKey)
    return key.public_key().public_bytes_raw()
