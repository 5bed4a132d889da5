"""A register and its witness on loopback, an operator with a key, an agency that signs lists."""

import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import text
from werkzeug.serving import make_server

from credentials.keys import SoftwareSigner
from credentials.model import Status, StatusPurpose
from credentials.status import (
    StatusArray,
    build_bitstring_credential,
    build_status_list_token,
)
from encoding.strict_json import build_json
from ledger import check as ledger_check
from ledger.anchor import parse_anchor_proof, verify_anchor
from ledger.quorum import parse_policy
from openid4vc.oauth import issue_service_token
from register import check as register_check
from register.app import create_app
from register.witness import create_app as create_witness
from runtime.settings import Settings

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AGENCY = "https://issuer.example/agencies/transport"
LIST = f"{AGENCY}/status/1"
DID = "did:web:issuer.example:agencies:transport"
HOUR = timedelta(hours=1)


def new_signer():
    return SoftwareSigner(ec.generate_private_key(ec.SECP256R1()))


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


class RegisteredCity:
    """Owns the two services; `now` is their common clock."""

    def __init__(self, folder, **environ):
        self.now = NOON
        self.folder = folder
        self.ports = {"register": free_port(), "witness": free_port()}
        self.environ = {
            "CITY_DATA_DIR": str(folder),
            "CITY_REGISTER_URL": f"http://localhost:{self.ports['register']}",
            "CITY_WITNESS_URL": f"http://localhost:{self.ports['witness']}",
            "CITY_BACKGROUND": "no",
            **environ,
        }
        self.operator = new_signer()
        self.clerk = new_signer()
        self.write_operator_keys()
        self.credential_key, self.status_key = new_signer(), new_signer()
        self.servers = []
        self.register = create_app(self.settings("register"), clock=lambda: self.now)
        self.witness = create_witness(self.settings("witness"), clock=lambda: self.now)
        self.serve("register", self.register)
        self.serve("witness", self.witness)
        self.client = self.register.test_client()
        self.hall = self.register.extensions["register"]

    def settings(self, service):
        return Settings.from_environment(self.environ, service=service)

    def serve(self, service, app):
        server = make_server("localhost", self.ports[service], app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.servers.append(server)

    def close_down(self):
        for server in self.servers:
            server.shutdown()
            server.server_close()
        self.hall.database.close()
        self.witness.extensions["witness"].close()

    def write_operator_keys(self):
        keys = [
            dict(self.operator.public_jwk),
            {**self.clerk.public_jwk, "roles": ["service"]},
        ]
        path = self.folder / "keys" / "operator.jwks.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(build_json({"keys": keys}))

    def token(self, *, role="operator", signer=None, audience=None):
        return issue_service_token(
            signer=signer or self.operator,
            issuer="operator",
            subject="desk",
            audience=audience or self.environ["CITY_REGISTER_URL"],
            role=role,
            agency=None,
            now=self.now,
            token_id="1",
        )

    def post(self, path, value, token=None):
        headers = {"Authorization": f"Bearer {token or self.token()}"}
        return self.client.post(path, json=value, headers=headers)

    def entry(self, **changes):
        """The transport agency as it stands in the trust registry."""
        since = int((NOON - 24 * HOUR).timestamp())
        return {
            "identifiers": [AGENCY, DID],
            "name": {"en": "Transport"},
            "keys": [
                {
                    "jwk": dict(self.credential_key.public_jwk),
                    "use": "credential",
                    "valid_from": since,
                },
                {"jwk": dict(self.status_key.public_jwk), "use": "status", "valid_from": since},
            ],
            "accreditations": [{"types": ["https://issuer.example/types/x"], "valid_from": since}],
            **changes,
        }

    def corrupt(self, statement):
        """What fsck finds before and after somebody changed the stored rows."""
        before = register_check.check(self.hall.database)
        with self.hall.database.writing() as session:
            session.execute(text(statement))
        return before, register_check.check(self.hall.database)

    def admit(self, **changes):
        answer = self.post("/api/v1/issuers", {"issuer": self.entry(**changes)})
        assert answer.status_code == 201, answer.text
        return answer.json["version"]

    def list_token(self, *, uri=LIST, statuses=None, issued_at=None, signer=None, life=24 * HOUR):
        issued_at = issued_at or self.now
        return build_status_list_token(
            StatusArray.all_valid(2048).with_statuses(statuses or {}),
            uri=uri,
            issued_at=issued_at,
            expires_at=issued_at + life,
            ttl=timedelta(seconds=60),
            signer=signer or self.status_key,
        )

    def bitstring_token(self, *, uri=f"{LIST}/revocation", issuer=DID):
        return build_bitstring_credential(
            StatusArray.all_valid(131_072).with_statuses({5: Status.REVOKED}),
            purpose=StatusPurpose.REVOCATION,
            uri=uri,
            issuer=issuer,
            valid_from=self.now,
            valid_until=self.now + 24 * HOUR,
            ttl=timedelta(seconds=60),
            signer=self.status_key,
        )

    def submit(self, token):
        return self.client.post("/api/v1/lists", json={"token": token})

    def close_epoch(self):
        self.now += timedelta(seconds=60)
        answer = self.post("/api/v1/epochs", {})
        assert answer.status_code == 201, answer.text
        return answer.json

    def policy(self):
        return parse_policy(self.client.get("/policy").text)

    def verify(self, uri, members, token):
        proof = parse_anchor_proof(members["proof"])
        return verify_anchor(proof, policy=self.policy(), uri=uri, token=token)

    def check(self):
        """Every invariant of the register."""
        return [
            *ledger_check.check(self.hall.database),
            *register_check.check(self.hall.database),
            *register_check.check_witness(self.witness.extensions["witness"].database),
        ]


@pytest.fixture
def open_city(tmp_path):
    """A city for one test."""
    city = RegisteredCity(tmp_path)
    yield city
    city.close_down()


@pytest.fixture
def checked_city(tmp_path):
    """A city for one test; every invariant must hold when the test is over."""
    city = RegisteredCity(tmp_path)
    yield city
    assert city.check() == []
    city.close_down()
