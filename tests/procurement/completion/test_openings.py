"""Overviews, parts, curves, the entries behind a figure, and the last day to order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from kernel import clock
from kernel.database import db
from kernel.identity import new_id
from kernel.money import Fen
from procurement.policies.models import OrderKind, Purchase, SharePolicy, Situation
from procurement.quotas.commands import holds
from procurement.quotas.models import Fund, Quota
from procurement.quotas.rules import QuotaPart
from registry.accounts.models import Role
from registry.organisations.commands.endings import (
    NewEnding,
    NewName,
    abolish_organisation,
    rename_organisation,
)
from registry.organisations.models import Organisation, OrganisationKind
from registry.regions.models import OriginKind
from tests.builders import procurement, registry
from tests.builders.procurement import NOW, YEAR, contents
from tests.conftest import Client
from tests.procurement.flow import Flow

C832, VILLAGE = OriginKind.NATIONAL_832, OriginKind.PROVINCIAL_VILLAGE
APRIL = datetime(2026, 4, 20, 4, tzinfo=UTC)


@pytest.fixture
def flow(client: Client) -> Flow:
    return Flow(client)


def buys(
    unit: Organisation,
    paid: int,
    *,
    origin: OriginKind = C832,
    category: str = "grain",
    buyer: OrganisationKind = OrganisationKind.BUDGET_UNIT,
    fund: Fund = Fund.CANTEEN,
    at: datetime = NOW,
    paid_at: datetime | None = None,
) -> None:
    """Order at one instant and pay at another."""
    quota_id = db.session.execute(
        select(Quota.id).where(Quota.unit_id == unit.id, Quota.year == YEAR, Quota.fund == fund)
    ).scalar_one()
    order_id = new_id()
    part = QuotaPart(origin, OrderKind.RESERVED_SHARE, Fen(paid), category)
    holds.hold(
        order_id=order_id,
        quota_id=quota_id,
        parts=[part],
        expires_at=None,
        now=at,
        buyer_kind=buyer,
    )
    holds.post(order_id=order_id, amounts={part.heading: Fen(paid)}, now=paid_at or at)


def get(flow: Flow, door: str, token: str, **query: Any) -> dict[str, Any]:
    answer = flow.get(f"/completion/{door}", token, **({"year": YEAR} | query))
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


@pytest.fixture
def three(flow: Flow) -> list[Organisation]:
    """Give a unit at 20 %, one at 10 %, one with a zero filing, in two counties of Shaoguan."""
    people = [flow.people, procurement.cast_of("440204"), procurement.cast_of("440204")]
    for one in people[:2]:
        procurement.confirmed(one, contents())
    procurement.confirmed(
        people[2], contents(reserved=0, total=0, ceiling=500, situation=Situation.NONE)
    )
    buys(people[0].unit, 60_000_00)
    buys(people[0].unit, 5_000_00, origin=VILLAGE)
    buys(people[1].unit, 30_000_00)
    buys(people[2].unit, 500)
    return [one.unit for one in people]


@pytest.fixture
def city(flow: Flow) -> str:
    bureau = registry.organisation(OrganisationKind.FINANCE_BUREAU, "440200")
    return flow.token(registry.user(bureau, [Role.FINANCE_SUPERVISOR]))


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
    platform = registry.actor_of(
        registry.user(registry.organisation(OrganisationKind.PLATFORM), [Role.PLATFORM_ADMIN])
    )
    with clock.stopped(APRIL):
        rename_organisation(three[0].id, new=new, expected_version=None, by=platform, now=APRIL)
        past = flow.get("/completion", flow.admin, year=YEAR, as_of=NOW.isoformat()).get_json()
        now = flow.get("/completion", flow.admin, year=YEAR).get_json()
    assert (past["units"][0]["name"], now["units"][0]["name"]) == (name, "韶关市第九小学")


def test_an_abolished_unit_has_words_and_no_rate(
    flow: Flow, three: list[Organisation], city: str
) -> None:
    platform = registry.actor_of(
        registry.user(registry.organisation(OrganisationKind.PLATFORM), [Role.PLATFORM_ADMIN])
    )
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
