"""
Register, issuer and verifier as one small server on loopback, with real keys and certificates.

A test says what goes wrong by replacing one of its answers.
"""

import base64
import json
import secrets
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from wallet_metadata import CLAIMS, issuer_metadata, offer_link, server_metadata, vcdm_type
from wallet_phone import new_key

from credentials.jose import parse_jws
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
from openid4vc.client_id import build_client_id_x509_hash
from openid4vc.dcql import parse_query
from openid4vc.request_object import (
    build_request_claims,
    build_request_link,
    build_request_object,
)

REGISTERED = {"iss", "vct", "iat", "exp", "nbf", "cnf", "status"}


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
            f"GET {host.format('oauth-authorization-server')}": lambda _: server_metadata(
                self.issuer
            ),
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
            name for one in types for name in (f"{self.url}/types/{one}", vcdm_type(one))
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
        return issuer_metadata(self.url, self.issuer, **changes)

    def offer(self, *configurations, tx_code=None):
        return offer_link(
            self.issuer, configurations or ["driving-licence.dc+sd-jwt"], tx_code=tx_code
        )

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
            types=[vcdm_type(name)],
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
            types=[vcdm_type(name)],
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


def _base64(data):
    return base64.b64encode(data).decode()
