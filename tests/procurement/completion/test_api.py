"""The completion report: what counts, as of when, for whom."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from kernel import clock
from kernel.database import db
from kernel.identity import new_id
from kernel.money import Fen
from procurement.policies.models import OrderKind
from procurement.quotas.commands import holds as commands
from procurement.quotas.models import Fund, Quota
from registry.accounts.models import Role
from registry.organisations.models import Organisation, OrganisationKind
from registry.regions.models import OriginKind
from tests.builders import procurement, registry
from tests.builders.procurement import NOW, contents
from tests.conftest import Client
from tests.procurement.flow import Flow, code_of

C832, VILLAGE = OriginKind.NATIONAL_832, OriginKind.PROVINCIAL_VILLAGE
NONE_YET = dict.fromkeys(
    ("reserved_fen", "ordered_fen", "accepted_fen", "paid_fen", "counted_fen", "owed_fen"), 0
)
YEAR_END = datetime(2026, 12, 31, 16, tzinfo=UTC)
"""The first instant of 2027 in Shanghai."""


@pytest.fixture
def flow(client: Client) -> Flow:
    return Flow(client)


def buys(
    unit: Organisation,
    ordered: int,
    *,
    paid: int = 0,
    accepted: int = 0,
    origin: OriginKind = C832,
    kind: OrderKind = OrderKind.RESERVED_SHARE,
    at: datetime = NOW,
) -> Any:
    """Order from the unit's quota of 2026, accept and pay at one instant; give the order."""
    order_id = new_id()
    quota_id = db.session.execute(
        select(Quota.id).where(
            Quota.unit_id == unit.id, Quota.year == 2026, Quota.fund == Fund.CANTEEN
        )
    ).scalar_one()
    commands.hold(
        order_id=order_id,
        quota_id=quota_id,
        parts=[procurement.part(ordered, origin, kind)],
        expires_at=None,
        now=at,
    )
    commands.accept(order_id=order_id, amounts={origin: Fen(accepted)}, now=at)
    commands.post(order_id=order_id, amounts={origin: Fen(paid)}, now=at)
    return order_id


def report(flow: Flow, token: str, **query: Any) -> dict[str, Any]:
    answer = flow.get("/completion", token, **({"year": 2026} | query))
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def only(body: dict[str, Any], names: Any = NONE_YET) -> dict[str, Any]:
    return {name: body[name] for name in names}


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    sent: list[str] = []
    bind = session.get_bind()

    def listen(*args: Any) -> None:
        sent.append(args[2])

    event.listen(bind, "before_cursor_execute", listen)
    try:
        yield sent
    finally:
        event.remove(bind, "before_cursor_execute", listen)


def test_before_the_filing_there_is_no_duty(flow: Flow) -> None:
    found = report(flow, flow.admin)
    assert only(found) == NONE_YET
    assert (found["rate"], found["forecast"], found["not_counted"]) == (None, None, [])
    assert found["rate_note"] == {"zh": "无预留任务", "en": "no duty"}
    assert found["policy"]["code"] == "guangdong-2025"
    assert found["unit_id"] == str(flow.people.unit.id)
    assert [one["unit_id"] for one in found["units"]] == [str(flow.people.unit.id)]
    assert only(found["units"][0]) == NONE_YET


def test_only_paid_832_goods_count_and_the_difference_is_explained(flow: Flow) -> None:
    procurement.confirmed(flow.people, contents())
    unit = flow.people.unit
    buys(unit, 100_000_00, accepted=90_000_00, paid=60_000_00)
    buys(unit, 50_000_00, paid=50_000_00, origin=VILLAGE)
    buys(unit, 10_000_00, paid=10_000_00, kind=OrderKind.PURCHASE_INSTEAD_OF_DONATION)
    found = report(flow, flow.admin)
    assert only(found) == {
        "reserved_fen": 300_000_00,
        "ordered_fen": 160_000_00,
        "accepted_fen": 90_000_00,
        "paid_fen": 120_000_00,
        "counted_fen": 60_000_00,
        "owed_fen": 240_000_00,
    }
    assert (found["rate"], found["rate_note"]) == ("0.2000", None)
    assert [
        (one["origin_kind"], one["order_kind"], one["amount_fen"], one["reason"])
        for one in found["not_counted"]
    ] == [
        ("national_832", "purchase_instead_of_donation", 10_000_00, "order_kind"),
        ("provincial_village", "reserved_share", 50_000_00, "origin_kind"),
    ]
    assert found["not_counted"][1]["why"]["zh"] == "省级贫困村产品不计入生效政策的预留份额"
    # 2 March is day 61 of 365: 6,000,000 × 365 ÷ 61
    assert found["forecast"] == {
        "counted_fen": 35_901_639,
        "rate": "1.1967",
        "reaches": True,
        "basis": "pace",
        "why": {"zh": "按天平均推算", "en": "by days, every day alike"},
    }


def test_a_past_instant_gives_the_figure_of_that_date(flow: Flow) -> None:
    filed_at, paid_at = NOW, NOW + timedelta(days=30)
    procurement.confirmed(flow.people, contents(), filed_at)
    order_id = buys(flow.people.unit, 1_000, at=filed_at + timedelta(days=1))
    commands.post(order_id=order_id, amounts={C832: Fen(1_000)}, now=paid_at)
    commands.refund(order_id=order_id, amounts={C832: Fen(400)}, now=paid_at + timedelta(days=9))
    with clock.stopped(NOW + timedelta(days=90)):
        series = [
            only(
                report(flow, flow.admin, as_of=at.isoformat()),
                ("reserved_fen", "ordered_fen", "paid_fen", "counted_fen"),
            )
            for at in (
                filed_at - timedelta(microseconds=1),
                filed_at,
                filed_at + timedelta(days=1),
                paid_at - timedelta(microseconds=1),
                paid_at,
                paid_at + timedelta(days=9),
            )
        ]
        assert [tuple(one.values()) for one in series] == [
            (0, 0, 0, 0),
            (300_000_00, 0, 0, 0),
            (300_000_00, 1_000, 0, 0),
            (300_000_00, 1_000, 0, 0),
            (300_000_00, 1_000, 1_000, 1_000),
            (300_000_00, 600, 600, 600),
        ]
        offset = report(flow, flow.admin, as_of="2026-04-01T12:00:00+08:00")
        assert (offset["as_of"], offset["paid_fen"]) == ("2026-04-01T04:00:00+00:00", 1_000)


def test_the_future_is_not_reported(flow: Flow) -> None:
    found = report(flow, flow.admin, as_of="2030-01-01T00:00:00Z")
    assert found["as_of"] == "2026-03-02T04:00:00+00:00"


def test_money_counts_in_the_year_it_was_paid_in(flow: Flow) -> None:
    procurement.confirmed(flow.people, contents())
    unit = flow.people.unit
    buys(unit, 500, paid=500, at=YEAR_END - timedelta(microseconds=1))
    buys(unit, 70, paid=70, at=YEAR_END)
    with clock.stopped(YEAR_END + timedelta(days=1)):
        names = ("reserved_fen", "ordered_fen", "paid_fen", "counted_fen", "paid_elsewhere_fen")
        of_2026 = report(flow, flow.admin, year=2026)
        of_2027 = report(flow, flow.admin, year=2027)
    assert tuple(only(of_2026, names).values()) == (300_000_00, 570, 500, 500, 70)
    assert tuple(only(of_2027, names).values()) == (0, 0, 70, 70, 0)


def test_cancelled_orders_are_no_orders(flow: Flow) -> None:
    procurement.confirmed(flow.people, contents())
    order_id = buys(flow.people.unit, 900)
    commands.release(order_id=order_id, amounts=None, now=NOW)
    assert report(flow, flow.admin)["ordered_fen"] == 0


def test_union_money_counts_into_the_unit_s_year(flow: Flow) -> None:
    flow.confirmed(union_total_fen=90_000_00, union_reserved_fen=20_000_00)
    assert report(flow, flow.admin)["reserved_fen"] == 320_000_00


def test_units_add_up_to_the_whole(flow: Flow) -> None:
    people = flow.people
    procurement.confirmed(people, contents())
    buys(people.unit, 500, paid=500)
    sibling = procurement.cast_of("440204")
    procurement.confirmed(sibling, contents())
    buys(sibling.unit, 300, paid=200, accepted=100)
    city = flow.token(
        registry.user(
            registry.organisation(OrganisationKind.FINANCE_BUREAU, "440200"),
            [Role.FINANCE_SUPERVISOR],
        )
    )
    found = report(flow, city)
    assert (found["region"], found["unit_id"]) == ("440200", None)
    assert [one["paid_fen"] for one in found["units"]] == [500, 200]
    for name in NONE_YET:
        if name != "owed_fen":
            assert found[name] == sum(one[name] for one in found["units"])
    page = report(flow, city, region="440200", limit=1)
    rest = report(flow, city, region="440200", limit=1, cursor=page["next_cursor"])
    assert only(page) == only(rest) == only(found)
    assert [one["paid_fen"] for one in page["units"] + rest["units"]] == [500, 200]
    county = report(flow, city, region="440204")
    assert [one["name"] for one in county["units"]] == [sibling.unit.name]
    assert county["paid_fen"] == 200


def test_a_supervising_unit_sees_its_tree(flow: Flow) -> None:
    procurement.confirmed(flow.people, contents())
    buys(flow.people.unit, 500, paid=500)
    tree = report(flow, flow.superior)
    assert tree["paid_fen"] == 500
    assert {one["unit_id"]: one["paid_fen"] for one in tree["units"]} == {
        str(flow.people.superior.id): 0,
        str(flow.people.unit.id): 500,
    }
    one = report(flow, flow.superior, unit_id=flow.people.unit.id)
    assert (one["unit_id"], one["paid_fen"]) == (str(flow.people.unit.id), 500)


def test_the_number_of_statements_does_not_grow_with_the_units(
    flow: Flow, db_session: Session
) -> None:
    counts = []
    for _ in range(2):
        for _ in range(3):
            people = procurement.cast_of("440203")
            procurement.confirmed(people, contents())
            buys(people.unit, 500, paid=500)
        with statements(db_session) as sent:
            found = report(flow, flow.finance)
        counts.append((len(found["units"]), len([one for one in sent if "completion_year" in one])))
    assert counts == [(3, 3), (6, 3)]


def test_what_is_out_of_sight_is_not_found(flow: Flow) -> None:
    procurement.confirmed(flow.people, contents())
    elsewhere = Flow(flow.client, procurement.cast_of("440300"))
    unit_id = flow.people.unit.id
    for token, query in (
        (elsewhere.finance, {"unit_id": unit_id}),
        (elsewhere.admin, {"unit_id": unit_id}),
        (elsewhere.finance, {"region": "440203"}),
        (flow.finance, {"region": "440200"}),
        (flow.admin, {"region": "440203"}),
        (flow.finance, {"region": "440299"}),
    ):
        refused = flow.get("/completion", token, year=2026, **query)
        assert code_of(refused) == (404, "not_found")
    auditor = flow.token(
        registry.user(registry.organisation(OrganisationKind.PLATFORM), [Role.AUDITOR])
    )
    nation = report(flow, auditor)
    assert (nation["region"], nation["reserved_fen"]) == ("000000", 300_000_00)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({}, "/year"),
        ({"year": 2026, "as_of": "yesterday"}, "/as_of"),
        ({"year": 2026, "as_of": "2026-03-02T04:00:00"}, "/as_of"),
        ({"year": 2026, "limit": 201}, "/limit"),
        ({"year": 2026, "unit_id": str(new_id()), "region": "440203"}, "/region"),
    ],
)
def test_a_bad_question_names_its_field(flow: Flow, query: dict[str, Any], pointer: str) -> None:
    refused = flow.get("/completion", flow.admin, **query)
    assert refused.status_code == 422
    assert [one["pointer"] for one in refused.get_json()["errors"]] == [pointer]
