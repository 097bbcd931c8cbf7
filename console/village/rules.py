"""What a village's pages decide: whose step a case waits for, and how soon it is due."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

STEP_AFTER = {
    "clue": "visit",
    "visited": "comparison",
    "compared": "notice",
    "in_notice": "town_check",
    "town_checked": "county_decision",
}
"""By the state of a case, the step whose turn it is."""
WHOSE = {
    "visit": "village_cadre",
    "comparison": "county_reviewer",
    "notice": "village_cadre",
    "town_check": "town_checker",
    "county_decision": "county_reviewer",
}
WITHDRAWN_BEFORE = frozenset({"clue", "visited", "compared", "returned"})
SOON_DAYS = 3


def step_of(case: Mapping[str, Any]) -> str | None:
    """Give the step whose turn it is; None where a case waits for none."""
    return STEP_AFTER.get(case["status"])


def takes(case: Mapping[str, Any], roles: Collection[str]) -> bool:
    """Say whether the step is for one of these roles."""
    step = step_of(case)
    return step is not None and WHOSE[step] in roles


def urgency(due_on: str | None, *, on: date) -> str:
    """Say how a due day stands: late, soon, or fine."""
    if due_on is None:
        return "fine"
    left = (date.fromisoformat(due_on) - on).days
    if left < 0:
        return "late"
    return "soon" if left <= SOON_DAYS else "fine"
