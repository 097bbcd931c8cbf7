"""Overviews, parts, curves, the entries behind a figure, and the last day to order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from kernel import clock
from procurement.policies.models import Purchase, SharePolicy
from registry.organisations.models import Organisation, OrganisationKind
from tests.builders.procurement import NOW, YEAR
from tests.procurement.completion.buying import APRIL, buys, get
from tests.procurement.flow import Flow


def test_the_overview_ranks_units_and_adds_regions_up(
    flow: Flow, three: list[Organisation], city: str
) -> None:
    found = get(flow, "overview", city)
    assert (found["region"], found["counted_fen"], found["reserved_fen"]) == (
        "440200",
        90_005_00,
        600_000_00,
    )
    assert [(one["code"], one["name"], one["counted_fen"]) for one in found["regions"]] == [
        ("440203", "武江区", 60_000_00),
        ("440204", "浈江区", 30_005_00),
    ]
    assert [(one["place"], one["unit_id"], one["rate"]) for one in found["units"]] == [
        (1, str(three[0].id), "0.2000"),
        (2, str(three[1].id), "0.1000"),
        (None, str(three[2].id), None),
    ]
    assert found["units"][2]["rate_note"] == {
        "zh": "无食堂，无预留任务",
        "en": "no canteen, so no duty",
    }
    first = get(flow, "overview", city, by="owed", limit=1)
    assert [one["unit_id"] for one in first["units"]] == [str(three[1].id)]
    rest = get(flow, "overview", city, by="owed", limit=2, cursor=first["next_cursor"])
    assert [one["place"] for one in rest["units"]] == [2, None]


def test_ties_share_a_place(flow: Flow, three: list[Organisation], city: str) -> None:
    buys(three[1], 30_000_00)
    found = get(flow, "overview", city)
    assert [one["place"] for one in found["units"]] == [1, 1, None]


def test_a_past_overview_is_that_of_the_day(
    flow: Flow, three: list[Organisation], city: str
) -> None:
    before = get(flow, "overview", city)
    buys(three[1], 90_000_00, at=APRIL)
    with clock.stopped(APRIL + timedelta(days=1)):
        now = get(flow, "overview", city)
        past = get(flow, "overview", city, as_of=NOW.isoformat())
    assert past == before
    assert now["units"][0]["unit_id"] == str(three[1].id)


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("region", ["440203", "440204"]),
        ("level", ["county"]),
        ("unit_kind", ["budget_unit"]),
        ("fund", ["canteen"]),
        ("origin_kind", [None, "national_832", "provincial_village"]),
        ("order_kind", [None, "reserved_share"]),
        ("category_code", [None, "fruit", "grain"]),
        ("buyer_kind", [None, "budget_unit", "canteen_contractor"]),
        ("month", ["2026-03-01"]),
    ],
)
def test_parts_add_up_to_the_whole(
    flow: Flow, three: list[Organisation], city: str, by: str, keys: list[str | None]
) -> None:
    buys(three[1], 70, category="fruit", buyer=OrganisationKind.CANTEEN_CONTRACTOR)
    found = get(flow, "breakdown", city, by=by)
    assert [one["key"] for one in found["parts"]] == keys
    for name in ("reserved_fen", "ordered_fen", "accepted_fen", "paid_fen", "counted_fen"):
        assert found[name] == sum(one[name] for one in found["parts"])
    assert (found["paid_fen"], found["counted_fen"]) == (95_005_70, 90_005_70)


def test_the_contractor_s_orders_count_for_the_unit(
    flow: Flow, three: list[Organisation], city: str
) -> None:
    buys(three[0], 70, buyer=OrganisationKind.CANTEEN_CONTRACTOR)
    parts = get(flow, "breakdown", city, by="buyer_kind", unit_id=three[0].id)["parts"]
    told = {one["key"]: (one["name"]["zh"], one["counted_fen"]) for one in parts}
    assert told["canteen_contractor"] == ("食堂承包商", 70)


def test_purchases_that_the_policy_does_not_name_do_not_count(
    flow: Flow, three: list[Organisation], city: str, db_session: Session
) -> None:
    """The policy of the promises counts the canteen's own purchases alone."""
    buys(three[0], 70, buyer=OrganisationKind.CANTEEN_CONTRACTOR)
    buys(three[1], 30, buyer=OrganisationKind.TRADE_UNION)
    db_session.execute(text("ALTER TABLE share_policy DISABLE TRIGGER USER"))
    db_session.execute(update(SharePolicy).values(counting_purchases=[Purchase.CANTEEN]))
    db_session.expire_all()
    found = flow.get("/completion", city, year=YEAR).get_json()
    assert (found["paid_fen"], found["counted_fen"]) == (95_006_00, 90_000_00)
    told = {(one["purchase"], one["amount_fen"]) for one in found["not_counted"]}
    assert told == {("contractor", 70), ("union", 30), ("no_canteen", 500), (None, 5_000_00)}
    assert sum(one["counted_fen"] for one in found["units"]) == 90_000_00
    ranked = get(flow, "overview", city)
    assert sum(one["counted_fen"] for one in ranked["units"]) == 90_000_00
    assert get(flow, "entries", city, figure="counted")["total_fen"] == 90_000_00
    assert get(flow, "entries", city, figure="not_counted")["total_fen"] == 5_006_00


def test_the_curve_runs_month_by_month_against_the_plan(
    flow: Flow, three: list[Organisation]
) -> None:
    buys(three[0], 20_000_00, at=NOW, paid_at=APRIL)
    with clock.stopped(APRIL):
        found = get(flow, "curve", flow.admin)
    assert [
        (one["month"], one["counted_fen"], one["counted_so_far_fen"], one["planned_fen"])
        for one in found["months"]
    ] == [
        ("2026-01-01", 0, 0, 25_479_45),  # 31 of 365 days of 300,000 yuan
        ("2026-02-01", 0, 0, 48_493_15),
        ("2026-03-01", 60_000_00, 60_000_00, 73_972_60),
        ("2026-04-01", 20_000_00, 80_000_00, 90_410_96),  # up to the day itself
    ]
    assert (found["planned_fen"], found["behind_fen"]) == (90_410_96, 10_410_96)


@pytest.mark.parametrize(
    "figure",
    ["reserved", "ordered", "accepted", "paid", "counted", "not_counted", "paid_elsewhere"],
)
def test_a_figure_opens_down_to_its_entries(
    flow: Flow, three: list[Organisation], city: str, figure: str
) -> None:
    buys(three[0], 90, paid_at=datetime(2026, 12, 31, 16, tzinfo=UTC))
    with clock.stopped(datetime(2027, 1, 2, tzinfo=UTC)):
        whole = flow.get("/completion", city, year=YEAR).get_json()
        pages = [get(flow, "entries", city, figure=figure, limit=2)]
        while pages[-1]["next_cursor"]:
            cursor = pages[-1]["next_cursor"]
            pages.append(get(flow, "entries", city, figure=figure, limit=2, cursor=cursor))
    items = [one for page in pages for one in page["items"]]
    shown = (
        sum(one["amount_fen"] for one in whole["not_counted"])
        if figure == "not_counted"
        else whole[f"{figure}_fen"]
    )
    assert sum(one["amount_fen"] for one in items) == pages[0]["total_fen"] == shown
    assert all(one["amount_fen"] for one in items)


def test_a_part_opens_down_to_its_entries(flow: Flow, three: list[Organisation], city: str) -> None:
    buys(three[1], 70, category="fruit", at=APRIL)
    with clock.stopped(APRIL):
        found = get(flow, "entries", city, figure="paid", category_code="fruit", month="2026-04-09")
        none = get(flow, "entries", city, figure="paid", category_code="fruit", month="2026-03-01")
    assert [(one["amount_fen"], one["unit_id"], one["kind"]) for one in found["items"]] == [
        (70, str(three[1].id), "post")
    ]
    assert (found["total_fen"], none["total_fen"], none["items"]) == (70, 0, [])
