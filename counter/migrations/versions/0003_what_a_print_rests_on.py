# SPDX-License-Identifier: Apache-2.0
"""What a slip's printing rests on, of printed ones too."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    proof = sa.Column("proof", sa.String(length=16), nullable=False, server_default="")
    op.add_column("unprinted_slip", proof)
