"""
Two profiles: a small one that draws the same examples every time, and `nightly`.

`pytest tests/properties --hypothesis-profile=nightly` tries much more, and something new each time.
"""

from hypothesis import HealthCheck, settings

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

settings.register_profile(
    "city",
    deadline=None,
    max_examples=50,
    derandomize=True,
    database=None,
    suppress_health_check=SLOW,
)
settings.register_profile(
    "nightly", deadline=None, max_examples=3_000, suppress_health_check=SLOW, print_blob=True
)


def pytest_collection(session):
    """Whatever other folders have loaded: here the small profile counts, unless one is named."""
    settings.load_profile(session.config.getoption("--hypothesis-profile") or "city")


settings.load_profile("city")
