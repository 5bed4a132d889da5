"""From an officer's decision to a credential in a wallet: each format, its copies, its times."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from issuing_city import (
    BASE,
    accredited_city,
    read_offer_value,
    visiting_wallet,
)

from credentials.jose import verify_jws
from credentials.keys import parse_jwk
from credentials.model import Format
from credentials.reading import read_credential
from credentials.sd_jwt import SD_JWT_TYPES, parse_sd_jwt

city, wallet = accredited_city, visiting_wallet


def test_a_taxi_permit_is_offered_and_received(city, wallet):
    made = city.offer("taxi-permit").json

    [text] = wallet.receive(made)
    credential = read_credential(text)

    assert credential.issuer == f"{BASE}/agencies/transport"
    assert credential.types == (f"{BASE}/types/taxi-permit",)
    assert credential.claims == city.example("taxi-permit")
    assert credential.holder_key == parse_jwk(dict(wallet.keys[0].public_jwk))
    assert credential.statuses[0].uri == f"{BASE}/agencies/transport/status/1"
    assert len(credential.key_hint.x5c) == 1


def test_the_agencys_own_key_signed_it(city, wallet):
    made = city.offer("taxi-permit").json
    document = city.http.get("/.well-known/jwt-vc-issuer/agencies/transport").json

    [text] = wallet.receive(made)
    key = parse_jwk({name: document["jwks"]["keys"][0][name] for name in ("kty", "crv", "x", "y")})

    assert verify_jws(parse_sd_jwt(text, types=SD_JWT_TYPES).jws, key)


@pytest.mark.parametrize("format_", ["dc+sd-jwt", "vc+sd-jwt", "vc+jwt", "jwt_vc_json"])
@pytest.mark.parametrize("binding", ["jwk", "kid"])
def test_each_format_is_issued_to_a_key_named_either_way(city, wallet, format_, binding):
    if (format_, binding) == ("dc+sd-jwt", "kid"):
        binding = "jwk"
    made = city.offer("driving-licence", format=format_).json

    [text] = wallet.receive(made, binding=binding)
    credential = read_credential(text)

    assert credential.format is Format(format_)
    assert credential.holder_key == parse_jwk(dict(wallet.keys[0].public_jwk))
    assert credential.claims["family_name"] == "Sok"
    assert len(credential.statuses) == (1 if format_ == "dc+sd-jwt" else 2)


def test_a_batch_gives_each_key_its_own_copy_and_index(city, wallet):
    made = city.offer("residency", agency="residency").json

    texts = wallet.receive(made, copies=20)
    copies = [read_credential(text) for text in texts]

    assert len({copy.holder_key.thumbprint for copy in copies}) == 20
    assert len({copy.statuses[0].index for copy in copies}) == 20
    assert len({copy.statuses[0].uri for copy in copies}) == 1
    assert len({salt for text in texts for salt in text.split("~")[1:-1]}) == sum(
        text.count("~") - 1 for text in texts
    )


def test_copies_do_not_tell_when_they_were_made(city, wallet):
    """VCI-I-33, S-090: times are rounded to the day."""
    made = city.offer("taxi-permit").json

    [text] = wallet.receive(made)
    credential = read_credential(text)

    assert credential.issued_at.isoformat() == "2026-11-22T00:00:00+00:00"
    assert credential.valid_until.isoformat().endswith("T00:00:00+00:00")


def test_the_token_response_names_the_credential_only_when_asked(city, wallet):
    """VCI-I-15, VCI-I-20, interop 2.5."""
    made = city.offer("taxi-permit").json
    details = '[{"type":"openid_credential","credential_configuration_id":"taxi-permit.dc+sd-jwt"}]'

    token = wallet.redeem(made, authorization_details=details).json
    proofs = {"jwt": [wallet.prove(nonce=wallet.nonce())]}
    by_configuration = wallet.ask(
        token["access_token"],
        {"credential_configuration_id": "taxi-permit.dc+sd-jwt", "proofs": proofs},
    )
    [identifier] = token["authorization_details"][0]["credential_identifiers"]
    by_identifier = wallet.ask(
        token["access_token"], {"credential_identifier": identifier, "proofs": proofs}
    )

    assert by_configuration.json["error"] == "invalid_credential_request"
    assert by_identifier.status_code == 200


def test_the_signed_credential_is_not_kept(city, wallet):
    """VCI-I-33: neither the credential nor the claims nor any secret remain in the database."""
    made = city.offer("taxi-permit").json
    offer = read_offer_value(made)
    [text] = wallet.receive(made)
    path = Path(city.settings.database_url.removeprefix("sqlite:///"))
    stored = path.read_bytes() + path.with_name(path.name + "-wal").read_bytes()

    assert text.split(".")[1].encode() not in stored
    code = offer["grants"].popitem()[1]["pre-authorized_code"]
    assert code.encode() not in stored
    with city.office.database.reading() as session:
        from issuer.store.rows import OfferRow

        row = session.query(OfferRow).filter_by(credential=made["credential_id"]).one()
        assert row.claims is None


def test_changed_claims_are_not_signed(city, wallet):
    """S-104: somebody writes into the database between approval and signature."""
    made = city.offer("taxi-permit").json
    with city.office.database.writing() as session:
        from issuer.store.rows import OfferRow

        row = session.query(OfferRow).filter_by(credential=made["credential_id"]).one()
        row.claims = row.claims.replace("Phnom Penh", "everywhere")

    answer = wallet.receive_answer(made)

    assert answer.json["error"] == "credential_request_denied"
