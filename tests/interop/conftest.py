"""The peers that the tests of a module ask."""

import pytest

from tests.interop.peer_process import Crew


@pytest.fixture(scope="module")
def peers():
    crew = Crew()
    yield crew
    crew.stop()
