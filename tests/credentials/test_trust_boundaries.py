"""The edges of time and of lists in the trust registry: gaps that mutation showed."""

from datetime import timedelta

from credentials.trust import is_accredited, issues_type_named, whole_minute
from credentials.trust_document import parse_trust_registry
from tests.vectors.small_city import DAY, NOW, seconds, trust, vct

SKEW = timedelta(seconds=60)
TYPE = vct("taxi-permit")


def issuer(*, types=(TYPE,), since=NOW, until=NOW + DAY):
    accreditation = {"types": [*types], "valid_from": seconds(since), "valid_until": seconds(until)}
    registry = parse_trust_registry(trust(transport={"accreditations": [accreditation]}))
    return registry.issuers[0]


def test_an_accreditation_begins_within_the_skew_and_ends_on_time():
    agency = issuer()

    assert is_accredited(agency, (TYPE,), at=NOW - SKEW, skew=SKEW)
    assert not is_accredited(agency, (TYPE,), at=NOW - SKEW - timedelta(seconds=1), skew=SKEW)
    assert is_accredited(agency, (TYPE,), at=NOW + DAY - timedelta(seconds=1), skew=SKEW)
    assert not is_accredited(agency, (TYPE,), at=NOW + DAY, skew=SKEW)


def test_every_type_must_be_accredited_and_no_type_is_none():
    agency = issuer(types=(TYPE, "urn:other"))

    assert is_accredited(agency, (TYPE, "urn:other"), at=NOW, skew=SKEW)
    assert not is_accredited(agency, (TYPE, "urn:third"), at=NOW, skew=SKEW)
    assert not is_accredited(agency, (), at=NOW, skew=SKEW)


def test_a_path_names_no_type():
    agency = issuer()

    assert issues_type_named(agency, "taxi-permit", at=NOW)
    assert not issues_type_named(agency, "types/taxi-permit", at=NOW)


def test_a_minute_is_whole():
    assert whole_minute(NOW + timedelta(seconds=59, microseconds=9)) == NOW
