"""SVG templates: filled, escaped, and refused when they could do anything but be seen (M-06)."""

import json
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.errors import Malformed
from credentials.sd_jwt import issue_sd_jwt, parse_sd_jwt, select_disclosures
from credentials.svg_template import collect_svg_values, escape_text, render_svg
from credentials.type_metadata import parse_type_metadata
from tests.credentials.workshop import AGENCY, salts

SVG = 'xmlns="http://www.w3.org/2000/svg"'
PNG = "data:image/png;base64,iVBORw0KGgo="


def wrap(inside, attributes=""):
    return f'<svg {SVG} width="100" height="100" {attributes}>{inside}</svg>'.encode()


def render(inside, attributes="", **values):
    return render_svg(wrap(inside, attributes), values=values).decode()


def refusal(template, **values):
    with pytest.raises(Malformed) as fault:
        render_svg(template, values=values)
    return fault.value.detail


def test_the_example_of_the_text_is_filled():
    text = '<text x="10" y="20">Street address: {{address_street_address}}</text>'
    filled = render(text, address_street_address="42 Galaxy Way")

    assert ">Street address: 42 Galaxy Way</text>" in filled


def test_sdvc_m_06_five_characters_are_escaped():
    filled = render("<text>{{name}}</text>", name="<script>&\"'</script>")

    assert "<text>&lt;script&gt;&amp;&quot;&apos;&lt;/script&gt;</text>" in filled


def test_the_value_of_a_claim_is_never_read_as_a_placeholder():
    assert ">{{b}}</text>" in render("<text>{{a}}</text>", a="{{b}}", b="secret")


def test_a_long_or_turning_text_is_made_harmless():
    assert len(escape_text("x" * 10_000)) == 512
    assert escape_text("a\u202eb\x00c\ud800") == "a\ufffdb\ufffdc\ufffd"


def test_what_is_harmless_stays():
    inside = (
        "<defs><linearGradient id='g'><stop offset='0' stop-color='#12107c'/></linearGradient>"
        "</defs><g transform='scale(2)'><rect x='0' fill='url(#g)' width='9'/></g>"
        f"<image href='{PNG}' width='5'/><title>Permit &amp; more</title><!-- a note -->"
    )
    filled = render(inside, "viewBox='0 0 9 9' xml:space='preserve'")

    assert 'fill="url(#g)"' in filled
    assert PNG in filled
    assert "a note" not in filled
    assert "Permit &amp; more" in filled
    ElementTree.fromstring(filled)


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<style>@import 'https://evil.example'</style>",
        "<foreignObject><p>x</p></foreignObject>",
        "<animate attributeName='href' values='javascript:alert(1)'/>",
        "<set attributeName='onload' to='alert(1)'/>",
        "<use href='#a'/>",
        "<a href='https://evil.example'><text>x</text></a>",
        "<image href='https://evil.example/pixel.png'/>",
        "<image href='data:image/svg+xml;base64,PHN2Zy8+'/>",
        "<image href='//evil.example/pixel.png'/>",
        "<image xmlns:x='http://www.w3.org/1999/xlink' x:href='http://evil.example'/>",
        "<linearGradient id='a' href='https://evil.example#b'/>",
        "<rect onclick='alert(1)'/>",
        "<rect style='fill:red'/>",
        "<rect fill='url(https://evil.example#a)'/>",
        "<rect fill='URL(//evil.example)'/>",
        "<rect fill='u\\72l(#a)'/>",
        "<rect fill='{{name}}'/>",
        "<text font-family='{{name}}'>x</text>",
        "<!-- {{name}} -->",
        "<text>{{other}}</text>",
        "<text>{{ name }}</text>",
        "<text>{{name}</text>",
        "<text>name}}</text>",
        "<text>{{na<tspan/>me}}</text>",
        "<text>{{name}}{{</text>",
        "<p xmlns='http://www.w3.org/1999/xhtml'>x</p>",
        "<html:script xmlns:html='http://www.w3.org/1999/xhtml'>alert(1)</html:script>",
        "<svg/>",
        "<?xml-stylesheet href='https://evil.example'?>",
        "<unknown/>",
        "<g>" * 40 + "</g>" * 40,
        "<g/>" * 2001,
        "<text>&name;</text>",
        "<text>",
        "<rect x='1' x='2'/>",
    ],
)
def test_s_049_a_template_with_anything_else_is_refused(inside):
    assert refusal(wrap(inside), name="x") == "unsafe_svg"


@pytest.mark.parametrize(
    "template",
    [
        b"",
        b"not xml",
        b"<svg/>",
        b"<html/>",
        f"<g {SVG}/>".encode(),
        f'<!DOCTYPE svg [<!ENTITY a "x">]><svg {SVG}><text>&a;</text></svg>'.encode(),
        f'<!DOCTYPE svg SYSTEM "https://evil.example/x.dtd"><svg {SVG}/>'.encode(),
        f'<?xml-stylesheet href="x"?><svg {SVG}/>'.encode(),
        f'<?xml version="1.0" encoding="utf-7"?><svg {SVG}/>'.encode(),
        f'<svg {SVG} onload="alert(1)"/>'.encode(),
        b"\xff\xfe\x00",
    ],
)
def test_s_049_what_is_no_plain_svg_is_refused(template):
    assert refusal(template) == "unsafe_svg"


def test_s_049_a_template_is_bounded():
    assert refusal(wrap(" " * 131_072)) == "too_large"


@given(st.binary(max_size=120), st.integers(min_value=0, max_value=150))
def test_damaged_templates_are_refused_or_hold_no_other_element(noise, place):
    whole = wrap("<g><text x='1'>{{name}}</text></g>")
    try:
        filled = render_svg(whole[:place] + noise + whole[place:], values={"name": "x"})
    except Malformed:
        return
    names = {each.tag.rpartition("}")[2] for each in ElementTree.fromstring(filled).iter()}
    assert names <= {"svg", "g", "text"}


def test_sdvc_m_06_a_claim_that_was_not_shown_is_empty():
    claims = {"vct": "urn:a", "plate": "2A", "seats": 4, "taxi": True, "zones": ["A", "B"], "o": {}}
    text = issue_sd_jwt(
        claims,
        disclosable=[("plate",)],
        type="dc+sd-jwt",
        signer=AGENCY,
        header={},
        salt=salts(),
    )
    entries = [{"path": [name], "svg_id": name} for name in claims]
    data = json.dumps({"vct": "urn:a", "claims": entries}).encode()
    metadata = parse_type_metadata(data, vct="urn:a")

    def values(shown):
        sd_jwt = parse_sd_jwt(shown, types=frozenset({"dc+sd-jwt"}))
        return collect_svg_values(metadata, sd_jwt)

    everything = values(text)
    assert everything == {
        "vct": "urn:a",
        "plate": "2A",
        "seats": "4",
        "taxi": "true",
        "zones": "A, B",
        "o": "",
    }
    assert values(select_disclosures(text, [])) == {**everything, "plate": ""}
