"""The first tables of the issuing counter."""

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
    _create_agencies()
    _create_officers()
    _create_credentials()
    _create_offers()
    _create_status_lists()
    _create_exchanges()


def _create_agencies() -> None:
    op.create_table(
        "issuer_agency",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("label", sa.String, nullable=False),
        sa.Column("types", sa.String, nullable=False),
        sa.Column("credential_x5c", sa.String),
        sa.Column("status_x5c", sa.String),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )


def _create_officers() -> None:
    op.create_table(
        "issuer_officer",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("agency", sa.String, nullable=False, index=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "issuer_enrolment",
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("agency", sa.String, nullable=False),
        sa.Column("officer_name", sa.String, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger),
    )
    op.create_table(
        "issuer_passkey",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("officer", sa.String, nullable=False, index=True),
        sa.Column("public_key", sa.String, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )


def _create_credentials() -> None:
    op.create_table(
        "issuer_credential",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("agency", sa.String, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("format", sa.String, nullable=False),
        sa.Column("label", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("claims_digest", sa.String, nullable=False),
        sa.Column("copies", sa.Integer, nullable=False),
        sa.Column("offered_at", sa.BigInteger, nullable=False),
        sa.Column("issued_at", sa.BigInteger),
        sa.Column("valid_until", sa.BigInteger),
        sa.Column("notification_digest", sa.String, unique=True),
        sa.Column("notification_event", sa.String),
        sa.Column("request_digest", sa.String, unique=True),
        sa.Column("request_body_digest", sa.String),
        sa.Index("ix_issuer_credential_page", "agency", "offered_at", "id"),
    )


def _create_offers() -> None:
    op.create_table(
        "issuer_offer",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("agency", sa.String, nullable=False),
        sa.Column("credential", sa.String, nullable=False, unique=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("claims", sa.String),
        sa.Column("links", sa.String),
        sa.Column("holder_keys", sa.String),
        sa.Column("valid_until", sa.BigInteger),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("code_digest", sa.String, nullable=False, unique=True),
        sa.Column("tx_code_digest", sa.String),
        sa.Column("tx_code_tries", sa.Integer, nullable=False),
        sa.Column("token_digest", sa.String, unique=True),
        sa.Column("token_thumbprint", sa.String),
        sa.Column("token_expires_at", sa.BigInteger),
        sa.Column("token_client_id", sa.String),
        sa.Column("names_credential", sa.Boolean, nullable=False),
        sa.Column("intention", sa.String),
        sa.Column("intention_until", sa.BigInteger),
        sa.Index("ix_issuer_offer_state", "state", "expires_at"),
    )


def _create_status_lists() -> None:
    op.create_table(
        "issuer_status_list",
        sa.Column("agency", sa.String, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("allocated", sa.Integer, nullable=False),
        sa.Column("change", sa.BigInteger, nullable=False),
        sa.Column("published_change", sa.BigInteger, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("pushed_version", sa.BigInteger, nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "issuer_status_entry",
        sa.Column("agency", sa.String, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("list_index", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("credential", sa.String, nullable=False, index=True),
        sa.Column("intention", sa.String, nullable=False),
        sa.Column("is_issued", sa.Boolean, nullable=False),
    )
    op.create_table(
        "issuer_publication",
        sa.Column("agency", sa.String, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("revocation", sa.Text, nullable=False),
        sa.Column("suspension", sa.Text, nullable=False),
    )


def _create_exchanges() -> None:
    op.create_table(
        "issuer_nonce",
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("agency", sa.String, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "issuer_proof",
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("offer", sa.String, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "issuer_view_request",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("agency", sa.String, nullable=False),
        sa.Column("view", sa.String, nullable=False),
        sa.Column("session", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("verdict", sa.String),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
