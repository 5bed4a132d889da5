"""The face of a view is signed beside each copy, for that copy alone, and stands in none."""

import json
import logging
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).parent))

from issuing_city import IssuingCity, build_settings, new_key
from test_issuer_views import SHOWN, StandInVerifier, ask, offer_of, poll

from credentials.face import join_face_texts, read_face, verify_face
from credentials.keys import parse_jwk
from credentials.packing import build_qr_text, packed_size
from credentials.reading import read_credential
from issuer.store import check
from tests.support.pictures import draw_head, encode_webp, face_url

PICTURE = encode_webp(draw_head(seed=1))
FACE = face_url(PICTURE)
SVG = "data:image/svg+xml;base64,PHN2Zy8+"


@pytest.fixture(scope="module")
def verifier():
    verifier = StandInVerifier()
    yield verifier
    verifier.close()


@pytest.fixture(scope="module")
def city(tmp_path_factory, verifier):
    settings = build_settings(tmp_path_factory.mktemp("city"), CITY_VERIFIER_URL=verifier.url)
    city = IssuingCity(settings)
    city.open_agency("transport")
    yield city
    assert check(city.office.database) == []
    city.close()


def shown_with(face):
    return {**SHOWN, "driving_licence": {**SHOWN["driving_licence"], "face": face}}


def take_view(city, verifier, *, face, copies=2):
    """What the issuer hands over beside the view of a driver who showed this face."""
    key, asked = new_key(), ask(city)
    verifier.present(key, shown=SHOWN if face is None else shown_with(face))
    wallet = city.wallet()
    nonce = wallet.nonce()
    token = wallet.redeem(offer_of(city, poll(city, asked))).json["access_token"]
    fresh = (wallet.prove(nonce=nonce) for _ in range(copies - 1))
    body = {
        "credential_configuration_id": "taxi-inspection.dc+sd-jwt",
        "proofs": {"jwt": [wallet.prove(nonce=nonce, key=key), *fresh]},
    }
    return wallet.ask(token, body).json["credentials"]


def offer_licence(city, face):
    return city.offer("driving-licence", claims={**city.example("driving-licence"), "face": face})


def agency_key(city):
    [key] = city.http.get("/.well-known/jwt-vc-issuer/agencies/transport").json["jwks"]["keys"]
    return parse_jwk({name: key[name] for name in ("kty", "crv", "x", "y")})


def test_every_copy_of_a_view_comes_with_a_face_of_its_own(city, verifier):
    first, second = take_view(city, verifier, face=FACE)
    faces = [read_face(join_face_texts(each["face"])) for each in (first, second)]
    views = [read_credential(each["credential"]) for each in (first, second)]
    key = agency_key(city)

    assert [face.picture.data for face in faces] == [PICTURE, PICTURE]
    for own, other in ((0, 1), (1, 0)):
        assert verify_face(faces[own], credential=views[own], key=key)
        assert not verify_face(faces[own], credential=views[other], key=key)


def test_the_face_is_not_in_the_view_and_its_code_stays_small(city, verifier):
    [with_face] = take_view(city, verifier, face=FACE, copies=1)
    [without] = take_view(city, verifier, face=None, copies=1)

    assert read_credential(with_face["credential"]).claims.keys() == {
        "name",
        "plate",
        "category",
        "zone",
        "until",
    }
    sizes = [packed_size(build_qr_text(each["credential"])) for each in (with_face, without)]
    assert max(sizes) <= 300 < len(PICTURE)
    assert sum(len(text) for text in with_face["face"]) < 1000
    assert len(join_face_texts(with_face["face"])) < 620


def test_a_driver_without_a_picture_gets_the_view_without_a_face(city, verifier):
    [copy] = take_view(city, verifier, face=None, copies=1)

    assert copy.keys() == {"credential"}


@pytest.mark.parametrize(
    "face",
    [
        SVG,
        "data:image/webp;base64,AAAA",
        face_url(PICTURE + b"<script>"),
        face_url(PICTURE[:-2]),
        face_url(encode_webp(draw_head((320, 400), seed=1))),
        "https://example.com/face.webp",
        7,
    ],
    ids=["SVG", "no picture", "polyglot", "cut", "large", "address", "number"],
)
def test_s_051_s_105_a_picture_of_another_kind_is_never_signed(city, verifier, face):
    asked = ask(city)
    verifier.present(new_key(), shown=shown_with(face))

    assert poll(city, asked)["state"] == "refused"


@pytest.mark.parametrize("face", [SVG, face_url(PICTURE + b"GIF89a"), "data:image/webp,x"])
def test_s_051_an_officer_cannot_offer_such_a_picture_either(city, face):
    answer = offer_licence(city, face)

    assert answer.status_code == 400
    assert "face" in answer.json["detail"]
    assert face not in answer.text


def test_a_licence_carries_the_picture_as_a_claim_that_may_be_kept_back(city):
    [text] = city.wallet().receive(offer_licence(city, FACE).json)
    payload = read_credential(text.split("~")[0] + "~").claims

    assert read_credential(text).claims["face"] == FACE
    assert "face" not in payload


def test_faces_are_forgotten_with_the_claims_and_never_logged(city, verifier, caplog):
    """decision 8: claims are kept until the wallet has its credential, and a face is one."""
    body = FACE.rpartition(",")[2][40:120]
    with caplog.at_level(logging.DEBUG):
        take_view(city, verifier, face=FACE)
    with city.office.database.reading() as session:
        tables = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
        rows = [
            tuple(row) for name in tables for row in session.execute(text(f"SELECT * FROM {name}"))
        ]

    assert rows
    open_offers = [row for row in rows if body in repr(row) and "issued" in row]
    assert open_offers == []
    assert body not in caplog.text


def test_the_metadata_of_a_view_promises_no_claim_that_is_not_in_it(city):
    issuer = city.http.get("/.well-known/openid-credential-issuer/agencies/transport").json
    configurations = issuer["credential_configurations_supported"]
    described = json.dumps(configurations["taxi-inspection.dc+sd-jwt"])

    assert '"face"' not in described
    assert '"face"' not in city.http.get("/types/taxi-inspection").text
    assert '"face"' in json.dumps(configurations["driving-licence.dc+sd-jwt"])
