"""How units stand on a day: values, no table of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from kernel.money import Fen
from procurement.supervision.models.matters import Cause
from registry.organisations.models import OrganisationId


class Standing(StrEnum):
    """How a unit stands: the first step of the year's way that it has not taken, or its end."""

    NOT_ACTIVATED = "not_activated"
    NOT_FILED = "not_filed"
    RETURNED = "returned"
    UNCONFIRMED = "unconfirmed"
    """Filed, and not confirmed to the end yet."""
    NO_DUTY = "no_duty"
    """Confirmed, and nothing was promised: no rate, neither 0 % nor 100 %."""
    BOUGHT_NOTHING = "bought_nothing"
    BEHIND = "behind"
    UNMET = "unmet"
    ON_TRACK = "on_track"


CAUSES = {
    Standing.NOT_ACTIVATED: Cause.NOT_ACTIVATED,
    Standing.NOT_FILED: Cause.NOT_FILED,
    Standing.RETURNED: Cause.RETURNED,
    Standing.BOUGHT_NOTHING: Cause.BOUGHT_NOTHING,
    Standing.BEHIND: Cause.BEHIND,
    Standing.UNMET: Cause.UNMET,
}
"""What may be demanded of a unit that stands so."""


@dataclass(frozen=True, slots=True)
class WatchedUnit:
    """A budget unit as it was on a day: its name, whether it had an account and had filed."""

    id: OrganisationId
    name: str
    credit_code: str
    region_code: str
    activated: bool
    filed: bool
    returned: bool
    confirmed: bool


@dataclass(frozen=True, slots=True)
class UnitStanding:
    """How a unit stands, the amounts it follows from (fen), and its place among the ranked."""

    unit: WatchedUnit
    standing: Standing
    place: int | None
    reserved_fen: Fen
    ordered_fen: Fen
    accepted_fen: Fen
    paid_fen: Fen
    counted_fen: Fen
    planned_fen: Fen

    @property
    def owed_fen(self) -> Fen:
        """Give what is left of the promise."""
        return Fen(max(0, self.reserved_fen - self.counted_fen))


@dataclass(frozen=True, slots=True)
class Movement:
    """What was accepted of an order, or paid for it, on a Shanghai day (fen).

    `term_days` from acceptance were agreed for the order; without, those of the law hold.
    """

    order_id: UUID
    unit_id: OrganisationId
    on: date
    accepted_fen: Fen
    paid_fen: Fen
    term_days: int | None = None


@dataclass(frozen=True, slots=True)
class LatePayment:
    """What of an order should have been paid by a day: since when, and what it costs (fen).

    `beyond_fen` of it is past the longest term that may be agreed, so late whatever was agreed.
    """

    order_id: UUID
    unit_id: OrganisationId
    overdue_fen: Fen
    beyond_fen: Fen
    due_on: date
    days: int
    interest_fen: Fen


@dataclass(frozen=True, slots=True)
class UnitDelay:
    """What a unit owes its sellers past the legal term (fen), and for how many orders."""

    unit_id: OrganisationId
    overdue_fen: Fen
    beyond_fen: Fen
    interest_fen: Fen
    orders: int
    longest_days: int
