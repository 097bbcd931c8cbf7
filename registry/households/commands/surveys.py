"""Take the file of a survey in: hold it beside the register, and keep every difference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import orjson
from sqlalchemy import Table, insert

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.crypto import blind_index
from kernel.database import db
from kernel.errors import Refusal
from kernel.identity import new_id
from kernel.sheets.importing import Objection
from kernel.sheets.loading import Row
from registry.errors.regions import RegionUnknown
from registry.households.commands.households import ID_NUMBER_INDEX
from registry.households.models.households import HouseholdId
from registry.households.models.reconciliations import (
    DifferenceKind,
    Reconciliation,
    ReconciliationDifference,
    ReconciliationId,
)
from registry.households.queries import reconciliations as queries
from registry.households.rules import reconciliations as rules
from registry.households.rules.households import check_labour, check_village
from registry.households.rules.reconciliations import SurveyRow
from registry.regions.models import Region
from registry.regions.queries import find_region
from registry.regions.rules import check_reach, subtree_prefix

BATCH = 2_000


def check_awaited(by: Actor, reconciliation_id: UUID) -> None:
    """Refuse a survey for a run out of sight or reach, or one that has its survey already.

    Refuses NotFound, NotAllowed, ReconciliationClosed, SurveyTaken.
    """
    run = queries.get_reconciliation(by, ReconciliationId(reconciliation_id))
    check_reach(run.region_code, by=by)
    rules.check_awaited(run)


class SurveyImport:
    """The file of a survey: its rows are checked by cell, then held beside the register."""

    def __init__(
        self, *, by: Actor, now: datetime, by_itself: bool, subject_id: UUID | None
    ) -> None:
        del by_itself  # nothing is locked but the run itself
        self.by = by
        self.now = now
        self._run_id = ReconciliationId(cast("UUID", subject_id))
        self._villages: dict[str, Region | None] = {}
        self._prefix: str | None = None
        self._comparison: Comparison | None = None

    def check(self, rows: Sequence[Row]) -> Iterator[Objection]:
        """Say what stands against these rows: the run, the village, the region, the figures."""
        try:
            prefix = self._region_prefix()
        except Refusal as refusal:
            yield from ((row.number, refusal) for row in rows[:1])
            return
        for row in rows:
            refused = self._refusal(_survey_row(row), prefix=prefix)
            if refused is not None:
                yield row.number, refused

    def write(self, rows: Sequence[Row]) -> None:
        """Keep how these rows differ from the register."""
        self._compared().take([_survey_row(row) for row in rows])

    def finish(self) -> None:
        """Keep what only the register has, and the figures of both."""
        self._compared().finish(by=self.by, now=self.now)

    def _region_prefix(self) -> str:
        if self._prefix is None:
            check_awaited(self.by, self._run_id)
            run = queries.get_reconciliation(self.by, self._run_id)
            self._prefix = subtree_prefix(run.region_code)
        return self._prefix

    def _compared(self) -> Comparison:
        if self._comparison is None:
            run = queries.lock_reconciliation(self.by, self._run_id)
            rules.check_awaited(run)
            self._comparison = Comparison(run)
        return self._comparison

    def _refusal(self, row: SurveyRow, *, prefix: str) -> Refusal | None:
        try:
            village = self._village(row.village_code)
            check_village(village)
            rules.check_inside(village.code, region_prefix=prefix)
            check_labour(members=row.members, able_labour=row.able_labour)
        except Refusal as refusal:
            return refusal
        return None

    def _village(self, code: str) -> Region:
        if code not in self._villages:
            self._villages[code] = find_region(self.by, code, on=shanghai_day(self.now))
        village = self._villages[code]
        if village is None:
            raise RegionUnknown(pointer="/village_code", region_code=code)
        return village


class Comparison:
    """The register of a run's region beside a survey, some rows at a time."""

    def __init__(self, run: Reconciliation) -> None:
        self.run = run
        self.prefix = subtree_prefix(run.region_code)
        self._surveyed: set[bytes] = set()
        self._matched = 0
        self._same = 0
        self._found = 0

    def take(self, rows: Sequence[SurveyRow]) -> None:
        """Hold these rows beside the households of their identity numbers."""
        surveyed = {blind_index(row.id_number, purpose=ID_NUMBER_INDEX): row for row in rows}
        register = queries.list_helped_households(
            SYSTEM, region_prefix=self.prefix, indexes=list(surveyed)
        )
        found = []
        for index, row in surveyed.items():
            household = register.get(index)
            if household is None:
                found.append(_difference(DifferenceKind.ONLY_SURVEY, index, row=row))
                continue
            self._matched += 1
            fields = rules.differing_fields(household, row)
            if fields:
                kind = DifferenceKind.FIELDS_DIFFER
                found.append(
                    _difference(kind, index, row=row, household_id=household.id, fields=fields)
                )
            else:
                self._same += 1
        self._surveyed.update(surveyed)
        self._keep(found)

    def finish(self, *, by: Actor, now: datetime) -> None:
        """Keep what the survey does not name, and close the comparison."""
        missing = [
            _difference(DifferenceKind.ONLY_REGISTER, index, household_id=household_id)
            for household_id, index in queries.list_register_indexes(
                SYSTEM, region_prefix=self.prefix
            )
            if index not in self._surveyed
        ]
        self._keep(missing)
        run = self.run
        run.register_households = self._matched + len(missing)
        run.survey_households = len(self._surveyed)
        run.same_households = self._same
        run.compared_at = now
        db.session.flush()
        audit.write(
            "compare_survey",
            subject=("reconciliation", run.id),
            by=by,
            now=now,
            after={
                "register": run.register_households,
                "survey": run.survey_households,
                "differences": self._found,
            },
        )

    def _keep(self, found: Sequence[dict[str, Any]]) -> None:
        shared = {"reconciliation_id": self.run.id, "author_id": self.run.author_id}
        for start in range(0, len(found), BATCH):
            db.session.execute(
                insert(cast("Table", ReconciliationDifference.__table__)),
                [{**shared, **one} for one in found[start : start + BATCH]],
            )
        self._found += len(found)


def _survey_row(row: Row) -> SurveyRow:
    return SurveyRow(line=row.number, **row.record)


def _difference(
    kind: DifferenceKind,
    index: bytes,
    *,
    row: SurveyRow | None = None,
    household_id: HouseholdId | None = None,
    fields: Sequence[str] = (),
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "kind": kind,
        "household_id": household_id,
        "id_number_index": index,
        "survey_line": None if row is None else row.line,
        "survey_row": None if row is None else orjson.dumps(asdict(row)).decode(),
        "fields": list(fields),
    }
