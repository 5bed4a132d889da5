"""
The wallet's counter with a city around it that may be told to misbehave.

Register, issuer and verifier are one small server on loopback with real keys, certificates and
signatures. A test says what goes wrong by replacing one of its answers. The phone is software; it
signs what it is asked to, or something else.
"""

import base64
import json
import secrets
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from credentials.jose import join_signature, parse_jws
from credentials.jwt_vc import issue_jwt_vc
from credentials.keys import SoftwareSigner, parse_jwk
from credentials.model import Status
from credentials.sd_jwt import issue_sd_jwt
from credentials.status import StatusArray, build_status_list_token
from credentials.trust import (
    Accreditation,
    KeyUse,
    RegisteredVerifier,
    TrustedIssuer,
    TrustedKey,
    TrustRegistry,
)
from credentials.trust_document import sign_trust_registry
from credentials.vcdm import build_vc, issue_vc_jwt
from credentials.vcdm1 import build_document
from credentials.x509 import build_authority_certificate, build_leaf_certificate
from encoding import base64url
from openid4vc.client_id import build_client_id_x509_hash
from openid4vc.dcql import parse_query
from openid4vc.dpop import build_dpop_input
from openid4vc.request_object import (
    build_request_claims,
    build_request_link,
    build_request_object,
)
from runtime.settings import Settings
from wallet_api.app import create_app
from wallet_api.routes import EXTENSION

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
WALLET = "http://localhost:8402"
PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
LICENCE = {
    "driver_number": "D-104417",
    "family_name": "Sok",
    "given_name": "Dara",
    "birth_date": "1990-04-12",
}

BUSINESS = {
    "licence_number": "BL-00021345",
    "business_name": "Dara Noodle House",
    "activity": "restaurant",
    "owner": "Sok Dara",
}
REGISTERED = {"iss", "vct", "iat", "exp", "nbf", "cnf", "status"}
CLAIMS = {"driving-licence": LICENCE, "taxi-inspection": LICENCE, "business-licence": BUSINESS}


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


class Peers:
    """Register, issuer and verifier. `answers` maps method and path to what is answered."""

    def __init__(self, clock):
        self.clock = clock
        self.answers = {}
        self.asked = []
        self.issued = []
        self.notified = []
        self.received = []
        self.nonce = "nonce-1"
        self.status = StatusArray.all_valid(1024)
        self.trust_key, self.issuer_key, self.status_key, self.verifier_key = (
            new_key() for _ in range(4)
        )
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._build_handler())
        self.url = f"http://localhost:{self.server.server_address[1]}"
        self.issuer = f"{self.url}/agencies/transport"
        self._certify()
        self.trust_version = 1
        self._open()
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def _certify(self):
        root = ec.generate_private_key(ec.SECP256R1())
        since = self.clock() - timedelta(days=1)
        authority = build_authority_certificate(
            common_name="Test City",
            public_key=parse_jwk(dict(SoftwareSigner(root).public_jwk)),
            serial=1,
            valid_from=since,
            validity=timedelta(days=3650),
        ).sign(root, SHA256())
        self.root = authority.public_bytes(Encoding.DER)

        def certify(signer, *, uris=(), dns_names=()):
            return (
                build_leaf_certificate(
                    common_name="leaf",
                    public_key=parse_jwk(dict(signer.public_jwk)),
                    authority=authority,
                    uris=list(uris),
                    dns_names=list(dns_names),
                    serial=secrets.randbits(64),
                    valid_from=since,
                    validity=timedelta(days=365),
                )
                .sign(root, SHA256())
                .public_bytes(Encoding.DER)
            )

        self.issuer_certificate = certify(self.issuer_key, uris=[self.issuer])
        self.verifier_certificate = certify(self.verifier_key, dns_names=["localhost"])
        self.client_id = build_client_id_x509_hash(self.verifier_certificate)

    # What is published

    def _open(self):
        self.trust = self.build_trust()
        host = f"/.well-known/{{}}{urlsplit(self.issuer).path}"
        self.answers |= {
            "GET /trust/keys": lambda _: {"keys": [dict(self.trust_key.public_jwk)]},
            "GET /trust": lambda _: (200, "application/jwt", self.trust.encode()),
            f"GET {host.format('openid-credential-issuer')}": lambda _: self.metadata(),
            f"GET {host.format('oauth-authorization-server')}": lambda _: self.server_metadata(),
            "POST /agencies/transport/token": lambda _: {
                "access_token": "the-access-token",
                "token_type": "Bearer",
                "expires_in": 300,
            },
            "POST /agencies/transport/nonce": lambda _: {"c_nonce": self.nonce},
            "POST /agencies/transport/credential": self.issue,
            "POST /agencies/transport/notification": self._notify,
            "GET /agencies/transport/status/1": lambda _: (
                200,
                "application/statuslist+jwt",
                self.status_list().encode(),
            ),
            "POST /agencies/transport/views": lambda _: (
                201,
                "application/json",
                json.dumps(
                    {
                        "id": "v",
                        "request_uri": self.ask(),
                        "status_uri": f"{self.issuer}/views/v",
                    }
                ).encode(),
            ),
            "GET /agencies/transport/views/v": lambda _: {"state": "waiting"},
            "POST /response/r": self._take,
        }

    def build_trust(self, *, types=tuple(CLAIMS), verifiers=True):
        since = self.clock() - timedelta(days=1)
        names = frozenset(
            name for one in types for name in (f"{self.url}/types/{one}", _vcdm_type(one))
        )
        keys = [
            TrustedKey(parse_jwk(dict(signer.public_jwk)), use, since, None, None, ())
            for signer, use in (
                (self.issuer_key, KeyUse.CREDENTIAL),
                (self.status_key, KeyUse.STATUS),
            )
        ]
        issuer = TrustedIssuer(
            identifiers=(self.issuer, self.did),
            name={"en": "Department of Transport", "km": "ដឹកជញ្ជូន"},
            keys=tuple(keys),
            x5c_anchors=(self.root,),
            accreditations=(Accreditation(names, since, None),),
        )
        known = RegisteredVerifier(self.client_id, {"en": "Inspection"}, ("taxi-inspection",))
        registry = TrustRegistry(
            version=self.trust_version,
            issued_at=self.clock(),
            expires_at=self.clock() + timedelta(days=1),
            issuers=(issuer,),
            verifiers=(known,) if verifiers else (),
        )
        return sign_trust_registry(registry, signer=self.trust_key, key_id="trust")

    @property
    def did(self):
        host = urlsplit(self.url).netloc.replace(":", "%3A")
        return f"did:web:{host}:agencies:transport"

    def metadata(self, **changes):
        configurations = {
            name: configuration
            for one in CLAIMS
            for name, configuration in (
                (f"{one}.dc+sd-jwt", self._sd_jwt_configuration(one)),
                (f"{one}.vc+jwt", self._vc_jwt_configuration(one)),
                (f"{one}.jwt_vc_json", self._jwt_vc_configuration(one)),
            )
        }
        return {
            "credential_issuer": self.issuer,
            "credential_endpoint": f"{self.issuer}/credential",
            "nonce_endpoint": f"{self.issuer}/nonce",
            "notification_endpoint": f"{self.issuer}/notification",
            "batch_credential_issuance": {"batch_size": 5},
            "display": [{"name": "What it calls itself", "locale": "en"}],
            "credential_configurations_supported": configurations,
            **changes,
        }

    def _sd_jwt_configuration(self, name):
        return {
            "format": "dc+sd-jwt",
            "vct": f"{self.url}/types/{name}",
            **self._shared_configuration(["jwk"]),
        }

    def _vc_jwt_configuration(self, name):
        return {
            "format": "vc+jwt",
            "credential_definition": {
                "@context": [
                    "https://www.w3.org/ns/credentials/v2",
                    f"{self.url}/contexts/{name}",
                ],
                "type": ["VerifiableCredential", _vcdm_type(name)],
            },
            **self._shared_configuration(["did:jwk"]),
        }

    def _jwt_vc_configuration(self, name):
        return {
            "format": "jwt_vc_json",
            "credential_definition": {"type": ["VerifiableCredential", _vcdm_type(name)]},
            **self._shared_configuration(["did:jwk"]),
        }

    def _shared_configuration(self, methods):
        return {
            "cryptographic_binding_methods_supported": methods,
            "credential_signing_alg_values_supported": ["ES256"],
            "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}},
            "credential_metadata": {
                "display": [{"name": "Driving licence", "locale": "en"}],
                "claims": [
                    {"path": ["family_name"], "display": [{"name": "Family name", "locale": "en"}]}
                ],
            },
        }

    def server_metadata(self):
        return {
            "issuer": self.issuer,
            "token_endpoint": f"{self.issuer}/token",
            "grant_types_supported": [PRE_AUTHORIZED],
            "pre-authorized_grant_anonymous_access_supported": True,
            "response_types_supported": [],
        }

    def offer(self, *configurations, tx_code=None):
        grant = {"pre-authorized_code": secrets.token_urlsafe(16)}
        if tx_code is not None:
            grant["tx_code"] = tx_code
        offer = {
            "credential_issuer": self.issuer,
            "credential_configuration_ids": list(configurations or ["driving-licence.dc+sd-jwt"]),
            "grants": {PRE_AUTHORIZED: grant},
        }
        return f"openid-credential-offer://?credential_offer={quote(json.dumps(offer))}"

    # The issuer at work

    def issue(self, asked):
        """Every proof gets its credential, unless the nonce is not ours."""
        body = json.loads(asked["body"])
        proofs = [parse_jws(one, types={"openid4vci-proof+jwt"}) for one in body["proofs"]["jwt"]]
        if any(proof.payload["nonce"] != self.nonce for proof in proofs):
            return 400, "application/json", b'{"error": "invalid_nonce"}'
        configuration = body["credential_configuration_id"]
        credentials = [self.make(configuration, proof.header) for proof in proofs]
        self.issued += credentials
        return {
            "credentials": [{"credential": one} for one in credentials],
            "notification_id": "n",
        }

    def make(self, configuration, header, **changes):
        """A credential for the key of a proof; `changes` are what is wrong with it."""
        name, _, form = configuration.partition(".")
        if form == "vc+jwt":
            return self._make_vc_jwt(name, header)
        if form == "jwt_vc_json":
            return self._make_jwt_vc(name, header)
        index = len(self.issued) + 1
        claims = {
            "iss": self.issuer,
            "vct": f"{self.url}/types/{name}",
            "iat": int(self.clock().timestamp()),
            "exp": int((self.clock() + timedelta(days=30)).timestamp()),
            "cnf": {"jwk": header.get("jwk")},
            "status": {"status_list": {"idx": index, "uri": f"{self.issuer}/status/1"}},
            **CLAIMS[name],
            **{member: value for member, value in changes.items() if member in REGISTERED},
        }
        return issue_sd_jwt(
            {member: value for member, value in claims.items() if value is not None},
            disclosable=[(member,) for member in CLAIMS[name]],
            type="dc+sd-jwt",
            signer=changes.get("signer", self.issuer_key),
            header={"x5c": [_base64(self.issuer_certificate)]},
            salt=lambda: secrets.token_bytes(16),
        )

    def _make_vc_jwt(self, name, header):
        did = header["kid"].partition("#")[0]
        document = build_vc(
            types=[_vcdm_type(name)],
            contexts=[f"{self.url}/contexts/{name}"],
            issuer=self.did,
            subject=CLAIMS[name],
            subject_id=did,
            valid_from=self.clock(),
            valid_until=self.clock() + timedelta(days=30),
            statuses=(),
        )
        key_id = f"{self.did}#{parse_jwk(dict(self.issuer_key.public_jwk)).thumbprint}"
        return issue_vc_jwt(document, signer=self.issuer_key, key_id=key_id, issued_at=None)

    def _make_jwt_vc(self, name, header):
        document = build_document(
            types=[_vcdm_type(name)],
            contexts=[],
            issuer=self.did,
            subject=CLAIMS[name],
            subject_id=header["kid"].partition("#")[0],
            issued=self.clock(),
            expires=self.clock() + timedelta(days=30),
            statuses=(),
        )
        key_id = f"{self.did}#{parse_jwk(dict(self.issuer_key.public_jwk)).thumbprint}"
        return issue_jwt_vc(document, signer=self.issuer_key, key_id=key_id, issued_at=None)

    def _notify(self, asked):
        self.notified.append(json.loads(asked["body"])["event"])
        return 204, "application/json", b""

    def status_list(self):
        return build_status_list_token(
            self.status,
            uri=f"{self.issuer}/status/1",
            issued_at=self.clock(),
            expires_at=self.clock() + timedelta(hours=1),
            ttl=timedelta(minutes=1),
            signer=self.status_key,
            x5c=[],
            key_id="status",
        )

    def set_status(self, index, status):
        self.status = self.status.with_statuses({index: Status(status)})

    # The verifier at work

    def ask(self, *, query=None, signer=None, use_post=False, x5c=None, key_id=None, **changes):
        """Start a request and answer with the link for the wallet."""
        query = query or one_question(self.url)

        def serve(asked):
            nonce = parse_qs(asked["body"].decode()).get("wallet_nonce", [None])[0]
            claims = build_request_claims(
                client_id=self.client_id,
                response_uri=f"{self.url}/response/r",
                nonce="a-nonce-of-the-verifier-0001",
                state="a-state-of-the-verifier-00001",
                query=parse_query(query),
                now=self.clock(),
                lifetime=timedelta(minutes=5),
                wallet_nonce=nonce,
            )
            for member, value in changes.items():
                if value is None:
                    claims.pop(member, None)
                else:
                    claims[member] = value
            text = build_request_object(
                claims,
                signer=signer or self.verifier_key,
                x5c=[self.verifier_certificate] if x5c is None else x5c,
                key_id=key_id,
            )
            return 200, "application/oauth-authz-req+jwt", text.encode()

        self.answers["GET /request/r"] = self.answers["POST /request/r"] = serve
        return build_request_link(
            client_id=self.client_id, request_uri=f"{self.url}/request/r", use_post=use_post
        )

    def _take(self, asked):
        self.received.append(
            {name: values[0] for name, values in parse_qs(asked["body"].decode()).items()}
        )
        return {}

    def _build_handler(self):
        peers = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                path = urlsplit(self.path).path
                size = int(self.headers.get("Content-Length") or 0)
                asked = {"body": self.rfile.read(size), "headers": dict(self.headers)}
                peers.asked.append(f"{self.command} {path}")
                build = peers.answers.get(f"{self.command} {path}")
                answer = build(asked) if build else (404, "application/json", b"{}")
                if isinstance(answer, dict):
                    answer = (200, "application/json", json.dumps(answer).encode())
                status, media_type, body = answer
                self.send_response(status)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = answer  # noqa: N815 - the server's own names

            def log_message(self, *arguments):
                pass

        return Handler


class Phone:
    """A phone in software: a device key, holder keys, and the requests it proves."""

    def __init__(self, client, clock):
        self.client = client
        self.clock = clock
        self.signer = new_key()
        self.token = None
        self.keys = {}

    def proof(self, method, path, **changes):
        content = {
            "public_jwk": self.signer.public_jwk,
            "algorithm": "ES256",
            "method": method,
            "url": f"{WALLET}{path}",
            "now": self.clock(),
            "token_id": secrets.token_urlsafe(16),
            "access_token": self.token,
            **changes,
        }
        signing_input = build_dpop_input(**content)
        return join_signature(signing_input, self.signer.sign(signing_input.encode()))

    def send(self, method, path, value=None, *, proof=None):
        sent = {"DPoP": proof or self.proof(method, path)}
        if self.token:
            sent["Authorization"] = f"DPoP {self.token}"
        body = None if value is None else json.dumps(value)
        return self.client.open(
            path,
            method=method,
            data=body,
            content_type="application/json" if body else None,
            headers=sent,
        )

    def register(self, **members):
        self.token = self.send("POST", "/api/v1/residents", members).get_json()["access_token"]
        return self

    def make_keys(self, count):
        """Fresh holder keys; their public JWKs."""
        fresh = [new_key() for _ in range(count)]
        for signer in fresh:
            self.keys[parse_jwk(dict(signer.public_jwk)).thumbprint] = signer
        return [dict(signer.public_jwk) for signer in fresh]

    def sign(self, inputs):
        return [
            {
                "key": one["key"],
                "signature": base64url.encode(self.keys[one["key"]].sign(one["input"].encode())),
            }
            for one in inputs
        ]

    def preview(self, offer):
        return self.send("POST", "/api/v1/offers", {"offer": offer})

    def accept(self, offer, *, copies=1, **members):
        """Preview and accept; the path of the offer and what to sign."""
        preview = self.preview(offer)
        assert preview.status_code == 201, preview.text
        path = f"/api/v1/offers/{preview.get_json()['id']}"
        body = {"keys": self.make_keys(copies), **members}
        return path, self.send("POST", f"{path}/accept", body)

    def receive(self, offer, *, copies=1, **members):
        """The whole way; the answer of the last step."""
        path, accepted = self.accept(offer, copies=copies, **members)
        assert accepted.status_code == 200, accepted.text
        signatures = self.sign(accepted.get_json()["signing_inputs"])
        return self.send("POST", f"{path}/proofs", {"signatures": signatures})

    def cards(self):
        return self.send("GET", "/api/v1/credentials").get_json()["credentials"]

    def history(self):
        return self.send("GET", "/api/v1/history").get_json()["entries"]

    def open(self, link):
        return self.send("POST", "/api/v1/requests", {"request": link})

    def consent(self, opened, choices=None):
        request = opened.get_json()
        chosen = choices or {
            one["query_id"]: one["candidates"][0]["credential_id"]
            for one in request["credentials"]
            if one["candidates"]
        }
        path = f"/api/v1/requests/{request['id']}"
        return path, self.send("POST", f"{path}/consent", {"choices": chosen})

    def answer(self, link):
        """Open, consent, sign, send; the answer of the last step."""
        path, consented = self.consent(self.open(link))
        assert consented.status_code == 200, consented.text
        signatures = self.sign(consented.get_json()["signing_inputs"])
        return self.send("POST", f"{path}/presentation", {"signatures": signatures})


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


def one_question(url, **changes):
    """A DCQL query for two claims of a driving licence."""
    question = {
        "id": "licence",
        "format": "dc+sd-jwt",
        "meta": {"vct_values": [f"{url}/types/driving-licence"]},
        "claims": [{"path": ["family_name"]}, {"path": ["driver_number"]}],
        **changes,
    }
    return {"credentials": [question]}


def _vcdm_type(name):
    return "".join(part.capitalize() for part in name.split("-"))


def _base64(data):
    return base64.b64encode(data).decode()
