"""
An acknowledged change of status is known to the very next check, however short before it the
verifier asked for the list: what an officer was told holds from then on.
"""

from mobile_demo.people import agency_for
from mobile_demo.tour import VIEW, build_tour
from tests.support.cities import running_city

TYPE = "insurance-certificate"
ROUNDS = 8


def test_the_next_check_knows_what_an_officer_was_told(tmp_path):
    with running_city() as (_, desk):
        tour = build_tour(desk, tmp_path, resident="driver", report=lambda step: None)
        assert all(act()[0] == expected for _, expected, act in tour.plan()[:6])
        officer = desk.letters("issuer", role="officer", agency=agency_for(TYPE))
        inspector = desk.letters("verifier", role="inspector")
        path = f"/api/v1/credentials/{tour.offered[TYPE]}/status"

        def check():
            wish = {"qr": tour.device.show(VIEW), "purpose": "taxi-inspection"}
            return inspector.post("/api/v1/checks", wish)["reasons"]

        seen = []
        for _ in range(ROUNDS):
            check()
            officer.post(path, {"status": "suspended", "reason": "a test"})
            seen.append(check())
            officer.post(path, {"status": "valid", "reason": "a test"})

    assert seen == [["suspended"]] * ROUNDS
