"""All cases of `verification.json`."""

from tests.vectors import (
    content_cases,
    credential_cases,
    cwt_cases,
    cwt_refusals,
    holder_cases,
    link_cases,
    status_cases,
)

CASES = [
    *credential_cases.CASES,
    *holder_cases.CASES,
    *status_cases.CASES,
    *link_cases.CASES,
    *content_cases.CASES,
    *cwt_cases.CASES,
    *cwt_refusals.CASES,
]
