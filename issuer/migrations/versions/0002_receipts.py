"""The receipts of status changes are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "issuer_receipt",
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("agency", sa.String, nullable=False),
        sa.Column("credential", sa.String, nullable=False, index=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("is_handed", sa.Boolean, nullable=False),
    )
