"""Loading the terms that come with the program, and the deadlines they give."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from importlib.resources import files
from typing import Any, cast

import orjson
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from kernel import audit
from kernel.actor import SYSTEM
from kernel.database import db
from kernel.identity import new_id
from procurement.errors.supervision import NoSupervisionTerms
from procurement.supervision.models.terms import PaymentTerm, SupervisionRule
from procurement.supervision.queries.terms import find_supervision_rule
from registry.notices.queries import get_closing_day

TABLES: Mapping[str, type[SupervisionRule | PaymentTerm]] = {
    "supervision_rule": SupervisionRule,
    "payment_term": PaymentTerm,
}


def load_supervision_terms(now: datetime) -> None:
    """Load the terms that come with the program and are not there yet; change none."""
    content = files("procurement.supervision").joinpath("terms.json").read_bytes()
    found: dict[str, list[dict[str, Any]]] = orjson.loads(content)
    for name, model in TABLES.items():
        statement = (
            insert(cast("Table", model.__table__))
            .values([{"id": new_id(), **row} for row in found[name]])
            .on_conflict_do_nothing(constraint=f"uq_{name}_code")
            .returning(model.code)
        )
        added = sorted(db.session.execute(statement).scalars())
        if added:
            after = {"codes": added}
            audit.write(f"load_{name}", subject=(name, "all"), by=SYSTEM, now=now, after=after)


def get_supervision_terms(region_code: str, *, on: date) -> SupervisionRule:
    """Get the terms of supervision that hold for a place on a day (NoSupervisionTerms)."""
    rule = find_supervision_rule(SYSTEM, region_code, on=on)
    if rule is None:
        raise NoSupervisionTerms
    return rule


def deadline_for(region_code: str, *, today: date) -> date:
    """Give the first day on which a rectification demanded today is late."""
    days = get_supervision_terms(region_code, on=today).rectification_days
    return get_closing_day(SYSTEM, today, working_days=days)
