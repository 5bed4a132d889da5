"""
The register's own rows: entries and versions of the trust registry, the witnesses it asks, the
city's root certificate. SQL only; every function works in the caller's transaction.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from runtime.database import Session

metadata = MetaData()

ISSUER = "issuer"
VERIFIER = "verifier"

_entry = Table(
    "register_entry",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("key", String(2048), primary_key=True),
    Column("content", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
)
_trust = Table(
    "register_trust",
    metadata,
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("content", Text, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("token", Text),
    Column("signed_at", BigInteger),
)
_witness = Table(
    "register_witness",
    metadata,
    Column("vkey", String(255), primary_key=True),
    Column("url", String(2048), nullable=False),
)
_certificate = Table(
    "register_certificate",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject", String(255), nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("thumbprint", String(64), nullable=False),
    Column("der", LargeBinary, nullable=False),
    Column("is_root", Integer, nullable=False),
)


@dataclass(frozen=True, slots=True)
class TrustVersion:
    """One version of the trust registry. `content`: canonical JSON without times."""

    version: int
    content: str
    changed_at: int
    token: str | None
    signed_at: int | None


@dataclass(frozen=True, slots=True)
class PinnedWitness:
    """A witness: the key that counts and where it is reached."""

    vkey: str
    url: str


def load_entries(session: Session, kind: str) -> dict[str, str]:
    """Every entry of a kind by its key, in the order of the keys."""
    rows = session.execute(
        select(_entry.c.key, _entry.c.content).where(_entry.c.kind == kind).order_by(_entry.c.key)
    )
    return {row.key: row.content for row in rows}


def save_entry(session: Session, kind: str, key: str, *, content: str, version: int) -> None:
    """Put an entry in the place of the one with this key."""
    drop_entry(session, kind, key)
    session.execute(insert(_entry).values(kind=kind, key=key, content=content, version=version))


def drop_entry(session: Session, kind: str, key: str) -> None:
    """Forget an entry; the versions that had it keep it."""
    session.execute(delete(_entry).where(_entry.c.kind == kind, _entry.c.key == key))


def newest_trust(session: Session) -> TrustVersion | None:
    """The version of the trust registry that holds now."""
    newest = select(func.max(_trust.c.version)).scalar_subquery()
    row = session.execute(select(_trust).where(_trust.c.version == newest)).first()
    return _trust_version(row) if row else None


def every_trust(session: Session) -> list[TrustVersion]:
    """Every version there ever was, in order."""
    rows = session.execute(select(_trust).order_by(_trust.c.version))
    return [_trust_version(row) for row in rows]


def trust_since(session: Session, version: int) -> list[TrustVersion]:
    """Every version after this one, in order."""
    rows = session.execute(
        select(_trust).where(_trust.c.version > version).order_by(_trust.c.version)
    )
    return [_trust_version(row) for row in rows]


def insert_trust(session: Session, *, version: int, content: str, changed_at: int) -> None:
    """A new version; it is signed after the commit."""
    session.execute(insert(_trust).values(version=version, content=content, changed_at=changed_at))


def set_trust_token(session: Session, version: int, *, token: str, signed_at: int) -> None:
    """Keep a signature of this version, unless another process has kept a later one."""
    is_later = or_(_trust.c.signed_at.is_(None), _trust.c.signed_at < signed_at)
    session.execute(
        update(_trust)
        .where(_trust.c.version == version, is_later)
        .values(token=token, signed_at=signed_at)
    )


def load_witnesses(session: Session) -> list[PinnedWitness]:
    """Every witness that the log asks."""
    rows = session.execute(select(_witness).order_by(_witness.c.vkey))
    return [PinnedWitness(vkey=row.vkey, url=row.url) for row in rows]


def save_witness(session: Session, witness: PinnedWitness) -> None:
    """Pin a witness, or change where it is reached."""
    session.execute(delete(_witness).where(_witness.c.vkey == witness.vkey))
    session.execute(insert(_witness).values(vkey=witness.vkey, url=witness.url))


def load_root_certificate(session: Session) -> bytes | None:
    """The city's root certificate."""
    found = session.execute(
        select(_certificate.c.der)
        .where(_certificate.c.is_root == 1)
        .order_by(_certificate.c.id.desc())
    ).scalar()
    return bytes(found) if found is not None else None


def load_certificates(session: Session) -> dict[str, bytes]:
    """The newest certificate of each certified key, by the key's thumbprint."""
    rows = session.execute(
        select(_certificate.c.thumbprint, _certificate.c.der)
        .where(_certificate.c.is_root == 0)
        .order_by(_certificate.c.id)
    )
    return {row.thumbprint: bytes(row.der) for row in rows}


def insert_certificate(
    session: Session, *, subject: str, thumbprint: str, issued_at: int, der: bytes, is_root: bool
) -> None:
    """Remember what the city certified."""
    session.execute(
        insert(_certificate).values(
            subject=subject,
            thumbprint=thumbprint,
            issued_at=issued_at,
            der=der,
            is_root=int(is_root),
        )
    )


def _trust_version(row: Row[Any]) -> TrustVersion:
    return TrustVersion(
        version=row.version,
        content=row.content,
        changed_at=row.changed_at,
        token=row.token,
        signed_at=row.signed_at,
    )
