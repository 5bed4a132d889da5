"""What browser tests share: one running city, one browser for a resident, one for an inspector."""

import pytest

from tests.support.browser import CHROMIUM, open_device, playwright_or_skip
from tests.support.cities import running_city


@pytest.fixture(scope="module")
def playwright():
    with playwright_or_skip() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def city_desk(playwright):
    """The desk of a city that all tests use and none breaks."""
    with running_city() as (_, desk):
        yield desk


@pytest.fixture(scope="module")
def residents_device(playwright, tmp_path_factory):
    with open_device(playwright, tmp_path_factory.mktemp("resident"), "camera") as device:
        yield device


@pytest.fixture(scope="module")
def inspectors_device(playwright, tmp_path_factory):
    with open_device(playwright, tmp_path_factory.mktemp("inspector"), "camera") as device:
        yield device


@pytest.fixture(scope="module")
def chromium(playwright):
    """A browser for pages of one service."""
    browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
    yield browser
    browser.close()
