"""What an application must bring."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from certification.applications.rules import contents as rules
from certification.criteria.models import Scheme
from certification.errors.applications import (
    BenefitLinkMissing,
    HolderNotAdmitted,
    OriginNotAdmitted,
    OriginTooWide,
    PaperLapsed,
    PapersMissing,
    PledgeMissing,
)
from kernel.errors import Invalid, Refusal
from kernel.identity import new_id
from kernel.money import Fen
from kernel.quantity import Unit
from registry.documents.models import Document
from registry.households.models.links import BenefitLink
from registry.organisations.models import OrganisationId
from registry.regions.models import OriginKind

TODAY = date(2026, 11, 22)
VILLAGE = "360732100201"
HOLDER = OrganisationId(new_id())


def scheme() -> Scheme:
    return Scheme(
        origin_kinds=["national_832", "paired_region"],
        holder_kinds=["cooperative"],
        paper_kinds=["business_licence", "test_report"],
        category_papers={"meat": [["slaughter_licence", "breeding_record"]]},
        review_chain=["town", "county", "city", "province"],
    )


def test_the_scheme_names_who_may_hold_its_certificates() -> None:
    rules.check_holder(scheme(), kind="cooperative")
    with pytest.raises(HolderNotAdmitted):
        rules.check_holder(scheme(), kind="trading_agent")


@pytest.mark.parametrize(
    ("region_code", "origin_kind", "refusal"),
    [
        (VILLAGE, OriginKind.NATIONAL_832, None),
        ("360732100", OriginKind.PAIRED_REGION, None),
        (VILLAGE, OriginKind.PROVINCIAL_VILLAGE, OriginNotAdmitted),
        (VILLAGE, OriginKind.OTHER, OriginNotAdmitted),
        ("360732", OriginKind.NATIONAL_832, OriginTooWide),
        ("360000", OriginKind.NATIONAL_832, OriginTooWide),
    ],
)
def test_an_origin_is_of_an_admitted_kind_and_has_every_level_above_it(
    region_code: str, origin_kind: OriginKind, refusal: type[Refusal] | None
) -> None:
    if refusal is None:
        rules.check_origin(scheme(), region_code=region_code, origin_kind=origin_kind)
        return
    with pytest.raises(refusal) as caught:
        rules.check_origin(scheme(), region_code=region_code, origin_kind=origin_kind)
    assert caught.value.pointer == "/origin_region_code"


@pytest.mark.parametrize(
    ("quantity", "unit", "value", "price", "pointer"),
    [
        ("0.001", Unit.KG, 1, 1, None),
        ("1", Unit.BOX, 1, 1, None),
        ("0", Unit.KG, 1, 1, "/yearly_quantity"),
        ("-1", Unit.KG, 1, 1, "/yearly_quantity"),
        ("1.5", Unit.BOX, 1, 1, "/yearly_quantity"),
        ("1.0001", Unit.KG, 1, 1, "/yearly_quantity"),
        ("1", Unit.KG, 0, 1, "/goods_value_fen"),
        ("1", Unit.KG, 1, 0, "/unit_price_fen"),
    ],
)
def test_quantity_value_and_price_are_above_zero(
    quantity: str, unit: Unit, value: int, price: int, pointer: str | None
) -> None:
    goods: dict[str, Any] = {"unit": unit, "goods_value": Fen(value), "unit_price": Fen(price)}
    if pointer is None:
        rules.check_goods(Decimal(quantity), **goods)
        return
    with pytest.raises(Invalid) as caught:
        rules.check_goods(Decimal(quantity), **goods)
    assert caught.value.pointer == pointer


def test_a_paper_lapses_at_the_beginning_of_the_day_its_validity_ends() -> None:
    whole = [Document(valid_until_on=None), Document(valid_until_on=date(2026, 11, 23))]
    rules.check_lapses(whole, today=TODAY)
    with pytest.raises(PaperLapsed) as caught:
        rules.check_lapses([*whole, Document(valid_until_on=TODAY)], today=TODAY)
    assert caught.value.pointer == "/document_ids/2"


def test_every_required_kind_of_paper_is_there() -> None:
    licence, report = Document(kind="business_licence"), Document(kind="test_report")
    rules.check_papers(scheme(), "grain", papers=[report, licence, Document(kind="other")])
    with pytest.raises(PapersMissing) as caught:
        rules.check_papers(scheme(), "grain", papers=[licence])
    assert caught.value.figures == {"kinds": "test_report"}
    with pytest.raises(PapersMissing) as caught:
        rules.check_papers(scheme(), "grain", papers=[])
    assert caught.value.figures == {"kinds": "business_licence, test_report"}
    with pytest.raises(PapersMissing) as caught:
        rules.check_papers(scheme(), "meat", papers=[licence, report])
    assert caught.value.figures == {"kinds": "slaughter_licence|breeding_record"}
    record = Document(kind="breeding_record")
    rules.check_papers(scheme(), "meat", papers=[licence, report, record])


def link(since: str, until: str | None = None, holder: UUID = HOLDER) -> BenefitLink:
    return BenefitLink(
        organisation_id=OrganisationId(holder),
        since_on=date.fromisoformat(since),
        until_on=None if until is None else date.fromisoformat(until),
    )


@pytest.mark.parametrize(
    ("links", "pointer"),
    [
        ([link("2026-11-22")], None),
        ([link("2026-11-22", "2026-11-23")], None),
        ([], "/benefit_link_ids"),
        ([None], "/benefit_link_ids/0"),
        ([link("2026-11-23")], "/benefit_link_ids/0"),
        ([link("2026-01-01"), link("2026-01-01", "2026-11-22")], "/benefit_link_ids/1"),
        ([link("2026-01-01", holder=new_id())], "/benefit_link_ids/0"),
    ],
)
def test_each_benefit_link_is_the_holders_and_in_force(
    links: list[BenefitLink | None], pointer: str | None
) -> None:
    if pointer is None:
        rules.check_benefit_links(links, holder_id=HOLDER, today=TODAY)
        return
    with pytest.raises(BenefitLinkMissing) as caught:
        rules.check_benefit_links(links, holder_id=HOLDER, today=TODAY)
    assert caught.value.pointer == pointer


def test_the_holder_pledges() -> None:
    rules.check_pledge(pledge=True)
    with pytest.raises(PledgeMissing):
        rules.check_pledge(pledge=False)
