"""A wallet asks for a credential: proofs, nonces, tokens, and all that must be refused."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from issuing_city import (
    BASE,
    IssuingCity,
    accredited_city,
    build_settings,
    new_key,
    visiting_wallet,
)

city, wallet = accredited_city, visiting_wallet


def given_indices(city):
    with city.office.database.reading() as session:
        from issuer.store.rows import StatusEntryRow

        return session.query(StatusEntryRow).count()


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
