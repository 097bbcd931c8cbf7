"""Take a list of helped places in: every code judged by the register, all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from kernel import audit
from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import NotAllowed, Refusal
from kernel.identity import new_id
from kernel.sheets.importing import Objection
from kernel.sheets.loading import Row
from registry.errors.households import PeriodBackwards
from registry.errors.regions import RegionAmbiguous, RegionNameDiffers, RegionUnknown
from registry.regions.models import Designation, DesignationKind
from registry.regions.queries import find_region, list_regions_of, list_successors
from registry.regions.rules import Standing, blocks, check_reach, judge_member


@dataclass(frozen=True)
class ListedPlace:
    """A row of a list of helped places, by the code and the name of its time.

    `name_confirmed` says that somebody looked at a name which is not the code's.
    """

    kind: DesignationKind
    region_code: str
    name_at_listing: str
    valid_from_on: date
    source: str
    valid_until_on: date | None = None
    partner_code: str | None = None
    name_confirmed: bool = False


class DesignationImport:
    """A list of helped places: what a code stands for today is designated, under its own name.

    Several rows may share a code (counties joined later). What stands already stays as it is.
    """

    def __init__(
        self, *, by: Actor, now: datetime, by_itself: bool, subject_id: UUID | None
    ) -> None:
        del by_itself, subject_id
        self.by = by
        self.now = now
        self._codes: dict[tuple[str, str], str] = {}

    def check(self, rows: Sequence[Row]) -> Iterator[Objection]:
        """Say which codes are unknown, ambiguous, of another name or out of reach."""
        for row in rows:
            try:
                self._judge(row.record)
            except NotAllowed:
                yield row.number, NotAllowed(pointer="/region_code")
            except Refusal as refusal:
                yield row.number, refusal

    def write(self, rows: Sequence[Row]) -> None:
        """Designate what the codes stand for, each with its audit row."""
        values = [self._values(row.record) for row in rows]
        if not values:
            return
        statement = (
            insert(cast("Table", Designation.__table__))
            .values(values)
            .on_conflict_do_nothing(constraint="uq_designation_member")
            .returning(Designation.id)
        )
        written = set(db.session.scalars(statement))
        for one in values:
            if one["id"] in written:
                audit.write(
                    "designate_region",
                    subject=("designation", one["id"]),
                    by=self.by,
                    now=self.now,
                    after={name: one[name] for name in ("kind", "region_code", "source")},
                )

    def finish(self) -> None:
        """Leave it at the rows: each was written whole."""

    def _judge(self, place: ListedPlace) -> None:
        code = place.region_code
        today = shanghai_day(self.now)
        region = list_regions_of(self.by, {code}).get(code)
        live = list_successors(self.by, code, on=today) if region else []
        standing, meant = judge_member(place.name_at_listing, region=region, live=live)
        if region is None or standing is Standing.UNKNOWN:
            raise RegionUnknown(pointer="/region_code", region_code=code)
        if meant is None:
            candidates = "、".join(f"{one.code} {one.name}" for one in live) or "—"
            raise RegionAmbiguous(pointer="/region_code", region_code=code, candidates=candidates)
        if blocks(standing, names_confirmed=place.name_confirmed):
            raise RegionNameDiffers(
                pointer="/name_at_listing", region_code=code, region_name=region.name
            )
        check_reach(meant, by=self.by)
        partner = place.partner_code
        if partner is not None and find_region(self.by, partner, on=today) is None:
            raise RegionUnknown(pointer="/partner_code", region_code=partner)
        from_on, until_on = place.valid_from_on, place.valid_until_on
        if until_on is not None and until_on <= from_on:
            raise PeriodBackwards(pointer="/valid_until_on", from_on=from_on, until_on=until_on)
        self._codes[code, place.name_at_listing] = meant

    def _values(self, place: ListedPlace) -> dict[str, Any]:
        return {
            "id": new_id(),
            "kind": place.kind,
            "region_code": self._codes[place.region_code, place.name_at_listing],
            "name_at_listing": place.name_at_listing,
            "valid_from_on": place.valid_from_on,
            "valid_until_on": place.valid_until_on,
            "partner_code": place.partner_code,
            "source": place.source,
        }
