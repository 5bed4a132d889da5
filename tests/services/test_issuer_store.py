"""Indices that nobody can foresee and that are given once; races that exactly one can win."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from issuing_city import IssuingCity, build_settings, read_offer_value
from sqlalchemy import MetaData
from sqlmodel import SQLModel

from credentials.reading import read_credential
from issuer.store import check
from issuer.store.rows import OfferRow, StatusEntryRow, StatusListRow

# One process that issues: its own app on the shared database, its own wallets.
WORKER = """
import sys
from pathlib import Path
sys.path.insert(0, {services!r})
from issuing_city import IssuingCity, build_settings
from credentials.keys import SoftwareSigner
from cryptography.hazmat.primitives.serialization import load_pem_private_key
operator = SoftwareSigner(load_pem_private_key(Path(sys.argv[2]).read_bytes(), None))
city = IssuingCity(build_settings(Path(sys.argv[1])), operator=operator)
for _ in range({rounds}):
    city.issued(copies={copies})
city.close()
"""


@pytest.fixture
def city(tmp_path):
    city = IssuingCity(build_settings(tmp_path))
    city.open_agency("transport")
    yield city
    assert check(city.office.database) == []
    city.close()


def given(city):
    with city.office.database.reading() as session:
        return [(row.number, row.list_index) for row in session.query(StatusEntryRow)]


def test_the_tables_are_those_of_the_migrations(city):
    ours = MetaData()
    for table in SQLModel.metadata.tables.values():
        if table.name.startswith("issuer_"):
            table.to_metadata(ours)

    with city.office.database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_name": lambda name, kind, _: (
                    kind != "table" or (name.startswith("issuer_") and name != "issuer_migrations")
                ),
                "compare_type": False,
            },
        )
        differences = [
            difference
            for difference in compare_metadata(context, ours)
            # Composite indices stand in the migration only.
            if difference[0] != "remove_index"
        ]

    assert differences == []


def test_indices_show_no_pattern(city):
    """S-065: no arithmetic progression, serial correlation below 0.1 over 1000."""
    indices = []
    for _ in range(50):
        _, texts = city.issued(copies=20)
        indices += [read_credential(text).statuses[0].index for text in texts]

    mean = sum(indices) / len(indices)
    variance = sum((each - mean) ** 2 for each in indices)
    pairs = pairwise(indices)
    correlation = sum((a - mean) * (b - mean) for a, b in pairs) / variance

    assert len(set(indices)) == 1000
    assert abs(correlation) < 0.1
    assert not any(
        indices[i + 1] - indices[i] == indices[i + 2] - indices[i + 1]
        for i in range(len(indices) - 2)
    )


def test_processes_and_threads_never_share_an_index(city, tmp_path):
    """S-063: 4 processes beside 4 threads on one list."""
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key = tmp_path / "operator.pem"
    key.write_bytes(
        city.operator.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    code = WORKER.format(services=str(Path(__file__).parent), rounds=8, copies=20)
    command = [sys.executable, "-c", code, str(city.settings.data_dir), str(key)]
    workers = [
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: city.issued(copies=10), range(16)))
    for worker in workers:
        _, errors = worker.communicate(timeout=120)
        assert worker.returncode == 0, errors[-2000:]

    found = given(city)
    with city.office.database.reading() as session:
        allocated = session.get(StatusListRow, ("transport", 1)).allocated
    assert len(found) == 4 * 8 * 20 + 16 * 10
    assert len(set(found)) == len(found)
    assert allocated == len(found)


def test_of_fifty_who_redeem_one_offer_exactly_one_succeeds(city):
    """S-095."""
    made = city.offer().json

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: redeem_alone(city, made), range(50)))

    assert sorted(answers) == [200] + [400] * 49


def redeem_alone(city, made):
    """With a client of its own, as another wallet would."""
    grant = read_offer_value(made)["grants"].popitem()[1]
    answer = city.app.test_client().post(
        "/agencies/transport/token",
        data={
            "grant_type": "urn:ietf:params:oauth:grant-type:pre-authorized_code",
            "pre-authorized_code": grant["pre-authorized_code"],
        },
    )
    return answer.status_code


def test_of_many_who_fetch_with_one_token_exactly_one_succeeds(city):
    wallet = city.wallet()
    token = wallet.redeem(city.offer().json).json["access_token"]
    nonce = wallet.nonce()
    bodies = [
        {
            "credential_configuration_id": "taxi-permit.dc+sd-jwt",
            "proofs": {"jwt": [wallet.prove(nonce=nonce)]},
        }
        for _ in range(12)
    ]

    def fetch(body):
        return (
            city.app.test_client()
            .post(
                "/agencies/transport/credential",
                json=body,
                headers={"Authorization": f"Bearer {token}"},
            )
            .status_code
        )

    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(fetch, bodies))

    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 400, 503}


def test_two_processes_publish_one_list_without_losing_a_change(city):
    """I5: compare-and-swap, and what came second is built anew."""
    issued = [city.issued()[0] for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda credential: (
                    city.app.test_client()
                    .post(
                        f"/api/v1/credentials/{credential}/status",
                        json={"status": "revoked", "reason": "x"},
                        headers=city.as_role("officer", agency="transport"),
                    )
                    .status_code
                ),
                issued,
            )
        )
    from issuer.status_publisher import publish_due

    publish_due(city.office)
    from credentials.model import Status
    from credentials.status import StatusArray
    from credentials.status_lists import read_status_list
    from issuer.store.status_lists import load_references

    published = read_status_list(city.http.get("/agencies/transport/status/1").text)
    array = StatusArray(published.size, published.entries)
    with city.office.database.reading() as session:
        places = [index for each in issued for _, index in load_references(session, each)]
    assert [array.status(index) for index in places] == [Status.REVOKED] * len(places)
    assert len(places) == len(set(places)) == 8


def test_an_expired_offer_is_withdrawn_and_its_claims_forgotten(city):
    from issuer.offers import withdraw_expired

    made = city.offer().json
    taken = city.wallet()
    taken.redeem(city.offer().json)
    kept = city.issued()[0]
    city.clock.move(days=1)

    assert withdraw_expired(city.office) == 2
    assert withdraw_expired(city.office) == 0
    assert city.record(made["credential_id"])["state"] == "withdrawn"
    assert city.record(kept)["state"] == "issued"
    with city.office.database.reading() as session:
        assert {row.claims for row in session.query(OfferRow)} == {None}
