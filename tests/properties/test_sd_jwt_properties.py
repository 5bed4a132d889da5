"""SD-JWT: what is issued is shown as chosen and read as issued; nothing else passes (RFC 9901)."""

import copy

from hypothesis import assume, given
from hypothesis import strategies as st

from credentials.disclosures import RESERVED, path_covers
from credentials.jose import verify_jws
from credentials.sd_jwt import (
    SD_JWT_TYPES,
    SD_JWT_VC_VISIBLE,
    disclosable_paths,
    issue_sd_jwt,
    parse_sd_jwt,
    processed_claims,
    select_disclosures,
)
from tests.credentials.workshop import AGENCY, DRIVER, issue_permit, present, public_key, salts
from tests.properties.edits import JSON_SCALARS, edited_text, refused

NAMES = st.text("abcdeក", min_size=1, max_size=3).filter(lambda name: name not in RESERVED)
NESTED = st.recursive(
    JSON_SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
CLAIMS = st.dictionaries(NAMES, NESTED, max_size=4)
URL_CHARACTERS = st.sampled_from(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~="
)
PERMIT = issue_permit(disclosable=(("plate",), ("driver_number",), ("zone",)))
SHOWN = present(PERMIT)


def places(value, above=()):
    """Every place in a value, as a path."""
    if isinstance(value, dict):
        members = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    else:
        return
    for name, member in members:
        yield (*above, name)
        yield from places(member, (*above, name))


@st.composite
def issued(draw):
    """Claims, the paths that may be hidden, and the credential."""
    claims = draw(CLAIMS)
    found = list(places(claims))
    paths = [path for path in found if draw(st.booleans())]
    # In a path of ours an array is hidden element by element, all of them: None for each.
    paths = [tuple(None if isinstance(step, int) else step for step in path) for path in paths]
    text = issue_sd_jwt(
        {"vct": "urn:a", **claims},
        disclosable=paths,
        type="dc+sd-jwt",
        signer=AGENCY,
        header={},
        salt=salts(),
        decoys=draw(st.integers(0, 2)),
    )
    return {"vct": "urn:a", **claims}, text


def read(text):
    return processed_claims(parse_sd_jwt(text, types=SD_JWT_TYPES))


def is_part(shown, whole):
    """Nothing is shown that was not issued, and lists keep their order."""
    if isinstance(shown, dict) and isinstance(whole, dict):
        return all(name in whole and is_part(shown[name], whole[name]) for name in shown)
    if isinstance(shown, list) and isinstance(whole, list):
        rest = iter(whole)
        return all(any(is_part(each, other) for other in rest) for each in shown)
    return shown == whole


@given(issued())
def test_what_is_issued_is_read_in_full(drawn):
    claims, text = drawn

    assert read(text) == claims
    assert verify_jws(parse_sd_jwt(text, types=SD_JWT_TYPES).jws, public_key(AGENCY))


@given(issued(), st.data())
def test_what_is_shown_is_what_was_chosen_with_its_parents(drawn, data):
    claims, text = drawn
    hidden = disclosable_paths(text)
    chosen = data.draw(st.lists(st.sampled_from(hidden), unique=True)) if hidden else []
    shown = select_disclosures(text, chosen)
    claims_shown = read(shown)

    assert is_part(claims_shown, claims)
    # Of all that could be hidden, there is what was chosen, what stands above it, and beneath it.
    expected = {
        place
        for place in hidden
        if any(place[: len(each)] == each or each[: len(place)] == place for each in chosen)
    }
    parents = {place for place in hidden if any(path_covers(place, each) for each in chosen)}
    assert parents <= expected
    assert len(shown.split("~")) - 2 == len(expected)


@given(issued())
def test_all_chosen_is_all_and_none_chosen_is_the_token_alone(drawn):
    claims, text = drawn

    assert read(select_disclosures(text, disclosable_paths(text))) == claims
    assert select_disclosures(text, ()) == text.partition("~")[0] + "~"


@given(issued(), st.data())
def test_disclosures_count_once_and_in_any_order(drawn, data):
    claims, text = drawn
    token, *disclosures, _ = text.split("~")
    shuffled = data.draw(st.permutations(disclosures))

    assert read("~".join([token, *shuffled, ""])) == claims
    if disclosures:
        doubled = [*disclosures, data.draw(st.sampled_from(disclosures))]
        assert refused(read, "~".join([token, *doubled, ""]))


@given(issued(), issued())
def test_a_disclosure_of_another_credential_belongs_nowhere(drawn, other):
    _, text = drawn
    foreign = [each for each in other[1].split("~")[1:-1] if each not in text.split("~")]
    assume(foreign)

    assert refused(read, f"{text}{foreign[0]}~")


@given(st.data())
def test_one_other_character_is_refused_or_no_longer_signed(data):
    text = data.draw(st.sampled_from([PERMIT, SHOWN]))
    place = data.draw(st.integers(0, len(text) - 1))
    changed = text[:place] + data.draw(URL_CHARACTERS) + text[place + 1 :]
    assume(changed != text)
    if refused(read, changed):
        return
    sd_jwt = parse_sd_jwt(changed, types=SD_JWT_TYPES)
    binding = sd_jwt.key_binding
    holds = verify_jws(sd_jwt.jws, public_key(AGENCY))
    is_bound = binding is not None and (
        verify_jws(binding, public_key(DRIVER)) and binding.payload["sd_hash"] == sd_jwt.sd_hash
    )

    # Only a cut may leave it valid: fewer disclosures, and then no key binding fits.
    assert not (holds and is_bound)
    assert not holds or is_part(read(changed), read(PERMIT))


@given(edited_text(st.sampled_from([PERMIT, SHOWN]), alphabet=URL_CHARACTERS))
def test_any_change_is_refused_or_shows_no_claim_that_was_not_issued(text):
    if refused(read, text):
        return
    sd_jwt = parse_sd_jwt(text, types=SD_JWT_TYPES)
    if verify_jws(sd_jwt.jws, public_key(AGENCY)):
        assert is_part(read(text), read(PERMIT))


@given(CLAIMS, st.sampled_from(sorted(RESERVED)), st.data())
def test_reserved_names_are_never_issued(claims, name, data):
    objects = [path for path in [(), *places(claims)] if isinstance(_at(claims, path), dict)]
    changed = copy.deepcopy(claims)
    _at(changed, data.draw(st.sampled_from(objects)))[name] = []

    assert refused(
        issue_sd_jwt,
        changed,
        disclosable=[()],
        type="dc+sd-jwt",
        signer=AGENCY,
        header={},
        salt=salts(),
    )


@given(st.sampled_from(sorted(SD_JWT_VC_VISIBLE)))
def test_what_decides_about_validity_is_never_hidden(name):
    assert refused(
        issue_sd_jwt,
        {name: "a"},
        disclosable=[(name,)],
        type="dc+sd-jwt",
        signer=AGENCY,
        header={},
        salt=salts(),
    )


def _at(value, path):
    for step in path:
        value = value[step]
    return value
