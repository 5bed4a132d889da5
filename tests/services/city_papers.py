"""The papers of a small city: who issues which, what they say, and a card made of one."""

from dataclasses import dataclass

AGENCY_OF = {
    "driving-licence": "transport",
    "taxi-permit": "transport",
    "taxi-inspection": "transport",
    "vehicle-registration": "registry",
    "insurance-certificate": "insurance",
    "residency": "residency",
    "over-18": "residency",
    "business-licence": "business",
}
VCDM = {
    "driving-licence": "DrivingLicence",
    "taxi-permit": "TaxiPermit",
    "taxi-inspection": "TaxiInspection",
    "vehicle-registration": "VehicleRegistration",
    "insurance-certificate": "InsuranceCertificate",
    "residency": "Residency",
    "over-18": "Over18",
    "business-licence": "BusinessLicence",
}
CLAIMS = {
    "driving-licence": {
        "driver_number": "D-104417",
        "family_name": "Sok",
        "given_name": "Dara",
        "categories": ["B"],
        "birth_date": "1990-04-12",
    },
    "taxi-permit": {
        "driver_number": "D-104417",
        "plate": "2A-4417",
        "category": "taxi",
        "zone": "Phnom Penh",
        "valid_until": "2027-06-30",
    },
    "vehicle-registration": {"plate": "2A-4417", "category": "taxi", "vin": "JTDKB20U0"},
    "insurance-certificate": {"plate": "2A-4417", "policy_number": "PTV-88"},
    "taxi-inspection": {"name": "Sok Dara", "plate": "2A-4417", "category": "taxi"},
    "residency": {"age_over_18": True, "family_name": "Sok"},
    "over-18": {"age_over_18": True},
    "business-licence": {
        "licence_number": "BL-1",
        "business_name": "Dara Noodle House",
        "activity": "restaurant",
    },
}
VIEWS = ("taxi-inspection", "over-18")
FOUR = {
    "driving_licence": "driving-licence",
    "taxi_permit": "taxi-permit",
    "vehicle_registration": "vehicle-registration",
    "insurance": "insurance-certificate",
}


@dataclass(frozen=True)
class Card:
    """A credential in a resident's phone."""

    type: str
    text: str
    holder: object
    list_uri: str
    index: int
