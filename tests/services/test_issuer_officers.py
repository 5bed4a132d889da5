"""Officers enrol by a one-time link and sign in with a passkey; nothing else lets them in."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "runtime"))

from issuing_city import BASE, IssuingCity, build_settings
from software_authenticator import SoftwareAuthenticator

from issuer.actors import Actor
from issuer.errors import NoSuchEnrolment, NoSuchPasskey, NotAllowed
from issuer.officers import (
    actor_of,
    begin_enrolment,
    begin_sign_in,
    finish_enrolment,
    finish_sign_in,
    make_enrolment,
)
from runtime.passkeys import PasskeyRefused

CHALLENGE = b"a challenge of thirty-two bytes.."
OPERATOR = Actor("desk", "operator", None)


@pytest.fixture
def city(tmp_path):
    city = IssuingCity(build_settings(tmp_path))
    city.open_agency("transport")
    yield city
    city.close()


@pytest.fixture
def ticket(city):
    link = make_enrolment(city.office, actor=OPERATOR, agency="transport", name="Chan Sopheap")
    return link.removeprefix(f"{BASE}/enrol/")


def enrol(city, ticket, authenticator):
    begin_enrolment(city.office, ticket, challenge=CHALLENGE)
    return finish_enrolment(
        city.office,
        ticket,
        response=authenticator.register(CHALLENGE),
        expected_challenge=CHALLENGE,
    )


def sign_in(city, response):
    begin_sign_in(city.office, challenge=CHALLENGE)
    return finish_sign_in(city.office, response=response, expected_challenge=CHALLENGE)


def test_an_officer_enrols_and_signs_in(city, ticket):
    authenticator = SoftwareAuthenticator()

    enrolled = enrol(city, ticket, authenticator)
    signed_in = sign_in(city, authenticator.authenticate(CHALLENGE))

    assert signed_in == enrolled
    assert actor_of(signed_in) == Actor(enrolled.id, "officer", "transport")


def test_the_options_name_the_site_and_the_person(city, ticket):
    options = begin_enrolment(city.office, ticket, challenge=CHALLENGE)

    assert options["rp"]["id"] == "localhost"
    assert options["user"]["name"] == "Chan Sopheap"
    assert options["authenticatorSelection"]["userVerification"] == "required"


def test_an_enrolment_link_works_once(city, ticket):
    enrol(city, ticket, SoftwareAuthenticator())

    with pytest.raises(NoSuchEnrolment):
        enrol(city, ticket, SoftwareAuthenticator())


def test_an_enrolment_link_runs_out(city, ticket):
    city.clock.move(days=3)

    with pytest.raises(NoSuchEnrolment):
        enrol(city, ticket, SoftwareAuthenticator())


def test_a_refused_passkey_leaves_the_link_usable(city, ticket):
    with pytest.raises(PasskeyRefused):
        enrol(city, ticket, SoftwareAuthenticator(origin="http://localhost:9999"))

    assert enrol(city, ticket, SoftwareAuthenticator()).agency == "transport"


def test_a_stranger_and_a_wrong_answer_are_refused(city, ticket):
    """S-118, S-120."""
    authenticator = SoftwareAuthenticator()
    enrol(city, ticket, authenticator)

    with pytest.raises(NoSuchPasskey):
        sign_in(city, SoftwareAuthenticator().authenticate(CHALLENGE))
    with pytest.raises(PasskeyRefused):
        sign_in(city, authenticator.authenticate(b"another challenge of 32 bytes..."))


def test_a_counter_that_falls_back_is_refused(city, ticket):
    """S-120: a cloned authenticator."""
    authenticator = SoftwareAuthenticator()
    enrol(city, ticket, authenticator)
    for _ in range(3):
        sign_in(city, authenticator.authenticate(CHALLENGE))
    authenticator.count = 1

    with pytest.raises(PasskeyRefused):
        sign_in(city, authenticator.authenticate(CHALLENGE))


def test_only_an_operator_makes_links(city):
    with pytest.raises(NotAllowed):
        make_enrolment(
            city.office,
            actor=Actor("x", "officer", "transport"),
            agency="transport",
            name="Somebody",
        )
