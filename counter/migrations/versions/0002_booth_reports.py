# SPDX-License-Identifier: Apache-2.0
"""Booths' reports on themselves, and slips that did not reach paper."""

import sqlalchemy as sa
from alembic import op

from counter.tables import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "booth_report",
        sa.Column("booth_id", sa.String(length=8), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["booth_id"], ["booth.id"]),
        sa.PrimaryKeyConstraint("booth_id"),
    )
    op.create_table(
        "unprinted_slip",
        sa.Column("application_id", sa.String(length=36), nullable=False),
        sa.Column("booth_id", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("told_at", Instant(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("settled_by", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["booth_id"], ["booth.id"]),
        sa.PrimaryKeyConstraint("application_id"),
    )
