"""
The tables of the log, in the register's database.

A list copy and a trust leaf belong to the epochs from `first_epoch` to `last_epoch`, an open end
being the present; nothing is written for what did not change.
"""

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
    UniqueConstraint,
)

metadata = MetaData()

EPOCH = Table(
    "ledger_epoch",
    metadata,
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("checkpoint", Text),
    Column("witnessed", Text),
)
TILE = Table(
    "ledger_tile",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("tile", BigInteger, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)
LIST = Table(
    "ledger_list",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uri", String(2048), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("token", LargeBinary),
    Column("media_type", String(64), nullable=False),
    Column("first_epoch", BigInteger),
    Column("last_epoch", BigInteger),
    Column("digest", LargeBinary, nullable=False),
    UniqueConstraint("uri", "digest", name="uq_ledger_list_uri_digest"),
    Index("ix_ledger_list_uri_id", "uri", "id"),
    Index("ix_ledger_list_last_epoch", "last_epoch"),
)
TRUST = Table(
    "ledger_trust",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("first_epoch", BigInteger, nullable=False),
    Column("last_epoch", BigInteger),
    Index("ix_ledger_trust_last_epoch", "last_epoch"),
)
WITNESS = Table(
    "ledger_witness",
    metadata,
    Column("vkey", String(255), primary_key=True),
    Column("size", BigInteger, nullable=False),
)
