"""Prices, papers, households and productions beside each other, as a reviewer sees them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from certification.applications.commands.applications import submit_application
from certification.applications.commands.checklists import examine_application
from certification.applications.commands.productions import (
    change_production,
    declare_production,
)
from certification.applications.models import Application, Production
from certification.applications.queries.contents import ComparisonPrice, HouseholdQuantity
from certification.applications.rules.prices import (
    check_comparison_prices,
    compare_price,
    normal_price,
)
from certification.criteria.models import Scheme
from certification.errors.applications import (
    ComparisonsMissing,
    GoodsValueLow,
    PapersMissing,
    ProductionCertified,
)
from kernel.database import db
from kernel.errors import Invalid, UnitMismatch
from kernel.money import Fen
from kernel.quantity import Unit
from tests.builders import certification as build
from tests.builders import registry
from tests.builders.certification import NOW, Cast

SPECIFICATION = "一级，散装"
TODAY = date(2026, 11, 5)


def price(fen: int, unit: Unit = Unit.KG, specification: str = SPECIFICATION) -> ComparisonPrice:
    return ComparisonPrice("韶关批发市场", date(2026, 11, 1), specification, unit, Fen(fen))


def scheme(low: int = 7000, high: int = 13000) -> Scheme:
    return Scheme(comparison_prices=3, price_low_bp=low, price_high_bp=high)


def codes(application: Application, people: Cast, level: str = "county") -> dict[str, Any]:
    seen = examine_application(application.id, by=people.reviewer(level), now=NOW)
    return {one.code: one.figures for one in seen.findings}


@pytest.mark.parametrize(
    ("fen", "unit", "normal"),
    [(680, Unit.KG, 680), (340, Unit.JIN, 680), (1, Unit.G, 1000), (680_500, Unit.TONNE, 681)],
)
def test_a_price_is_told_per_the_applications_unit(fen: int, unit: Unit, normal: int) -> None:
    assert normal_price(price(fen, unit), unit=Unit.KG) == normal


@pytest.mark.parametrize(
    ("fens", "mine", "middle", "deviation", "outside"),
    [
        ([600, 680, 700], 680, 680, 0, False),
        ([600, 700], 650, 650, 0, False),
        ([601, 700], 650, 651, -15, False),
        ([1000, 1000, 1000], 1300, 1000, 3000, False),
        ([1000, 1000, 1000], 1301, 1000, 3010, True),
        ([1000, 1000, 1000], 700, 1000, -3000, False),
        ([1000, 1000, 1000], 699, 1000, -3010, True),
    ],
)
def test_a_price_stands_beside_the_median(
    fens: list[int], mine: int, middle: int, deviation: int, *, outside: bool
) -> None:
    test = compare_price(
        scheme(),
        unit=Unit.KG,
        unit_price=Fen(mine),
        specification=SPECIFICATION,
        prices=[*map(price, fens), price(1, specification="二级")],
    )
    assert (test.median_fen, test.deviation_bp, test.is_outside) == (middle, deviation, outside)
    assert test.counted == len(fens)


def test_prices_that_cannot_be_compared_say_which() -> None:
    with pytest.raises(UnitMismatch) as caught:
        check_comparison_prices([price(1), price(1, Unit.BOX)], unit=Unit.KG, today=TODAY)
    assert caught.value.pointer == "/comparison_prices/1/unit"
    with pytest.raises(Invalid):
        check_comparison_prices([price(1), price(1)], unit=Unit.KG, today=TODAY)
    with pytest.raises(Invalid):
        check_comparison_prices([price(1)], unit=Unit.KG, today=date(2026, 10, 31))


@pytest.mark.usefixtures("db_session")
def test_a_price_outside_the_band_is_flagged_and_not_refused() -> None:
    people = build.cast()
    fair = [price(300), price(310), price(150, Unit.JIN)]
    made = build.submitted(people, comparison_prices=fair)
    found = codes(made, people)
    assert found["price_outside_band"]["median_fen"] == 300
    assert found["price_outside_band"]["deviation_bp"] == 12667
    assert "comparisons_few" not in found
    assert codes(build.submitted(people), people)["comparisons_few"] == {"wanted": 3, "counted": 0}


@pytest.mark.usefixtures("db_session")
def test_what_a_strict_scheme_demands_waits_for_the_submission() -> None:
    people = build.cast()
    made = build.draft(people, scheme_code="guangdong-list")
    with pytest.raises(PapersMissing) as caught:
        submit_application(made.id, by=people.by, now=NOW)
    assert "pledge_certificate|food_production_licence" in caught.value.figures["kinds"]
    kinds = ("product_standard", "price_sheet", "benefit_contract", "pledge_certificate")
    said = build.contents(people)
    papers = [registry.document(people.holder, people.clerk, kind).id for kind in kinds]
    whole = [*said.document_ids, *papers]
    other = build.draft(people, scheme_code="guangdong-list", document_ids=whole)
    with pytest.raises(ComparisonsMissing):
        submit_application(other.id, by=people.by, now=NOW)
    papers.append(registry.document(people.holder, people.clerk, "after_sale_pledge").id)
    whole = [*said.document_ids, *papers]
    cheap = build.draft(people, scheme_code="society-2024", document_ids=whole)
    with pytest.raises(GoodsValueLow) as low:
        submit_application(cheap.id, by=people.by, now=NOW)
    assert low.value.figures == {"least": 50_000_000, "goods_value": 680_000}


@pytest.mark.usefixtures("db_session")
def test_the_same_product_paper_and_household_are_shown() -> None:
    people, rival = build.cast(), build.cast()
    said = build.contents(people)
    first = build.submitted(people, document_ids=said.document_ids)
    second = build.submitted(people, product_name=" 演示丝 苗米", document_ids=said.document_ids)
    found = codes(second, people)
    assert found["same_product"] == {"numbers": [first.number]}
    assert found["same_paper"] == {"kinds": ["test_report"]}
    household = registry.household()
    mine, theirs = (registry.benefit_link(household, one.holder).id for one in (people, rival))
    build.submitted(
        rival,
        benefit_link_ids=[theirs],
        household_quantities=[HouseholdQuantity(theirs, Decimal(400))],
    )
    third = build.submitted(
        people,
        benefit_link_ids=[mine],
        household_quantities=[HouseholdQuantity(mine, Decimal(400))],
    )
    found = codes(third, people)
    assert found["household_elsewhere"] == {"households": 1, "same_quantity": 1}
    assert found["households_below_declared"] == {"linked": "400.000", "declared": "1000.000"}
    seen = examine_application(third.id, by=people.reviewer("town"), now=NOW)
    assert seen.same_households[0].household_code == household.code


def declared(people: Cast, quantity: str, unit: Unit = Unit.KG) -> Production:
    return declare_production(
        category_code="grain",
        county_code=registry.WUJIANG,
        year=2026,
        unit=unit,
        quantity=Decimal(quantity),
        basis="水田 20 亩，亩产 350 公斤",
        by=people.by,
        now=NOW,
    )


@pytest.mark.usefixtures("db_session")
def test_a_declared_production_is_kept_in_kg_and_not_below_what_is_certified() -> None:
    people = build.cast()
    made = build.submitted(people)
    assert "production_undeclared" in codes(made, people)
    production = declared(people, "1800", Unit.JIN)
    assert (production.unit, production.declared) == (Unit.KG, Decimal(900))
    assert codes(made, people)["production_exceeded"]["declared"] == "900.000"
    production.certified = Decimal(800)
    db.session.flush()
    with pytest.raises(ProductionCertified):
        change_production(production.id, quantity=Decimal(799), basis="改", by=people.by, now=NOW)
    change_production(production.id, quantity=Decimal(800), basis="改", by=people.by, now=NOW)
