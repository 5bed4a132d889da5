"""SD-JWT VC type metadata: chains, integrity, claims as issued (SDVC-M-02 to M-04, S-049)."""

import base64
import hashlib
import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.display_metadata import Resource, choose_display, open_resource
from credentials.errors import Malformed
from credentials.integrity import build_integrity, check_integrity
from credentials.type_metadata import (
    MAX_CHAIN,
    MAX_DOCUMENT,
    parse_type_metadata,
    process_type_metadata,
    required_documents,
)

BASE = "https://city.example/types/paper"
TYPE = "https://city.example/types/permit"
PNG = "data:image/png;base64,iVBORw0KGgo="


def document(vct=TYPE, **members):
    return json.dumps({"vct": vct, **members}).encode()


def process(*documents, integrity=None, vct=TYPE):
    by_name = {json.loads(each)["vct"]: each for each in documents}
    return process_type_metadata(vct, integrity=integrity, documents=by_name)


def refusal(work, *arguments, **named):
    with pytest.raises(Malformed) as fault:
        work(*arguments, **named)
    return fault.value.detail


def claim(*path, **members):
    return {"path": list(path), **members}


# One document.


def test_sdvc_m_02_a_document_says_how_a_type_is_called_and_shown():
    metadata = process(
        document(
            name="Permit",
            description="For developers",
            colour="ignored",
            display=[
                {
                    "locale": "km",
                    "name": "អាជ្ញាប័ណ្ណ",
                    "rendering": {
                        "simple": {
                            "logo": {"uri": PNG, "alt_text": "Coat of arms"},
                            "background_color": "#12107c",
                            "text_color": "rgb(255, 255, 255)",
                        },
                        "svg_templates": [
                            {"uri": "https://city.example/permit.svg", "uri#integrity": "sha256-x"}
                        ],
                    },
                }
            ],
            claims=[claim("plate", display=[{"locale": "en", "label": "Plate"}], svg_id="plate")],
        )
    )

    (display,) = metadata.displays
    assert (display.name, display.background_color) == ("អាជ្ញាប័ណ្ណ", "#12107c")
    assert display.logo.alt_text == "Coat of arms"
    assert display.svg_templates[0].resource.integrity == "sha256-x"
    assert metadata.claim_of_svg_id("plate").displays[0].label == "Plate"
    assert metadata.claim_of_svg_id("other") is None


@pytest.mark.parametrize(
    "members",
    [
        {"name": 7},
        {"extends": 7},
        {"display": {}},
        {"display": ["x"]},
        {"display": [{}] * 65},
        {"display": [{"locale": "en"}]},
        {"display": [{"name": "Permit"}]},
        {"display": [{"locale": "<script>", "name": "Permit"}]},
        {"display": [{"locale": "en", "name": "x" * 1025}]},
        {"display": [{"locale": "en", "name": "P", "rendering": []}]},
        {"display": [{"locale": "en", "name": "P", "rendering": {"simple": 1}}]},
        {"claims": {}},
        {"claims": ["x"]},
        {"claims": [{}]},
        {"claims": [claim()]},
        {"claims": [claim(True)]},
        {"claims": [claim(-1)]},
        {"claims": [claim(1.5)]},
        {"claims": [claim({})]},
        {"claims": [claim("a", mandatory="true")]},
        {"claims": [claim("a", sd="maybe")]},
        {"claims": [claim("a", sd=None)]},
        {"claims": [claim("a", svg_id="1a")]},
        {"claims": [claim("a", svg_id="a-b")]},
        {"claims": [claim("a", display=[{"locale": "en"}])]},
        {"claims": [claim("a"), claim("a")]},
        {"claims": [claim("a", svg_id="x"), claim("b", svg_id="x")]},
        {"claims": [claim("a")] * 513},
    ],
)
def test_sdvc_m_04_a_document_that_is_not_as_it_must_be_is_refused(members):
    assert refusal(process, document(**members)) == "invalid_type_metadata"


@pytest.mark.parametrize(
    "simple",
    [
        {"background_color": "red;} body{display:none"},
        {"background_color": "url(https://evil.example)"},
        {"text_color": "expression(1)"},
        {"text_color": "#12345"},
        {"logo": {}},
        {"logo": {"uri": "http://city.example/logo.png"}},
        {"logo": {"uri": "javascript:alert(1)"}},
        {"logo": {"uri": "file:///etc/passwd"}},
        {"logo": {"uri": "https://user@city.example/x"}},
        {"logo": {"uri": "https://city.example/ x"}},
    ],
)
def test_s_049_colours_and_addresses_that_could_do_harm_are_refused(simple):
    display = [{"locale": "en", "name": "Permit", "rendering": {"simple": simple}}]

    assert refusal(process, document(display=display)) == "invalid_type_metadata"


@pytest.mark.parametrize(
    "templates",
    [
        [{}],
        [{"uri": PNG}, {"uri": PNG}],
        [{"uri": PNG, "properties": {}}],
        [{"uri": PNG, "properties": {"orientation": "diagonal"}}],
        {"uri": PNG},
    ],
)
def test_templates_say_what_they_are_for(templates):
    display = [{"locale": "en", "name": "P", "rendering": {"svg_templates": templates}}]

    assert refusal(process, document(display=display)) == "invalid_type_metadata"


def test_s_049_a_document_is_bounded():
    assert refusal(process, document(note="x" * MAX_DOCUMENT)) == "too_large"
    assert refusal(process, document(note="x" * 1_000_000)) == "too_large"


@given(st.binary(max_size=200))
def test_any_other_bytes_are_refused(data):
    with pytest.raises(Malformed):
        parse_type_metadata(data, vct=TYPE)


def test_the_display_of_the_language_that_is_read_is_chosen():
    locales = ["en-GB", "km", "zh-Hans"]
    displays = process(
        document(display=[{"locale": each, "name": each} for each in locales])
    ).displays

    assert choose_display(displays, ["km"]).locale == "km"
    assert choose_display(displays, ["zh-Hant", "km"]).locale == "zh-Hans"
    assert choose_display(displays, ["EN-gb"]).locale == "en-GB"
    assert choose_display(displays, ["fr"]).locale == "en-GB"
    assert choose_display((), ["fr"]) is None


# Integrity.


def sri(name, data):
    return f"{name}-{base64.b64encode(hashlib.new(name, data).digest()).decode()}"


def test_sdvc_m_03_the_octets_of_the_document_are_what_was_meant():
    data = document(name="Permit")

    assert process(data, integrity=build_integrity(data)).name == "Permit"
    assert refusal(process, data + b" ", integrity=build_integrity(data)) == "integrity_mismatch"


@pytest.mark.parametrize(
    ("integrity", "detail"),
    [
        (sri("sha256", b"x"), None),
        (sri("sha384", b"x"), None),
        (sri("sha512", b"x"), None),
        (f"{sri('sha512', b'x')} {sri('sha256', b'y')}", None),
        (f"{sri('sha512', b'y')} {sri('sha512', b'x')}", None),
        (f"md5-AA {sri('sha256', b'x')}?option", None),
        (sri("sha512", b"x").replace("+", "-").replace("/", "_"), None),
        (f"{sri('sha512', b'y')} {sri('sha256', b'x')}", "integrity_mismatch"),
        (f"sha512-!!! {sri('sha256', b'x')}", "integrity_mismatch"),
        (sri("sha256", b"y"), "integrity_mismatch"),
        (sri("sha256", b"x")[:-4], "integrity_mismatch"),
        ("sha256-", "integrity_mismatch"),
        (sri("sha1", b"x"), "invalid_integrity"),
        ("", "invalid_integrity"),
        ("sha256", "integrity_mismatch"),
    ],
)
def test_sdvc_m_03_the_strongest_known_algorithm_decides(integrity, detail):
    if detail is None:
        check_integrity(integrity, b"x")
    else:
        assert refusal(check_integrity, integrity, b"x") == detail


@pytest.mark.parametrize("integrity", [7, None, "x" * 2049, ["sha256-x"]])
def test_sdvc_m_03_an_integrity_is_a_short_text(integrity):
    data = document(**{"extends": BASE, "extends#integrity": integrity})

    assert refusal(process, data, document(BASE)) == "invalid_integrity"


def test_sdvc_m_03_an_extended_document_is_checked_as_well():
    base = document(BASE)
    good = document(**{"extends": BASE, "extends#integrity": build_integrity(base)})
    bad = document(**{"extends": BASE, "extends#integrity": build_integrity(b"x")})

    assert process(good, base).lineage == (TYPE, BASE)
    assert refusal(process, bad, base) == "integrity_mismatch"


@pytest.mark.parametrize(
    ("resource", "detail"),
    [
        (Resource(PNG, None), None),
        (Resource(PNG, build_integrity(base64.b64decode(PNG.partition(",")[2]))), None),
        (Resource(PNG, build_integrity(b"x")), "integrity_mismatch"),
        (Resource("https://city.example/logo.png", None), None),
        (Resource("https://city.example/other.png", None), "type_metadata_missing"),
        (Resource("https://city.example/large.png", None), "too_large"),
        (Resource("data:text/html;base64,PGI+", None), "unsupported_resource"),
        (Resource("data:image/svg+xml,%3Csvg/%3E", None), "unsupported_resource"),
        (Resource("data:image/png;base64,AAAAA", None), "invalid_type_metadata"),
    ],
)
def test_s_049_a_resource_is_an_image_that_was_meant(resource, detail):
    documents = {
        "https://city.example/logo.png": b"PNG",
        "https://city.example/large.png": bytes(131_073),
    }
    if detail is None:
        assert open_resource(resource, documents=documents)
    else:
        assert refusal(open_resource, resource, documents=documents) == detail


# Chains.


def test_sdvc_m_02_the_example_of_the_text_inherits_and_overrides():
    base = document(
        BASE,
        claims=[
            claim("name", display=[{"label": "Full Name", "locale": "en"}]),
            claim("address", "city", display=[{"label": "City", "locale": "en"}], sd="always"),
        ],
    )
    child = document(
        extends=BASE,
        claims=[
            claim("address", "city", display=[{"label": "Town", "locale": "en"}]),
            claim("nationalities", display=[{"label": "Nationalities", "locale": "en"}]),
        ],
    )
    claims = process(child, base).claims

    assert [(each.path, each.displays[0].label, each.sd) for each in claims] == [
        (("name",), "Full Name", None),
        (("address", "city"), "Town", "always"),
        (("nationalities",), "Nationalities", None),
    ]


def test_a_display_is_inherited_as_a_whole_or_not_at_all():
    english, khmer = ({"locale": each, "name": each} for each in ("en", "km"))
    base = document(BASE, display=[english, khmer])

    assert len(process(document(extends=BASE), base).displays) == 2
    assert len(process(document(extends=BASE, display=[khmer]), base).displays) == 1
    assert process(document(extends=BASE, display=[]), base).displays == ()


@pytest.mark.parametrize(
    ("before", "after", "is_allowed"),
    [
        ({}, {"sd": "always"}, True),
        ({"sd": "allowed"}, {"sd": "never"}, True),
        ({"sd": "always"}, {"sd": "always"}, True),
        ({"sd": "always"}, {}, True),
        ({"mandatory": False}, {"mandatory": True}, True),
        ({"mandatory": True}, {}, True),
        ({"sd": "always"}, {"sd": "never"}, False),
        ({"sd": "never"}, {"sd": "always"}, False),
        ({"sd": "always"}, {"sd": "allowed"}, False),
        ({"mandatory": True}, {"mandatory": False}, False),
    ],
)
def test_sdvc_m_02_a_type_only_tightens_what_it_extends(before, after, is_allowed):
    base = document(BASE, claims=[claim("a", **before)])
    child = document(extends=BASE, claims=[claim("a", **after)])

    if is_allowed:
        (merged,) = process(child, base).claims
        assert merged.sd == after.get("sd", before.get("sd"))
        assert merged.mandatory == after.get("mandatory", before.get("mandatory"))
    else:
        assert refusal(process, child, base) == "loosened_claim"


def test_two_claims_of_a_chain_do_not_share_an_svg_id():
    base = document(BASE, claims=[claim("a", svg_id="x")])
    child = document(extends=BASE, claims=[claim("b", svg_id="x")])

    assert refusal(process, child, base) == "invalid_type_metadata"


@pytest.mark.parametrize("loop", [[TYPE], [BASE, TYPE], [BASE, "urn:c", BASE]])
def test_s_049_types_that_extend_in_a_circle_are_refused(loop):
    names = [TYPE, *loop]
    documents = {
        name: document(name, extends=after) for name, after in zip(names, loop, strict=False)
    }

    assert refusal(process_type_metadata, TYPE, integrity=None, documents=documents) == (
        "circular_extends"
    )


def test_s_049_a_chain_is_bounded():
    names = [f"urn:{number}" for number in range(MAX_CHAIN + 1)]
    documents = [document(each, extends=after) for each, after in pairwise(names)]

    assert refusal(process, *documents, document(names[-1]), vct=names[0]) == "too_many_types"
    assert len(process(*documents, document(names[-1]), vct=names[1]).lineage) == MAX_CHAIN


def test_sdvc_m_02_a_document_is_about_the_type_that_was_asked_for():
    documents = {TYPE: document(BASE)}

    assert (
        refusal(process_type_metadata, TYPE, integrity=None, documents=documents) == "another_vct"
    )
    assert refusal(parse_type_metadata, b"{}", vct=TYPE) == "another_vct"


def test_sdvc_m_02_a_chain_is_processed_in_full_or_not_at_all():
    child = document(extends=BASE)

    assert refusal(process, child) == "type_metadata_missing"
    assert required_documents(TYPE, documents={}) == TYPE
    assert required_documents(TYPE, documents={TYPE: child}) == BASE
    assert required_documents(TYPE, documents={TYPE: child, BASE: document(BASE)}) is None
