"""SD-JWTs made by hand, good and bad, for the tests of RFC 9901."""

import pytest

from credentials.disclosures import digest_text
from credentials.errors import Malformed
from credentials.sd_jwt import (
    issue_sd_jwt,
    parse_sd_jwt,
    processed_claims,
)
from encoding import base64url
from encoding.strict_json import build_json
from tests.credentials.workshop import (
    AGENCY,
    salts,
    sign_raw,
)

TYPES = frozenset({"dc+sd-jwt"})


def issue(claims, *disclosable, decoys=0):
    return issue_sd_jwt(
        claims,
        disclosable=disclosable,
        type="dc+sd-jwt",
        signer=AGENCY,
        header={},
        salt=salts(),
        decoys=decoys,
    )


def read(text):
    return processed_claims(parse_sd_jwt(text, types=TYPES))


def disclosure(*parts):
    return base64url.encode(build_json(list(parts)))


def digest(text):
    return digest_text(text, hash_name="sha-256")


def build(payload, *disclosures):
    """An SD-JWT that no honest issuer would make."""
    return "~".join([sign_raw(payload, type="dc+sd-jwt"), *disclosures, ""])


def refusal(text):
    with pytest.raises(Malformed) as fault:
        read(text)
    return fault.value.detail


# Issuer.
