"""What a log signed that does not extend what the witness saw of it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of evidence."""
    op.create_table(
        "witness_evidence",
        sa.Column("origin", sa.String(255), primary_key=True),
        sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("root", sa.LargeBinary, primary_key=True),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("held", sa.Text),
    )
