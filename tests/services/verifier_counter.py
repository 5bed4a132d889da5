"""The verifier's counter beside a small city, for tests."""

import json
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from inspected_city import NOON, InspectedCity, MovableClock
from taxi_driver import Driver, read_link

from encoding import base64url
from runtime.settings import Settings
from verifier.app import create_app

VERIFIER_URL = "http://localhost:8403"


class Counter:
    """The verifier's app with the city around it. `post` and `get` answer like a program sees."""

    def __init__(self, folder):
        self.clock = MovableClock(NOON)
        self.city = InspectedCity(folder, self.clock)
        self.settings = build_settings(folder, self.city.url)
        self.city.write_operator_keys(self.settings.operator_jwks)
        self.app = self.start()
        self.desk = self.app.extensions["verifier.desk"]
        self.client = self.app.test_client()
        self.driver = Driver(self.city)

    def start(self):
        """Another process on the same database."""
        return create_app(self.settings, clock=self.clock)

    def close(self):
        self.desk.database.close()
        self.city.close()

    def headers(self, role):
        token = self.city.token(role, audience=VERIFIER_URL)
        return {"Authorization": f"Bearer {token}"}

    def post(self, path, value, *, role="inspector", client=None):
        return (client or self.client).post(path, json=value, headers=self.headers(role))

    def get(self, path, *, role="inspector", **details):
        headers = {**self.headers(role), **details.pop("headers", {})}
        return self.client.get(path, headers=headers, **details)

    def check(self, qr, *, purpose="taxi-inspection", role="inspector"):
        """The verdict on a QR text."""
        answer = self.post("/api/v1/checks", {"qr": qr, "purpose": purpose}, role=role)
        assert answer.status_code == 200, answer.data
        return answer.json

    def register(self):
        """What the operator does once: the city certifies the request key."""
        known = self.client.get("/api/v1/registration").json
        der = self.city.certify(known["public_jwk"], dns_names=[known["host"]])
        text = base64url.encode(der).replace("-", "+").replace("_", "/")
        text += "=" * (-len(text) % 4)
        answer = self.client.put(
            "/api/v1/registration", json={"x5c": [text]}, headers=self.headers("operator")
        )
        assert answer.status_code == 200, answer.data
        return answer.json

    def ask(self, purpose="taxi-inspection", *, role="business", **details):
        """A new session."""
        answer = self.post("/api/v1/sessions", {"purpose": purpose, **details}, role=role)
        assert answer.status_code == 201, answer.data
        return answer.json

    def fetch_request(self, session, *, client=None):
        """The request object's claims, as a wallet reads them."""
        path = read_link(session["request_uri"])[1].removeprefix(VERIFIER_URL)
        answer = (client or self.client).get(path)
        assert answer.status_code == 200, answer.data
        return json.loads(base64url.decode(answer.text.split(".")[1]))

    def respond(self, request, presentations, *, client=None, **changes):
        """Post a vp_token as a wallet does."""
        path = request["response_uri"].removeprefix(VERIFIER_URL)
        form = {
            "state": request["state"],
            "vp_token": json.dumps({name: [text] for name, text in presentations.items()}),
            **changes,
        }
        return (client or self.client).post(path, data=form)


def build_settings(folder, city_url):
    """A verifier in a folder, with the city at a URL."""
    environ = {
        "CITY_DATA_DIR": str(folder),
        "CITY_REGISTER_URL": city_url,
        "CITY_ISSUER_URL": city_url,
        "CITY_VERIFIER_URL": VERIFIER_URL,
        "CITY_BACKGROUND": "no",
    }
    return replace(Settings.from_environment(environ, service="verifier"))


def reasons(verdict):
    """The verdict in one line, as `failed revoked insurance-certificate`."""
    worst = [each for each in verdict["checks"] if each["outcome"] != "passed"]
    return (verdict["outcome"], [(each["reason"], each.get("credential")) for each in worst])
