"""Type metadata of every document: read as a stranger reads it, and kept by what is issued."""

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from issuing_city import BASE, IssuingCity, build_settings

from credentials.catalog import LANGUAGES
from credentials.display_metadata import choose_display, open_resource
from credentials.errors import Malformed
from credentials.sd_jwt import SD_JWT_TYPES, parse_sd_jwt, select_disclosures
from credentials.svg_template import collect_svg_values, render_svg
from credentials.type_metadata import check_type, process_type_metadata

NAMES = [each.stem for each in (Path(__file__).parents[2] / "credentials" / "types").glob("*.json")]


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    city = IssuingCity(build_settings(tmp_path_factory.mktemp("city")))
    city.open_agency("transport")
    yield city
    city.close()


@pytest.fixture(scope="module")
def permit(city):
    [text] = city.wallet().receive(city.offer("taxi-permit").json)
    return text


def read_metadata(city, name, *, integrity=None):
    url = f"{BASE}/types/{name}"
    documents = {url: city.http.get(f"/types/{name}").data}
    return process_type_metadata(url, integrity=integrity, documents=documents)


@pytest.mark.parametrize("name", NAMES)
def test_sdvc_m_02_the_metadata_of_each_type_is_whole_in_three_languages(city, name):
    metadata = read_metadata(city, name)
    credential_type = city.office.catalog.by_name(name)

    assert [each.locale for each in metadata.displays] == list(LANGUAGES)
    for display in metadata.displays:
        assert display.name == credential_type.labels[display.locale]
    assert [each.path for each in metadata.claims] == [
        each.path for each in credential_type.inner_claims
    ]
    assert all(len(each.displays) == 3 for each in metadata.claims)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_sdvc_m_06_each_card_is_drawn_by_the_safe_renderer(city, name, language):
    metadata = read_metadata(city, name)
    display = choose_display(metadata.displays, [language])
    [template] = display.svg_templates
    values = {claim.svg_id: f"<{claim.svg_id}>" for claim in metadata.claims}
    card = render_svg(open_resource(template.resource, documents={}), values=values)
    texts = [each.text for each in ElementTree.fromstring(card).iter() if each.text]

    assert texts[0] == display.name
    assert any(text.startswith("<") for text in texts)


def test_sdvc_m_03_an_issued_credential_says_which_metadata_was_meant(city, permit):
    payload = parse_sd_jwt(permit, types=SD_JWT_TYPES).jws.payload
    integrity = payload["vct#integrity"]

    assert read_metadata(city, "taxi-permit", integrity=integrity).name == "Taxi permit"
    with pytest.raises(Malformed) as fault:
        read_metadata(city, "driving-licence", integrity=integrity)
    assert fault.value.detail == "integrity_mismatch"


def test_sdvc_m_04_an_issued_credential_keeps_to_its_metadata(city, permit):
    documents = {f"{BASE}/types/taxi-permit": city.http.get("/types/taxi-permit").data}
    held = check_type(read(permit), documents=documents, is_complete=True)

    assert held.name == "Taxi permit"
    for paths in ([], [("plate",)]):
        shown = read(select_disclosures(permit, paths))
        assert check_type(shown, documents=documents, is_complete=False) == held
    with pytest.raises(Malformed) as fault:
        check_type(read(permit), documents={}, is_complete=False)
    assert fault.value.detail == "type_metadata_missing"


def read(text):
    return parse_sd_jwt(text, types=SD_JWT_TYPES)


def test_sdvc_m_06_a_card_shows_what_the_holder_shows(city, permit):
    metadata = read_metadata(city, "taxi-permit")
    template = metadata.displays[0].svg_templates[0]
    shown = parse_sd_jwt(select_disclosures(permit, [("permit_number",)]), types=SD_JWT_TYPES)
    card = render_svg(
        open_resource(template.resource, documents={}),
        values=collect_svg_values(metadata, shown),
    ).decode()
    example = city.example("taxi-permit")

    assert example["permit_number"] in card
    assert example["driver_number"] not in card


def test_sdvc_m_04_parts_of_what_may_be_left_out_are_not_mandatory(city):
    for name in NAMES:
        document = json.loads(city.http.get(f"/types/{name}").data)
        mandatory = {tuple(each["path"]): each["mandatory"] for each in document["claims"]}
        for path, is_mandatory in mandatory.items():
            if len(path) > 1 and is_mandatory:
                assert mandatory[path[:-1]]
