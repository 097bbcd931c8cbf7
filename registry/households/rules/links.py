"""What a benefit link needs to be true."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from registry.errors.households import (
    BenefitLinkEnded,
    BenefitLinkInForce,
    LinkPartyUnfit,
    PeriodBackwards,
    ResultOutsideLink,
    TermsIncomplete,
)
from registry.households.models.links import BenefitLink
from registry.organisations.models import SELLERS, Organisation


def check_link_party(organisation: Organisation) -> None:
    """Refuse a benefit link with an organisation that neither grows nor sells."""
    if organisation.kind not in SELLERS:
        raise LinkPartyUnfit(pointer="/organisation_id", kind=organisation.kind)


def check_no_overlap(earlier: Iterable[BenefitLink], *, since_on: date) -> None:
    """Refuse a link of the same household, organisation and way before the last one's end."""
    for link in earlier:
        if link.until_on is None or link.until_on > since_on:
            raise BenefitLinkInForce


def check_terms(*, product: str | None, has_quantity: bool, has_unit: bool) -> None:
    """Refuse a quantity without its product or unit, and a unit of nothing."""
    if has_quantity is not has_unit or (has_quantity and product is None):
        raise TermsIncomplete(pointer="/yearly_quantity")


def check_end(link: BenefitLink, *, until_on: date) -> None:
    """Refuse a second end, and one on or before the first day."""
    if link.until_on is not None:
        raise BenefitLinkEnded(until_on=link.until_on)
    if until_on <= link.since_on:
        raise PeriodBackwards(pointer="/until_on", from_on=link.since_on, until_on=until_on)


def check_result_year(link: BenefitLink, *, year: int) -> None:
    """Refuse a result of a year in which the link held on no day."""
    if link.since_on > date(year, 12, 31) or (
        link.until_on is not None and link.until_on <= date(year, 1, 1)
    ):
        raise ResultOutsideLink(pointer="/year", year=year)


def is_link_in_force(link: BenefitLink, *, on: date) -> bool:
    """Say whether a link holds on a day, `[since_on, until_on)`."""
    return link.since_on <= on and (link.until_on is None or on < link.until_on)
