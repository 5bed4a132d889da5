"""Loads the credential types: one JSON file each, beside the `credentials` package."""

from functools import cache
from pathlib import Path

import credentials
from credentials.catalog import Catalog, parse_credential_type

TYPES = Path(credentials.__file__).parent / "types"


@cache
def load_catalog() -> Catalog:
    """Every type of the city."""
    return Catalog(
        tuple(parse_credential_type(path.read_bytes()) for path in sorted(TYPES.glob("*.json")))
    )
