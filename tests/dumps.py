"""What a backup of a database says."""

from __future__ import annotations

import importlib.util
import os
import subprocess
from pathlib import Path

from sqlalchemy.engine import make_url

from kernel.places import POSTGRES_WHEEL


def dump(server: str, database: str) -> bytes:
    """Give all rows of a database of this server, as pg_dump writes them."""
    url = make_url(server).set(drivername="postgresql", database=database)
    wheel = importlib.util.find_spec(POSTGRES_WHEEL)
    assert wheel is not None
    assert wheel.origin is not None
    own = Path(wheel.origin).parent / "pginstall" / "bin"
    program = Path(os.environ.get("BANGFU_PG_BIN") or own) / "pg_dump"
    command = [str(program), "--data-only", url.render_as_string(hide_password=False)]
    return subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603
