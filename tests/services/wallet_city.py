"""The wallet's counter with a city around it that may be told to misbehave, and phones."""

import pytest
from wallet_peers import Peers
from wallet_phone import Clock, Phone

from runtime.settings import Settings
from wallet_api.app import create_app
from wallet_api.routes import EXTENSION


class WalletCity:
    """The counter, its peers and phones."""

    def __init__(self, folder, *, clock=None, **environ):
        self.clock = clock or Clock()
        self.peers = Peers(self.clock)
        self.settings = Settings.from_environment(
            {
                "CITY_DATA_DIR": str(folder),
                "CITY_BACKGROUND": "no",
                "CITY_REGISTER_URL": self.peers.url,
                "CITY_ISSUER_URL": self.peers.url,
                **environ,
            },
            service="wallet_api",
        )
        self.app = self.start()

    def start(self):
        """Another process on the same database."""
        return create_app(self.settings, clock=self.clock)

    @property
    def counters(self):
        return self.app.extensions[EXTENSION]

    def phone(self, app=None):
        return Phone((app or self.app).test_client(), self.clock).register(display_name="Sok Dara")

    def close(self):
        self.peers.close()


@pytest.fixture
def open_city(tmp_path):
    """A city for one test."""
    city = WalletCity(tmp_path)
    yield city
    city.close()


@pytest.fixture
def new_phone(city):
    """A phone without any card, in the test's city."""
    return city.phone()


@pytest.fixture
def phone_with_licence(city):
    """A phone that holds three copies of a driving licence; who was asked before is forgotten."""
    phone = city.phone()
    phone.receive(city.peers.offer(), copies=3)
    city.peers.asked.clear()
    return phone
