"""What a request of the register costs: SQL statements, commits, requests that leave the house."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from registered_city import LIST, RegisteredCity


@pytest.fixture
def city(tmp_path):
    city = RegisteredCity(tmp_path)
    city.admit()
    city.submit(city.list_token())
    city.close_epoch()
    yield city
    city.close_down()


def cost(city, work):
    with city.hall.database.count() as counter:
        work()
    return counter["statements"], counter["commits"]


@pytest.mark.parametrize(
    ("path", "statements"),
    [
        ("/checkpoint", 1),
        ("/epochs/latest", 1),
        ("/tile/0/000.p/1", 2),
        (f"/lists?uri={LIST}", 2),
        (f"/proofs?list={LIST}", 1),
        (f"/proofs?list={LIST}&index=3", 2),
        ("/snapshot", 2),
        ("/trust", 1),
        ("/trust/keys", 0),
        ("/policy", 1),
        ("/vkey", 0),
        ("/root.pem", 1),
    ],
)
def test_a_public_answer_costs_few_reads_and_no_write(city, path, statements):
    city.client.get(path)

    assert cost(city, lambda: city.client.get(path)) == (statements, 0)


def test_a_list_is_taken_in_one_commit(city):
    token = city.list_token(statuses={})
    city.now = city.now.replace(minute=30)
    newer = city.list_token()

    # The last statement asks which epoch will take it.
    assert cost(city, lambda: city.submit(newer)) == (7, 1)
    assert cost(city, lambda: city.submit(newer)) == (3, 1)
    assert cost(city, lambda: city.submit(token))[1] == 0


def test_an_epoch_costs_four_commits(city):
    statements, commits = cost(city, city.close_epoch)

    assert commits == 4
    assert statements <= 40


def test_a_tick_with_nothing_to_do_writes_nothing(city):
    assert cost(city, city.hall.closer.tick) == (2, 0)
