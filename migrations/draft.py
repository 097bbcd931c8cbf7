"""Draft the next migration: what the models say and the migrations do not yet."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine

from bootstrap import MIGRATIONS
from kernel.schema import configuration, newest, upgrade
from kernel.servers import PostgresServer


def main(message: str) -> None:
    """Compare the models with a new database that has all migrations, and write the difference."""
    number = f"{int(newest(MIGRATIONS)) + 1:04}"
    with tempfile.TemporaryDirectory() as home, PostgresServer(Path(home), fast=True) as server:
        engine = create_engine(server.start())
        upgrade(engine, MIGRATIONS)
        with engine.connect() as connection:
            settings = configuration(MIGRATIONS, connection)
            settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
            command.revision(settings, message, autogenerate=True, rev_id=number)
        engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1])
