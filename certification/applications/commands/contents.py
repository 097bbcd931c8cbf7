"""Checking and writing what a holder says in an application."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, insert

from certification.applications.models import (
    Application,
    ApplicationBenefitLink,
    ApplicationDocument,
    ApplicationPrice,
)
from certification.applications.queries.contents import COLUMNS, ApplicationContents
from certification.applications.rules import contents as rules
from certification.applications.rules.prices import check_comparison_prices
from certification.criteria.models import Scheme
from certification.criteria.queries import has_category
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import Invalid
from registry.documents.queries import list_documents
from registry.documents.rules import check_clear_of_identity
from registry.households.queries.links import list_benefit_links
from registry.organisations.models import Organisation
from registry.regions.queries import find_origin_kind, get_live_region


def check_contents(
    said: ApplicationContents, *, scheme: Scheme, holder: Organisation, by: Actor, today: date
) -> None:
    """Check all that does not wait for the submission."""
    rules.check_holder(scheme, kind=holder.kind)
    _check_words(said)
    if not has_category(by, said.category_code):
        raise Invalid(pointer="/category_code", reason="没有此类别 / no such category")
    _check_origin(said, scheme=scheme, by=by, today=today)
    rules.check_goods(
        said.yearly_quantity,
        unit=said.unit,
        goods_value=said.goods_value_fen,
        unit_price=said.unit_price_fen,
    )
    rules.check_lapses(list_documents(by, said.document_ids), today=today)
    _check_households(said, holder=holder, by=by, today=today)
    check_comparison_prices(said.comparison_prices, unit=said.unit, today=today)
    rules.check_pledge(pledge=said.pledge)


def _check_words(said: ApplicationContents) -> None:
    check_clear_of_identity(said.product_name, pointer="/product_name")
    check_clear_of_identity(said.specification, pointer="/specification")
    for position, price in enumerate(said.comparison_prices):
        pointer = f"/comparison_prices/{position}"
        check_clear_of_identity(price.source, pointer=f"{pointer}/source")
        check_clear_of_identity(price.specification, pointer=f"{pointer}/specification")


def _check_origin(said: ApplicationContents, *, scheme: Scheme, by: Actor, today: date) -> None:
    region_code = said.origin_region_code
    get_live_region(by, region_code, on=today, pointer="/origin_region_code")
    origin_kind = find_origin_kind(by, region_code, on=today)
    rules.check_origin(scheme, region_code=region_code, origin_kind=origin_kind)


def _check_households(
    said: ApplicationContents, *, holder: Organisation, by: Actor, today: date
) -> None:
    seen = {link.id: link for link in list_benefit_links(by, said.benefit_link_ids)}
    links = [seen.get(link_id) for link_id in said.benefit_link_ids]
    rules.check_benefit_links(links, holder_id=holder.id, today=today)
    named = [one.benefit_link_id for one in said.household_quantities]
    rules.check_roster(
        [one.quantity for one in said.household_quantities],
        linked=[
            one in said.benefit_link_ids and one not in named[:position]
            for position, one in enumerate(named)
        ],
        unit=said.unit,
    )


def write_contents(application: Application, said: ApplicationContents, *, by: Actor) -> None:
    """Put what is said in the application's rows, in place of what was said before."""
    for name in COLUMNS:
        setattr(application, name, getattr(said, name))
    db.session.flush()
    brought = {one.benefit_link_id: one.quantity for one in said.household_quantities}
    papers = {one.id: one for one in list_documents(by, said.document_ids)}
    _rewrite(
        ApplicationDocument,
        application,
        [
            {"document_id": one, "sha256": papers[one].sha256, "number": papers[one].number}
            for one in dict.fromkeys(said.document_ids)
        ],
    )
    _rewrite(
        ApplicationBenefitLink,
        application,
        [
            {"benefit_link_id": one, "quantity": brought.get(one)}
            for one in dict.fromkeys(said.benefit_link_ids)
        ],
    )
    _rewrite(
        ApplicationPrice,
        application,
        [
            {
                "source": one.source,
                "observed_on": one.observed_on,
                "specification": one.specification,
                "unit": one.unit,
                "unit_price_fen": one.unit_price_fen,
            }
            for one in said.comparison_prices
        ],
    )


def _rewrite(table: Any, application: Application, rows: Sequence[dict[str, Any]]) -> None:
    """Replace an application's rows of a table, numbered in the order given."""
    db.session.execute(delete(table).where(table.application_id == application.id))
    if rows:
        numbered = [
            {"application_id": application.id, "position": position, **row}
            for position, row in enumerate(rows)
        ]
        db.session.execute(insert(table), numbered)
