"""Who is trusted: the registry's document, its signature, and the choice among keys."""

import base64
import json
from datetime import timedelta

import pytest

from credentials.errors import Malformed, TokenRefused
from credentials.jose import sign_jws
from credentials.model import IssuerKeyHint
from credentials.trust import (
    KeyUse,
    choose_keys,
    find_issuer,
    find_verifier,
    is_accredited,
    issues_type_named,
    key_problem,
    names_key_of,
    trusted_certificates,
)
from credentials.trust_document import (
    build_trust_registry_json,
    parse_trust_registry,
    read_trust_registry,
    sign_trust_registry,
)
from tests.vectors import small_city
from tests.vectors.small_city import DAY, NOW, TRANSPORT, public, signer, trust
from tests.vectors.small_ledger import AUTHORITY, Authority

CITY = signer("the city's trust key")
SKEW = timedelta(seconds=60)
LEAF = AUTHORITY.leaf(TRANSPORT.credential, uri=TRANSPORT.iss)
ANCHOR = base64.b64encode(AUTHORITY.der).decode()


def registry(**changes):
    return parse_trust_registry(trust(**changes))


def hint(*, key_id=None, x5c=(), algorithm="ES256"):
    return IssuerKeyHint(algorithm=algorithm, key_id=key_id, x5c=tuple(x5c))


def full_payload():
    payload = trust(transport={"x5c_anchors": [ANCHOR]})
    key = payload["issuers"][0]["keys"][0]
    key |= {
        "x5c": [base64.b64encode(LEAF).decode()],
        "valid_until": 1_900_000_000,
        "compromised_at": 1_850_000_000,
    }
    payload["issuers"][0]["accreditations"][0]["valid_until"] = 1_900_000_000
    payload["verifiers"] = [
        {
            "client_id": "x509_san_dns:verifier.city.example",
            "name": {"en": "City inspectors", "km": "អធិការ"},
            "purposes": ["taxi-inspection"],
        }
    ]
    return payload


def test_a_registry_is_read_back_as_it_was_written():
    read = parse_trust_registry(full_payload())

    assert parse_trust_registry(build_trust_registry_json(read)) == read
    assert read.issuers[0].keys[0].x5c == (LEAF,)
    assert read.issuers[0].name == {"en": "transport"}
    assert read.verifiers[0].name["km"] == "អធិការ"


def test_the_registry_is_believed_when_the_city_signed_it():
    text = sign_trust_registry(registry(), signer=CITY, key_id="trust-1")

    assert read_trust_registry(text, keys=[public(signer("another")), public(CITY)]) == registry()


@pytest.mark.parametrize("keys", [[], ["another"], ["transport credential"]])
def test_a_registry_that_the_city_did_not_sign_is_refused(keys):
    text = sign_trust_registry(registry(), signer=CITY, key_id="trust-1")

    with pytest.raises(TokenRefused) as caught:
        read_trust_registry(text, keys=[public(signer(name)) for name in keys])

    assert caught.value.detail == "bad_signature"


def test_another_document_of_the_city_is_no_registry():
    text = sign_jws(trust(), type="statuslist+jwt", signer=CITY)

    with pytest.raises(Malformed):
        read_trust_registry(text, keys=[public(CITY)])


def broken(change):
    payload = json.loads(json.dumps(full_payload()))
    change(payload)
    return payload


BREAKS = {
    "no version": lambda p: p.pop("version"),
    "a version in words": lambda p: p.update(version="7"),
    "a version that is true": lambda p: p.update(version=True),
    "a negative version": lambda p: p.update(version=-1),
    "no iat": lambda p: p.pop("iat"),
    "no exp": lambda p: p.pop("exp"),
    "issuers that are no list": lambda p: p.update(issuers={}),
    "an issuer that is text": lambda p: p["issuers"].append("transport"),
    "identifiers of numbers": lambda p: p["issuers"][0].update(identifiers=[5]),
    "an empty identifier": lambda p: p["issuers"][0].update(identifiers=[""]),
    "two issuers of one name": lambda p: p["issuers"].append(p["issuers"][0]),
    "a private key": lambda p: p["issuers"][0]["keys"][0]["jwk"].update(d="AA"),
    "a key without a use": lambda p: p["issuers"][0]["keys"][0].pop("use"),
    "a key of an unknown use": lambda p: p["issuers"][0]["keys"][0].update(use="tls"),
    "a key without a time": lambda p: p["issuers"][0]["keys"][0].pop("valid_from"),
    "a key with a time in words": lambda p: p["issuers"][0]["keys"][0].update(valid_until="never"),
    "33 keys": lambda p: p["issuers"][0].update(keys=p["issuers"][0]["keys"] * 17),
    "an anchor that is not base64": lambda p: p["issuers"][0].update(x5c_anchors=["%"]),
    "an accreditation without a time": lambda p: p["issuers"][0]["accreditations"][0].pop(
        "valid_from"
    ),
    "types that are numbers": lambda p: p["issuers"][0]["accreditations"][0].update(types=[1]),
    "a name that is a list": lambda p: p["issuers"][0].update(name=["transport"]),
    "a verifier without a name": lambda p: p["verifiers"][0].pop("client_id"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_registry_that_is_not_one_is_refused(name):
    with pytest.raises(Malformed):
        parse_trust_registry(broken(BREAKS[name]))


def test_members_that_nobody_knows_are_passed_over():
    payload = broken(lambda p: p["issuers"][0].update(colour="blue"))

    assert parse_trust_registry(payload) == parse_trust_registry(full_payload())


def test_an_issuer_is_found_by_its_exact_identifier():
    """S-026"""
    city = registry()

    assert find_issuer(city, TRANSPORT.iss) is city.issuers[0]
    assert find_issuer(city, TRANSPORT.did) is city.issuers[0]
    for near in (TRANSPORT.iss + "/", TRANSPORT.iss.upper(), TRANSPORT.iss[:-1], ""):
        assert find_issuer(city, near) is None


def test_a_verifier_is_found_by_its_exact_identifier():
    city = parse_trust_registry(full_payload())

    assert find_verifier(city, "x509_san_dns:verifier.city.example") is city.verifiers[0]
    assert find_verifier(city, "x509_san_dns:verifier.city.example.evil") is None


def test_an_agency_is_accredited_only_for_all_types_at_the_time():
    agency = registry().issuers[0]
    permit, view = small_city.vct("taxi-permit"), small_city.vct("taxi-inspection")

    assert is_accredited(agency, [permit, view], at=NOW, skew=SKEW)
    assert not is_accredited(agency, [permit, "Judge"], at=NOW, skew=SKEW)
    assert not is_accredited(agency, [], at=NOW, skew=SKEW)
    assert not is_accredited(agency, [permit], at=NOW - 900 * DAY, skew=SKEW)


def test_links_name_types_by_their_last_word():
    agency = parse_trust_registry(full_payload()).issuers[0]
    end = agency.accreditations[0].valid_until

    assert issues_type_named(agency, "driving-licence", at=NOW)
    assert issues_type_named(agency, "TaxiPermit", at=NOW)
    assert not issues_type_named(agency, "licence", at=NOW)
    assert not issues_type_named(agency, "insurance-certificate", at=NOW)
    assert not issues_type_named(agency, "driving-licence", at=end)


def test_all_certificates_may_be_named_by_reference():
    assert trusted_certificates(parse_trust_registry(full_payload())) == (AUTHORITY.der, LEAF)


def test_the_named_key_is_tried_alone():
    agency = registry().issuers[0]
    thumbprint = public(TRANSPORT.status).thumbprint

    for key_id in (thumbprint, f"{TRANSPORT.did}#{thumbprint}"):
        choice = choose_keys(agency, hint(key_id=key_id), identifier=None, now=NOW)
        assert [each.use for each in choice.keys] == [KeyUse.STATUS]
        assert names_key_of(agency, hint(key_id=key_id))


def test_a_name_that_nobody_knows_leaves_all_keys_to_try():
    agency = registry().issuers[0]

    for key_id in (None, "unknown"):
        choice = choose_keys(agency, hint(key_id=key_id), identifier=None, now=NOW)
        assert choice.keys == agency.keys
        assert not names_key_of(agency, hint(key_id=key_id))


def test_a_key_of_another_algorithm_is_not_tried():
    agency = registry().issuers[0]
    choice = choose_keys(agency, hint(algorithm="EdDSA"), identifier=None, now=NOW)

    assert (choice.keys, choice.problem) == ((), "no_key_listed")


def test_a_leaf_certificate_names_its_listed_key():
    plain = registry().issuers[0]
    anchored = registry(transport={"x5c_anchors": [ANCHOR]}).issuers[0]

    for agency in (plain, anchored):
        choice = choose_keys(agency, hint(x5c=[LEAF]), identifier=TRANSPORT.iss, now=NOW)
        assert [each.key for each in choice.keys] == [public(TRANSPORT.credential)]
        assert names_key_of(agency, hint(x5c=[LEAF]))


def test_a_certificate_that_cannot_be_read_names_nobody():
    assert not names_key_of(registry().issuers[0], hint(x5c=[b"not a certificate"]))


def test_a_chain_must_hold_where_the_registry_anchors_chains():
    """S-046"""
    agency = registry(transport={"x5c_anchors": [ANCHOR]}).issuers[0]
    other = Authority("Other").leaf(TRANSPORT.credential, uri=TRANSPORT.iss)
    stranger = AUTHORITY.leaf(TRANSPORT.credential, uri="https://evil.example")

    problems = [
        choose_keys(agency, hint(x5c=[leaf]), identifier=TRANSPORT.iss, now=NOW).problem
        for leaf in (other, stranger, b"junk")
    ]

    assert problems == ["untrusted_anchor", "wrong_name", "invalid_certificate"]


def test_a_chain_may_name_any_identifier_of_the_agency():
    agency = registry(transport={"x5c_anchors": [ANCHOR]}).issuers[0]

    choice = choose_keys(agency, hint(x5c=[LEAF]), identifier=TRANSPORT.did, now=NOW)

    assert choice.problem is None
    assert choice.keys


def test_a_key_is_believed_within_its_time_and_before_its_compromise():
    """S-186, S-188"""
    key = parse_trust_registry(full_payload()).issuers[0].keys[0]

    assert key_problem(key, now=NOW, skew=SKEW) is None
    assert key_problem(key, now=key.valid_from - SKEW, skew=SKEW) is None
    assert key_problem(key, now=key.valid_from - 2 * SKEW, skew=SKEW) == "key_not_yet_valid"
    assert key_problem(key, now=key.compromised_at, skew=SKEW) == "key_compromised"
    later = (
        parse_trust_registry(broken(lambda p: p["issuers"][0]["keys"][0].pop("compromised_at")))
        .issuers[0]
        .keys[0]
    )
    assert key_problem(later, now=later.valid_until, skew=SKEW) == "key_no_longer_valid"
