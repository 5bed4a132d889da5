"""
The operator's desk: signs short tokens with the operator's key and writes to the counters.

Agencies, officers, inspectors and businesses come into being here, over the public operator APIs.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from encoding.strict_json import JsonValue, build_json, parse_object
from mobile_demo.errors import DemoError
from mobile_demo.letters import Letters, object_of, objects_of, text_of
from openid4vc.oauth import issue_service_token
from runtime.clock import Clock
from runtime.fetch import Fetcher
from runtime.keystore import FileKeystore

PUBLISH_TRIES = 50
TOKEN_LIFE = timedelta(minutes=15)
SERVICE_KEYS = ("issuer",)


def prepare_operator_keys(data_dir: Path) -> None:
    """
    Create the operator's key and the issuer's service key, and publish both to the counters.

    The file holds public keys only, each with the roles it may sign for: a counter's key never
    signs for an operator.
    """
    folder = data_dir / "keys"
    keys: list[JsonValue] = [
        _entry(folder / "operator", "operator", None),
        *(_entry(folder / service, service, ["service"]) for service in SERVICE_KEYS),
    ]
    path = folder / "operator.jwks.json"
    path.write_bytes(build_json({"keys": keys}))


def _entry(folder: Path, name: str, roles: Sequence[str] | None) -> dict[str, JsonValue]:
    signer = FileKeystore(folder).signer(name, "ES256")
    jwk: dict[str, JsonValue] = dict(signer.public_jwk)
    if roles is not None:
        jwk["roles"] = list(roles)
    return jwk


@dataclass(frozen=True, slots=True)
class Desk:
    """The operator with the addresses of the counters."""

    data_dir: Path
    urls: Mapping[str, str]
    fetcher: Fetcher
    clock: Clock

    def token(self, *, service: str, role: str, agency: str | None = None) -> str:
        """A 15-minute bearer token for one counter."""
        signer = FileKeystore(self.data_dir / "keys" / "operator").signer("operator", "ES256")
        return issue_service_token(
            signer=signer,
            issuer="operator",
            audience=self.urls[service],
            subject="desk",
            role=role,
            agency=agency,
            now=self.clock(),
            lifetime=TOKEN_LIFE,
            token_id=uuid4().hex,
        )

    def letters(self, service: str, *, role: str, agency: str | None = None) -> Letters:
        """Letters to one counter, signed as this role."""
        token = self.token(service=service, role=role, agency=agency)
        return Letters(self.fetcher, self.urls[service], {"Authorization": f"Bearer {token}"})

    def create_agency(
        self, name: str, *, types: Sequence[str], label: Mapping[str, str]
    ) -> dict[str, JsonValue]:
        """
        Found an agency: keys at the issuer, certificates and accreditation at the register.

        Safe to repeat: a second call with the same name brings the three steps to their end.
        """
        issuer = self.letters("issuer", role="operator")
        register = self.letters("register", role="operator")
        founded = issuer.post(
            "/api/v1/agencies", {"name": name, "types": list(types), "label": dict(label)}
        )
        trusted = object_of(founded, "trusted_issuer")
        chains: dict[str, JsonValue] = {}
        for use in ("credential", "status"):
            certified = register.post(
                "/api/v1/certificates",
                {
                    "public_jwk": object_of(founded, f"{use}_jwk"),
                    "subject": f"{name} {use}",
                    "san_uris": [text_of(founded, "credential_issuer")],
                    "san_dns": [],
                },
            )
            chains[f"{use}_x5c"] = certified["x5c"]
        issuer.put(f"/api/v1/agencies/{name}/certificates", chains)
        register.post("/api/v1/issuers", {"issuer": trusted})
        self._publish(issuer, name)
        return founded

    def _publish(self, issuer: Letters, name: str) -> None:
        """Until the register has every list: an epoch that closes earlier would not show them."""
        for _ in range(PUBLISH_TRIES):
            published = issuer.post(f"/api/v1/agencies/{name}/publish", {})
            if all(entry.get("is_pushed") for entry in objects_of(published, "lists")):
                return
            time.sleep(0.2)
        raise DemoError(f"the register did not take the lists of {name}", code="lists_not_pushed")

    def register_verifier(self) -> None:
        """Let the register certify the verifier's keys and name it to wallets as registered."""
        register = self.letters("register", role="operator")
        verifier = self.letters("verifier", role="operator")
        registration = verifier.get("/api/v1/registration")
        certified = register.post(
            "/api/v1/certificates",
            {
                "public_jwk": object_of(registration, "public_jwk"),
                "subject": "verifier",
                "san_uris": [],
                "san_dns": [text_of(registration, "host")],
            },
        )
        certified_as = verifier.put("/api/v1/registration", {"x5c": certified["x5c"]})
        register.post("/api/v1/verifiers", {"verifier": object_of(certified_as, "verifier")})

    def enrolment_link(self, service: str, path: str, value: Mapping[str, JsonValue]) -> str:
        """A one-time link with which a person registers a passkey."""
        return text_of(self.letters(service, role="operator").post(path, value), "enrolment_link")

    def close_epoch(self) -> dict[str, JsonValue]:
        """Close an epoch now."""
        return self.letters("register", role="operator").post("/api/v1/epochs", {})


def read_operator_jwks(path: Path) -> dict[str, JsonValue]:
    """The published keys, for tests and fsck."""
    return parse_object(path.read_bytes())
