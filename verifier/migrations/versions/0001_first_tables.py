"""The first tables of the verifier's counter."""

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
    _create_sessions()
    _create_checks()
    _create_accounts()
    op.create_table(
        "verifier_material",
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("fetched_at", sa.BigInteger, nullable=False),
    )


def _create_sessions() -> None:
    op.create_table(
        "verifier_session",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("request_id", sa.String, nullable=False, unique=True),
        sa.Column("purpose", sa.String, nullable=False),
        sa.Column("starter", sa.String, nullable=False),
        sa.Column("is_same_device", sa.Boolean, nullable=False),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("nonce", sa.String, nullable=False),
        sa.Column("wallet_state", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("result", sa.String),
        sa.Column("response_code_hash", sa.String),
        sa.Column("is_released", sa.Boolean, nullable=False),
    )
    op.create_index("verifier_session_by_expiry", "verifier_session", ["expires_at"])


def _create_checks() -> None:
    op.create_table(
        "verifier_check",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("checked_at", sa.BigInteger, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("purpose", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("reasons", sa.String, nullable=False),
        sa.Column("epoch", sa.BigInteger),
        sa.Column("checker", sa.String, nullable=False),
        sa.Column("log_id", sa.String, unique=True),
    )
    op.create_index("verifier_check_by_checker", "verifier_check", ["checker", "id"])


def _create_accounts() -> None:
    op.create_table(
        "verifier_account",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "verifier_enrolment",
        sa.Column("token_hash", sa.String, primary_key=True),
        sa.Column("account_id", sa.String, sa.ForeignKey("verifier_account.id"), nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger),
    )
    op.create_table(
        "verifier_passkey",
        sa.Column("credential_id", sa.String, primary_key=True),
        sa.Column("account_id", sa.String, sa.ForeignKey("verifier_account.id"), nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
