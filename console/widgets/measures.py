"""Numbers of rules in words: each in its unit."""

from __future__ import annotations

from console.widgets.formats import basis_points, yuan
from console.widgets.words import _

UNITS = {
    "bp": "basis_points", "fen": "fen", "hours": "hours", "days": "days", "minutes": "minutes",
}  # fmt: skip


def unit_of_number(code: str) -> str:
    """Give in which unit a number of a rule is, as its name ends."""
    return UNITS.get(code.rpartition("_")[2], "number")


def measured(value: int | None, measure: str) -> str:
    """Say what a rule measured in its unit; nothing where there is nothing to measure."""
    if value is None or measure == "fact":
        return "—"
    said = {
        "fen": yuan(value),
        "basis_points": basis_points(value),
        "minutes": _("%(minutes)s 分钟", minutes=value),
        "hours": _("%(hours)s 小时", hours=value),
        "days": _("%(days)s 天", days=value),
        "month": _("%(month)s 月", month=value),
    }
    return said.get(measure, str(value))
