"""
The operator's key file as each counter reads it: a slip there takes rights away and never gives
them.
"""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from encoding import base64url
from encoding.strict_json import build_json
from issuer.callers import parse_operator_keys
from register.callers import read_operator_keys
from verifier.callers import read_keys


def build_jwk():
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    x, y = (base64url.encode(value.to_bytes(32, "big")) for value in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def roles_at(counter, data):
    if counter == "issuer":
        [found] = parse_operator_keys(data)
        return found.roles
    [found] = (read_keys if counter == "verifier" else read_operator_keys)(data).values()
    return found


@pytest.mark.parametrize("counter", ["issuer", "register", "verifier"])
@pytest.mark.parametrize("roles", ["operator", None, {}, 1, True, [], "service"])
def test_a_limit_that_cannot_be_read_lets_nobody_in(counter, roles):
    data = build_json({"keys": [{**build_jwk(), "roles": roles}]})

    assert roles_at(counter, data) == frozenset()


@pytest.mark.parametrize("counter", ["issuer", "register", "verifier"])
def test_a_limit_that_can_be_read_is_kept(counter):
    data = build_json({"keys": [{**build_jwk(), "roles": ["service"]}]})

    assert roles_at(counter, data) == {"service"}
