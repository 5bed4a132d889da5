"""All cases of `verification.json`."""

from tests.vectors import credential_cases, status_cases

CASES = [*credential_cases.CASES, *status_cases.CASES]
