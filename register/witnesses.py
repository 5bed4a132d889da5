"""
The witnesses that the register asks, and what quorum of them an epoch needs.

A witness counts by its key, pinned once by an operator. In development the one witness of the
settings is pinned when it is first reached, and said so in the log. Of n witnesses n - (n-1)/3
must cosign: what is left over may be faulty (ledger design, section 4).
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.closer import Quorum, WitnessAnswer
from ledger.errors import Malformed, WitnessUnavailable
from ledger.note import (
    COSIGNATURE,
    MAX_NOTE_BYTES,
    QuorumPolicy,
    VerifierKey,
    parse_verifier_key,
)
from register import store
from register.errors import BadRequest, WitnessNotKnown
from register.store import PinnedWitness
from runtime.database import Database
from runtime.errors import FetchError
from runtime.fetch import Fetcher

MAX_ANSWER_BYTES = 64 * 1024
MAX_WITNESSES = 32
_TEXT = "text/plain"
_logger = logging.getLogger("city.register")


@dataclass(frozen=True, slots=True)
class WitnessDoor:
    """A witness over HTTP (C2SP tlog-witness)."""

    key: VerifierKey
    url: str
    origin: str
    fetcher: Fetcher

    def add_checkpoint(self, body: bytes) -> WitnessAnswer:
        """POST /add-checkpoint."""
        try:
            answer = self.fetcher.post(
                f"{self.url}/add-checkpoint", body, _TEXT, max_bytes=MAX_ANSWER_BYTES
            )
        except FetchError as error:
            raise WitnessUnavailable(f"{self.key.name} does not answer") from error
        return WitnessAnswer(status=answer.status, body=answer.body)

    def head(self) -> str | None:
        """GET /<origin hash>/checkpoint."""
        digest = hashlib.sha256(self.origin.encode()).hexdigest()
        try:
            answer = self.fetcher.get(
                f"{self.url}/{digest}/checkpoint", accept=_TEXT, max_bytes=MAX_NOTE_BYTES
            )
            if answer.status == 404:
                return None
            if answer.status != 200:
                raise WitnessUnavailable(f"{self.key.name} answered {answer.status}")
            return answer.body.decode()
        except (FetchError, UnicodeDecodeError) as error:
            raise WitnessUnavailable(f"{self.key.name} does not answer") from error


class Witnesses:
    """The pinned witnesses."""

    def __init__(
        self,
        database: Database,
        *,
        log_key: VerifierKey,
        fetcher: Fetcher,
        first_url: str | None,
    ) -> None:
        self._database = database
        self._log_key = log_key
        self._fetcher = fetcher
        self._first_url = first_url

    def quorum(self) -> Quorum:
        """Whom to ask and what is enough."""
        pinned = self._pinned()
        keys = tuple(parse_verifier_key(witness.vkey) for witness in pinned)
        return Quorum(
            policy=build_quorum_policy(self._log_key, keys),
            witnesses=tuple(
                WitnessDoor(key, witness.url, self._log_key.name, self._fetcher)
                for key, witness in zip(keys, pinned, strict=True)
            ),
        )

    def policy(self) -> QuorumPolicy:
        """What is published as `/policy`."""
        keys = tuple(parse_verifier_key(witness.vkey) for witness in self._pinned())
        return build_quorum_policy(self._log_key, keys)

    def pin(self, vkey: str, url: str) -> None:
        """From now on this witness counts."""
        key = parse_verifier_key(vkey)
        if key.signature_type != COSIGNATURE:
            raise BadRequest("a witness has a cosignature key")
        with self._database.writing() as session:
            others = [each for each in store.load_witnesses(session) if each.vkey != vkey]
            if len(others) >= MAX_WITNESSES:
                raise BadRequest(f"there are {MAX_WITNESSES} witnesses already")
            if any(parse_verifier_key(each.vkey).public_key == key.public_key for each in others):
                raise BadRequest("a witness with this key has another name")
            store.save_witness(session, PinnedWitness(vkey=vkey, url=url.rstrip("/")))

    def _pinned(self) -> list[PinnedWitness]:
        with self._database.reading() as session:
            pinned = store.load_witnesses(session)
        if pinned:
            return pinned
        if self._first_url is None:
            raise WitnessNotKnown("no witness is pinned: an operator must name one")
        vkey = self._fetch_key(self._first_url)
        self.pin(vkey, self._first_url)
        _logger.warning("witness pinned at first sight", extra={"vkey": vkey})
        with self._database.reading() as session:
            return store.load_witnesses(session)

    def _fetch_key(self, url: str) -> str:
        try:
            answer = self._fetcher.get(f"{url}/vkey", accept=_TEXT, max_bytes=1024)
            if answer.status != 200:
                raise WitnessNotKnown(f"the witness answered {answer.status}")
            vkey = answer.body.decode().strip()
            parse_verifier_key(vkey)
        except (FetchError, UnicodeDecodeError, Malformed) as error:
            raise WitnessNotKnown("the witness does not say its key") from error
        return vkey


def build_quorum_policy(log_key: VerifierKey, keys: Sequence[VerifierKey]) -> QuorumPolicy:
    """Two thirds and one more of the witnesses, as long as a third may be faulty."""
    threshold = len(keys) - (len(keys) - 1) // 3
    return QuorumPolicy(log=log_key, witnesses=tuple(keys), threshold=threshold)
