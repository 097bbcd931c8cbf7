"""The story told in the last days of December: all of its money falls in the new year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask

from kernel import clock
from kernel.calendar import shanghai_year
from tests.journeys.conftest import telling


def test_a_story_that_begins_in_late_december_is_filed_and_paid_in_the_new_year(
    app: Flask, clone: Callable[[], str], tmp_path: Path
) -> None:
    now = clock.now()
    ending = shanghai_year(now)
    december = datetime(ending, 12, 29, 2, tzinfo=UTC)
    with telling(app, clone(), tmp_path, begins=december - now) as summary:
        assert summary.year == ending + 1
        assert {one.number.split("-")[2] for one in summary.certified} == {str(ending + 1)}
        assert {one.number.split("-")[2] for one in summary.orders} == {str(ending + 1)}
        counted = {one.unit: one.counted_fen for one in summary.completion}
        assert counted == {"primary": 885_720, "middle": 6_184_000}
        assert summary.invariants_hold
