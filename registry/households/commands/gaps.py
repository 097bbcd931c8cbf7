"""Report in pages when nobody stood by a village or a household."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kernel.actor import Actor
from kernel.paging import Page, Stretch, page_of_walk
from registry.households.models.households import HouseholdId
from registry.households.queries.gaps import list_watched
from registry.households.rules.pairings import check_period, gaps


@dataclass(frozen=True)
class Gap:
    """Days in which nobody stood by a village, or by a household of it; the last one not."""

    village_code: str
    household_id: HouseholdId | None
    household_code: str | None
    since_on: date
    until_on: date


def list_gaps(
    by: Actor,
    *,
    region_prefix: str,
    since_on: date,
    until_on: date,
    limit: int,
    cursor: str | None,
) -> Page[Gap]:
    """List where nobody stood by what was ever paired, and by the villages a province named.

    For `[since_on, until_on)`, in the actor's region: by village, itself before its households,
    household code and day. A page looks at one stretch of the register and may end early.
    """
    check_period(since_on=since_on, until_on=until_on)

    def look(last: Sequence[Any] | None) -> Stretch[Gap]:
        begins = ("", "") if last is None else (last[0], last[1])
        watched, ends = list_watched(
            by, region_prefix=region_prefix, begins=begins, since_on=since_on, until_on=until_on
        )
        found = [
            ((village, code, begin), Gap(village, one.household_id, code or None, begin, end))
            for (village, code), one in watched
            for begin, end in gaps(one.periods, since_on=since_on, until_on=until_on)
        ]
        return Stretch(found, None if ends is None else (*ends, until_on))

    return page_of_walk(
        look,
        width=3,
        limit=limit,
        cursor=cursor,
        filters={"region": region_prefix, "since": since_on, "until": until_on},
    )
