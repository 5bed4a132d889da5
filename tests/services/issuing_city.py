"""
An issuing counter with certified agencies, an operator, officers, and wallets that speak to it.

Everything is real: keys, certificates, tokens, the database in a file. The register is a stand-in
on loopback that keeps what it is handed, because the counter must also work when it is away.
"""

import base64
import json
import secrets
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from credentials.dids import build_did_jwk
from credentials.jose import join_signature
from credentials.keys import SoftwareSigner, parse_jwk
from credentials.x509 import build_authority_certificate, build_leaf_certificate
from issuer.app import create_app
from openid4vc.key_proof import build_key_proof_input
from openid4vc.oauth import issue_service_token
from runtime.settings import Settings

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BASE = "http://localhost:8401"
PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
AGENCIES = {
    "transport": ["driving-licence", "taxi-permit", "taxi-inspection"],
    "residency": ["residency", "over-18"],
}


def new_key():
    return SoftwareSigner(ec.generate_private_key(ec.SECP256R1()))


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = NOON

    def __call__(self):
        return self.now

    def move(self, **by):
        self.now += timedelta(**by)


class StandInRegister:
    """Keeps submitted lists; answers what it is told to."""

    def __init__(self):
        self.tokens = []
        self.status = 202
        register = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                register.tokens.append(body.get("token") or body["receipt"])
                self.send_response(register.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://localhost:{self.server.server_address[1]}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Authority:
    """The city's root, which certifies agencies' keys."""

    def __init__(self, now):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.since = now - timedelta(days=1)
        public_key = parse_jwk(dict(SoftwareSigner(self.key).public_jwk))
        self.root = build_authority_certificate(
            common_name="Test City",
            public_key=public_key,
            serial=1,
            valid_from=self.since,
            validity=timedelta(days=3650),
        ).sign(self.key, SHA256())

    @property
    def root_der(self):
        return self.root.public_bytes(Encoding.DER)

    def certify(self, jwk, *, uri):
        leaf = build_leaf_certificate(
            common_name="agency",
            public_key=parse_jwk(jwk),
            authority=self.root,
            uris=[uri],
            dns_names=["localhost"],
            serial=secrets.randbits(64),
            valid_from=self.since,
            validity=timedelta(days=365),
        ).sign(self.key, SHA256())
        return [base64.b64encode(leaf.public_bytes(Encoding.DER)).decode()]


def build_settings(data_dir, *, register_url="http://localhost:9", background=False, **more):
    environ = {
        "CITY_DATA_DIR": str(data_dir),
        "CITY_REGISTER_URL": register_url,
        "CITY_BACKGROUND": "yes" if background else "no",
        **more,
    }
    return Settings.from_environment(environ, service="issuer")


@dataclass
class IssuingCity:
    """The counter in this process, and the words of the city to speak with it."""

    settings: Settings
    clock: Clock = field(default_factory=Clock)
    operator: SoftwareSigner = field(default_factory=new_key)

    def __post_init__(self):
        write_operator_keys(self.settings, self.operator)
        self.authority = Authority(self.clock.now)
        self.app = create_app(self.settings, clock=self.clock)
        self.http = self.app.test_client()

    @property
    def office(self):
        return self.app.extensions["office"]

    def close(self):
        self.office.database.close()

    def token(self, role, *, agency=None, subject="somebody", audience=BASE):
        return issue_service_token(
            signer=self.operator,
            issuer="desk",
            subject=subject,
            audience=audience,
            role=role,
            agency=agency,
            now=self.clock.now,
            lifetime=timedelta(minutes=15),
            token_id=secrets.token_hex(8),
        )

    def as_role(self, role, *, agency=None, **more):
        return {"Authorization": f"Bearer {self.token(role, agency=agency)}", **more}

    def found(self, name, types=None):
        answer = self.http.post(
            "/api/v1/agencies",
            json={"name": name, "types": types or AGENCIES[name], "label": {"en": name}},
            headers=self.as_role("operator"),
        )
        assert answer.status_code == 201, answer.text
        return answer.json

    def open_agency(self, name, types=None):
        founded = self.found(name, types)
        chains = {
            f"{use}_x5c": self.authority.certify(
                founded[f"{use}_jwk"], uri=founded["credential_issuer"]
            )
            for use in ("credential", "status")
        }
        answer = self.http.put(
            f"/api/v1/agencies/{name}/certificates", json=chains, headers=self.as_role("operator")
        )
        assert answer.status_code == 200, answer.text
        return founded

    def example(self, type_name):
        return dict(self.office.catalog.by_name(type_name).example)

    def offer(self, type_name="taxi-permit", *, agency="transport", headers=None, **more):
        body = {"agency": agency, "type": type_name, "claims": self.example(type_name), **more}
        officer = self.as_role("officer", agency=agency)
        return self.http.post("/api/v1/offers", json=body, headers={**officer, **(headers or {})})

    def change_status(self, credential, status, *, agency="transport", reason="a reason"):
        return self.http.post(
            f"/api/v1/credentials/{credential}/status",
            json={"status": status, "reason": reason},
            headers=self.as_role("officer", agency=agency),
        )

    def record(self, credential, *, agency="transport"):
        answer = self.http.get(
            f"/api/v1/credentials/{credential}", headers=self.as_role("officer", agency=agency)
        )
        assert answer.status_code == 200, answer.text
        return answer.json

    def wallet(self):
        return Wallet(self)

    def issued(self, type_name="taxi-permit", *, agency="transport", copies=1, **more):
        """A credential in a wallet: its record's id and its texts."""
        made = self.offer(type_name, agency=agency, **more).json
        texts = self.wallet().receive(made, copies=copies)
        return made["credential_id"], texts


def write_operator_keys(settings, operator):
    settings.operator_jwks.parent.mkdir(parents=True, exist_ok=True)
    settings.operator_jwks.write_text(json.dumps({"keys": [dict(operator.public_jwk)]}))


def read_offer_value(made):
    """The offer that stands in a link by value."""
    query = parse_qs(urlsplit(made["offer_uri_by_value"]).query)
    return json.loads(query["credential_offer"][0])


def read_offer_url(made):
    """Where the offer of a link by reference stands."""
    return parse_qs(urlsplit(made["offer_uri"]).query)["credential_offer_uri"][0]


class Wallet:
    """A wallet that speaks OpenID4VCI through the test client."""

    def __init__(self, city):
        self.city = city
        self.keys = []

    def redeem(self, made, *, tx_code=None, headers=None, **fields):
        offer = read_offer_value(made)
        grant = offer["grants"][PRE_AUTHORIZED]
        form = {
            "grant_type": PRE_AUTHORIZED,
            "pre-authorized_code": grant["pre-authorized_code"],
            **({} if tx_code is None else {"tx_code": tx_code}),
            **fields,
        }
        path = urlsplit(offer["credential_issuer"]).path
        return self.city.http.post(f"{path}/token", data=form, headers=headers)

    def nonce(self, agency="transport"):
        return self.city.http.post(f"/agencies/{agency}/nonce").json["c_nonce"]

    def prove(self, *, nonce, agency="transport", key=None, binding="jwk", audience=None, at=None):
        key = key or new_key()
        self.keys.append(key)
        did = build_did_jwk(parse_jwk(dict(key.public_jwk)))
        signing_input = build_key_proof_input(
            public_jwk=key.public_jwk if binding == "jwk" else None,
            key_id=None if binding == "jwk" else f"{did}#0",
            algorithm="ES256",
            audience=audience or f"{BASE}/agencies/{agency}",
            nonce=nonce,
            now=at or self.city.clock.now,
        )
        return join_signature(signing_input, key.sign(signing_input.encode()))

    def ask(self, token, body, *, agency="transport", scheme="Bearer", headers=None):
        return self.city.http.post(
            f"/agencies/{agency}/credential",
            json=body,
            headers={"Authorization": f"{scheme} {token}", **(headers or {})},
        )

    def receive(self, made, *, copies=1, tx_code=None, binding="jwk"):
        answer = self.receive_answer(made, copies=copies, tx_code=tx_code, binding=binding)
        assert answer.status_code == 200, answer.text
        return [each["credential"] for each in json.loads(answer.data)["credentials"]]

    def receive_answer(self, made, *, copies=1, tx_code=None, binding="jwk"):
        offer = read_offer_value(made)
        agency = offer["credential_issuer"].rsplit("/", 1)[1]
        token = self.redeem(made, tx_code=tx_code)
        assert token.status_code == 200, token.text
        nonce = self.nonce(agency)
        proofs = [self.prove(nonce=nonce, agency=agency, binding=binding) for _ in range(copies)]
        return self.ask(
            token.json["access_token"],
            {
                "credential_configuration_id": offer["credential_configuration_ids"][0],
                "proofs": {"jwt": proofs},
            },
            agency=agency,
        )


@pytest.fixture(scope="module")
def accredited_city(tmp_path_factory):
    """A city with two agencies, for all tests of one file."""
    city = IssuingCity(build_settings(tmp_path_factory.mktemp("city")))
    city.open_agency("transport")
    city.open_agency("residency")
    yield city
    city.close()


@pytest.fixture
def visiting_wallet(city):
    """A new wallet in the test's city."""
    return city.wallet()
