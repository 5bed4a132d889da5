"""Suspending, reinstating, revoking: at once, for all copies, with a receipt."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from issuing_city import BASE, IssuingCity, StandInRegister, build_settings

from credentials.jose import parse_jws, verify_jws
from credentials.keys import parse_jwk
from credentials.model import Status, StatusPurpose
from credentials.reading import read_credential
from credentials.status_lists import read_status_list, status_at
from credentials.x509 import verify_chain
from encoding import base64url, compression
from encoding.compression import Effort
from issuer.status_publisher import publish_due, publish_list, push_due
from issuer.store import check
from issuer.store.status_lists import load_list

LIST = "/agencies/transport/status/1"
LIST_TYPES = frozenset({"statuslist+jwt", "vc+jwt"})


@pytest.fixture
def register():
    register = StandInRegister()
    yield register
    register.close()


@pytest.fixture
def city(tmp_path, register):
    city = IssuingCity(build_settings(tmp_path, register_url=register.url))
    city.open_agency("transport")
    yield city
    assert check(city.office.database) == []
    city.close()


def fetch_list(city, path=LIST):
    answer = city.http.get(path)
    assert answer.status_code == 200
    return read_status_list(answer.text)


def status_of(city, text):
    reference = read_credential(text).statuses[0]
    return status_at(fetch_list(city), reference.index, StatusPurpose.BOTH)


def state_of(city, agency="transport", number=1):
    with city.office.database.reading() as session:
        return load_list(session, agency, number)


def test_a_revoked_permit_is_public_at_once(city):
    credential, [text] = city.issued()
    before = status_of(city, text)

    city.change_status(credential, "revoked")

    assert before is Status.VALID
    assert status_of(city, text) is Status.REVOKED


def test_suspension_can_be_lifted_and_revocation_cannot(city):
    """S-062."""
    credential, [text] = city.issued()
    seen = []

    for status in ("suspended", "valid", "suspended", "revoked"):
        assert city.change_status(credential, status).status_code == 200
        seen.append(status_of(city, text).value)
    refused = [city.change_status(credential, to) for to in ("valid", "suspended", "revoked")]

    assert seen == ["suspended", "valid", "suspended", "revoked"]
    assert [answer.status_code for answer in refused] == [409, 409, 409]
    assert refused[0].json["code"] == "revoked_is_final"
    assert status_of(city, text) is Status.REVOKED


def test_every_change_is_in_the_audit_log(city):
    """S-062: the audit has all events."""
    from runtime.audit import load_entries, verify_chain

    credential, _ = city.issued()
    for status in ("suspended", "valid", "revoked"):
        city.change_status(credential, status, reason="seen twice")

    with city.office.database.reading() as session:
        entries = load_entries(session, limit=10, action="status", subject=credential)
    assert [entry.detail for entry in entries] == [
        '{"status":"revoked","reason":"seen twice"}',
        '{"status":"valid","reason":"seen twice"}',
        '{"status":"suspended","reason":"seen twice"}',
    ]
    assert verify_chain(city.office.database) == []


def test_revoking_a_credential_revokes_all_its_copies(city):
    credential, texts = city.issued(copies=5)

    city.change_status(credential, "revoked")

    assert {status_of(city, text) for text in texts} == {Status.REVOKED}


def test_other_credentials_keep_their_status(city):
    _, [kept] = city.issued()
    credential, _ = city.issued()

    city.change_status(credential, "revoked")

    assert status_of(city, kept) is Status.VALID


def test_the_two_bitstring_lists_agree_with_the_token_list(city):
    _, [valid] = city.issued(format="vc+jwt")
    suspended, [on_hold] = city.issued(format="vc+jwt")
    revoked, [gone] = city.issued(format="vc+sd-jwt")
    older, [back] = city.issued(format="jwt_vc_json")
    city.change_status(suspended, "suspended")
    city.change_status(revoked, "revoked")
    city.change_status(older, "suspended")

    def bits(text):
        return [
            status_at(fetch_list(city, each.uri.removeprefix(BASE)), each.index, each.purpose).value
            for each in read_credential(text).statuses
        ]

    assert bits(valid) == ["valid", "valid"]
    assert bits(on_hold) == ["valid", "suspended"]
    assert bits(gone) == ["revoked", "valid"]
    assert bits(back) == ["valid", "suspended"]


def test_the_receipt_promises_what_was_done(city):
    """ledger.md 7: list, index, status, and the epoch by which it must be public."""
    credential, [text] = city.issued()
    reference = read_credential(text).statuses[0]

    receipt = city.change_status(credential, "revoked").json
    jws = parse_jws(receipt["receipt"], types=frozenset({"revocation-receipt+jwt"}))
    chain = [bytes(certificate) for certificate in _x5c(jws)]

    key = verify_chain(
        chain,
        anchors=[city.authority.root_der],
        now=city.clock.now,
        uri=f"{BASE}/agencies/transport",
    )
    assert verify_jws(jws, key)
    assert jws.payload["list"] == reference.uri
    assert jws.payload["index"] == reference.index
    assert jws.payload["status"] == "revoked"
    due = city.clock.now + timedelta(seconds=120)
    assert jws.payload["due_epoch_time"] == int(due.timestamp())
    assert receipt["list"] == reference.uri
    assert receipt["index"] == reference.index
    assert receipt["due_epoch_time"] == "2026-11-22T12:02:00Z"
    assert receipt["is_published"] is True


def _x5c(jws):
    import base64

    return [base64.b64decode(text) for text in jws.header["x5c"]]


def test_status_and_credential_keys_differ(city):
    """S-191."""
    founded = city.found("transport")
    token = parse_jws(fetch_list(city).text, types=frozenset({"statuslist+jwt"}))

    assert founded["status_jwk"] != founded["credential_jwk"]
    assert verify_jws(token, parse_jwk(founded["status_jwk"]))
    assert not verify_jws(token, parse_jwk(founded["credential_jwk"]))


def test_a_credential_revoked_before_it_was_fetched_is_not_issued(city):
    """S-061."""
    made = city.offer().json
    wallet = city.wallet()
    token = wallet.redeem(made).json["access_token"]

    receipt = city.change_status(made["credential_id"], "revoked").json
    answer = wallet.ask(
        token,
        {
            "credential_configuration_id": "taxi-permit.dc+sd-jwt",
            "proofs": {"jwt": [wallet.prove(nonce=wallet.nonce())]},
        },
    )

    assert answer.json["error"] == "credential_request_denied"
    assert receipt["entries"] == []
    assert city.record(made["credential_id"])["state"] == "withdrawn"


def test_a_credential_suspended_before_it_was_fetched_is_delivered_suspended(city):
    """S-061: never as fresh."""
    made = city.offer().json
    city.change_status(made["credential_id"], "suspended")

    [text] = city.wallet().receive(made)
    publish_due(city.office)

    assert status_of(city, text) is Status.SUSPENDED


def test_a_reason_is_needed(city):
    credential, _ = city.issued()

    assert city.change_status(credential, "revoked", reason=" ").status_code == 400
    assert city.change_status(credential, "revoked", reason="x" * 301).status_code == 400
    assert city.change_status(credential, "deleted").status_code == 400


def test_the_public_list_is_cacheable_and_open_to_all(city):
    """S-070, TSL-I-03."""
    answer = city.http.get(LIST)
    again = city.http.get(LIST, headers={"If-None-Match": answer.headers["ETag"]})
    past = city.http.get(f"{LIST}?time=1700000000")

    assert answer.content_type == "application/statuslist+jwt"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Set-Cookie" not in answer.headers
    assert again.status_code == 304
    assert again.data == b""
    assert past.status_code == 501
    assert city.http.get("/agencies/transport/status/2").status_code == 404
    assert city.http.get("/agencies/nobody/status/1").status_code == 404


def test_a_list_has_room_for_a_herd(city):
    """BSL-05, TSL-I-04."""
    assert fetch_list(city).size == 131_072
    assert fetch_list(city, f"{LIST}/revocation").size == 131_072


def test_versions_and_issue_times_only_rise(city):
    """I5, also when the machine's clock falls back an hour."""
    credential, _ = city.issued()
    seen = [(state_of(city).version, fetch_list(city).issued_at)]

    for status, hours in (("suspended", 0), ("valid", -1), ("revoked", 0)):
        city.clock.move(hours=hours)
        assert city.change_status(credential, status).json["is_published"] is True
        seen.append((state_of(city).version, fetch_list(city).issued_at))

    assert seen == sorted(set(seen))
    assert len({issued_at for _, issued_at in seen}) == 4


def test_a_burst_of_changes_does_not_run_away_from_the_clock(city):
    credential, [text] = city.issued()
    answers = [
        city.change_status(credential, "suspended" if turn % 2 == 0 else "valid").json
        for turn in range(40)
    ]

    lead = fetch_list(city).issued_at - city.clock.now
    waiting = [answer["is_published"] for answer in answers]
    city.clock.move(seconds=10)
    published = publish_due(city.office)

    assert lead <= timedelta(seconds=30)
    assert waiting[0] is True
    assert waiting[-1] is False
    assert published == 1
    assert status_of(city, text) is Status.VALID


def test_each_version_goes_to_the_register(city, register):
    credential, [text] = city.issued()
    city.change_status(credential, "revoked")

    token, *others = register.tokens[-3:]
    newest = read_status_list(token)

    assert token == city.http.get(LIST).text
    assert others == [city.http.get(f"{LIST}/{form}").text for form in ("revocation", "suspension")]
    assert status_at(newest, read_credential(text).statuses[0].index, StatusPurpose.BOTH) is (
        Status.REVOKED
    )
    assert state_of(city).pushed_version == state_of(city).version


def test_a_register_that_is_away_gets_the_list_later(city, register):
    credential, _ = city.issued()
    register.status = 503
    receipt = city.change_status(credential, "revoked").json
    behind = state_of(city)
    tried = len(register.tokens)
    city.change_status(city.issued()[0], "suspended")
    rested = len(register.tokens)

    register.status = 202
    pushed = push_due(city.office)

    assert receipt["is_published"] is True
    assert behind.pushed_version < behind.version
    assert rested == tried
    assert pushed == 1
    assert register.tokens[-3] == city.http.get(LIST).text
    assert push_due(city.office) == 0


def test_a_register_that_knows_a_newer_list_gets_one_newer_still(city, register):
    """After a restored backup: our version counts for nothing until it is newer."""
    register.status = 409
    publish_list(city.office, "transport", 1)
    city.clock.move(minutes=1)
    register.status = 202

    assert publish_due(city.office) == 1
    assert state_of(city).pushed_version == state_of(city).version


def test_a_list_is_signed_anew_before_it_runs_out(city):
    before = fetch_list(city)
    assert publish_due(city.office) == 0
    city.clock.move(hours=13)

    assert publish_due(city.office) == 1
    assert fetch_list(city).expires_at == city.clock.now + timedelta(days=1)
    assert fetch_list(city).expires_at > before.expires_at


def test_tsl_i_01_a_change_is_written_quickly_and_a_renewal_thoroughly(city):
    def efforts():
        """How each of the three forms was compressed."""
        found = []
        for path in (LIST, f"{LIST}/revocation", f"{LIST}/suspension"):
            payload = parse_jws(city.http.get(path).text, types=LIST_TYPES).payload
            if "status_list" in payload:
                deflated = base64url.decode(payload["status_list"]["lst"])
                deflate, inflate = compression.deflate_zlib, compression.inflate_zlib
            else:
                deflated = base64url.decode(payload["credentialSubject"]["encodedList"][1:])
                deflate, inflate = compression.deflate_gzip, compression.inflate_gzip
            data = inflate(deflated, max_bytes=1 << 20)
            found.append({each for each in Effort if deflate(data, effort=each) == deflated})
        return found

    credential, _ = city.issued()
    city.change_status(credential, "suspended")
    assert efforts() == [{Effort.QUICK}] * 3
    city.clock.move(hours=13)
    publish_due(city.office)

    assert efforts() == [{Effort.THOROUGH}] * 3


def test_a_full_list_is_followed_by_another(city):
    from issuer.store.rows import StatusListRow

    with city.office.database.writing() as session:
        session.get(StatusListRow, ("transport", 1)).allocated = 131_072 // 2 - 3
    _, [last, *_] = city.issued(copies=3)
    _, [first, *_] = city.issued(copies=3)
    with city.office.database.writing() as session:
        session.get(StatusListRow, ("transport", 1)).allocated = 3

    assert read_credential(last).statuses[0].uri.endswith("/status/1")
    assert read_credential(first).statuses[0].uri.endswith("/status/2")
    assert fetch_list(city, "/agencies/transport/status/2").size == 131_072


def test_the_operator_can_compare_what_is_published_with_the_register(city, register):
    from issuer.check import published_lists
    from ledger.epoch import token_digest

    city.change_status(city.issued()[0], "revoked")

    published = published_lists(city.office.database)

    forms = [f"{BASE}{LIST}{form}" for form in ("", "/revocation", "/suspension")]
    assert set(published) == set(forms)
    assert [published[form].digest for form in forms] == [
        token_digest(token.encode()) for token in register.tokens[-3:]
    ]
