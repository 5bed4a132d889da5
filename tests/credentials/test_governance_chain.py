"""K of N governors, a chain of acts, and every way to come in without them."""

from dataclasses import replace

import pytest

from credentials.errors import Malformed
from credentials.governance_act import (
    NO_ACT,
    ActKind,
    ActRefused,
    ActSignature,
    add_signature,
    build_governors_json,
    build_signed_act_json,
    merge_signatures,
    parse_act,
    read_signed_act,
)
from credentials.governance_chain import AcceptedAct, count_missing, found, replay
from encoding import base64url
from encoding.strict_json import canonical_json
from tests.credentials.governed_city import (
    CITY,
    DAY,
    HOUR,
    GovernedCity,
    agency_entry,
    governors,
    key_of,
    seconds,
    sign,
    signer,
)
from tests.credentials.workshop import NOW, ed25519_signer

VERIFIER = {"client_id": "x509_hash:abc", "name": {"en": "Inspection"}, "purposes": ["taxi"]}
BODY = {"verifier": VERIFIER}


@pytest.fixture
def city():
    return GovernedCity()


def refusal(city, signed):
    before = city.state
    with pytest.raises(ActRefused) as refused:
        city.accept(signed)
    assert city.state is before
    return refused.value.detail


def test_two_of_three_governors_change_the_registry(city):
    assert city.threshold == 2
    city.do("put_verifier", BODY)

    assert (city.state.sequence, city.state.version) == (2, 2)
    assert [*city.state.entries.verifiers] == ["x509_hash:abc"]


def test_the_chain_makes_the_registry_anew(city):
    city.do("put_issuer", {"issuer": agency_entry()})
    city.now += HOUR
    city.do("put_verifier", BODY)
    city.do("withdraw_verifier", {"client_id": "x509_hash:abc"})

    assert replay(city.acts, city=CITY) == city.state
    for lost in range(len(city.acts) - 1):
        with pytest.raises(ActRefused):
            replay([*city.acts[:lost], *city.acts[lost + 1 :]], city=CITY)
    with pytest.raises(ActRefused):
        replay([], city=CITY)
    with pytest.raises(ActRefused):
        replay([city.acts[0], city.acts[2], city.acts[1], city.acts[3]], city=CITY)


def test_one_governor_short_changes_nothing(city):
    short = city.signed("put_verifier", BODY, by=city.signers[:1])

    assert refusal(city, short) == "quorum_short"
    assert count_missing(city.state, short, at=city.now) == 1
    city.accept(sign(short, city.signers[2]))


def test_the_same_governor_twice_is_no_second_one(city):
    first = city.signers[0]
    twice = city.signed("put_verifier", BODY, by=[first, first])

    assert refusal(city, twice) == "governor_twice"
    with pytest.raises(ActRefused, match="twice"):
        count_missing(city.state, twice, at=city.now)
    merged = merge_signatures(
        city.signed("put_verifier", BODY, by=[first]), city.signed("put_verifier", BODY, by=[first])
    )
    assert len(merged.signatures) == 1


def test_a_governor_under_another_name_is_not_another_one(city):
    first = city.signers[0]
    signed = city.signed("put_verifier", BODY, by=[first])
    other = key_of(city.signers[1]).thumbprint

    assert refusal(city, add_signature(signed, signer=first, key_id=other)) == "bad_act_signature"


def test_a_stranger_adds_nothing(city):
    assert refusal(city, city.signed("put_verifier", BODY, by=[signer(), signer()])) == (
        "not_a_governor"
    )
    whole = city.signed("put_verifier", BODY)
    assert refusal(city, sign(whole, signer())) == "not_a_governor"
    with pytest.raises(ActRefused, match="no governor"):
        count_missing(city.state, city.propose("put_verifier", BODY), at=city.now)


def test_a_changed_payload_is_nobodys(city):
    signed = city.signed("put_verifier", BODY)
    other = city.propose("put_verifier", {"verifier": {**VERIFIER, "client_id": "evil"}})

    assert refusal(city, replace(other, signatures=signed.signatures)) == "bad_act_signature"


def test_an_act_is_accepted_once(city):
    act = city.signed("put_verifier", BODY)
    city.accept(act)

    assert refusal(city, act) == "act_not_next"
    city.do("withdraw_verifier", {"client_id": "x509_hash:abc"})
    assert refusal(city, act) == "act_not_next"


def test_of_two_acts_at_once_one_follows_the_other_does_not(city):
    one = city.signed("put_verifier", BODY)
    other = city.signed("put_issuer", {"issuer": agency_entry()})
    city.accept(one)

    assert refusal(city, other) == "act_not_next"


def test_an_act_of_another_history_does_not_follow(city):
    twin = GovernedCity(*city.signers)
    city.do("put_verifier", BODY)
    twin.do("put_issuer", {"issuer": agency_entry()})
    forked = twin.signed("withdraw_verifier", {"client_id": "x509_hash:abc"})

    assert forked.act.sequence == city.state.sequence + 1
    assert refusal(city, forked) == "act_not_next"


def test_an_act_for_another_city_changes_nothing_here(city):
    foreign = city.signed("put_verifier", BODY, city="status.other.example")

    assert refusal(city, foreign) == "act_of_another_city"
    with pytest.raises(ActRefused):
        replay(city.acts, city="status.other.example")


def test_an_act_has_its_time(city):
    early = city.signed("put_verifier", BODY, not_before=NOW + HOUR, not_after=NOW + 2 * HOUR)

    assert refusal(city, early) == "act_outside_of_window"
    city.now = NOW + 3 * HOUR
    assert refusal(city, early) == "act_outside_of_window"
    city.now = NOW + HOUR
    city.accept(early)
    city.now = NOW
    back = city.signed("withdraw_verifier", {"client_id": "x509_hash:abc"})
    assert refusal(city, back) == "act_outside_of_window"


def change(city, *signers, threshold):
    return build_governors_json(governors(*signers, threshold=threshold))


def test_the_old_set_and_the_new_one_agree_to_a_change_of_governors(city):
    first, second, third = city.signers
    fourth, fifth = signer(), ed25519_signer("fifth governor")
    body = change(city, third, fourth, fifth, threshold=2)

    def asked(*by):
        return city.signed("change_governors", body, by=by)

    assert refusal(city, asked(first, second)) == "quorum_short"
    assert refusal(city, asked(fourth, fifth)) == "quorum_short"
    assert refusal(city, asked(first, fourth, fifth)) == "quorum_short"
    assert count_missing(city.state, asked(first, second), at=city.now) == 2
    city.accept(asked(first, second, fourth, fifth))
    assert refusal(city, city.signed("put_verifier", BODY, by=[first, second])) == "not_a_governor"
    city.do("put_verifier", BODY, by=[fourth, fifth])


def test_the_set_before_has_no_word_any_more(city):
    first, second, third = city.signers
    prepared = city.propose("put_verifier", BODY)
    city.accept(
        city.signed("change_governors", change(city, second, third, threshold=2), by=city.signers)
    )

    assert refusal(city, sign(prepared, first, second)) == "act_not_next"
    late = city.signed("put_verifier", BODY, by=[first, second])
    assert refusal(city, late) == "not_a_governor"


def test_a_governor_removed_by_the_very_act_counts_for_the_old_set_only(city):
    first, second, third = city.signers
    body = change(city, second, third, threshold=2)

    assert refusal(city, city.signed("change_governors", body, by=[first, second])) == (
        "quorum_short"
    )
    city.accept(city.signed("change_governors", body, by=[second, third]))
    assert city.state.governors.threshold == 2


@pytest.mark.parametrize("threshold", [0, -1, 1, 4, True, "2", None])
def test_a_set_that_could_split_or_never_agree_does_not_govern(city, threshold):
    body = {**change(city, *city.signers, threshold=2), "threshold": threshold}

    with pytest.raises(Malformed):
        city.do("change_governors", body, by=city.signers)


def test_the_same_governors_again_change_nothing(city):
    body = change(city, *reversed(city.signers), threshold=2)

    assert refusal(city, city.signed("change_governors", body)) == "act_changes_nothing"


def test_a_city_is_founded_once_and_by_its_governors(city):
    again = city.signed("found", dict(city.acts[0].signed.act.body), by=city.signers)
    first = city.acts[0].signed

    assert refusal(city, again) == "act_not_next"
    for broken, why in (
        (replace(first, signatures=first.signatures[:1]), "quorum_short"),
        (replace(first, signatures=()), "quorum_short"),
        (city.signed("put_verifier", BODY, sequence=1, previous=NO_ACT), "act_not_next"),
    ):
        with pytest.raises(ActRefused) as refused:
            found(broken, city=CITY, at=NOW)
        assert refused.value.detail == why


def test_acts_survive_the_wire(city):
    city.do("put_verifier", BODY)
    for each in city.acts:
        assert read_signed_act(build_signed_act_json(each.signed)) == each.signed


def test_the_digest_of_an_act_covers_no_signature(city):
    one = city.signed("put_verifier", BODY, by=city.signers[:2])
    other = sign(replace(one, signatures=()), *city.signers[1:])

    assert one.digest == other.digest
    assert one.signatures != other.signatures


GOOD = {
    "city": CITY,
    "sequence": 2,
    "previous": base64url.encode(NO_ACT),
    "kind": "put_verifier",
    "body": BODY,
    "not_before": seconds(NOW),
    "not_after": seconds(NOW + DAY),
}


@pytest.mark.parametrize(
    "change",
    [
        {"city": ""},
        {"city": 7},
        {"sequence": 0},
        {"sequence": True},
        {"sequence": "2"},
        {"previous": "AA"},
        {"previous": "!"},
        {"previous": None},
        {"kind": "anoint"},
        {"kind": None},
        {"kind": ["found"]},
        {"body": []},
        {"not_before": "today"},
        {"not_after": seconds(NOW)},
        {"not_after": seconds(NOW - DAY)},
        {"not_after": seconds(NOW + 32 * DAY)},
        {"more": 1},
    ],
)
def test_words_that_are_no_act_are_refused(change):
    assert parse_act(canonical_json(GOOD)).sequence == 2
    with pytest.raises(Malformed):
        parse_act(canonical_json({**GOOD, **change}))


@pytest.mark.parametrize(
    "payload", [b"", b"{}", b"[]", b"\xff", canonical_json(GOOD) + b" ", b'{"city":"a","city":"b"}']
)
def test_an_act_has_one_spelling(payload):
    with pytest.raises(Malformed):
        parse_act(payload)


def test_a_jws_of_another_shape_is_refused(city):
    good = build_signed_act_json(city.signed("put_verifier", BODY))
    [signature, _] = good["signatures"]
    for change in (
        {"payload": None},
        {"payload": "!"},
        {"payload": "A" * (1 << 21)},
        {"signatures": None},
        {"signatures": [signature] * 65},
        {"signatures": [{**signature, "header": {}}]},
        {"signatures": [{**signature, "signature": "A" * 4096}]},
        {"header": {}},
    ):
        with pytest.raises(Malformed):
            read_signed_act({**good, **change})


@pytest.mark.parametrize(
    "header",
    [
        b'{"alg":"none","typ":"governance-act+jws","kid":"x"}',
        b'{"alg":"HS256","typ":"governance-act+jws","kid":"x"}',
        b'{"alg":"ES256","typ":"JWT","kid":"x"}',
        b'{"alg":"ES256","typ":"governance-act+jws","crit":["b64"],"b64":false,"kid":"x"}',
        b"not json",
    ],
)
def test_s_001_s_009_s_010_headers_of_an_act_are_strict(city, header):
    signed = city.propose("put_verifier", BODY)
    bad = ActSignature(base64url.encode(header), bytes(64))

    with pytest.raises(Malformed):
        city.accept(replace(signed, signatures=(bad,)))


def test_a_signature_without_a_kid_is_of_nobody(city):
    signed = city.propose("put_verifier", BODY)
    header = base64url.encode(b'{"alg":"ES256","typ":"governance-act+jws"}')

    assert refusal(city, replace(signed, signatures=(ActSignature(header, bytes(64)),))) == (
        "not_a_governor"
    )


def test_acceptance_does_not_go_back_in_a_chain(city):
    city.now += HOUR
    city.do("put_verifier", BODY)
    city.acts[1] = AcceptedAct(city.acts[1].signed, NOW - HOUR)

    with pytest.raises(ActRefused):
        replay(city.acts, city=CITY)


def test_every_kind_is_known_to_the_chain():
    assert {each.value for each in ActKind} >= {"found", "accredit", "change_governors"}
