"""Run the migrations: one at a time, never waiting long for a lock."""

from __future__ import annotations

from alembic import context
from sqlalchemy import text

LOCK = 7_210_000

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes["metadata"],
    compare_type=True,
    compare_server_default=False,
    transaction_per_migration=True,
)
connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
connection.execute(text("SET lock_timeout = '4s'"))
connection.execute(text("SET statement_timeout = '60s'"))
connection.commit()
try:
    with context.begin_transaction():
        context.run_migrations()
finally:
    connection.execute(text("RESET lock_timeout"))
    connection.execute(text("RESET statement_timeout"))
    connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
    connection.commit()
