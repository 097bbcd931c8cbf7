"""What an application must bring."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from certification.criteria.models import Scheme
from certification.errors.applications import (
    BenefitLinkMissing,
    ComparisonsMissing,
    GoodsValueLow,
    HolderNotAdmitted,
    OriginNotAdmitted,
    OriginTooWide,
    PaperLapsed,
    PapersMissing,
    PledgeMissing,
    ProductionMissing,
    SchemeChanged,
)
from kernel.errors import Invalid
from kernel.money import Fen
from kernel.quantity import Unit, check_quantity
from registry.documents.models import Document
from registry.households.models.links import BenefitLink
from registry.organisations.models import OrganisationId
from registry.regions.models import OriginKind
from registry.regions.rules import ancestor_codes, level_of


def check_holder(scheme: Scheme, *, kind: str) -> None:
    """Refuse an organisation of a kind that the scheme does not certify."""
    if kind not in scheme.holder_kinds:
        raise HolderNotAdmitted(kind=kind)


def check_origin(scheme: Scheme, *, region_code: str, origin_kind: OriginKind) -> None:
    """Refuse an origin of a kind not admitted, or above the chain's first level."""
    pointer = "/origin_region_code"
    if origin_kind not in scheme.origin_kinds:
        raise OriginNotAdmitted(pointer=pointer, region_code=region_code, origin_kind=origin_kind)
    within = {level_of(code).value for code in ancestor_codes(region_code)}
    for level in scheme.levels:
        if level.value not in within:
            raise OriginTooWide(pointer=pointer, region_code=region_code, level=level)


def check_goods(quantity: Decimal, *, unit: Unit, goods_value: Fen, unit_price: Fen) -> None:
    """Refuse a quantity the unit does not have, and amounts that are not above zero (fen)."""
    check_quantity(quantity, unit, pointer="/yearly_quantity")
    amounts: dict[str, Decimal | int] = {
        "/yearly_quantity": quantity,
        "/goods_value_fen": goods_value,
        "/unit_price_fen": unit_price,
    }
    for pointer, amount in amounts.items():
        if amount <= 0:
            raise Invalid(pointer=pointer, reason="必须大于零 / must be above zero")


def check_lapses(papers: Sequence[Document], *, today: date) -> None:
    """Refuse papers that have lapsed by today (a Shanghai day)."""
    for position, paper in enumerate(papers):
        if paper.valid_until_on is not None and paper.valid_until_on <= today:
            raise PaperLapsed(
                pointer=f"/document_ids/{position}", valid_until_on=paper.valid_until_on
            )


def missing_papers(scheme: Scheme, category_code: str, *, kinds: Sequence[str]) -> list[list[str]]:
    """Tell which papers of the category are not there, each as its alternatives."""
    return [one for one in scheme.papers_of(category_code) if not set(one) & set(kinds)]


def check_papers(scheme: Scheme, category_code: str, *, papers: Sequence[Document]) -> None:
    """Refuse where a kind of paper that the scheme requires of the category is not there."""
    missing = missing_papers(scheme, category_code, kinds=[one.kind for one in papers])
    if missing:
        named = ", ".join("|".join(alternatives) for alternatives in missing)
        raise PapersMissing(pointer="/document_ids", kinds=named)


def check_goods_value(scheme: Scheme, goods_value: Fen) -> None:
    """Refuse goods worth less a year than the scheme demands (fen)."""
    least = scheme.minimum_goods_value_fen
    if least is not None and goods_value < least:
        raise GoodsValueLow(pointer="/goods_value_fen", least=least, goods_value=goods_value)


def check_comparisons(scheme: Scheme, count: int) -> None:
    """Refuse fewer comparison prices than the scheme demands."""
    if scheme.comparison_required and count < scheme.comparison_prices:
        raise ComparisonsMissing(
            pointer="/comparison_prices", wanted=scheme.comparison_prices, count=count
        )


def check_production(scheme: Scheme, *, is_declared: bool) -> None:
    """Refuse where the scheme demands a declared production and there is none."""
    if scheme.production_required and not is_declared:
        raise ProductionMissing(pointer="/yearly_quantity")


def check_same_scheme(scheme: Scheme, *, code: str) -> None:
    """Refuse to move a running application under another scheme: that is another application."""
    if code != scheme.code:
        raise SchemeChanged(pointer="/scheme_code", scheme_code=scheme.code)


def check_roster(
    quantities: Sequence[Decimal | None], *, linked: Sequence[bool], unit: Unit
) -> None:
    """Refuse quantities of households that are not linked, or that the unit does not have."""
    for position, quantity in enumerate(quantities):
        pointer = f"/household_quantities/{position}"
        if not linked[position]:
            raise BenefitLinkMissing(pointer=f"{pointer}/benefit_link_id")
        if quantity is not None:
            check_quantity(quantity, unit, pointer=f"{pointer}/quantity")


def check_benefit_links(
    links: Sequence[BenefitLink | None], *, holder_id: OrganisationId, today: date
) -> None:
    """Want at least one link, and each to be the holder's and in force today.

    None stands for a link that is named and out of sight.
    """
    if not links:
        raise BenefitLinkMissing(pointer="/benefit_link_ids")
    for position, link in enumerate(links):
        if link is None or link.organisation_id != holder_id or not _holds(link, today):
            raise BenefitLinkMissing(pointer=f"/benefit_link_ids/{position}")


def _holds(link: BenefitLink, today: date) -> bool:
    return link.since_on <= today and (link.until_on is None or today < link.until_on)


def check_pledge(*, pledge: bool) -> None:
    """Want the holder's word that papers and benefits are true."""
    if not pledge:
        raise PledgeMissing(pointer="/pledge")
