"""The first tables of the register: the log's, the trust registry's, the runtime's."""

import sqlalchemy as sa
from alembic import op

from runtime.database import create_runtime_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table."""
    create_runtime_tables(op)  # type: ignore[arg-type]  # the module stands for its object
    _create_log()
    _create_lists()
    _create_governance()


def _create_log() -> None:
    op.create_table(
        "ledger_epoch",
        sa.Column("epoch", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("leaf", sa.LargeBinary, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("checkpoint", sa.Text),
        sa.Column("witnessed", sa.Text),
    )
    op.create_table(
        "ledger_tile",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("tile", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "ledger_witness",
        sa.Column("vkey", sa.String(255), primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
    )


def _create_lists() -> None:
    op.create_table(
        "ledger_list",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uri", sa.String(2048), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("leaf", sa.LargeBinary, nullable=False),
        sa.Column("token", sa.LargeBinary),
        sa.Column("media_type", sa.String(64), nullable=False),
        sa.Column("first_epoch", sa.BigInteger),
        sa.Column("last_epoch", sa.BigInteger),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("uri", "digest", name="uq_ledger_list_uri_digest"),
    )
    op.create_index("ix_ledger_list_uri_id", "ledger_list", ["uri", "id"])
    op.create_index("ix_ledger_list_last_epoch", "ledger_list", ["last_epoch"])
    op.create_table(
        "ledger_trust",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("first_epoch", sa.BigInteger, nullable=False),
        sa.Column("last_epoch", sa.BigInteger),
    )
    op.create_index("ix_ledger_trust_last_epoch", "ledger_trust", ["last_epoch"])


def _create_governance() -> None:
    op.create_table(
        "register_entry",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("key", sa.String(2048), primary_key=True),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "register_trust",
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("token", sa.Text),
        sa.Column("signed_at", sa.BigInteger),
    )
    op.create_table(
        "register_witness",
        sa.Column("vkey", sa.String(255), primary_key=True),
        sa.Column("url", sa.String(2048), nullable=False),
    )
    op.create_table(
        "register_certificate",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.Column("thumbprint", sa.String(64), nullable=False),
        sa.Column("der", sa.LargeBinary, nullable=False),
        sa.Column("is_root", sa.Integer, nullable=False),
    )
