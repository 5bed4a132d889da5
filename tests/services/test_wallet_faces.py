"""The wallet takes a face only with its own credential, keeps it sealed, and forgets it with it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from wallet_city import new_phone, open_city

from credentials.face import build_face_texts, inspect_picture, join_face_texts, sign_face
from credentials.reading import read_credential
from tests.support.pictures import draw_head, encode_webp

city, phone = open_city, new_phone

CREDENTIAL = "POST /agencies/transport/credential"
PICTURE = inspect_picture(encode_webp(draw_head(seed=2)))
VIEW = "taxi-inspection.dc+sd-jwt"


def face_for(text, signer):
    return list(
        build_face_texts(sign_face(PICTURE, credential=read_credential(text), signer=signer))
    )


def give_faces(city, build):
    """From now on the issuer puts `build(text, all texts)` beside each credential."""
    issue = city.peers.issue

    def issue_with_faces(asked):
        answer = issue(asked)
        texts = [each["credential"] for each in answer["credentials"]]
        for each in answer["credentials"]:
            each["face"] = build(each["credential"], texts)
        return answer

    city.peers.answers[CREDENTIAL] = issue_with_faces


@pytest.fixture(autouse=True)
def restored(city):
    yield
    city.peers.answers[CREDENTIAL] = city.peers.issue


def views_of(phone):
    return phone.send("GET", "/api/v1/views").get_json()["views"]


def test_each_copy_keeps_its_own_face_for_showing_without_signal(city, phone):
    give_faces(city, lambda text, _: face_for(text, city.peers.issuer_key))
    received = phone.receive(city.peers.offer(VIEW), copies=3)
    views = views_of(phone)

    assert received.status_code == 200
    assert len(views) == 3
    assert len({tuple(view["face"]) for view in views}) == 3
    for view in views:
        assert join_face_texts(view["face"]) is not None
        assert view["face"][0].startswith("CF1:1/2:")


def test_a_copy_without_a_face_has_none(city, phone):
    phone.receive(city.peers.offer(VIEW), copies=1)

    assert [view["face"] for view in views_of(phone)] == [[]]


def test_a_member_of_that_name_from_elsewhere_is_ignored(city, phone):
    """S-092, VCI-I-30"""
    give_faces(city, lambda _text, _all: {"image": "data:image/svg+xml,x"})
    received = phone.receive(city.peers.offer(VIEW), copies=1)

    assert received.status_code == 200
    assert [view["face"] for view in views_of(phone)] == [[]]


def of_another_copy(city, text, texts):
    return face_for(next(each for each in texts if each != text), city.peers.issuer_key)


def by_another_key(city, text, _):
    return face_for(text, city.peers.status_key)


def half(city, text, _):
    return face_for(text, city.peers.issuer_key)[:1]


def altered(city, text, _):
    first, last = face_for(text, city.peers.issuer_key)
    return [first, last[:-30] + last[-27:] + "ABC"]


def no_picture(_city, _text, _):
    return ["CF1:1/1:ABCDEF"]


@pytest.mark.parametrize("build", [of_another_copy, by_another_key, half, altered, no_picture])
def test_s_051_s_107_a_face_that_is_not_of_this_copy_refuses_the_whole_batch(city, phone, build):
    """VCI-W-07: what an inspector's phone would refuse is not taken in."""
    give_faces(city, lambda text, texts: build(city, text, texts))
    refused = phone.receive(city.peers.offer(VIEW), copies=2)

    assert refused.get_json()["code"] == "credential_refused"
    assert views_of(phone) == []


def test_a_face_lies_sealed_and_is_gone_with_its_card(city, phone):
    give_faces(city, lambda text, _: face_for(text, city.peers.issuer_key))
    phone.receive(city.peers.offer(VIEW), copies=1)
    [view] = views_of(phone)
    files = [path.read_bytes() for path in city.settings.data_dir.rglob("*") if path.is_file()]
    body = view["face"][0][20:60].encode()

    assert files
    assert not any(body in content or PICTURE.data[40:80] in content for content in files)
    assert phone.send("DELETE", f"/api/v1/credentials/{view['credential_id']}").status_code == 204
    assert views_of(phone) == []
