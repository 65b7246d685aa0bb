# SPDX-License-Identifier: Apache-2.0
"""The first tables; the log of events refuses change and deletion in the database itself."""

import sqlalchemy as sa
from alembic import op

from counter.events import GENESIS
from counter.tables import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blob",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_table(
        "booth",
        sa.Column("id", sa.String(length=8), nullable=False),
        sa.Column("station_code", sa.String(length=9), nullable=False),
        sa.Column("device_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("enrolled_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "chain_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("last_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("application_id", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("unit", sa.String(length=9), nullable=False),
        sa.Column("what", sa.String(length=24), nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=False),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=3), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_event_application_id"), "event", ["application_id"], unique=False)
    op.create_table(
        "login_failure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_login_failure_address"), "login_failure", ["address"], unique=False)
    op.create_index(op.f("ix_login_failure_name"), "login_failure", ["name"], unique=False)
    op.create_table(
        "payment",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("application_id", sa.String(length=36), nullable=False),
        sa.Column("booth_id", sa.String(length=8), nullable=False),
        sa.Column("amount_fen", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_payment_application_id"), "payment", ["application_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("citizen_no", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("sex", sa.String(length=1), nullable=False),
        sa.Column("ethnicity", sa.String(length=2), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("household_area", sa.String(length=6), nullable=False),
        sa.Column("flags", sa.String(length=60), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("citizen_no"),
    )
    op.create_table(
        "staff",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("unit", sa.String(length=9), nullable=False),
        sa.Column("password", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "station_day",
        sa.Column("station_code", sa.String(length=9), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("station_code", "day"),
    )
    op.create_table(
        "application",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("booth_id", sa.String(length=8), nullable=False),
        sa.Column("station_code", sa.String(length=9), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("booth_number", sa.String(length=24), nullable=False),
        sa.Column("seq_booth", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", Instant(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("software", sa.String(length=40), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("acceptance_no", sa.String(length=22), nullable=True),
        sa.Column("accepted_at", Instant(), nullable=True),
        sa.Column("examined_at", Instant(), nullable=True),
        sa.Column("checks", sa.Text(), nullable=False),
        sa.Column("citizen_index", sa.String(length=64), nullable=True),
        sa.Column("fee_due_fen", sa.Integer(), nullable=True),
        sa.Column("fee_state", sa.String(length=16), nullable=True),
        sa.Column("pickup", sa.String(length=16), nullable=True),
        sa.Column("offsite", sa.Boolean(), nullable=True),
        sa.Column("legal_date", sa.Date(), nullable=False),
        sa.Column("promise_date", sa.Date(), nullable=False),
        sa.Column("warn15", sa.Date(), nullable=False),
        sa.Column("warn10", sa.Date(), nullable=False),
        sa.Column("refusal", sa.String(length=3), nullable=True),
        sa.Column("recapture", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(
            ["booth_id"],
            ["booth.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("acceptance_no", name="uq_application_acceptance_no"),
        sa.UniqueConstraint("booth_id", "seq_booth", name="uq_application_booth_seq"),
        sa.UniqueConstraint("booth_number", name="uq_application_booth_number"),
    )
    op.create_index(
        op.f("ix_application_citizen_index"), "application", ["citizen_index"], unique=False
    )
    op.create_index(
        op.f("ix_application_received_at"), "application", ["received_at"], unique=False
    )
    op.create_index(op.f("ix_application_state"), "application", ["state"], unique=False)
    op.create_index(
        op.f("ix_application_station_code"), "application", ["station_code"], unique=False
    )
    op.create_table(
        "sealed_part",
        sa.Column("application_id", sa.String(length=36), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("booth_id", sa.String(length=8), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"],
            ["blob.sha256"],
        ),
        sa.PrimaryKeyConstraint("application_id", "part"),
    )
    op.create_table(
        "staff_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["name"],
            ["staff.name"],
        ),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.execute(
        sa.text("INSERT INTO chain_head (id, last_id, last_hash) VALUES (1, 0, :h)").bindparams(
            h=GENESIS
        )
    )
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER event_no_{act.lower()} BEFORE {act} ON event "
                "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END"
            )
    elif op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION event_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'events are append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON event "
            "FOR EACH ROW EXECUTE FUNCTION event_refuse()"
        )
