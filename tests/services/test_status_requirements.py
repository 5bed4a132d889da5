"""Status lists as a stranger meets them at the issuer: which list, which index, which time."""

import sys
from itertools import pairwise
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from issuing_city import IssuingCity, build_settings

from credentials.jose import parse_jws
from credentials.model import Status, StatusPurpose
from credentials.reading import read_credential
from credentials.status_lists import read_status_list, status_at

LIST = "/agencies/transport/status/1"
ANY_LIST = frozenset({"statuslist+jwt", "vc+jwt"})


@pytest.fixture
def city(tmp_path):
    city = IssuingCity(build_settings(tmp_path))
    city.open_agency("transport")
    yield city
    city.close()


def references(texts):
    return [each for text in texts for each in read_credential(text).statuses]


def list_at(city, uri):
    answer = city.http.get(uri.removeprefix(city.office.base_url))
    assert answer.status_code == 200
    return answer.text


def status_of(city, reference):
    entries = read_status_list(list_at(city, reference.uri))
    return status_at(entries, reference.index, StatusPurpose.BOTH)


@pytest.mark.parametrize("time", ["1700000000", "0", "4102444800", "", "yesterday"])
def test_tsl_i_05_a_list_of_another_time_is_not_made_up(city, time):
    """We keep no lists of the past: 501, whatever time is asked for; a list of nobody is 404."""
    assert city.http.get(f"{LIST}?time={time}").status_code == 501
    assert city.http.get(LIST).status_code == 200
    assert city.http.get("/agencies/transport/status/9").status_code == 404


def test_bsl_09_a_list_is_secured_like_the_credentials_that_name_it(city):
    _, w3c = city.issued(format="vc+jwt")
    _, ietf = city.issued(format="dc+sd-jwt")
    found = {}
    for name, texts in (("vc+jwt", w3c), ("dc+sd-jwt", ietf)):
        found[name] = {
            parse_jws(list_at(city, each.uri), types=ANY_LIST).type for each in references(texts)
        }

    assert found == {"vc+jwt": {"vc+jwt"}, "dc+sd-jwt": {"statuslist+jwt"}}
    algorithms = {
        parse_jws(list_at(city, each.uri), types=ANY_LIST).algorithm for each in references(w3c)
    }
    assert algorithms == {parse_jws(w3c[0], types=frozenset({"vc+jwt"})).algorithm}


def test_bsl_09_indexes_say_nothing_of_the_order_of_issuing(city):
    indexes = [each.index for _ in range(6) for each in references(city.issued(copies=5)[1])]

    assert len(set(indexes)) == len(indexes) == 30
    steps = {second - first for first, second in pairwise(indexes)}
    assert len(steps) > 20
    assert indexes != sorted(indexes)


def test_bsl_09_a_list_may_be_kept_by_whoever_serves_it_to_many(city):
    """A cache between us and a verifier may answer: no cookie, no variation, an ETag."""
    answer = city.http.get(f"{LIST}/revocation")

    assert answer.content_type == "application/vc+jwt"
    assert answer.headers["ETag"]
    assert "Set-Cookie" not in answer.headers
    assert "private" not in answer.headers["Cache-Control"]


def test_s_068_what_is_issued_again_has_a_fresh_index_and_the_old_one_never_comes_back(city):
    wallet = city.wallet()
    seen, gone = set(), []
    for _ in range(4):
        made = city.offer().json
        references_now = references(wallet.receive(made, copies=3))
        assert seen.isdisjoint((each.uri, each.index) for each in references_now)
        seen.update((each.uri, each.index) for each in references_now)
        assert {status_of(city, each) for each in references_now} == {Status.VALID}
        # The document is replaced by the next one: what was held so far is taken back.
        assert city.change_status(made["credential_id"], "revoked").status_code == 200
        gone += references_now

    assert {status_of(city, each) for each in gone} == {Status.REVOKED}
    assert len(seen) == len(gone) == 12
