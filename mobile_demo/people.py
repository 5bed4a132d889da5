"""The demo city: its agencies, its people and what is written in their papers."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from encoding.strict_json import JsonValue

FAMILY_NAMES = ("Sok", "Chan", "Keo", "Chea", "Heng", "Lim", "Ouk", "Prak", "Sam", "Tep")
GIVEN_NAMES = ("Dara", "Bopha", "Vanna", "Sophea", "Rith", "Sreymom", "Piseth", "Kunthea")


@dataclass(frozen=True, slots=True)
class DemoAgency:
    """An agency of the demo city and the types it is accredited for."""

    name: str
    types: tuple[str, ...]
    label: dict[str, str]


AGENCIES = (
    DemoAgency(
        "transport",
        ("driving-licence", "taxi-permit", "taxi-inspection"),
        {"en": "Department of Transport", "km": "នាយកដ្ឋានដឹកជញ្ជូន", "zh-Hans": "交通局"},
    ),
    DemoAgency(
        "registry",
        ("vehicle-registration",),
        {"en": "Vehicle Registry", "km": "ការិយាល័យចុះបញ្ជីយានយន្ត", "zh-Hans": "车辆登记处"},
    ),
    DemoAgency(
        "insurance",
        ("insurance-certificate",),
        {"en": "City Insurance", "km": "ក្រុមហ៊ុនធានារ៉ាប់រងទីក្រុង", "zh-Hans": "城市保险公司"},
    ),
    DemoAgency(
        "residency",
        ("residency", "over-18"),
        {"en": "Residents' Office", "km": "ការិយាល័យអត្តសញ្ញាណ", "zh-Hans": "居民事务处"},
    ),
    DemoAgency(
        "business",
        ("business-licence",),
        {"en": "Business Licensing", "km": "ការិយាល័យអាជ្ញាប័ណ្ណអាជីវកម្ម", "zh-Hans": "营业执照处"},
    ),
    DemoAgency(
        "land",
        ("property-title",),
        {"en": "Land Office", "km": "ការិយាល័យសុរិយោដី", "zh-Hans": "土地局"},
    ),
)


def agency_for(type_name: str) -> str:
    """The demo agency that is accredited for a type; KeyError when there is none."""
    for agency in AGENCIES:
        if type_name in agency.types:
            return agency.name
    raise KeyError(type_name)


def resettle(claims: Mapping[str, JsonValue], *, seed: int) -> dict[str, JsonValue]:
    """
    Example claims as another person's: names, driver number and plate drawn from the seed, the
    same in every paper of that person. Papers without such a claim stay as they are.
    """
    chance = random.Random(seed)  # noqa: S311 - demo people, nothing secret
    family, given = chance.choice(FAMILY_NAMES), chance.choice(GIVEN_NAMES)
    person: dict[str, JsonValue] = {
        "family_name": family,
        "given_name": given,
        "driver_number": f"D-{chance.randrange(100_000, 999_999)}",
        "plate": f"2A-{chance.randrange(1000, 9999)}",
    }
    return {name: person.get(name, value) for name, value in claims.items()}
