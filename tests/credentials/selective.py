"""Permits with selective proofs that tests share: contexts, documents, keys, registries."""

import copy
from datetime import UTC, datetime, timedelta
from hashlib import shake_256

from credentials.bbs import derive_secret_key
from credentials.material import Material
from credentials.multikey import build_multikey
from credentials.pinned_contexts import add_contexts, bundled_contexts
from credentials.policy import CredentialRule, Policy, StatusPolicy, StatusRule
from credentials.selective_credentials import (
    derive_credential,
    issue_bbs,
    issue_ecdsa_sd,
    read_selective,
)
from credentials.selective_proof_value import build_proof_value, parse_proof_value
from credentials.trust import (
    Accreditation,
    KeyUse,
    TrustedBbsKey,
    TrustedIssuer,
    TrustedKey,
    TrustRegistry,
)
from credentials.verification import verify
from tests.credentials.workshop import AGENCY, NONCE, NOW, VERIFIER, public_key, signer

ISSUER = "did:web:transport.city.example"
METHOD = f"{ISSUER}#{build_multikey(public_key(AGENCY))}"
BBS_METHOD = f"{ISSUER}#bbs"
CONTEXT = "https://city.example/contexts/permit/v1"
TERMS = "https://city.example/terms#"
CONTEXTS = add_contexts(
    bundled_contexts(),
    {
        CONTEXT: {
            "@context": {
                "@protected": True,
                "PermitCredential": f"{TERMS}PermitCredential",
                "Permit": f"{TERMS}Permit",
                "permits": {"@id": f"{TERMS}permits", "@type": "@id"},
                "fullName": f"{TERMS}fullName",
                "isOver18": f"{TERMS}isOver18",
                "plate": f"{TERMS}plate",
                "zone": f"{TERMS}zone",
                "details": {"@id": f"{TERMS}details", "@type": "@json"},
                "stops": {"@id": f"{TERMS}stops", "@container": "@list"},
            }
        }
    },
)
PROOF_KEY = signer("a key of one proof")
HMAC_KEY = bytes(range(32))
BBS_SECRET = derive_secret_key(b"the BBS key of the transport agency")
OVER_18 = ("/credentialSubject/isOver18",)


def permit(*, subject=None, **changes):
    """A driver's permits, unsigned; None leaves a member out."""
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2", CONTEXT],
        "type": ["VerifiableCredential", "PermitCredential"],
        "issuer": ISSUER,
        "validFrom": "2026-11-01T00:00:00Z",
        "validUntil": "2027-11-01T00:00:00Z",
        "credentialSubject": {
            **({"id": subject} if subject else {}),
            "fullName": 'សុខ ដារ៉ា "Dara" \\ _:c14n0 <urn:x>',
            "isOver18": True,
            "permits": [
                {"type": "Permit", "plate": "2A-4417", "zone": "A"},
                {"type": "Permit", "plate": "2A-4418", "zone": "A"},
            ],
        },
        **changes,
    }
    return {name: value for name, value in document.items() if value is not None}


def issue_ecdsa(document=None, *, mandatory=(), by=AGENCY):
    return issue_ecdsa_sd(
        document if document is not None else permit(),
        signer=by,
        verification_method=METHOD,
        mandatory_pointers=mandatory,
        created=NOW - timedelta(days=1),
        proof_signer=PROOF_KEY,
        hmac_key=HMAC_KEY,
        contexts=CONTEXTS,
    )


def issue_unlinkable(document=None, *, secret=BBS_SECRET, mandatory=(), hmac_key=HMAC_KEY):
    return issue_bbs(
        document if document is not None else permit(),
        secret=secret,
        verification_method=BBS_METHOD,
        mandatory_pointers=mandatory,
        hmac_key=hmac_key,
        contexts=CONTEXTS,
    )


def random_source(seed):
    """Octets that nobody could guess, and that are the same in every run."""
    drawn = []

    def draw(size):
        drawn.append(size)
        return shake_256(f"{seed} {len(drawn)}".encode()).digest(size)

    return draw


def show(secured, pointers=OVER_18, *, seed="the holder's phone", header=b""):
    """What the holder shows; `seed` stands for the randomness of this one showing."""
    return derive_credential(
        secured,
        selective_pointers=pointers,
        contexts=CONTEXTS,
        presentation_header=header,
        random_bytes=random_source(seed),
    )


def read(document):
    return read_selective(document, contexts=CONTEXTS)


def altered(document, path, value):
    """The same document with one member changed."""
    changed = copy.deepcopy(document)
    *way, last = path
    place = changed
    for step in way:
        place = place[step]
    place[last] = value
    return changed


def with_parts(document, tag, change):
    """The same document with a proof value whose components went through `change`."""
    parts = parse_proof_value(document["proof"], tag=tag, count=5)
    change(parts)
    return altered(document, ("proof", "proofValue"), build_proof_value(tag, parts))


def registry(*, bbs_keys=()):
    """The transport agency with its usual key, and whatever BLS12-381 keys are listed."""
    agency = TrustedIssuer(
        identifiers=(ISSUER,),
        name={"en": "Transport agency"},
        keys=(TrustedKey(public_key(AGENCY), KeyUse.CREDENTIAL, *TIMES),),
        x5c_anchors=(),
        accreditations=(Accreditation(frozenset({"PermitCredential"}), TIMES[0], None),),
        bbs_keys=bbs_keys,
    )
    return TrustRegistry(1, TIMES[0], NOW + timedelta(days=7), (agency,), ())


TIMES = (datetime(2026, 1, 1, tzinfo=UTC), None, None)
LISTED = TrustedBbsKey(BBS_SECRET.public_key, *TIMES)


def judge(credentials, *, trust=None, holder=False, paths=(("isOver18",),), nonce=None):
    """The verdict on what was read, for a purpose that asks one thing; a nonce is a session's."""
    asked = NONCE if holder and nonce is None else nonce
    policy = Policy(
        credentials=(CredentialRule("permit", frozenset({"PermitCredential"}), paths),),
        joins=(),
        status=StatusPolicy(StatusRule.IF_PRESENT, None, require_anchor=False),
        require_holder_binding=holder,
        freshness=timedelta(minutes=5),
        skew=timedelta(seconds=60),
    )
    material = Material(
        trust=trust if trust is not None else registry(), lists={}, log=None, is_replayed=False
    )
    return verify(
        {"permit": credentials}, material, policy, now=NOW, audience=VERIFIER, nonce=asked
    )
