"""
The tables that this package keeps in each service's database.

Keys and session ids are stored as SHA-256, so a stolen copy names nobody and opens nothing.
"""

from alembic.operations import Operations
from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

METADATA = MetaData()

ONCE = Table(
    "runtime_once",
    METADATA,
    Column("scope", String(64), primary_key=True),
    Column("key", LargeBinary(32), primary_key=True),
    Column("until", BigInteger, nullable=False),
    Index("runtime_once_until", "until"),
)
"""Keys that were claimed, until a time in microseconds since 1970."""

LIMIT = Table(
    "runtime_limit",
    METADATA,
    Column("scope", String(64), primary_key=True),
    Column("key", LargeBinary(32), primary_key=True),
    Column("until", BigInteger, nullable=False),
    Column("used", Integer, nullable=False),
    Index("runtime_limit_until", "until"),
)
"""How often a key was used in its present window."""

AUDIT = Table(
    "runtime_audit",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
)
"""Who did what; each digest covers the one before. Rows are only ever added."""

WEB_SESSION = Table(
    "runtime_web_session",
    METADATA,
    Column("id", LargeBinary(32), primary_key=True),
    Column("subject", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("csrf_token", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index("runtime_web_session_subject", "subject"),
    Index("runtime_web_session_expires_at", "expires_at"),
)
"""Log-ins of browsers."""

_APPEND_ONLY_SQLITE = (
    "CREATE TRIGGER IF NOT EXISTS runtime_audit_no_{verb} BEFORE {verb} ON runtime_audit "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
)
_APPEND_ONLY_POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION runtime_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$",
    "CREATE OR REPLACE TRIGGER runtime_audit_refuse BEFORE UPDATE OR DELETE ON runtime_audit "
    "FOR EACH ROW EXECUTE FUNCTION runtime_audit_refuse()",
)


def create_runtime_tables(op: Operations) -> None:
    """Create this package's tables from a service's first migration (`from alembic import op`)."""
    connection = op.get_bind()
    METADATA.create_all(connection, checkfirst=True)
    if connection.dialect.name == "sqlite":
        statements = tuple(_APPEND_ONLY_SQLITE.format(verb=verb) for verb in ("UPDATE", "DELETE"))
    else:
        statements = _APPEND_ONLY_POSTGRESQL
    for statement in statements:
        connection.exec_driver_sql(statement)
