"""What acts do to agencies, keys and verifiers, and what they cannot do."""

import pytest

from credentials.errors import CredentialError, Malformed
from credentials.governance_act import ActRefused
from credentials.key_states import KeyState, KeyStateRefused
from credentials.trust import is_accredited
from tests.credentials.governed_city import (
    ACTIVE,
    AGENCY_ID,
    DAY,
    DID,
    HOUR,
    OTHER_TYPE,
    TYPE,
    GovernedCity,
    agency_entry,
    key_of,
    seconds,
    signer,
)
from tests.credentials.workshop import NOW

LATER = NOW + 10 * DAY


@pytest.fixture
def key():
    return signer()


@pytest.fixture
def city(key):
    city = GovernedCity()
    city.do("put_issuer", {"issuer": agency_entry(key)})
    return city


def detail(city, kind, body):
    with pytest.raises(CredentialError) as refused:
        city.do(kind, body)
    return refused.value.detail


def may(city, name=TYPE, *, at=NOW):
    return is_accredited(city.agency(), (name,), at=at, skew=HOUR * 0)


def accreditation(**changes):
    return {"issuer": DID, "types": [OTHER_TYPE], "valid_from": seconds(NOW), **changes}


def test_an_agency_is_accredited_for_a_type_with_validity_and_claim_limits(city):
    city.do("accredit", accreditation(valid_until=seconds(LATER), claims=["name"]))
    [_, added] = city.agency().accreditations

    assert may(city, OTHER_TYPE)
    assert not may(city, OTHER_TYPE, at=LATER)
    assert (added.claims, added.valid_until) == ({"name"}, LATER)
    again = accreditation(valid_until=seconds(LATER), claims=["name"])
    assert detail(city, "accredit", again) == "act_changes_nothing"


def test_an_accreditation_is_withdrawn_from_a_time_on_and_its_past_stays(city):
    city.do("accredit", accreditation())
    city.do("withdraw_accreditation", {"issuer": AGENCY_ID, "types": [TYPE], "at": seconds(NOW)})

    assert may(city, at=NOW - HOUR)
    assert not may(city)
    assert may(city, OTHER_TYPE, at=LATER)


def test_of_several_types_one_is_withdrawn(city):
    city.do("accredit", accreditation(types=["a", "b"]))
    city.do("withdraw_accreditation", {"issuer": DID, "types": ["a"], "at": seconds(LATER)})

    assert (may(city, "a"), may(city, "a", at=LATER)) == (True, False)
    assert may(city, "b", at=LATER)


def test_an_accreditation_withdrawn_before_it_began_never_was(city):
    city.do("accredit", accreditation(valid_from=seconds(LATER)))
    city.do("withdraw_accreditation", {"issuer": DID, "types": [OTHER_TYPE], "at": seconds(NOW)})

    assert not may(city, OTHER_TYPE, at=LATER + DAY)
    assert len(city.agency().accreditations) == 1


def test_an_agency_is_withdrawn_with_every_type_and_keeps_its_keys(city):
    city.do("accredit", accreditation())
    city.do("withdraw_issuer", {"issuer": DID, "at": seconds(NOW)})

    assert not may(city)
    assert not may(city, OTHER_TYPE, at=LATER)
    assert len(city.agency().keys) == 1
    body = {"issuer": DID, "at": seconds(NOW)}
    assert detail(city, "withdraw_issuer", body) == "act_changes_nothing"


def test_s_186_a_key_is_added_and_rotated(city, key):
    added, new = signer(), signer()
    city.do(
        "add_key",
        {
            "issuer": DID,
            "key": {
                "jwk": dict(added.public_jwk),
                "use": "status",
                "valid_from": seconds(NOW),
            },
        },
    )
    city.do(
        "rotate_key",
        {
            "issuer": DID,
            "thumbprint": key_of(key).thumbprint,
            "new": dict(new.public_jwk),
            "sign_from": seconds(NOW + 7 * DAY),
            "retire_at": seconds(NOW + 400 * DAY),
        },
    )

    assert city.key_states() == [ACTIVE, ACTIVE, KeyState.ANNOUNCED]
    city.now += 8 * DAY
    assert city.key_states() == [KeyState.VERIFY_ONLY, ACTIVE, ACTIVE]


def rotation(key, **changes):
    return {
        "issuer": DID,
        "thumbprint": key_of(key).thumbprint,
        "new": dict(signer().public_jwk),
        "sign_from": seconds(LATER),
        "retire_at": seconds(LATER + DAY),
        **changes,
    }


def test_a_rotation_goes_forward(city, key):
    past = rotation(key, sign_from=seconds(NOW - DAY))
    turned = rotation(key, retire_at=seconds(NOW + DAY))

    assert detail(city, "rotate_key", past) == "rotation_out_of_order"
    assert detail(city, "rotate_key", turned) == "rotation_out_of_order"
    assert detail(city, "rotate_key", rotation(signer())) == "unknown_key"
    same = rotation(key, new=dict(key.public_jwk))
    assert detail(city, "rotate_key", same) == "key_state_refused"


def test_s_188_a_stolen_key_is_marked_and_replaced_and_never_comes_back(city, key):
    body = {"issuer": DID, "thumbprint": key_of(key).thumbprint, "since": seconds(NOW - HOUR)}
    city.do("compromise_key", {**body, "new": dict(signer().public_jwk)})

    assert city.key_states() == [KeyState.COMPROMISED, ACTIVE]
    for kind, words in (
        ("compromise_key", {**body, "since": seconds(NOW)}),
        ("put_issuer", {"issuer": agency_entry(key)}),
        ("put_issuer", {"issuer": agency_entry(signer())}),
    ):
        with pytest.raises(KeyStateRefused):
            city.do(kind, words)
    city.do("compromise_key", {**body, "since": seconds(NOW - DAY)})


def test_s_191_a_key_has_one_agency_and_one_use(city, key):
    other = agency_entry(key, identifiers=["https://issuer.example/agencies/land"])
    status = {"jwk": dict(key.public_jwk), "use": "status", "valid_from": seconds(NOW)}

    assert detail(city, "put_issuer", {"issuer": other}) == "key_taken"
    assert detail(city, "add_key", {"issuer": DID, "key": status}) == "key_taken"


def test_two_agencies_never_share_a_name(city):
    other = agency_entry(identifiers=["https://issuer.example/agencies/land", DID])

    assert detail(city, "put_issuer", {"issuer": other}) == "identifier_taken"


def test_a_verifier_is_registered_with_what_it_may_ask_and_withdrawn(city):
    verifier = {
        "client_id": "x509_hash:abc",
        "name": {"en": "Inspection"},
        "purposes": ["taxi-inspection"],
        "may_ask": {TYPE: ["name", "plate"]},
    }
    city.do("put_verifier", {"verifier": verifier})
    [registered] = city.state.entries.verifiers.values()

    assert registered.may_ask == {TYPE: {"name", "plate"}}
    assert detail(city, "put_verifier", {"verifier": verifier}) == "act_changes_nothing"
    city.do("withdraw_verifier", {"client_id": "x509_hash:abc"})
    assert city.state.entries.verifiers == {}
    assert detail(city, "withdraw_verifier", {"client_id": "x509_hash:abc"}) == "unknown_verifier"
    assert detail(city, "withdraw_verifier", {"client_id": ["x"]}) == "unknown_verifier"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("accredit", {}),
        ("accredit", accreditation(more=1)),
        ("accredit", accreditation(types=[])),
        ("accredit", accreditation(types="x")),
        ("accredit", accreditation(types=[7])),
        ("accredit", accreditation(claims="name")),
        ("accredit", accreditation(claims=None)),
        ("accredit", accreditation(valid_from="now")),
        ("withdraw_accreditation", {"issuer": DID, "types": "x", "at": 1}),
        ("withdraw_accreditation", {"issuer": DID, "types": [TYPE], "at": "now"}),
        ("withdraw_issuer", {"issuer": DID, "at": None}),
        ("put_issuer", {"issuer": {"identifiers": []}}),
        ("put_issuer", {"issuer": 7}),
        ("put_issuer", {"issuer": agency_entry(), "why": "because"}),
        ("put_verifier", {"verifier": {"client_id": ""}}),
        ("put_verifier", {"verifier": {"client_id": "x", "may_ask": []}}),
        ("put_verifier", {"verifier": {"client_id": "x", "may_ask": {"a": "b"}}}),
        ("add_key", {"issuer": DID, "key": {"jwk": {"kty": "oct", "k": "AA"}, "use": "status"}}),
        ("add_key", {"issuer": DID, "key": {"jwk": {}, "use": ["status"], "valid_from": 1}}),
        ("put_issuer", {"issuer": {"identifiers": [DID], "keys": [{"use": {}, "jwk": {}}]}}),
        ("rotate_key", {"issuer": DID, "thumbprint": 7, "new": {}, "sign_from": 1}),
        ("compromise_key", {"issuer": DID, "thumbprint": None, "since": "x"}),
    ],
)
def test_a_body_that_cannot_be_read_changes_nothing(city, kind, body):
    before = city.state
    with pytest.raises(Malformed):
        city.do(kind, body)

    assert city.state is before


@pytest.mark.parametrize("name", ["", "https://issuer.example", None, 7, [DID]])
def test_nobody_is_accredited_under_a_name_that_no_agency_has(city, name):
    with pytest.raises((ActRefused, Malformed)):
        city.do("accredit", accreditation(issuer=name))
