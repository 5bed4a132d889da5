"""SD-JWT VCs for the peers: the shapes that both sides issue, and inputs that break one rule."""

import hashlib
import json
import secrets

from credentials.sd_jwt import (
    attach_key_binding,
    build_key_binding_input,
    issue_sd_jwt,
    select_disclosures,
)
from encoding import base64url
from encoding.strict_json import build_json
from tests.interop.our_side import AUDIENCE, DAY, NONCE, Party, is_accepted, now, seconds, trust

ISSUER = "https://issuer.city.example/agencies/transport"
VCT = "https://issuer.city.example/types/taxi-permit"
AGENCY = {name: Party("agency", name) for name in ("ES256", "EdDSA")}
DRIVER = {name: Party("driver", name) for name in ("ES256", "EdDSA")}
# Shape to what may be hidden, what is shown of it, and how many digests stand for nothing.
SHAPES = {
    "flat": ([["plate"]], [["plate"]], 0),
    "nested": ([["driver"], ["driver", "number"]], [["driver", "number"]], 0),
    "array": ([["areas", 0], ["areas", 1]], [["areas", 1]], 0),
    "decoys": ([["plate"], ["driver"]], [["driver"]], 3),
    "nothing shown": ([["plate"], ["areas", 0]], [], 0),
}


def claims(holder, **changes):
    members = {
        "iss": ISSUER,
        "vct": VCT,
        "iat": seconds(now() - DAY),
        "exp": seconds(now() + 30 * DAY),
        "cnf": {"jwk": holder.jwk},
        "zone": "Phnom Penh",
        "plate": "2A-4417",
        "driver": {"name": "Sok Dara", "number": "D-104417"},
        "areas": ["Daun Penh", "Chamkar Mon"],
        **changes,
    }
    return {name: value for name, value in members.items() if value is not None}


def issue(algorithm, shape, **changes):
    paths, _, decoys = SHAPES[shape]
    return issue_sd_jwt(
        claims(DRIVER[algorithm], **changes),
        disclosable=[tuple(path) for path in paths],
        type="dc+sd-jwt",
        signer=AGENCY[algorithm].signer,
        header={"kid": AGENCY[algorithm].key.thumbprint},
        salt=lambda: secrets.token_bytes(16),
        decoys=decoys,
    )


def present(text, algorithm, paths, *, nonce=NONCE, audience=AUDIENCE):
    shown = select_disclosures(text, [tuple(path) for path in paths])
    signing_input = build_key_binding_input(
        shown, audience=audience, nonce=nonce, now=now(), algorithm=algorithm
    )
    signature = DRIVER[algorithm].signer.sign(signing_input.encode())
    return attach_key_binding(shown, signing_input=signing_input, signature=signature)


def accepted_here(text, algorithm="ES256"):
    registry = trust(issuer=ISSUER, key=AGENCY[algorithm].key, types=[VCT])
    return is_accepted(text, registry=registry, types=[VCT], claim=("zone",))


def altered(text):
    """The same presentation with another claim in the issuer's part."""
    header, payload, rest = text.split(".", 2)
    changed = base64url.decode(payload).replace(b"Phnom Penh", b"Siem Reap!")
    return ".".join((header, base64url.encode(changed), rest))


# By hand, since no builder of ours would make what follows.


def sign(payload, *, by, type_="dc+sd-jwt", header=None, alg=None):
    """A compact JWS of any header and payload; `payload` may be text, as JSON never was."""
    members = {"alg": alg or by.algorithm, "typ": type_, **(header or {})}
    members = {name: value for name, value in members.items() if value is not None}
    body = payload.encode() if isinstance(payload, str) else build_json(payload)
    signing_input = f"{base64url.encode(build_json(members))}.{base64url.encode(body)}"
    signature = b"" if alg == "none" else by.signer.sign(signing_input.encode())
    return f"{signing_input}.{base64url.encode(signature)}"


def disclosure(*members, spaced=False):
    text = json.dumps(
        ["c2FsdHNhbHRzYWx0", *members], separators=(", ", ": ") if spaced else (",", ":")
    )
    return base64url.encode(text.encode())


def digest(text, name="sha256"):
    return base64url.encode(hashlib.new(name, text.encode()).digest())


def bound(token, disclosures=(), *, hash_name="sha256", kept=None, header=None, **changes):
    """A presentation by hand. `kept`: the disclosures that are sent, when not the signed ones."""
    driver = DRIVER["ES256"]
    before = "~".join([token, *disclosures, ""])
    payload = {
        "aud": AUDIENCE,
        "nonce": NONCE,
        "iat": seconds(now()),
        "sd_hash": digest(before, hash_name),
        **changes,
    }
    sent = before if kept is None else "~".join([token, *kept, ""])
    return sent + sign(payload, by=driver, **{"type_": "kb+jwt", **(header or {})})


def hand_made(disclosures=(), *, header=None, binding=None, **changes):
    """A permit whose payload and disclosures are these, bound to its holder."""
    payload = claims(DRIVER["ES256"], **changes)
    token = sign(payload, by=AGENCY["ES256"], **(header or {}))
    return bound(token, disclosures, **(binding or {}))
