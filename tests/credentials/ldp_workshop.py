"""Papers with Data Integrity proofs, and who signs them. Every key is fixed."""

import copy
import hashlib
import time

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from credentials.did_key import build_did_key
from credentials.keys import SoftwareSigner, parse_jwk
from credentials.ldp_issuing import issue_ldp
from tests.credentials.workshop import NOW

V2 = "https://www.w3.org/ns/credentials/v2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
UNDEFINED = "https://www.w3.org/ns/credentials/undefined-terms/v2"


def signer_of(algorithm, name="agency"):
    seed = hashlib.sha256(name.encode()).digest()
    if algorithm == "EdDSA":
        return SoftwareSigner(ed25519.Ed25519PrivateKey.from_private_bytes(seed))
    curve = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}[algorithm]
    return SoftwareSigner(ec.derive_private_key(int.from_bytes(seed, "big") % 2**250, curve))


def did_of(signer):
    return build_did_key(parse_jwk(dict(signer.public_jwk)))


def method_of(signer):
    did = did_of(signer)
    return f"{did}#{did.removeprefix('did:key:')}"


AGENCY = signer_of("EdDSA")
DRIVER = signer_of("EdDSA", "driver")

SUITES = [
    ("eddsa-rdfc-2022", "EdDSA"),
    ("eddsa-jcs-2022", "EdDSA"),
    ("ecdsa-rdfc-2019", "ES256"),
    ("ecdsa-jcs-2019", "ES256"),
    ("ecdsa-rdfc-2019", "ES384"),
    ("ecdsa-jcs-2019", "ES384"),
]


def permit(issuer=None, **changes):
    """A taxi permit before it is signed; None leaves a member out."""
    document = {
        "@context": [V2, EXAMPLES],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", "TaxiPermit"],
        "issuer": issuer or did_of(AGENCY),
        "validFrom": "2026-11-01T00:00:00Z",
        "validUntil": "2027-11-01T00:00:00Z",
        "credentialSubject": {
            "id": did_of(DRIVER),
            "permitNumber": "TX-2041",
            "zone": {"code": 4, "nameKm": "មជ្ឈិម"},
        },
        "credentialStatus": {
            "id": "https://issuer.city.example/status/1#94567",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "94567",
            "statusListCredential": "https://issuer.city.example/status/1",
        },
        **changes,
    }
    return {name: value for name, value in document.items() if value is not None}


def signed_permit(suite="eddsa-rdfc-2022", signer=AGENCY, document=None, **options):
    """The permit with a proof by the agency."""
    return issue_ldp(
        document or permit(did_of(signer)),
        signer=signer,
        verification_method=method_of(signer),
        cryptosuite=suite,
        created=options.pop("created", NOW),
        **options,
    )


def changed(document, *path, to):
    """A copy with one member changed; `to` None removes it."""
    altered = copy.deepcopy(document)
    place = altered
    for step in path[:-1]:
        place = place[step]
    if to is None:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return altered


def subject(**claims):
    return permit(credentialSubject={"id": did_of(DRIVER), **claims})


def inline(context, **claims):
    return {**subject(**claims), "@context": [V2, EXAMPLES, context]}


def least_cpu_seconds(act, tries=4):
    """What some work costs, in CPU, where nothing else runs: the least of a few tries."""
    found = []
    for _ in range(tries):
        started = time.process_time()
        act()
        found.append(time.process_time() - started)
    return min(found)
