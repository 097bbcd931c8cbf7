"""S4: a figure of any date, added up from entries alone, is the one stored or shown on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from kernel.actor import SYSTEM
from kernel.calendar import shanghai_year
from kernel.database import db
from procurement.completion.queries.shapes import Source
from procurement.completion.queries.sums import sum_units
from procurement.policies.models import OrderKind
from procurement.quotas.commands.settings import NewSetting, set_setting
from procurement.quotas.models import Fund, Quota, QuotaEntry, QuotaHold, SettingKind
from procurement.wiring import INVARIANTS
from registry.accounts.models import Role
from registry.organisations.models import Organisation, OrganisationId, OrganisationKind
from registry.regions.models import OriginKind
from tests.builders import registry
from tests.builders.procurement import NOW, YEAR
from tests.procurement.completion.recounting import CATEGORIES, COUNTS, TICK, Recount
from tests.procurement.completion.showing import Figures, added, reach_of, shown
from tests.promises import broken

PAIRS = 500
Stored = tuple[int, int, int, int]
"""Ceiling, floor, held and spent of a unit's quota of the year."""


@dataclass(frozen=True)
class Page:
    """What was stored of each unit, and shown of it for two years, from an instant on."""

    at: datetime
    stored: dict[OrganisationId, Stored]
    shown: dict[tuple[OrganisationId, int], Figures]


class History(Recount):
    """Six units, what happens to them by chance, and every figure as it was shown at once."""

    UNITS = 6

    def __init__(self, chance: Random) -> None:
        super().__init__()
        self.chance = chance
        self.pages: list[Page] = []
        office = registry.organisation(OrganisationKind.FINANCE_BUREAU, registry.WUJIANG)
        by = registry.actor_of(registry.user(office, [Role.FINANCE_SUPERVISOR]))
        set_setting(NewSetting(SettingKind.CARRY_OVER, 5_000, "结转办法（演示）"), by=by, now=NOW)

    def live_through(self, acts: int) -> None:
        """Let chance act from March until the year is closed, and a while beyond it."""
        for done in range(acts):
            if done in {acts // 3, acts // 2}:
                self.merge(done)
            if done == acts * 2 // 3:
                self.close()
            self.happen()
            self.pages.append(self.look())
            self.now += TICK + timedelta(seconds=self.chance.randrange(500_000 * 60 // acts))
        self.close()
        self.pages.append(self.look())

    def happen(self) -> None:
        """Let one act happen that may."""
        pick, to = self.chance.randrange(100), self.chance.randrange(10)
        running = shanghai_year(self.now) == YEAR
        roll = self.chance.random()
        if (roll < 0.4 and not self.is_closed) or not self.orders:
            origin, kind = self.chance.choice([*OriginKind]), self.chance.choice([*OrderKind])
            amount = self.chance.randint(1, 900)
            self.place(to, origin, kind, self.chance.choice(CATEGORIES), amount)
        elif roll < 0.5 and running:
            self.rebind(pick, to)
        else:
            name = self.chance.choice(["accept", "post", "post", "refund", "release"])
            self.act(name, pick, self.chance.randint(1, 4))

    def look(self) -> Page:
        """Write down what is stored and shown of every unit at this instant."""
        columns = (Quota.ceiling_fen, Quota.floor_fen, Quota.held_fen, Quota.spent_fen)
        rows = db.session.execute(select(Quota.unit_id, *columns).where(Quota.year == YEAR))
        stored = {row[0]: tuple(int(one) for one in row[1:]) for row in rows}
        return Page(self.now, stored, self.shown_of_all())  # type: ignore[arg-type]

    def shown_of_all(self) -> dict[tuple[OrganisationId, int], Figures]:
        """Give what the report shows of each unit for the years that have begun."""
        ids = [unit.id for unit in self.units]
        found = {}
        for year in range(YEAR, shanghai_year(self.now) + 1):
            reach = reach_of(self.head)
            sums = sum_units(SYSTEM, reach, unit_ids=ids, year=year, as_of=self.now)
            for one in ids:
                found[one, year] = added([row for row in sums if row.unit_id == one])
        return found

    def pairs(self, count: int) -> Iterator[tuple[Organisation, datetime, Page]]:
        """Give units and instants by chance, each with what was to be seen at the instant."""
        ends = [*(page.at for page in self.pages[1:]), self.now + timedelta(days=30)]
        for _ in range(count):
            which = self.chance.randrange(len(self.pages))
            page = self.pages[which]
            as_of = page.at + (ends[which] - page.at - TICK) * self.chance.random()
            yield self.chance.choice(self.units), as_of, page


def all_entries() -> Sequence[Any]:
    """Give every entry there is, with whose it is and what it is about."""
    of = QuotaEntry
    what = (of.at, of.ceiling_fen, of.floor_fen, of.held, of.spent, of.accepted_fen)
    query = (
        select(Quota.unit_id, Quota.year, QuotaHold.origin_kind, QuotaHold.order_kind, *what)
        .join(Quota, Quota.id == of.counter_id)
        .outerjoin(QuotaHold, QuotaHold.id == of.hold_id)
        .where(Quota.fund == Fund.CANTEEN)
    )
    return db.session.execute(query).all()


def stored_from(entries: Sequence[Any]) -> Stored:
    of_year = [one for one in entries if one.year == YEAR]
    return (
        sum(one.ceiling_fen for one in of_year),
        sum(one.floor_fen for one in of_year),
        sum(one.held for one in of_year),
        sum(one.spent for one in of_year),
    )


def shown_from(entries: Sequence[Any], year: int) -> Figures:
    of_year = [one for one in entries if one.year == year]
    inside = [one for one in entries if shanghai_year(one.at) == year]
    counts = [
        one
        for one in inside
        if one.origin_kind == OriginKind.NATIONAL_832 and one.order_kind in COUNTS
    ]
    return (
        sum(one.floor_fen for one in of_year),
        sum(one.held + one.spent for one in of_year),
        sum(one.accepted_fen for one in of_year),
        sum(one.spent for one in inside),
        sum(one.spent for one in counts),
    )


@pytest.mark.usefixtures("db_session")
@pytest.mark.parametrize(
    ("acts", "asked_again"), [(60, 20), pytest.param(400, PAIRS, marks=pytest.mark.soak)]
)
def test_entries_give_back_every_figure_of_every_date(acts: int, asked_again: int) -> None:
    """Compare 500 pairs of a unit and an instant with entries; some are asked for again, too."""
    Recount.FIRED.clear()
    history = History(Random(4))
    history.live_through(acts)
    assert {"post", "refund", "rebind", "merge", "close"} <= {*Recount.FIRED}
    entries = all_entries()
    late = 0
    for number, (unit, as_of, page) in enumerate(history.pairs(PAIRS)):
        then = [one for one in entries if one.unit_id == unit.id and one.at <= as_of]
        assert stored_from(then) == page.stored[unit.id], as_of
        late += shanghai_year(as_of) > YEAR
        for year in range(YEAR, shanghai_year(page.at) + 1):
            figures = page.shown[unit.id, year]
            assert shown_from(then, year) == figures, (year, as_of)
            if number < asked_again:
                for source in (Source.RECENT, Source.MONTHS, Source.ENTRIES):
                    asked = shown(unit, year=year, as_of=as_of, source=source)
                    assert asked == figures, (source, year, as_of)
    assert PAIRS // 10 < late < PAIRS
    assert broken(INVARIANTS) == []
