"""
A small city as an inspector meets it: agencies that issue, lists that are anchored. Everything is
signed with real keys and published over HTTP on loopback; only the forms are filled in by hand.
"""

import secrets
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

sys.path.insert(0, str(Path(__file__).parent.parent / "ledger"))

from city_papers import AGENCY_OF, CLAIMS, VCDM, VIEWS, Card
from ledgers import LOG_KEY, MemoryWitness, signing_key
from public_shelf import PublicShelf

from credentials.dids import build_did_key
from credentials.keys import parse_jwk
from credentials.model import Status, StatusPurpose
from credentials.sd_jwt import issue_sd_jwt
from credentials.status import (
    StatusArray,
    build_bitstring_credential,
    build_status_list_token,
    read_status_list,
)
from credentials.trust import Accreditation, KeyUse, TrustedIssuer, TrustedKey, TrustRegistry
from credentials.trust_document import sign_trust_registry
from credentials.x509 import build_authority_certificate, build_leaf_certificate
from encoding import base64url
from encoding.strict_json import build_json
from ledger import log, store
from ledger.anchor import build_anchor_proof_json
from ledger.closer import Closer, Quorum
from ledger.epoch import ListLeaf, chunk_root, token_digest
from ledger.note import QuorumPolicy
from ledger.quorum import build_policy
from openid4vc.oauth import issue_service_token
from runtime.database import Database
from runtime.keystore import FileKeystore

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
VALIDITY = timedelta(days=365)


@dataclass
class MovableClock:
    """The city's time. It stands still until somebody moves it."""

    now: datetime = NOON

    def __call__(self):
        return self.now

    def move(self, **by):
        self.now += timedelta(**by)


@dataclass
class Agency:
    """One agency: its name, its keys with certificates, and one status list."""

    identifier: str
    credential: object
    status: object
    certificates: dict
    list_uri: str
    array: StatusArray
    next_index: int = 0
    legacy_key: object = None


class InspectedCity:
    """Speaks the domain: issue, revoke, close an epoch, show a code."""

    def __init__(self, folder: Path, clock: MovableClock):
        self.folder = folder
        self.clock = clock
        self.shelf = PublicShelf()
        self.url = self.shelf.url
        self.keys = FileKeystore(folder / "keys" / "city")
        self.witness = MemoryWitness()
        self.database = Database(f"sqlite:///{folder}/register.sqlite3")
        with self.database.writing() as session:
            store.metadata.create_all(session.connection())
        self.policy = QuorumPolicy(log=LOG_KEY, witnesses=(self.witness.key,), threshold=1)
        self.closer = Closer(
            self.database,
            key=LOG_KEY,
            signer=signing_key(1),
            quorum=lambda: Quorum(policy=self.policy, witnesses=(self.witness,)),
            trust=lambda session: (),
            clock=clock,
            epoch_length=timedelta(minutes=1),
        )
        self.root = self._make_root()
        names = sorted(set(AGENCY_OF.values()))
        self.agencies = {name: self._found(name) for name in names}
        self.trust_version = 1
        for agency in self.agencies.values():
            self.publish_list(agency)
        self.publish_pins()
        self.publish_trust()
        self.close_epoch()

    def close(self):
        self.shelf.close()
        self.database.close()

    # What the agencies do.

    def issue(self, type_name, *, holder, claims=None, linked=(), agency=None, **changes):
        """An SD-JWT VC of this type for a holder key; its claims as in `CLAIMS`."""
        agency = self.agencies[agency or AGENCY_OF[type_name]]
        index, agency.next_index = agency.next_index, agency.next_index + 1
        content = {**CLAIMS[type_name], **(claims or {})}
        payload = {
            "iss": agency.identifier,
            "vct": f"{self.url}/types/{type_name}",
            "iat": int(self.clock().timestamp()),
            "exp": int((self.clock() + timedelta(days=3)).timestamp()),
            "cnf": {"jwk": dict(holder.public_jwk)},
            "status": {"status_list": {"uri": agency.list_uri, "idx": index}},
            **content,
            **changes,
        }
        if linked:
            payload["linked"] = [
                {"type": card.type, "list": card.list_uri, "index": card.index} for card in linked
            ]
        is_view = type_name in VIEWS
        text = issue_sd_jwt(
            payload,
            disclosable=[] if is_view else [(name,) for name in content],
            type="dc+sd-jwt",
            signer=agency.credential,
            header={"x5c": [_base64(agency.certificates["credential"])]},
            salt=lambda: secrets.token_bytes(16),
        )
        return Card(type_name, text, holder, agency.list_uri, index)

    def set_status(self, card, status):
        """The issuer changes the status; its newest list is out at once, not yet anchored."""
        agency = next(each for each in self.agencies.values() if each.list_uri == card.list_uri)
        agency.array = agency.array.with_statuses({card.index: status})
        self.publish_list(agency)

    def revoke(self, card):
        self.set_status(card, Status.REVOKED)

    def publish_bitstring(self, agency, *, revoked=()):
        """A W3C list of revocations beside the other one; its URI."""
        uri = f"{agency.list_uri}/revocation"
        array = StatusArray.all_valid(131_072)
        token = build_bitstring_credential(
            array.with_statuses(dict.fromkeys(revoked, Status.REVOKED)),
            purpose=StatusPurpose.REVOCATION,
            uri=uri,
            issuer=agency.identifier,
            valid_from=self.clock(),
            valid_until=self.clock() + timedelta(days=7),
            ttl=timedelta(minutes=1),
            signer=agency.status,
            x5c=[agency.certificates["status"]],
        )
        self.shelf.put(urlsplit(uri).path, "application/vc+jwt", token)
        entries = read_status_list(token).entries
        self._submit(token, uri=uri, bits=1, entries=entries, media_type="application/vc+jwt")
        return uri

    def publish_list(self, agency):
        token = build_status_list_token(
            agency.array,
            uri=agency.list_uri,
            issued_at=self.clock(),
            expires_at=self.clock() + timedelta(days=7),
            ttl=timedelta(minutes=1),
            signer=agency.status,
            x5c=[agency.certificates["status"]],
        )
        self.shelf.put(urlsplit(agency.list_uri).path, "application/statuslist+jwt", token)
        media_type = "application/statuslist+jwt"
        entries = agency.array.packed
        self._submit(token, uri=agency.list_uri, bits=2, entries=entries, media_type=media_type)

    def _submit(self, token, *, uri, bits, entries, media_type):
        leaf = ListLeaf(
            uri=uri,
            version=int(self.clock().timestamp()),
            bits=bits,
            size=len(entries) * 8 // bits,
            token_digest=token_digest(token.encode()),
            chunk_root=chunk_root(entries),
        )
        with self.database.writing() as session:
            log.submit_list(session, leaf=leaf, token=token.encode(), media_type=media_type)

    # What the register does.

    def publish_pins(self):
        self.shelf.put("/policy", "text/plain; charset=utf-8", build_policy(self.policy))
        keys = {"keys": [dict(self.keys.signer("trust", "ES256").public_jwk)]}
        self.shelf.put("/trust/keys", "application/jwk-set+json", build_json(keys))

    def publish_trust(self, *, without=(), version=None, signed_by="trust"):
        registry = TrustRegistry(
            version=version or self.trust_version,
            issued_at=self.clock(),
            expires_at=self.clock() + timedelta(days=7),
            issuers=tuple(
                self._listed(name, agency)
                for name, agency in self.agencies.items()
                if name not in without
            ),
            verifiers=(),
        )
        self.trust_version = registry.version + 1
        signer = self.keys.signer(signed_by, "ES256")
        text = sign_trust_registry(registry, signer=signer, key_id=signer.key_id)
        self.shelf.put("/trust", "application/jwt", text)

    def close_epoch(self):
        """Anchor the newest lists and publish the snapshot."""
        self.witness.clock = self.clock()
        self.closer.close()
        self.closer.settle()
        with self.database.reading() as session:
            epoch, proofs = log.anchored_snapshot(session)
            lists = [
                {
                    "uri": proof.list_leaf.uri,
                    "token": log.anchored_list(session, proof.list_leaf.uri).stored.token.decode(),
                    "proof": build_anchor_proof_json(proof),
                }
                for proof in proofs
            ]
        snapshot = {
            "epoch": epoch.size,
            "time": int(epoch.leaf.time.timestamp()),
            "checkpoint": proofs[0].checkpoint,
            "lists": lists,
        }
        self.shelf.put("/snapshot", "application/json", build_json(snapshot))
        return epoch.size

    # What the operator does.

    def token(self, role, *, audience, subject="desk"):
        return issue_service_token(
            signer=self.keys.signer("operator", "ES256"),
            issuer="city",
            subject=subject,
            audience=audience,
            role=role,
            agency=None,
            now=self.clock(),
            token_id=secrets.token_hex(8),
        )

    def write_operator_keys(self, path: Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        keys = {"keys": [dict(self.keys.signer("operator", "ES256").public_jwk)]}
        path.write_bytes(build_json(keys))

    def certify(self, jwk, *, dns_names=(), uris=()):
        """A leaf certificate of the city's root, in DER."""
        builder = build_leaf_certificate(
            common_name="a key of the city",
            public_key=parse_jwk(dict(jwk)),
            authority=self.root,
            uris=list(uris),
            dns_names=list(dns_names),
            serial=x509.random_serial_number(),
            valid_from=self.clock() - timedelta(minutes=1),
            validity=VALIDITY,
        )
        signed = self.keys.certificate_builder_sign("root", builder)
        return signed.public_bytes(Encoding.DER)

    def _make_root(self):
        signer = self.keys.signer("root", "ES256")
        builder = build_authority_certificate(
            common_name="Demo city",
            public_key=parse_jwk(dict(signer.public_jwk)),
            serial=x509.random_serial_number(),
            valid_from=self.clock() - timedelta(days=1),
            validity=timedelta(days=3650),
        )
        return self.keys.certificate_builder_sign("root", builder)

    def _found(self, name):
        identifier = f"{self.url}/agencies/{name}"
        keys = {use: self.keys.signer(f"{name}-{use}", "ES256") for use in ("credential", "status")}
        return Agency(
            identifier=identifier,
            credential=keys["credential"],
            status=keys["status"],
            certificates={
                use: self.certify(key.public_jwk, uris=[identifier]) for use, key in keys.items()
            },
            list_uri=f"{identifier}/status/1",
            array=StatusArray.all_valid(1024),
        )

    def _listed(self, name, agency):
        types = {item for item, owner in AGENCY_OF.items() if owner == name}
        begin = self.clock() - timedelta(days=1)
        legacy = agency.legacy_key
        return TrustedIssuer(
            identifiers=(agency.identifier, *([build_did_key(legacy)] if legacy else [])),
            name={"en": name.title(), "km": name, "zh-Hans": name},
            keys=tuple(
                TrustedKey(
                    key=parse_jwk(dict(signer.public_jwk)),
                    use=use,
                    valid_from=begin,
                    valid_until=None,
                    compromised_at=None,
                    x5c=(agency.certificates[use.value],),
                )
                for use, signer in (
                    (KeyUse.CREDENTIAL, agency.credential),
                    (KeyUse.STATUS, agency.status),
                )
            )
            + ((TrustedKey(legacy, KeyUse.CREDENTIAL, begin, None, None),) if legacy else ()),
            x5c_anchors=(self.root.public_bytes(Encoding.DER),),
            accreditations=(
                Accreditation(
                    types=frozenset(
                        {f"{self.url}/types/{item}" for item in types}
                        | {VCDM[item] for item in types}
                    ),
                    valid_from=begin,
                    valid_until=None,
                ),
            ),
        )


def _base64(der):
    return base64url.encode(der).replace("-", "+").replace("_", "/") + "=" * (-len(der) % 3)
