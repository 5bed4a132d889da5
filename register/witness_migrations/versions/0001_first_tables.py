"""The first tables of the witness."""

import sqlalchemy as sa
from alembic import op

from runtime.database import create_runtime_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table, those of the runtime included."""
    create_runtime_tables(op)  # type: ignore[arg-type]  # the module stands for its object
    op.create_table(
        "witness_log",
        sa.Column("origin", sa.String(255), primary_key=True),
        sa.Column("vkeys", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("note", sa.Text),
    )
    op.create_table(
        "witness_identity",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("vkey", sa.String(255)),
    )
