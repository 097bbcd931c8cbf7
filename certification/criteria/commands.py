"""Loading of the schemes and categories that come with the program."""

from __future__ import annotations

from datetime import date, datetime
from importlib.resources import files
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from certification.criteria.models import ProductCategory, Scheme, SchemeId
from kernel import audit
from kernel.actor import SYSTEM
from kernel.database import db
from kernel.identity import new_id


def load_criteria(now: datetime) -> None:
    """Load the categories and the scheme versions that are not there yet; change none."""
    _load_categories()
    known = {(code, version) for code, version in db.session.execute(_VERSIONS)}
    for row in _read("schemes.json"):
        if (row["code"], row["version"]) not in known:
            _add_scheme(row, now=now)
    db.session.flush()


_VERSIONS = select(Scheme.code, Scheme.version)


def _read(name: str) -> list[dict[str, Any]]:
    content = files("certification.criteria").joinpath(name).read_bytes()
    rows: list[dict[str, Any]] = orjson.loads(content)
    return rows


def _load_categories() -> None:
    rows = [{"position": i, **row} for i, row in enumerate(_read("categories.json"))]
    db.session.execute(insert(ProductCategory).values(rows).on_conflict_do_nothing())


def _add_scheme(row: dict[str, Any], *, now: datetime) -> None:
    until = row["in_force_until_on"]
    periods = {
        "in_force_from_on": date.fromisoformat(row["in_force_from_on"]),
        "in_force_until_on": None if until is None else date.fromisoformat(until),
    }
    scheme = Scheme(id=SchemeId(new_id()), **(row | periods))
    db.session.add(scheme)
    audit.write(
        "load_scheme",
        subject=("scheme", scheme.id),
        by=SYSTEM,
        now=now,
        after=row,
    )
