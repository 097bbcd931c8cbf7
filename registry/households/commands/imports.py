"""Take whole lists of households, and of benefit links, into the register."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, insert

from kernel import audit
from kernel.actor import Actor
from kernel.calendar import shanghai_day, shanghai_year
from kernel.crypto import blind_index
from kernel.database import db
from kernel.errors import NotAllowed, NotFound, Refusal
from kernel.identity import new_id
from kernel.journal import write_journal
from kernel.numbers import take_numbers
from kernel.sheets.importing import Objection
from kernel.sheets.loading import Row
from registry.errors.households import IdNumberTaken
from registry.errors.regions import RegionUnknown
from registry.households.commands.households import ID_NUMBER_INDEX, NewHousehold
from registry.households.commands.links import NewBenefitLink, link_household
from registry.households.models.households import (
    ChangeReason,
    Household,
    HouseholdChange,
    HouseholdId,
    HouseholdState,
)
from registry.households.models.links import BenefitLink, BenefitWay
from registry.households.queries.imports import find_household_by_code, list_known_indexes
from registry.households.rules.households import check_labour, check_village
from registry.organisations.models import OrganisationId
from registry.organisations.queries import find_organisation_by_code
from registry.regions.models import Region
from registry.regions.queries import find_region
from registry.regions.rules import COUNTY_DIGITS, check_reach


class HouseholdImport:
    """A list of households, written in bulk: a hundred thousand in minutes.

    The same rules as registering one, the same audit row for each.
    """

    def __init__(
        self, *, by: Actor, now: datetime, by_itself: bool, subject_id: UUID | None = None
    ) -> None:
        del subject_id  # a register belongs to nothing
        self.by = by
        self.now = now
        self.by_itself = by_itself
        self._villages: dict[str, Region | None] = {}

    def check(self, rows: Sequence[Row]) -> Iterator[Objection]:
        """Say what stands against these rows: the village, the reach, who is registered."""
        indexes = {row.number: _index_of(row.record) for row in rows}
        taken = list_known_indexes(self.by, list(indexes.values()))
        for row in rows:
            refusal = self._refusal(row.record)
            if refusal is None and indexes[row.number] in taken:
                refusal = IdNumberTaken(pointer="/id_number")
            if refusal is not None:
                yield row.number, refusal

    def write(self, rows: Sequence[Row]) -> None:
        """Write households with the first row of their history and their audit rows."""
        by_county: dict[str, list[NewHousehold]] = defaultdict(list)
        for row in rows:
            by_county[row.record.village_code[:COUNTY_DIGITS]].append(row.record)
        for county, households in by_county.items():
            codes = take_numbers(
                "BF-H",
                region_code=county,
                year=shanghai_year(self.now),
                count=len(households),
                by_itself=self.by_itself,
            )
            values = [
                self._values(new, code=code) for new, code in zip(households, codes, strict=True)
            ]
            db.session.execute(insert(_table(Household)), values)
            changes = [self._change(value) for value in values]
            db.session.execute(insert(_table(HouseholdChange)), changes)
            for value in values:
                self._audit(value)
        write_journal()

    def finish(self) -> None:
        """Leave it at the rows: each was written whole."""

    def _refusal(self, new: NewHousehold) -> Refusal | None:
        try:
            village = self._village(new.village_code)
            if village is None:
                return RegionUnknown(pointer="/village_code", region_code=new.village_code)
            check_village(village)
            check_reach(village.code, by=self.by)
            check_labour(members=new.members, able_labour=new.able_labour)
        except NotAllowed:
            return NotAllowed(pointer="/village_code")
        except Refusal as refusal:
            return refusal
        return None

    def _village(self, code: str) -> Region | None:
        if code not in self._villages:
            self._villages[code] = find_region(self.by, code, on=shanghai_day(self.now))
        return self._villages[code]

    def _values(self, new: NewHousehold, *, code: str) -> dict[str, Any]:
        return {
            "id": HouseholdId(new_id()),
            "code": code,
            "village_code": new.village_code,
            "head_name": new.head_name,
            "id_number": new.id_number,
            "id_number_index": _index_of(new),
            "phone": new.phone,
            "bank_card": new.bank_card,
            "members": new.members,
            "able_labour": new.able_labour,
            "willing": new.willing,
            "class": new.household_class,
            "state": HouseholdState.LISTED,
            "cause": new.cause,
            "registered_at": self.now,
            "version": 1,
        }

    def _change(self, values: dict[str, Any]) -> dict[str, Any]:
        standing = {
            name: values[name] for name in ("class", "state", "members", "able_labour", "willing")
        }
        return {
            "id": new_id(),
            "household_id": values["id"],
            **standing,
            "from_on": shanghai_day(self.now),
            "reason": ChangeReason.REGISTERED,
            "reason_id": None,
            "by_id": self.by.user_id,
            "at": self.now,
        }

    def _audit(self, values: dict[str, Any]) -> None:
        names = ("code", "village_code", "state")
        audit.write(
            "register_household",
            subject=("household", values["id"]),
            by=self.by,
            now=self.now,
            after={name: values[name] for name in names},
        )


@dataclass(frozen=True)
class LinkRow:
    """A benefit link as a list names it: by codes; without one, of the own organisation."""

    household_code: str
    way: BenefitWay
    since_on: date
    terms: str
    credit_code: str | None = None


def link_by_codes(row: LinkRow, *, by: Actor, now: datetime) -> BenefitLink:
    """Link a household to an organisation, both by their codes.

    Refuses what `link_household` does, and NotFound (household, organisation).
    """
    if row.credit_code is not None:
        organisation_id = find_organisation_by_code(by, row.credit_code)
    elif by.organisation_id is not None:
        organisation_id = OrganisationId(by.organisation_id)
    else:
        raise NotAllowed(pointer="/credit_code")
    household_id = find_household_by_code(by, row.household_code)
    if household_id is None or organisation_id is None:
        raise NotFound(pointer="/household_code" if organisation_id else "/credit_code")
    new = NewBenefitLink(
        household_id=household_id,
        organisation_id=organisation_id,
        way=row.way,
        since_on=row.since_on,
        terms=row.terms,
    )
    return link_household(new, by=by, now=now)


def _index_of(new: NewHousehold) -> bytes:
    return blind_index(new.id_number, purpose=ID_NUMBER_INDEX)


def _table(model: type[Household | HouseholdChange]) -> Table:
    return cast("Table", model.__table__)
