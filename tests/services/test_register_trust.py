"""The trust registry and the city's authority: versions that only rise, names that are checked."""

import base64
import hashlib
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from cryptography import x509
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).parent))

from registered_city import AGENCY, DID, LIST, NOON, new_signer, open_city

from credentials.errors import TokenRefused
from credentials.keys import parse_jwk
from credentials.trust import find_issuer
from credentials.trust_document import read_trust_registry
from credentials.trust_leaf import build_trust_key
from credentials.x509 import verify_chain
from ledger import store as ledger_store
from ledger.epoch import trust_root
from register import check as register_check
from register import store as register_store
from register import witness_store
from register.governance import build_leaves, trust_leaves
from register.store import every_trust
from runtime import audit

city = open_city

VERIFIER = {"client_id": "x509_hash:abc", "name": {"en": "Inspection"}, "purposes": ["taxi"]}


def trust_keys(city):
    return [parse_jwk(key) for key in city.client.get("/trust/keys").json["keys"]]


def registry(city):
    return read_trust_registry(city.client.get("/trust").text, keys=trust_keys(city))


def test_a_new_city_trusts_nobody(city):
    found = registry(city)

    assert (found.version, found.issuers, found.verifiers) == (1, (), ())


def test_an_agency_is_admitted_and_its_entry_is_signed(city):
    version = city.admit()
    found = registry(city)
    issuer = find_issuer(found, DID)

    assert found.version == version == 2
    assert issuer.identifiers == (AGENCY, DID)
    assert [key.key.jwk for key in issuer.keys] == [
        dict(city.credential_key.public_jwk),
        dict(city.status_key.public_jwk),
    ]
    assert issuer.x5c_anchors == (city.hall.authority.root_der(),)
    assert found.issued_at == NOON
    assert found.expires_at == NOON + timedelta(days=7)


def test_the_same_entry_again_makes_no_new_version(city):
    assert city.admit() == city.admit() == 2


def test_every_change_is_a_version_and_an_audit_row(city):
    city.admit()
    city.post("/api/v1/verifiers", {"verifier": VERIFIER})
    city.admit(name={"en": "Transport Department"})
    with city.hall.database.reading() as session:
        rows = audit.load_entries(session, limit=10)
        versions = [trust.version for trust in every_trust(session)]

    assert versions == [1, 2, 3, 4]
    assert [(row.action, row.actor) for row in rows] == [
        ("put_issuer", "desk"),
        ("put_verifier", "desk"),
        ("put_issuer", "desk"),
    ]
    assert registry(city).verifiers[0].client_id == "x509_hash:abc"
    assert audit.verify_chain(city.hall.database) == []
    assert city.check() == []


def test_a_registry_is_signed_anew_before_it_is_old(city):
    first = city.client.get("/trust").text
    city.now += timedelta(minutes=59)
    same = city.client.get("/trust").text
    city.now += timedelta(minutes=2)
    later = registry(city)

    assert first == same
    assert later.issued_at == city.now
    assert later.version == 1


def test_two_issuers_never_share_a_name(city):
    city.admit()
    other = city.entry(identifiers=["https://issuer.example/agencies/land", DID])
    other["keys"] = []
    answer = city.post("/api/v1/issuers", {"issuer": other})

    assert answer.status_code == 409
    assert answer.json["code"] == "identifier_taken"
    assert registry(city).version == 2


def test_s191_one_key_has_one_purpose(city):
    entry = city.entry()
    entry["keys"][1]["jwk"] = entry["keys"][0]["jwk"]
    answer = city.post("/api/v1/issuers", {"issuer": entry})

    assert answer.status_code == 409
    assert answer.json["code"] == "key_taken"


@pytest.mark.parametrize(
    "change",
    [
        {"identifiers": []},
        {"identifiers": [7]},
        {"identifiers": None},
        {"keys": [{"jwk": {"kty": "oct", "k": "AAAA"}, "use": "status", "valid_from": 1}]},
        {"keys": [{"jwk": {}, "use": "status", "valid_from": 1}]},
        {"keys": "x"},
        {"accreditations": [{"types": ["x"]}]},
        {"x5c_anchors": ["!"]},
    ],
)
def test_an_entry_that_cannot_be_read_is_refused(city, change):
    answer = city.post("/api/v1/issuers", {"issuer": city.entry(**change)})

    assert answer.status_code == 400
    assert registry(city).version == 1


def test_s019_a_private_key_is_refused_and_stored_nowhere(city):
    entry = city.entry()
    entry["keys"][0]["jwk"]["d"] = "c2VjcmV0LW51bWJlci0x"
    answer = city.post("/api/v1/issuers", {"issuer": entry})
    city.hall.database.close()

    assert answer.status_code == 400
    for file in city.folder.glob("register.sqlite3*"):
        assert b"c2VjcmV0LW51bWJlci0x" not in file.read_bytes()


def test_every_version_becomes_part_of_the_next_epoch(city):
    city.close_epoch()
    city.admit()
    second = city.close_epoch()
    with city.hall.database.reading() as session:
        leaves = trust_leaves(session)
        stored = ledger_store.trust_of_epoch(session, 2)
        version = every_trust(session)[-1]

    assert second["trust_root"] == trust_root(leaves).hex()
    assert stored == leaves == build_leaves(version)
    stated = sorted(
        build_trust_key(name, "https://issuer.example/types/x") for name in (AGENCY, DID)
    )
    assert [leaf.key for leaf in leaves] == [f"issuer/{AGENCY}".encode(), b"registry", *stated]


def certify(city, **changes):
    body = {
        "public_jwk": dict(city.credential_key.public_jwk),
        "subject": "transport credential",
        "san_uris": [AGENCY],
        "san_dns": [],
        **changes,
    }
    return city.post("/api/v1/certificates", body)


def test_the_city_certifies_an_agency_under_its_root(city):
    answer = certify(city)
    chain = [base64.b64decode(each) for each in answer.json["x5c"]]
    root = x509.load_pem_x509_certificate(city.client.get("/root.pem").data)
    key = verify_chain(chain, anchors=[city.hall.authority.root_der()], now=city.now, uri=AGENCY)

    assert answer.status_code == 201
    assert key.jwk == dict(city.credential_key.public_jwk)
    assert root.subject == x509.load_der_x509_certificate(chain[0]).issuer
    assert city.client.get("/root.pem").data == city.client.get("/root.pem").data


def test_a_certified_key_stands_in_the_registry_with_its_certificate(city):
    chain = [base64.b64decode(each) for each in certify(city).json["x5c"]]
    city.admit()
    keys = find_issuer(registry(city), AGENCY).keys

    assert keys[0].x5c == tuple(chain)
    assert keys[1].x5c == ()
    assert city.check() == []


@pytest.mark.parametrize(
    "change",
    [
        {"san_uris": []},
        {"san_uris": ["ftp://x"]},
        {"san_uris": ["https://a b"]},
        {"san_dns": ["ö.example"]},
        {"san_dns": ["a"] * 17},
        {"subject": ""},
        {"subject": "x" * 65},
        {"public_jwk": {"kty": "RSA"}},
        {"san_uris": "https://x"},
        {"more": 1},
    ],
)
def test_a_certificate_is_for_a_name_that_can_be_checked(city, change):
    assert certify(city, **change).status_code == 400


def test_another_witness_is_pinned_by_the_operator(city):
    city.close_epoch()
    vkey = city.witness.extensions["witness"].key.vkey
    moved = city.post("/api/v1/witnesses", {"vkey": vkey, "url": "https://moved.example/"})
    log_key = city.client.get("/vkey").text.strip()
    wrong = city.post("/api/v1/witnesses", {"vkey": log_key, "url": "https://x.example"})

    assert moved.status_code == 201
    assert wrong.status_code == 400
    assert len(city.policy().witnesses) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM register_trust WHERE version = 2",
        "UPDATE register_trust SET content = '{}' WHERE version = 3",
        "UPDATE register_trust SET content = replace(content, '\"keys\"', '\"key\"')"
        " WHERE version = 3",
        "DELETE FROM register_entry",
        "DELETE FROM register_trust",
        "UPDATE register_entry SET content = replace(content, 'Transport', 'Airport')",
    ],
)
def test_s208_fsck_finds_a_changed_trust_registry(city, statement):
    city.admit()
    city.post("/api/v1/verifiers", {"verifier": VERIFIER})

    before, after = city.corrupt(statement)

    assert before == []
    assert after != []


def test_the_digest_of_a_trust_leaf_is_over_canonical_json(city):
    city.admit()
    with city.hall.database.reading() as session:
        content = every_trust(session)[-1].content
        leaf = trust_leaves(session)[0]
    entry = content[content.index("[") + 1 : content.index('],"verifiers"')]

    assert leaf.digest == hashlib.sha256(entry.encode()).digest()


def test_a_stranger_key_signs_no_registry(city):
    with pytest.raises(TokenRefused):
        read_trust_registry(
            city.client.get("/trust").text,
            keys=[parse_jwk(dict(new_signer().public_jwk))],
        )


def test_lists_of_an_agency_that_was_withdrawn_are_refused(city):
    city.admit()
    entry = city.entry()
    entry["keys"] = entry["keys"][:1]
    city.admit(**entry)

    assert city.submit(city.list_token(uri=LIST)).status_code == 403


def test_the_migrations_make_the_tables_that_the_code_uses(city):
    for database, tables in (
        (city.hall.database, (ledger_store.metadata, register_store.metadata)),
        (city.witness.extensions["witness"].database, (witness_store.metadata,)),
    ):
        for metadata in tables:
            assert differences(database, metadata) == []


def differences(database, metadata):
    names = set(metadata.tables)

    def is_ours(item, name, kind, _reflected, _compared):
        return (name if kind == "table" else item.table.name) in names

    with database.reading() as session:
        context = MigrationContext.configure(
            session.connection(), opts={"include_object": is_ours, "compare_type": True}
        )
        return compare_metadata(context, metadata)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE witness_log SET size = 1",
        "UPDATE witness_log SET root = zeroblob(32)",
        "UPDATE witness_log SET note = NULL",
        "UPDATE witness_log SET note = replace(note, '\n2\n', '\n3\n')",
        "UPDATE witness_log SET note = 'x'",
        "UPDATE witness_identity SET vkey = NULL",
    ],
)
def test_s208_fsck_finds_a_changed_witness(city, statement):
    city.close_epoch()
    city.close_epoch()
    database = city.witness.extensions["witness"].database
    before = register_check.check_witness(database)
    with database.writing() as session:
        session.execute(text(statement))

    assert before == []
    assert register_check.check_witness(database) != []


def test_fsck_knows_the_newest_bytes_of_each_list(city):
    city.admit()
    city.submit(city.list_token())
    city.close_epoch()
    newest = city.list_token()
    city.submit(newest)
    city.submit(city.bitstring_token())
    found = register_check.submitted_lists(city.hall.database)

    assert {uri: (one.version, one.digest) for uri, one in found.items()} == {
        LIST: (int(city.now.timestamp()), hashlib.sha256(newest.encode()).digest())
    }
