"""Instants, the trust registry, and W3C documents with proofs."""

import copy
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from credentials.instants import LATEST, parse_date_time_stamp, parse_numeric_date
from credentials.keys import verify_signature
from credentials.ldp import read_ldp
from credentials.trust import (
    Accreditation,
    KeyUse,
    RegisteredVerifier,
    TrustedIssuer,
    TrustedKey,
    TrustRegistry,
)
from credentials.trust_document import (
    build_trust_registry_json,
    parse_trust_registry,
    read_trust_registry,
    sign_trust_registry,
)
from credentials.verdict import format_instant
from encoding.strict_json import build_json, parse_json
from tests.credentials.ldp_workshop import AGENCY, signed_permit
from tests.properties.edits import JSON_VALUES, TEXTS, edited_text, refused
from tests.properties.keys import SIGNERS, key_of

SECONDS = st.integers(0, LATEST).map(lambda number: datetime.fromtimestamp(number, UTC))
LABELS = st.text("abckm-", min_size=1, max_size=6)
KEYS = st.sampled_from([key_of(each) for each in SIGNERS.values()])
CERTIFICATES = st.lists(st.binary(min_size=1, max_size=9), max_size=2).map(tuple)
TRUSTED_KEYS = st.builds(
    TrustedKey,
    key=KEYS,
    use=st.sampled_from(KeyUse),
    valid_from=SECONDS,
    valid_until=st.none() | SECONDS,
    compromised_at=st.none() | SECONDS,
    x5c=CERTIFICATES,
    announced_at=st.none() | SECONDS,
    sign_until=st.none() | SECONDS,
)
ISSUERS = st.builds(
    TrustedIssuer,
    identifiers=st.lists(LABELS, min_size=1, max_size=3, unique=True).map(tuple),
    name=st.dictionaries(LABELS, TEXTS, max_size=2),
    keys=st.lists(TRUSTED_KEYS, max_size=2).map(tuple),
    x5c_anchors=CERTIFICATES,
    accreditations=st.lists(
        st.builds(
            Accreditation,
            types=st.frozensets(LABELS, max_size=2),
            valid_from=SECONDS,
            valid_until=st.none() | SECONDS,
        ),
        max_size=2,
    ).map(tuple),
)
REGISTRIES = st.builds(
    TrustRegistry,
    version=st.integers(0, 2**53 - 1),
    issued_at=SECONDS,
    expires_at=SECONDS,
    issuers=st.lists(ISSUERS, max_size=3).map(tuple),
    verifiers=st.lists(
        st.builds(
            RegisteredVerifier,
            client_id=LABELS,
            name=st.dictionaries(LABELS, TEXTS, max_size=2),
            purposes=st.lists(LABELS, max_size=2).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
)
SUITES = [(suite, signed_permit(suite)) for suite in ("eddsa-rdfc-2022", "eddsa-jcs-2022")]


@given(SECONDS)
@example(datetime.fromtimestamp(0, UTC))
@example(datetime.fromtimestamp(LATEST, UTC))
def test_an_instant_is_read_as_it_was_written(instant):
    assert parse_date_time_stamp(format_instant(instant), name="at") == instant
    assert parse_numeric_date(int(instant.timestamp()), name="at") == instant


@given(SECONDS, st.integers(-14 * 60, 14 * 60), st.integers(0, 999_999))
def test_every_zone_and_fraction_is_the_same_instant(instant, minutes, fraction):
    assume(datetime(2, 1, 1, tzinfo=UTC) < instant < datetime(9998, 1, 1, tzinfo=UTC))
    local = (instant + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S")
    zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    expected = instant + timedelta(microseconds=fraction)
    found = parse_date_time_stamp(f"{local.zfill(19)}.{fraction:06}{zone}", name="at")

    assert abs(found - expected) <= timedelta(microseconds=1)
    assert found.utcoffset() == timedelta(0)


@given(edited_text(SECONDS.map(format_instant)) | TEXTS)
@example("2026-11-22T09:00:60Z")
@example("2026-11-22T24:00:00Z")
@example("2026-02-30T09:00:00Z")
@example("2026-11-22T09:00:00")
@example("2026-11-22t09:00:00z")
@example("0001-01-01T00:00:00+14:00")
@example("9999-12-31T23:59:59-14:00")
@example("２026-11-22T09:00:00Z")
@example("2026-11-22T09:00:00Z\n")
def test_a_text_that_is_no_instant_is_refused(text):
    if not refused(parse_date_time_stamp, text, name="at"):
        found = parse_date_time_stamp(text, name="at")

        assert text.isascii()
        assert found.tzinfo is not None
        assert datetime.fromisoformat(text[:19] + "+00:00") - found <= timedelta(hours=14)


@given(JSON_VALUES)
@example(True)
@example(-1)
@example(LATEST + 1)
@example(1e300)
@example("1")
def test_a_value_that_is_no_numeric_date_is_refused(value):
    is_number = type(value) in (int, float) and 0 <= value <= LATEST

    assert refused(parse_numeric_date, value, name="at") != is_number


@given(REGISTRIES)
def test_a_trust_registry_is_read_as_it_was_written(registry):
    names = [name for issuer in registry.issuers for name in issuer.identifiers]
    written = parse_json(build_json(build_trust_registry_json(registry)))
    if len(set(names)) != len(names):
        assert refused(parse_trust_registry, written)
        return
    signer = SIGNERS["ES256"]
    text = sign_trust_registry(registry, signer=signer, key_id="k")

    assert parse_trust_registry(written) == registry
    assert read_trust_registry(text, keys=[key_of(signer)]) == registry


@st.composite
def changes(draw, whole):
    """A document with one member replaced, removed, added or put into an array."""
    document = copy.deepcopy(whole)
    paths = list(_places(document))
    place = draw(st.sampled_from(paths))
    parent = document
    for step in place[:-1]:
        parent = parent[step]
    kinds = ("replace", "remove", "wrap", "add", "other", "key")
    match draw(st.sampled_from(kinds)):
        case "replace":
            parent[place[-1]] = draw(JSON_VALUES)
        case "remove":
            del parent[place[-1]]
        case "wrap":
            parent[place[-1]] = [parent[place[-1]]]
        case "add" if isinstance(parent, dict):
            parent[draw(st.sampled_from(WORDS) | TEXTS)] = draw(JSON_VALUES)
        case "other":
            value = document
            for step in draw(st.sampled_from(paths)):
                value = value[step]
            parent[place[-1]] = copy.deepcopy(value)
        case "key" if isinstance(parent, dict):
            parent[draw(st.sampled_from(WORDS) | TEXTS)] = parent.pop(place[-1])
    return document


WORDS = [
    *("@context", "@id", "@type", "@value", "@language", "@graph", "@list", "@set", "@reverse"),
    *("@included", "@nest", "@none", "@index", "@direction", "id", "type", "name", "evidence"),
    *("issuer", "credentialSubject", "validUntil", "validFrom", "holder", "proof", "zone", "code"),
]


def meaning(value):
    """
    What JSON-LD has one and the same statements for: a value and an array of just this value.
    """
    if isinstance(value, list):
        distinct = {build_json(each): each for each in map(meaning, value)}
        return next(iter(distinct.values())) if len(distinct) == 1 else sorted(distinct)
    if isinstance(value, dict):
        return {name: meaning(each) for name, each in value.items()}
    return value


def _places(value, above=()):
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for name, member in members:
        yield (*above, name)
        if isinstance(member, dict | list):
            yield from _places(member, (*above, name))


@pytest.mark.parametrize(("suite", "whole"), SUITES)
@given(data=st.data())
def test_no_change_of_a_member_is_accepted_that_changes_what_is_claimed(suite, whole, data):
    (original,) = read_ldp(copy.deepcopy(whole))
    changed = data.draw(changes(whole))
    if refused(read_ldp, changed):
        return
    for found in read_ldp(changed):
        is_signed = verify_signature(key_of(AGENCY), found.signing_input, found.signature)
        if is_signed and found.alteration is None:
            same = meaning if "rdfc" in suite else (lambda value: value)
            assert same(found.claims) == same(original.claims)
            assert found.issuer == original.issuer
            assert set(found.types) == set(original.types)
            assert (found.valid_from, found.valid_until) == (
                original.valid_from,
                original.valid_until,
            )
            assert found.statuses == original.statuses
