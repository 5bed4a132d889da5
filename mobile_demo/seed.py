"""
Seeds the demo city: agencies with their accreditations, the verifier's registration, log-in links.

Every step goes through the public operator APIs and may be repeated: a second start finds the
agencies as they are and only makes fresh one-time links.
"""

from collections.abc import Callable

from mobile_demo.desk import Desk
from mobile_demo.people import AGENCIES

Progress = Callable[[str], None]


def seed_city(desk: Desk, *, progress: Progress) -> None:
    """Found the agencies, register the verifier, close the first epoch."""
    desk.register_verifier()
    for agency in AGENCIES:
        progress(f"agency {agency.name}: {', '.join(agency.types)}")
        desk.create_agency(agency.name, types=agency.types, label=agency.label)
    desk.close_epoch()


def make_links(desk: Desk) -> list[dict[str, str]]:
    """One-time log-in links: an officer of each agency, an inspector, a business."""
    links = [
        {
            "who": f"officer, {agency.label['en']}",
            "link": desk.enrolment_link(
                "issuer", f"/api/v1/agencies/{agency.name}/officers", {"name": "Demo officer"}
            ),
        }
        for agency in AGENCIES
    ]
    for who, path in (("inspector", "/api/v1/inspectors"), ("business", "/api/v1/businesses")):
        link = desk.enrolment_link("verifier", path, {"name": f"Demo {who}"})
        links.append({"who": who, "link": link})
    return links
