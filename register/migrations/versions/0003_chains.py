"""What the register knows of each chain, and what its ledger witnesses cosigned."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "ledger_chain",
        sa.Column("caip2", sa.String(41), primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("final_epoch", sa.BigInteger),
        sa.Column("final_size", sa.BigInteger),
        sa.Column("final_root", sa.LargeBinary),
        sa.Column("final_height", sa.BigInteger),
        sa.Column("final_block", sa.LargeBinary),
        sa.Column("nonce", sa.BigInteger),
        sa.Column("fee", sa.BigInteger),
        sa.Column("raw", sa.LargeBinary),
        sa.Column("digest", sa.LargeBinary),
        sa.Column("since", sa.BigInteger),
        sa.Column("target", sa.BigInteger),
        sa.Column("sent_at", sa.BigInteger),
        sa.Column("alarm", sa.String(32)),
        sa.Column("alarm_text", sa.Text),
    )
    op.create_table(
        "ledger_chain_witness",
        sa.Column("vkey", sa.String(255), primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
    )
