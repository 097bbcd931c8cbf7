"""Take a list of what households delivered as lots of a listing, one for each harvest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.errors import NotFound, Refusal
from kernel.money import Fen
from kernel.quantity import Unit, check_quantity
from kernel.sheets.importing import Objection
from kernel.sheets.loading import Row
from marketplace.catalogue.models.listings import ListingId
from marketplace.catalogue.queries.listings import get_own_listing
from marketplace.errors.lots import HouseholdNotLinked
from marketplace.lots import rules
from marketplace.lots.commands.stock import NewLot, record_lot
from marketplace.lots.rules import Contribution
from registry.households.models.households import HouseholdId
from registry.households.queries.imports import find_household_by_code
from registry.households.queries.links import list_linked_households
from registry.organisations.models import OrganisationId


@dataclass(frozen=True)
class DeliveredRow:
    """What one household delivered of one harvest; rows of one harvest make a lot."""

    harvested_on: date
    unit: Unit
    household_code: str
    quantity: Decimal
    farm_price_fen: Fen
    expires_on: date | None = None


def check_own_listing(by: Actor, listing_id: UUID) -> None:
    """Refuse a listing that is not the actor's own (NotFound)."""
    get_own_listing(by, ListingId(listing_id))


class LotImport:
    """A list of deliveries: checked row by row, recorded as lots once all rows are seen."""

    def __init__(
        self, *, by: Actor, now: datetime, by_itself: bool, subject_id: UUID | None = None
    ) -> None:
        del by_itself
        self.by = by
        self.now = now
        self.listing_id = ListingId(subject_id or UUID(int=0))
        self._lots: dict[tuple[date, date | None, Unit], list[Contribution]] = defaultdict(list)

    def check(self, rows: Sequence[Row]) -> Iterator[Objection]:
        """Say what stands against these rows: days, unit and quantity, the household's link."""
        listing = get_own_listing(self.by, self.listing_id)
        for row in rows:
            refusal = self._refusal(row.record, unit=listing.unit, step=listing.step)
            if refusal is not None:
                yield row.number, refusal

    def write(self, rows: Sequence[Row]) -> None:
        """Gather what rows deliver by harvest."""
        for row in rows:
            one: DeliveredRow = row.record
            household_id = self._household(one.household_code)
            contribution = Contribution(household_id, one.quantity, one.farm_price_fen)
            self._lots[one.harvested_on, one.expires_on, one.unit].append(contribution)

    def finish(self) -> None:
        """Record a lot for each harvest, the oldest first."""
        for (harvested_on, expires_on, unit), contributions in sorted(
            self._lots.items(), key=lambda lot: (lot[0][0], str(lot[0][1]), lot[0][2])
        ):
            new = NewLot(
                listing_id=self.listing_id,
                harvested_on=harvested_on,
                unit=unit,
                contributions=contributions,
                expires_on=expires_on,
            )
            record_lot(new, by=self.by, now=self.now)

    def _refusal(self, one: DeliveredRow, *, unit: Unit, step: Decimal) -> Refusal | None:
        today = shanghai_day(self.now)
        try:
            rules.check_days(one.harvested_on, one.expires_on, today=today)
            rules.check_unit(one.unit, listing_unit=unit, step=step)
            check_quantity(one.quantity, one.unit, pointer="/quantity")
            household_id = self._household(one.household_code)
            linked = list_linked_households(
                self.by,
                organisation_id=OrganisationId(self.by.organisation_id or UUID(int=0)),
                household_ids=[household_id],
                on=today,
            )
            if not linked:
                return HouseholdNotLinked(pointer="/household_code")
        except Refusal as refusal:
            return refusal
        return None

    def _household(self, code: str) -> HouseholdId:
        found = find_household_by_code(self.by, code)
        if found is None:
            raise NotFound(pointer="/household_code")
        return found
