"""The first tables of the wallet's counter."""

import sqlalchemy as sa
from alembic import op

from runtime.database import create_runtime_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table, those of the runtime included."""
    create_runtime_tables(op)  # type: ignore[arg-type]  # alembic gives a proxy module
    op.create_table(
        "wallet_resident",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("wrapped_key", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("display_name_sealed", sa.LargeBinary),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "wallet_device",
        sa.Column("id", sa.String, primary_key=True),
        _resident(),
        sa.Column("thumbprint", sa.String, nullable=False, unique=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("last_seen_at", sa.BigInteger, nullable=False),
    )
    _create_cards()
    _create_errands()
    op.create_table(
        "wallet_trust",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("keys", sa.String, nullable=False),
        sa.Column("fetched_at", sa.BigInteger, nullable=False),
    )


def _resident() -> sa.Column[str]:
    return sa.Column(
        "resident_id", sa.String, sa.ForeignKey("wallet_resident.id"), nullable=False, index=True
    )


def _create_cards() -> None:
    op.create_table(
        "wallet_card",
        sa.Column("id", sa.String, primary_key=True),
        _resident(),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("face_sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "wallet_copy",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column(
            "card_id", sa.String, sa.ForeignKey("wallet_card.id"), nullable=False, index=True
        ),
        _resident(),
        sa.Column("text_sealed", sa.LargeBinary, nullable=False),
        sa.Column("uses", sa.Integer, nullable=False),
    )


def _create_errands() -> None:
    op.create_table(
        "wallet_errand",
        sa.Column("id", sa.String, primary_key=True),
        _resident(),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("detail_sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "wallet_history",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.String, nullable=False, unique=True),
        _resident(),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("detail_sealed", sa.LargeBinary, nullable=False),
    )
