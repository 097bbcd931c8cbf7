"""When pairings leave a gap, when a helper carries too much, which partner an industry lacks."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from registry.errors.households import PeriodBackwards
from registry.errors.pairings import PairingEnded, PairingPartiesUnfit
from registry.errors.regions import RegionUnfit
from registry.households.models.pairings import Pairing, PairingKind, PartyKind
from registry.organisations.models import BUYERS, SELLERS, Organisation, OrganisationKind
from registry.regions.models import Region, RegionLevel

Period = tuple[date, date | None]


def check_pairing(
    kind: PairingKind, *, helper: Organisation, village: Region, for_household: bool
) -> None:
    """Refuse a place that is no village, and parties that the action is not about.

    千企帮村 pairs enterprises with villages, 万社联户 cooperatives with households.
    """
    if village.level is not RegionLevel.VILLAGE:
        raise RegionUnfit(pointer="/village_code", wanted=RegionLevel.VILLAGE, level=village.level)
    enterprises = (BUYERS | SELLERS) - {OrganisationKind.BUDGET_UNIT, OrganisationKind.TRADE_UNION}
    fits = {
        PairingKind.ENTERPRISE_VILLAGE: helper.kind in enterprises and not for_household,
        PairingKind.COOPERATIVE_HOUSEHOLD: helper.kind in SELLERS and for_household,
    }
    if not fits.get(kind, True):
        raise PairingPartiesUnfit(kind=kind, helper_kind=helper.kind)


def check_period(*, since_on: date, until_on: date | None) -> None:
    """Refuse a pairing that ends before it begins."""
    if until_on is not None and until_on <= since_on:
        raise PeriodBackwards(pointer="/until_on", from_on=since_on, until_on=until_on)


def check_ending(pairing: Pairing, *, until_on: date) -> None:
    """Refuse to end a pairing twice, or before it began."""
    if pairing.until_on is not None:
        raise PairingEnded(until_on=pairing.until_on)
    check_period(since_on=pairing.since_on, until_on=until_on)


def gaps(periods: Iterable[Period], *, since_on: date, until_on: date) -> list[tuple[date, date]]:
    """Give the stretches of `[since_on, until_on)` that no period covers, in order."""
    found, covered = [], since_on
    for begin, end in sorted(periods, key=lambda one: one[0]):
        if begin >= until_on:
            break
        if begin > covered:
            found.append((covered, begin))
        if end is None:
            return found
        covered = max(covered, end)
    if covered < until_on:
        found.append((covered, until_on))
    return found


def is_overloaded(households: int, *, most: int) -> bool:
    """Say whether a helper stands by more households than the figure in force."""
    return households > most


def lacking(present: Collection[PartyKind]) -> list[PartyKind]:
    """Name the partners that an industry has not got; with none lacking it is covered."""
    return [one for one in PartyKind if one not in present]
