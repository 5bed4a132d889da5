"""From an officer's decision to a credential in a wallet, and everything that must be refused."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from issuing_city import (
    BASE,
    IssuingCity,
    build_settings,
    new_key,
    read_offer_url,
    read_offer_value,
)

from credentials.jose import verify_jws
from credentials.keys import parse_jwk
from credentials.model import Format
from credentials.reading import read_credential
from credentials.sd_jwt import SD_JWT_TYPES, parse_sd_jwt


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    city = IssuingCity(build_settings(tmp_path_factory.mktemp("city")))
    city.open_agency("transport")
    city.open_agency("residency")
    yield city
    city.close()


@pytest.fixture
def wallet(city):
    return city.wallet()


def given_indices(city):
    with city.office.database.reading() as session:
        from issuer.store.rows import StatusEntryRow

        return session.query(StatusEntryRow).count()


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


def test_an_offer_by_reference_says_the_same_as_by_value(city, wallet):
    """VCI-I-11."""
    made = city.offer("taxi-permit").json

    answer = city.http.get(read_offer_url(made).removeprefix(BASE))

    assert answer.content_type == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == read_offer_value(made)


def test_an_offer_link_holds_no_personal_data(city):
    made = city.offer("taxi-permit").json

    assert "Sok" not in made["offer_uri_by_value"]
    assert "Sok" not in made["offer_uri"]


def test_a_taken_offer_is_gone(city, wallet):
    made = city.offer("taxi-permit").json
    wallet.redeem(made)

    assert city.http.get(read_offer_url(made).removeprefix(BASE)).status_code == 404


def test_the_same_offer_is_not_redeemed_twice(city, wallet):
    """S-095."""
    made = city.offer("taxi-permit").json

    first, second = wallet.redeem(made), wallet.redeem(made)

    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "no-store"
    assert second.status_code == 400
    assert second.json["error"] == "invalid_grant"


def test_an_offer_runs_out_after_a_day(tmp_path):
    city = IssuingCity(build_settings(tmp_path))
    city.open_agency("transport")
    made = city.offer("taxi-permit").json
    city.clock.move(days=1, seconds=1)

    answer = city.wallet().redeem(made)

    assert answer.json["error"] == "invalid_grant"
    city.close()


def test_the_right_transaction_code_opens_the_offer(city, wallet):
    made = city.offer("taxi-permit", tx_code=True).json

    assert read_offer_value(made)["grants"].popitem()[1]["tx_code"] == {
        "input_mode": "numeric",
        "length": 6,
    }
    assert wallet.redeem(made, tx_code=made["tx_code"]).status_code == 200


def test_five_wrong_transaction_codes_lock_the_offer(city, wallet):
    """VCI-I-17."""
    made = city.offer("taxi-permit", tx_code=True).json
    wrong = "000000" if made["tx_code"] != "000000" else "000001"

    answers = [wallet.redeem(made, tx_code=wrong) for _ in range(5)]
    late = wallet.redeem(made, tx_code=made["tx_code"])

    assert {answer.json["error"] for answer in answers} == {"invalid_grant"}
    assert late.json["error"] == "invalid_grant"


def test_four_wrong_transaction_codes_do_not_lock_it(city, wallet):
    made = city.offer("taxi-permit", tx_code=True).json
    wrong = "000000" if made["tx_code"] != "000000" else "000001"

    for _ in range(4):
        wallet.redeem(made, tx_code=wrong)

    assert wallet.redeem(made, tx_code=made["tx_code"]).status_code == 200


@pytest.mark.parametrize(("asks", "given"), [(True, None), (False, "123456")])
def test_a_transaction_code_must_be_there_exactly_when_asked_for(city, wallet, asks, given):
    """VCI-I-16."""
    made = city.offer("taxi-permit", tx_code=asks).json

    answer = wallet.redeem(made, tx_code=given)

    assert answer.json["error"] == "invalid_request"
    assert wallet.redeem(made, tx_code=made.get("tx_code")).status_code == 200


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


@pytest.fixture
def token(city, wallet):
    return wallet.redeem(city.offer("taxi-permit").json).json["access_token"]


WANTED = {"credential_configuration_id": "taxi-permit.dc+sd-jwt"}


def body_with(*proofs, **more):
    return {**WANTED, "proofs": {"jwt": list(proofs)}, **more}


def test_a_wallet_that_was_refused_may_try_again(city, wallet, token):
    wallet.ask(token, body_with(wallet.prove(nonce="unknown")))

    assert wallet.ask(token, body_with(wallet.prove(nonce=wallet.nonce()))).status_code == 200


@pytest.mark.parametrize(
    ("error", "build"),
    [
        ("invalid_proof", lambda w: WANTED),
        ("invalid_proof", lambda w: {**WANTED, "proofs": {}}),
        ("invalid_proof", lambda w: {**WANTED, "proofs": {"jwt": []}}),
        ("invalid_proof", lambda w: {**WANTED, "proofs": {"jwt": ["a.b.c"]}}),
        ("invalid_proof", lambda w: {**WANTED, "proofs": {"cwt": ["a"]}}),
        ("invalid_proof", lambda w: body_with(w.prove(nonce=None))),
        ("invalid_nonce", lambda w: body_with(w.prove(nonce="AAAAAAAAAAAAAAAAAAAAAA"))),
        ("invalid_nonce", lambda w: body_with(w.prove(nonce=w.nonce("residency")))),
        (
            "invalid_proof",
            lambda w: body_with(w.prove(nonce=w.nonce(), audience=f"{BASE}/agencies/residency")),
        ),
        (
            "invalid_proof",
            lambda w: body_with(w.prove(nonce=w.nonce(), audience=f"{BASE}/agencies/transport/")),
        ),
        (
            "unknown_credential_configuration",
            lambda w: {
                **body_with(w.prove(nonce=w.nonce())),
                "credential_configuration_id": "driving-licence.dc+sd-jwt",
            },
        ),
        (
            "unknown_credential_configuration",
            lambda w: {
                **body_with(w.prove(nonce=w.nonce())),
                "credential_configuration_id": "nothing",
            },
        ),
        (
            "unknown_credential_identifier",
            lambda w: {
                "credential_identifier": "nothing",
                "proofs": {"jwt": [w.prove(nonce=w.nonce())]},
            },
        ),
        ("invalid_credential_request", lambda w: {"proofs": {"jwt": ["x"]}}),
    ],
)
def test_a_bad_credential_request_is_refused_by_its_code(city, wallet, token, error, build):
    """S-091, S-093: the exact code, nothing stored, no index consumed."""
    before = given_indices(city)

    answer = wallet.ask(token, build(wallet))

    assert answer.status_code == 400
    assert answer.json["error"] == error
    assert answer.headers["Cache-Control"] == "no-store"
    assert given_indices(city) == before


def test_a_proof_by_another_key_is_refused(city, wallet, token):
    proof = wallet.prove(nonce=wallet.nonce())
    forged = proof.rsplit(".", 1)[0] + "." + wallet.prove(nonce=wallet.nonce()).rsplit(".", 1)[1]

    assert wallet.ask(token, body_with(forged)).json["error"] == "invalid_proof"


def test_a_stale_nonce_is_refused(tmp_path):
    """S-093: a nonce lives five minutes."""
    city = IssuingCity(build_settings(tmp_path))
    city.open_agency("transport")
    wallet = city.wallet()
    nonce = wallet.nonce()
    city.clock.move(minutes=5)
    token = wallet.redeem(city.offer("taxi-permit").json).json["access_token"]

    answer = wallet.ask(token, body_with(wallet.prove(nonce=nonce)))

    assert answer.json["error"] == "invalid_nonce"
    city.close()


def test_a_nonce_may_be_used_again_while_it_lives(city, wallet):
    """interop 2.4."""
    nonce = wallet.nonce()
    tokens = [wallet.redeem(city.offer("taxi-permit").json).json["access_token"] for _ in "ab"]

    answers = [wallet.ask(token, body_with(wallet.prove(nonce=nonce))) for token in tokens]

    assert [answer.status_code for answer in answers] == [200, 200]


def test_a_replayed_request_is_refused(city, wallet, token):
    """S-093: nothing is issued a second time."""
    body = body_with(wallet.prove(nonce=wallet.nonce()))
    wallet.ask(token, body)
    before = given_indices(city)

    replayed, fresh = (
        wallet.ask(token, body),
        wallet.ask(token, body_with(wallet.prove(nonce=wallet.nonce()))),
    )

    assert replayed.json["error"] == "invalid_proof"
    assert fresh.json["error"] == "credential_request_denied"
    assert given_indices(city) == before


def test_a_proof_is_not_good_for_another_offer(city, wallet, token):
    proof = wallet.prove(nonce=wallet.nonce())
    other = wallet.redeem(city.offer("taxi-permit").json).json["access_token"]
    wallet.ask(token, body_with(proof))

    assert wallet.ask(other, body_with(proof)).json["error"] == "invalid_proof"


def test_more_than_twenty_copies_are_refused(city, wallet, token):
    nonce = wallet.nonce()
    proofs = [wallet.prove(nonce=nonce) for _ in range(21)]

    answer = wallet.ask(token, body_with(*proofs))

    assert answer.status_code == 400
    assert answer.json["error"] == "invalid_proof"


def test_unknown_members_are_ignored(city, wallet):
    """S-092."""
    token = wallet.redeem(city.offer("taxi-permit").json, sprinkle="x").json["access_token"]

    answer = wallet.ask(token, body_with(wallet.prove(nonce=wallet.nonce()), sprinkle={"a": 1}))

    assert answer.status_code == 200


def test_the_older_singular_proof_is_accepted(city, wallet, token):
    """interop 2.5."""
    proof = {"proof_type": "jwt", "jwt": wallet.prove(nonce=wallet.nonce())}

    assert wallet.ask(token, {**WANTED, "proof": proof}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"Authorization": "DPoP wrong"},
    ],
)
def test_a_request_without_a_live_token_is_unauthorised(city, wallet, headers):
    """VCI-I-29."""
    answer = city.http.post("/agencies/transport/credential", json=WANTED, headers=headers)

    assert answer.status_code == 401
    assert "WWW-Authenticate" in answer.headers


def test_a_token_lives_five_minutes(tmp_path):
    """VCI-I-18."""
    city = IssuingCity(build_settings(tmp_path))
    city.open_agency("transport")
    wallet = city.wallet()
    token = wallet.redeem(city.offer("taxi-permit").json).json["access_token"]
    city.clock.move(minutes=5)

    answer = wallet.ask(token, body_with(wallet.prove(nonce=wallet.nonce())))

    assert answer.status_code == 401
    city.close()


def test_a_token_of_one_agency_opens_nothing_at_another(city, wallet, token):
    """S-101."""
    proof = wallet.prove(nonce=wallet.nonce("residency"), agency="residency")

    answer = wallet.ask(token, body_with(proof), agency="residency")

    assert answer.status_code == 401


def test_a_token_in_the_query_is_refused(city, wallet, token):
    """VCI-I-18, S-091."""
    answer = city.http.post(f"/agencies/transport/credential?access_token={token}", json=WANTED)

    assert answer.status_code == 400
    assert answer.json["error"] == "invalid_request"


def test_a_notification_is_kept_and_may_be_repeated(city, wallet):
    """VCI-I-32."""
    made = city.offer("taxi-permit").json
    token = wallet.redeem(made).json["access_token"]
    proofs = body_with(wallet.prove(nonce=wallet.nonce()))
    notification_id = wallet.ask(token, proofs).json["notification_id"]

    def notify(**body):
        return city.http.post(
            "/agencies/transport/notification",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
        )

    accepted = [
        notify(notification_id=notification_id, event="credential_accepted") for _ in range(2)
    ]
    unknown = notify(notification_id="another", event="credential_accepted")
    odd = notify(notification_id=notification_id, event="credential_eaten")

    assert [answer.status_code for answer in accepted] == [204, 204]
    assert unknown.json["error"] == "invalid_notification_id"
    assert odd.json["error"] == "invalid_notification_request"
    assert city.record(made["credential_id"])["wallet"] == "credential_accepted"


def test_duplicate_members_are_refused(city, wallet, token):
    """S-012."""
    answer = city.http.post(
        "/agencies/transport/credential",
        data='{"credential_configuration_id":"a","credential_configuration_id":"b"}',
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )

    assert answer.status_code == 400
    assert answer.json["error"] == "invalid_credential_request"


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


def test_a_locked_offer_can_be_renewed_by_the_officer(city, wallet):
    made = city.offer("taxi-permit", tx_code=True).json
    wrong = "000000" if made["tx_code"] != "000000" else "000001"
    for _ in range(5):
        wallet.redeem(made, tx_code=wrong)

    renewed = city.http.post(
        f"/api/v1/credentials/{made['credential_id']}/offer",
        headers=city.as_role("officer", agency="transport"),
    ).json
    old = wallet.redeem(made, tx_code=made["tx_code"])
    [text] = wallet.receive(renewed, tx_code=renewed["tx_code"])

    assert old.json["error"] == "invalid_grant"
    assert read_credential(text).claims == city.example("taxi-permit")


def test_changed_claims_are_not_signed(city, wallet):
    """S-104: somebody writes into the database between approval and signature."""
    made = city.offer("taxi-permit").json
    with city.office.database.writing() as session:
        from issuer.store.rows import OfferRow

        row = session.query(OfferRow).filter_by(credential=made["credential_id"]).one()
        row.claims = row.claims.replace("Phnom Penh", "everywhere")

    answer = wallet.receive_answer(made)

    assert answer.json["error"] == "credential_request_denied"


def test_a_dpop_bound_token_is_worth_nothing_without_its_key(city, wallet):
    """DPOP-05, DPOP-07."""
    from credentials.jose import join_signature
    from openid4vc.dpop import build_dpop_input

    key = new_key()

    def dpop(path, token=None, signer=key):
        text = build_dpop_input(
            public_jwk=signer.public_jwk,
            algorithm="ES256",
            method="POST",
            url=f"{BASE}{path}",
            now=city.clock.now,
            token_id=f"{path}{token}{id(signer)}{dpop.count}",
            access_token=token,
        )
        dpop.count += 1
        return {"DPoP": join_signature(text, signer.sign(text.encode()))}

    dpop.count = 0
    answer = wallet.redeem(
        city.offer("taxi-permit").json, headers=dpop("/agencies/transport/token")
    ).json
    token, path = answer["access_token"], "/agencies/transport/credential"
    body = body_with(wallet.prove(nonce=wallet.nonce()))
    bearer = wallet.ask(token, body)
    naked = wallet.ask(token, body, scheme="DPoP")
    stolen = wallet.ask(token, body, scheme="DPoP", headers=dpop(path, token, new_key()))
    honest = wallet.ask(token, body, scheme="DPoP", headers=dpop(path, token))

    assert answer["token_type"] == "DPoP"
    assert [each.status_code for each in (bearer, naked, stolen)] == [401, 401, 401]
    assert honest.status_code == 200
