"""When a threshold may begin."""

from __future__ import annotations

from datetime import date

from procurement.errors.approvals import ThresholdBackdated


def check_beginning(from_on: date, *, today: date) -> None:
    """Refuse a threshold that would rewrite the past (ThresholdBackdated; Shanghai days)."""
    if from_on < today:
        raise ThresholdBackdated(pointer="/from_on", today=today)
