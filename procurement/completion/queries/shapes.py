"""Statements that are built once and asked again and again: what they depend on, and are given.

The statements of completion are long, and to build one takes longer than to run it for one unit.
So each is built once for its `Shape`, of parameters, and executed with what `asked` gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Text,
    Uuid,
    all_,
    and_,
    any_,
    bindparam,
    or_,
)

from kernel.actor import Actor, Sight
from kernel.calendar import shanghai_day, start_of_day, year_bounds
from procurement.completion.models import Reach
from registry.organisations.models import Organisation
from registry.organisations.queries import asker, sight_of, visible_to_asker

YEAR = bindparam("year", type_=Integer)
DAY, JANUARY, NEXT_JANUARY, MONTH = (
    bindparam(name, type_=Date) for name in ("day", "january", "next_january", "month")
)
AS_OF, YEAR_BEGINS, YEAR_ENDS, MONTH_BEGINS = (
    bindparam(name, type_=DateTime(timezone=True))
    for name in ("as_of", "year_begins", "year_ends", "month_begins")
)
LINEAGE, REGION_PREFIX = (bindparam(name, type_=Text) for name in ("lineage", "region_prefix"))
JOINED, LEFT = (bindparam(name, type_=ARRAY(Uuid)) for name in ("joined", "left"))


RECENT = timedelta(days=31)
"""So long the entries since an instant are fewer than what the months before it take."""


class Source(StrEnum):
    """Where the rows come from."""

    YEARS = "years"
    """The yearly totals, whatever happened after the instant: see `last_at`."""
    RECENT = "recent"
    """The yearly totals, less the entries after the instant."""
    MONTHS = "months"
    """The monthly totals before the instant's month, and the entries of that month."""
    ENTRIES = "entries"
    """The entries alone."""

    @classmethod
    def then(cls, rows: Sequence[Any], as_of: datetime) -> Source | None:
        """Say where to read an instant that totals were written to after; None if none were.

        The last column of the rows of totals is when they were last written to.
        """
        newest = max((row[-1] for row in rows if row[-1] is not None), default=as_of)
        if newest <= as_of:
            return None
        return cls.RECENT if newest - as_of <= RECENT else cls.MONTHS


@dataclass(frozen=True, slots=True)
class Shape:
    """What a statement depends on beside its parameters."""

    sight: Sight
    is_tree: bool
    """Of a unit's tree, not of a region."""
    has_moved: bool
    """Whether others stood in the tree at the instant."""
    source: Source


def shape_of(actor: Actor, reach: Reach, source: Source = Source.YEARS) -> Shape:
    """Say which statement answers an actor."""
    has_moved = bool(reach.joined or reach.left)
    return Shape(sight_of(actor), reach.lineage is not None, has_moved, source)


def asked(actor: Actor, reach: Reach, *, year: int, as_of: datetime) -> dict[str, Any]:
    """Give the parameters of a statement: who asks for whom, of which year, as of when."""
    begins, ends = year_bounds(year)
    month = shanghai_day(as_of).replace(day=1)
    return {
        **whose(actor, reach),
        "year": year,
        "year_begins": begins,
        "year_ends": ends,
        "january": date(year, 1, 1),
        "next_january": date(year + 1, 1, 1),
        "as_of": as_of,
        "month": month,
        "month_begins": start_of_day(month),
        "day": shanghai_day(as_of),
    }


def whose(actor: Actor, reach: Reach) -> dict[str, Any]:
    """Give the parameters that say who asks for whom."""
    return {
        **asker(actor),
        "lineage": reach.lineage,
        "region_prefix": reach.region_prefix,
        "joined": list(reach.joined),
        "left": list(reach.left),
    }


def in_reach(shape: Shape) -> ColumnElement[bool]:
    """Say, of `Organisation`, that it is meant and seen.

    Who sees a unit sees what stood under it at the instant that the reach is of.
    """
    seen = visible_to_asker(shape.sight)
    if not shape.is_tree:
        return and_(seen, Organisation.region_code.startswith(REGION_PREFIX))
    under = and_(seen, Organisation.lineage.startswith(LINEAGE))
    if not shape.has_moved:
        return under
    return or_(and_(under, Organisation.id != all_(LEFT)), Organisation.id == any_(JOINED))
