"""How time passes in the story: months, the end of the year, and looking back at what was."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from kernel.unit_of_work import run
from marketplace.orders.commands.deciding import expire_next
from procurement.completion.commands.reports import Question, report_completion
from procurement.quotas.commands.closings import close_next
from tests.journeys.story_doors import Doors

LONG = timedelta(days=31)
SOON = timedelta(seconds=1)
NEXT_YEAR = datetime(2027, 1, 2, 4, tzinfo=UTC)


@dataclass
class Acts(Doors):
    """All acts of the story, and those of time itself."""

    figures: list[tuple[datetime, list[tuple[int, int, int]]]] = field(default_factory=list)
    """By instant, what each unit had ordered, taken in and paid of its year then."""

    def month_passes(self) -> None:
        """Let a month go by: unpaid pay-first orders lapse."""
        self._pass(self.now + LONG)

    def close_year(self) -> None:
        """Let the year end and close, or close it again where money has come free since."""
        if not self.model.is_over:
            self._pass(NEXT_YEAR, over=True)
        self.model.close_year()
        while run(lambda: close_next(now=self.now)):
            pass
        self.now += SOON
        self.fired["close year"] += 1

    def look_back(self, pick: int) -> None:
        """Ask again for figures of an instant that has passed: nothing since has changed them."""
        at, figures = self.figures[pick % len(self.figures)]
        assert [self._figure(unit, at) for unit in range(len(figures))] == figures
        self.fired["look back"] += 1

    def _pass(self, until: datetime, *, over: bool = False) -> None:
        self.deliver_news()
        units = range(len(self.there.units))
        self.figures.append((self.now, [self.model.figure(unit) for unit in units]))
        if over:
            self.model.end_year()
        self.now = until
        lapsed = 0
        while run(lambda: expire_next(now=self.now)):
            lapsed += 1
        assert lapsed == self.lapse()
        self.fired["lapsed"] += lapsed
        self.time_passes()

    def _figure(self, unit: int, at: datetime) -> tuple[int, int, int]:
        by = self.there.by[f"admin{unit}"]
        question = Question(2026, unit_id=self.there.units[unit], as_of=at)
        report = run(lambda: report_completion(by, question, now=self.now, limit=1, cursor=None))
        of = report.figures
        return of.ordered_fen, of.accepted_fen, of.paid_fen
