"""The end of the year, of a name and of a unit, as completion tells of them."""

from __future__ import annotations

from datetime import date, timedelta

from kernel import clock
from registry.organisations.commands.endings import (
    NewEnding,
    NewName,
    abolish_organisation,
    rename_organisation,
)
from registry.organisations.models import Organisation
from tests.builders import registry
from tests.builders.procurement import NOW, YEAR
from tests.procurement.completion.buying import APRIL, buys, get
from tests.procurement.flow import Flow


def test_the_last_day_to_order_goes_by_what_was_observed(
    flow: Flow, three: list[Organisation]
) -> None:
    default = get(flow, "last-order", flow.admin)
    assert (default["last_order_on"], default["is_observed"]) == ("2026-11-13", False)
    for days in range(1, 11):
        buys(three[0], 10, at=NOW, paid_at=NOW + timedelta(days=days))
    with clock.stopped(APRIL):
        found = get(flow, "last-order", flow.admin)
    assert (found["last_order_on"], found["lead_days"], found["observations"]) == (
        "2026-12-22",
        9,
        12,
    )
    assert found["rule"]["source_zh"].startswith("付款 30 天")


def test_the_past_stays_under_the_former_name(flow: Flow, three: list[Organisation]) -> None:
    name = three[0].name
    new = NewName("韶关市第九小学", date(2026, 4, 1), "批文")
    platform = registry.actor_of(registry.administrator())
    with clock.stopped(APRIL):
        rename_organisation(three[0].id, new=new, expected_version=None, by=platform, now=APRIL)
        past = flow.get("/completion", flow.admin, year=YEAR, as_of=NOW.isoformat()).get_json()
        now = flow.get("/completion", flow.admin, year=YEAR).get_json()
    assert (past["units"][0]["name"], now["units"][0]["name"]) == (name, "韶关市第九小学")


def test_an_abolished_unit_has_words_and_no_rate(
    flow: Flow, three: list[Organisation], city: str
) -> None:
    platform = registry.actor_of(registry.administrator())
    abolish_organisation(
        three[1].id,
        ending=NewEnding(date(2026, 4, 1), "批文"),
        expected_version=None,
        by=platform,
        now=APRIL,
    )
    with clock.stopped(APRIL):
        one = flow.get("/completion", city, year=YEAR, unit_id=three[1].id).get_json()
        ranked = get(flow, "overview", city)
        past = flow.get(
            "/completion", city, year=YEAR, unit_id=three[1].id, as_of=NOW.isoformat()
        ).get_json()
    assert (one["rate"], one["rate_note"]["zh"]) == (None, "单位已撤销，不计算完成率")
    assert [unit["rate_note"] and unit["rate_note"]["en"] for unit in ranked["units"]] == [
        None,
        "the unit was abolished, so there is no rate",
        "no canteen, so no duty",
    ]
    assert (past["rate"], past["rate_note"]) == ("0.1000", None)
