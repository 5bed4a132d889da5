"""The receipts that agencies hand in, and what became of each promise."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "register_receipt",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("text", sa.Text),
        sa.Column("issuer", sa.String(2048), nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("due_epoch", sa.BigInteger),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("judged_epoch", sa.BigInteger),
    )
    op.create_index("ix_register_receipt_state", "register_receipt", ["state"])
