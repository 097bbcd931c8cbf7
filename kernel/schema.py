"""Bringing a database to the newest migration, and its reference data with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from kernel.database import Base
from kernel.package import Package
from kernel.unit_of_work import run

SETTINGS = {
    # a gate that cannot be had in time is answered with 503, not waited for
    "lock_timeout": "3s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "15s",
    "timezone": "UTC",
}
"""Kept in the database, so that connections carry no state of their own (PgBouncer)."""


def newest(folder: Path) -> str:
    """Give the revision of the newest migration; two branches are an error."""
    head = ScriptDirectory(str(folder)).get_current_head()
    if head is None:
        raise RuntimeError("there is no migration")
    return head


def configuration(folder: Path, connection: Connection) -> Config:
    """Make alembic's configuration for one open connection."""
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.attributes["connection"] = connection
    config.attributes["metadata"] = Base.metadata
    return config


def upgrade(engine: Engine, folder: Path, *, revision: str = "head") -> None:
    """Run the migrations that are missing."""
    with engine.connect() as connection:
        command.upgrade(configuration(folder, connection), revision)
        keep_settings(connection)


def keep_settings(connection: Connection) -> None:
    """Keep the settings of every connection in the database itself."""
    quote = connection.dialect.identifier_preparer.quote
    database = quote(str(connection.scalar(text("SELECT current_database()"))))
    for name, value in SETTINGS.items():
        connection.execute(text(f"ALTER DATABASE {database} SET {name} = '{value}'"))
    connection.commit()


def load_reference_data(packages: Sequence[Package], *, now: datetime) -> None:
    """Load what the rooms bring along (regions, schemes, policies); nothing is loaded twice."""
    for package in packages:
        for load in package.reference:
            run(lambda load=load: load(now))  # type: ignore[misc]
