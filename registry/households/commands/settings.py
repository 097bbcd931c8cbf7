"""Loading the dated figures and income lines that come with the program."""

from __future__ import annotations

from datetime import date, datetime
from importlib.resources import files
from typing import Any, cast

import orjson
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from kernel import audit
from kernel.actor import SYSTEM
from kernel.database import Base, db
from kernel.identity import new_id
from registry.households.models.settings import IncomeLine, RegisterSetting


def load_register_settings(now: datetime) -> None:
    """Load the figures and lines that are not there yet; change none."""
    settings = [
        {
            **row,
            "in_force_from_on": date.fromisoformat(row["in_force_from_on"]),
            "in_force_until_on": None,
        }
        for row in _read("settings.json")
    ]
    _load(RegisterSetting, settings, constraint="uq_register_setting_day", now=now)
    _load(IncomeLine, _read("income_lines.json"), constraint="uq_income_line_year", now=now)


def _read(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = orjson.loads(
        files("registry.households").joinpath("data", name).read_bytes()
    )
    return rows


def _load(model: type[Base], rows: list[dict[str, Any]], *, constraint: str, now: datetime) -> None:
    added = db.session.execute(
        insert(cast("Table", model.__table__))
        .values([{"id": new_id(), **row} for row in rows])
        .on_conflict_do_nothing(constraint=constraint)
        .returning(cast("Table", model.__table__).c.id)
    ).all()
    if added:
        audit.write(
            f"load_{model.__tablename__}",
            subject=(model.__tablename__, "all"),
            by=SYSTEM,
            now=now,
            after={"count": len(added)},
        )
