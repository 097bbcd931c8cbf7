"""Taking a list of promises: drafts of the own unit, or of units that it supervises."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from kernel.actor import Actor
from kernel.errors import NotFound
from procurement.filings import queries
from procurement.filings.commands.filings import draft_filing
from procurement.filings.models import Filing
from procurement.filings.rules.contents import FilingContents


@dataclass(frozen=True, kw_only=True)
class FilingRow(FilingContents):
    """A promise as a list names it: the unit by its credit code."""

    credit_code: str
    representative_code: str | None = None


def file_by_code(row: FilingRow, *, by: Actor, now: datetime) -> Filing:
    """Draft the promise of a unit that is named by its code; the unit submits it itself.

    Refuses NotFound (unit or representative), and what `draft_filing` refuses.
    """
    unit_id = queries.find_unit_by_code(by, row.credit_code)
    if unit_id is None:
        raise NotFound(pointer="/credit_code")
    representative_id = None
    if row.representative_code is not None:
        representative_id = queries.find_buyer_by_code(by, row.representative_code)
        if representative_id is None:
            raise NotFound(pointer="/representative_code")
    values = {one.name: getattr(row, one.name) for one in fields(FilingContents)}
    values["representative_unit_id"] = representative_id
    return draft_filing(FilingContents(**values), by=by, now=now, unit_id=unit_id)
