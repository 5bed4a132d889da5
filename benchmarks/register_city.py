"""A register with a large list and a witness on loopback, for the bench."""

import socket
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server

from credentials.keys import SoftwareSigner
from credentials.model import Status
from credentials.status import StatusArray, build_status_list_token
from register.app import create_app
from register.submissions import take_list
from register.witness import create_app as create_witness
from runtime.settings import Settings

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
AGENCY = "https://issuer.example/agencies/transport"
TYPE = "https://issuer.example/types/x"
ENTRIES = 1 << 20


class RegisterCity:
    """Both services; `now` is their common clock."""

    def __init__(self, folder: Path) -> None:
        self.now = NOON
        self._servers: list[BaseWSGIServer] = []
        ports = [_free_port(), _free_port()]
        self._environ = {
            "CITY_DATA_DIR": str(folder),
            "CITY_REGISTER_URL": f"http://localhost:{ports[0]}",
            "CITY_WITNESS_URL": f"http://localhost:{ports[1]}",
            "CITY_BACKGROUND": "no",
        }
        self.app = create_app(self._settings("register"), clock=lambda: self.now)
        self._witness = create_witness(self._settings("witness"), clock=lambda: self.now)
        for port, app in zip(ports, (self.app, self._witness), strict=True):
            self._serve(port, app)
        self._hall = self.app.extensions["register"]
        self._fill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._hall.database.close()
        self._witness.extensions["witness"].close()

    def close_epoch(self) -> None:
        """One minute later, published."""
        self.now += timedelta(minutes=1)
        self._hall.closer.close()
        self._hall.closer.settle()

    def close_epochs(self, count: int) -> None:
        """One after the other, as fast as it goes."""
        for _ in range(count):
            self.close_epoch()

    def staple_path(self, index: int) -> str:
        """Where the staple of an entry is."""
        query = {"list": f"{AGENCY}/status/1", "index": index, "form": "staple", "issuer": AGENCY}
        return f"/proofs?{urlencode(query)}"

    def _fill(self) -> None:
        """One agency, and its list of a million statuses, one in a hundred revoked."""
        status = SoftwareSigner(ec.generate_private_key(ec.SECP256R1()))
        credential = SoftwareSigner(ec.generate_private_key(ec.SECP256R1()))
        since = int((NOON - DAY).timestamp())
        keys = [
            {"jwk": dict(signer.public_jwk), "use": use, "valid_from": since}
            for use, signer in (("status", status), ("credential", credential))
        ]
        accredited = [{"types": [TYPE], "valid_from": since}]
        entry = {
            "identifiers": [AGENCY], "name": {"en": "Transport"}, "keys": keys,
            "accreditations": accredited,
        }  # fmt: skip
        self._hall.governance.put_issuer(entry, actor="bench")
        revoked = dict.fromkeys(range(0, ENTRIES, 100), Status.REVOKED)
        token = build_status_list_token(
            StatusArray.all_valid(ENTRIES).with_statuses(revoked), uri=f"{AGENCY}/status/1",
            issued_at=self.now, expires_at=self.now + DAY, ttl=DAY, signer=status,
        )  # fmt: skip
        registry = self._hall.governance.registry()
        take_list(self._hall.database, token, registry=registry, now=self.now)
        self.close_epoch()

    def _settings(self, service: str) -> Settings:
        return Settings.from_environment(self._environ, service=service)

    def _serve(self, port: int, app: Flask) -> None:
        server = make_server("localhost", port, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self._servers.append(server)


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])
