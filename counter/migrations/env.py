# SPDX-License-Identifier: Apache-2.0
"""Alembic's door to the tables; the connection is handed over by `counter.database`."""

from alembic import context

from counter.tables import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
