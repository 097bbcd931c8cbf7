"""Looking for what a rule finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from sqlalchemy import select, text

from kernel import terms
from kernel.actor import Actor
from kernel.database import db
from kernel.paging import Page
from marketplace.oversight.models import FlagRule, FlagTerm, FlagTermCode
from marketplace.oversight.queries import amounts, papers, prices
from registry.organisations.models import OrganisationId

SEARCHES: Mapping[FlagRule, str] = MappingProxyType(
    {**prices.SEARCHES, **amounts.SEARCHES, **papers.SEARCHES}
)
"""By rule: the statement that finds it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a search found: whom it concerns, what was measured against what, and the rows."""

    key: str
    buyer_ids: list[OrganisationId]
    supplier_ids: list[OrganisationId]
    measured: int
    against: int | None
    rows: list[Any]


def list_terms_in_force(actor: Actor, *, on: date) -> dict[FlagTermCode, FlagTerm]:
    """List the numbers that hold on a day, by their code."""
    del actor  # they are the same for everybody
    statement = select(FlagTerm).where(FlagTerm.from_on <= on).order_by(FlagTerm.from_on)
    return {one.code: one for one in db.session.scalars(statement)}


def list_terms(actor: Actor, *, limit: int, cursor: str | None) -> Page[FlagTerm]:
    """List all numbers, those to come and those of the past as well, the last to begin first."""
    del actor  # they are the same for everybody
    return terms.list_terms(FlagTerm, limit=limit, cursor=cursor)


def list_findings(actor: Actor, rule: FlagRule, *, asked: Mapping[str, Any]) -> list[Finding]:
    """List what a rule finds, by key; `asked` are the instants and the numbers in force."""
    del actor  # only the timer asks
    statement = text(SEARCHES[rule])
    wanted = {name: asked[name] for name in statement.compile().params}
    found = [Finding(*row) for row in db.session.execute(statement, wanted)]
    return sorted(found, key=lambda one: one.key)
