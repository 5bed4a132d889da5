"""SD-JWT and SD-JWT VC: the examples of both texts, as printed (RFC 9901, SDVC-M-01)."""

import json
import re

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from credentials.disclosures import digest_text, parse_disclosure
from credentials.jose import verify_jws
from credentials.keys import SoftwareSigner, parse_jwk
from credentials.sd_jwt import issue_sd_jwt, parse_sd_jwt, processed_claims
from encoding import base64url
from openid4vc.errors import ProtocolError
from openid4vc.server_metadata import (
    JWT_VC_ISSUER,
    parse_jwt_vc_issuer_metadata,
    well_known_url,
)
from tests.credentials.workshop import salts, sign_raw

TYPES = frozenset({"example+sd-jwt", "dc+sd-jwt"})
SIGNER = SoftwareSigner(ec.derive_private_key(7, ec.SECP256R1()))
CONTENT = re.compile(r"^(\w+)\.\.\. = (.*?)(?=\n\w+\.\.\. = |\s*\Z)", re.MULTILINE | re.DOTALL)
ISSUER_KEY = parse_jwk(
    {
        "kty": "EC",
        "crv": "P-256",
        "x": "b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ",
        "y": "Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8",
    }
)


def printed(vectors, folder, name):
    (file,) = (vectors / folder / "rendered-draft").glob(f"{name}-*")
    text = file.read_text()
    return json.loads(text) if file.suffix == ".json" else text.replace("\n", "")


def raw(vectors, name):
    (file,) = (vectors / "sd-jwt" / "rendered-draft").glob(f"{name}-*")
    return file.read_text()


def digest_of(text):
    return digest_text(base64url.encode(text.encode()), hash_name="sha-256")


def test_sd_v_06_the_digests_of_section_4_2_are_those_of_their_disclosures(vectors):
    name, element = (raw(vectors, each).rstrip("\n") for each in ("001", "003"))

    assert printed(vectors, "sd-jwt", "004")["_sd"] == [digest_of(name)]
    assert printed(vectors, "sd-jwt", "005")["nationalities"][1] == {"...": digest_of(element)}
    for text, value in ((name, "Möbius"), (element, "FR")):
        found = parse_disclosure(base64url.encode(text.encode()), hash_name="sha-256")
        assert found.value == value


def test_sd_v_09_the_recursive_disclosures_of_section_4_2_6_give_back_the_claims(vectors):
    for name in ("007", "008"):
        printed_payload, _, contents = raw(vectors, name).partition("Content of Disclosures:")
        # The first of the two lacks a comma, which no strict reader takes.
        payload = json.loads(re.sub(r"\}\s+\{", "}, {", printed_payload))
        pairs = CONTENT.findall(contents.strip())
        for start, content in pairs:
            assert digest_of(content).startswith(start)
        disclosures = [base64url.encode(content.encode()) for _, content in pairs]
        text = "~".join([sign_raw(payload, type="dc+sd-jwt"), *disclosures, ""])

        assert len(pairs) == {"007": 3, "008": 4}[name]
        assert processed_claims(parse_sd_jwt(text, types=TYPES)) == printed(
            vectors, "sd-jwt", "006"
        )


@pytest.mark.parametrize(
    ("folder", "issued", "payload"),
    [("sd-jwt", "012", "010"), ("sd-jwt-vc", "006", "005")],
)
def test_the_issued_examples_verify_and_hold_the_printed_payload(vectors, folder, issued, payload):
    sd_jwt = parse_sd_jwt(printed(vectors, folder, issued), types=TYPES)

    assert verify_jws(sd_jwt.jws, ISSUER_KEY)
    assert sd_jwt.jws.payload == printed(vectors, folder, payload)
    claims = printed(vectors, folder, {"sd-jwt": "009", "sd-jwt-vc": "004"}[folder])
    assert claims.items() <= processed_claims(sd_jwt).items()


def test_the_token_of_section_5_1_is_the_one_that_is_issued(vectors):
    issued = printed(vectors, "sd-jwt", "012")

    assert issued.startswith(printed(vectors, "sd-jwt", "011") + "~")


@pytest.mark.parametrize(
    ("folder", "shown", "claims"),
    [("sd-jwt", "013", "015"), ("sd-jwt-vc", "007", "008"), ("sd-jwt-vc", "009", "010")],
)
def test_sd_v_12_the_presented_examples_verify_and_give_the_printed_claims(
    vectors, folder, shown, claims
):
    sd_jwt = parse_sd_jwt(printed(vectors, folder, shown), types=TYPES)
    verified = processed_claims(sd_jwt)

    assert verify_jws(sd_jwt.jws, ISSUER_KEY)
    assert verified == printed(vectors, folder, claims)
    if "cnf" in verified:
        assert verify_jws(sd_jwt.key_binding, parse_jwk(verified["cnf"]["jwk"]))
        assert sd_jwt.key_binding.payload["sd_hash"] == sd_jwt.sd_hash
    if folder == "sd-jwt":
        assert sd_jwt.key_binding.payload == printed(vectors, "sd-jwt", "014")


@pytest.mark.parametrize("name", ["017", "018", "019", "020"])
def test_sd_v_10_payloads_without_disclosures_show_only_what_is_plain(vectors, name):
    payload = printed(vectors, "sd-jwt", name)
    text = sign_raw(payload, type="dc+sd-jwt")
    verified = processed_claims(parse_sd_jwt(f"{text}~", types=TYPES))

    assert verified.keys() == payload.keys() - {"_sd", "_sd_alg"}
    assert "address" not in verified or "_sd" not in verified["address"]


def test_the_claims_of_section_6_are_hidden_as_a_whole_in_parts_and_one_by_one(vectors):
    claims = printed(vectors, "sd-jwt", "016")
    address = [("address", name) for name in claims["address"]]
    shapes = {"017": [("address",)], "018": address, "019": address[:3]}
    shapes["020"] = [("address",), *address]
    for name, hidden in shapes.items():
        text = issue_sd_jwt(
            claims, disclosable=hidden, type="dc+sd-jwt", signer=SIGNER, header={}, salt=salts()
        )
        ours = parse_sd_jwt(text, types=TYPES).jws.payload
        theirs = printed(vectors, "sd-jwt", name)
        assert shape_of(ours) == shape_of({k: theirs[k] for k in theirs.keys() & {*ours}})


def shape_of(value):
    """The value with each digest as a mark."""
    if isinstance(value, dict):
        return {
            name: len(each) if name == "_sd" else shape_of(each) for name, each in value.items()
        }
    return value


def test_the_small_examples_of_sd_jwt_vc_can_be_issued(vectors):
    header = printed(vectors, "sd-jwt-vc", "001")
    for name in ("002", "003"):
        claims = printed(vectors, "sd-jwt-vc", name)
        text = issue_sd_jwt(
            claims, disclosable=[], type=header["typ"], signer=SIGNER, header={}, salt=salts()
        )
        sd_jwt = parse_sd_jwt(text, types=TYPES)

        assert dict(sd_jwt.jws.header) == header
        assert processed_claims(sd_jwt) == claims


def test_sdvc_m_01_the_metadata_examples_are_asked_for_and_read(vectors):
    for name, issuer in (
        ("011", "https://example.com"),
        ("012", "https://example.com/tenant/1234/"),
    ):
        (file,) = (vectors / "sd-jwt-vc" / "rendered-draft").glob(f"{name}-*")
        path = file.read_text().split()[1]

        assert well_known_url(issuer, JWT_VC_ISSUER) == f"https://example.com{path}"
    (file,) = (vectors / "sd-jwt-vc" / "rendered-draft").glob("013-*")
    by_value = file.read_text().partition("\n\n")[2].encode()
    by_url = json.dumps(printed(vectors, "sd-jwt-vc", "014")).encode()
    expected = {"expected_issuer": "https://example.com", "allow_http_loopback": False}
    first = parse_jwt_vc_issuer_metadata(by_value, **expected)
    second = parse_jwt_vc_issuer_metadata(by_url, **expected)

    assert first.keys[0] == ISSUER_KEY
    assert len(first.keys) == 2
    assert second.jwks_uri == "https://jwt-vc-issuer.example.com/my_public_keys.jwks"
    with pytest.raises(ProtocolError):
        parse_jwt_vc_issuer_metadata(
            by_value, **{**expected, "expected_issuer": "https://a.example"}
        )
