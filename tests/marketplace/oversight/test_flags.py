"""What becomes of a finding: it is kept, follows the facts, is seen, explained or followed up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from certification.inspections.models.tasks import InspectionTask, TaskSource
from kernel.actor import SYSTEM, Actor
from kernel.audit import AuditRow
from kernel.database import db
from kernel.errors import NotFound, OwnOrganisation, WrongState
from kernel.journal import write_journal
from marketplace.orders.models.orders import OrderId
from marketplace.oversight.commands import searching
from marketplace.oversight.commands.deciding import (
    Demand,
    Suspicion,
    demand_of_buyer,
    explain_flag,
    inspect_goods,
)
from marketplace.oversight.commands.searching import MOST_ROWS, look_for
from marketplace.oversight.models import (
    FlagRule,
    FlagSearch,
    FlagStatus,
    RedFlag,
    RedFlagParty,
    Side,
)
from marketplace.oversight.queries.flags import (
    get_flag_view,
    list_flags,
    list_items,
    list_rules,
)
from marketplace.oversight.queries.searches import Finding
from procurement.supervision.models.matters import Cause, Matter
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import certification, marketplace, registry
from tests.builders.marketplace import NOW, TODAY, Scene
from tests.conftest import Client
from tests.marketplace.doors import Door, code_of, json_of
from tests.transitions import posting, strangers, walk

LATER = NOW + timedelta(days=40)
RULE = FlagRule.NEVER_ACCEPTED


def underway(there: Scene) -> OrderId:
    """Ship an order that nobody will accept; give it."""
    view = marketplace.confirmed(there, "10")
    marketplace.ship(there, view.order.id, "10")
    return view.order.id


def flagged(there: Scene) -> RedFlag:
    """Ship an order that nobody accepts, and look for it forty days later."""
    underway(there)
    assert look_for(RULE, now=LATER) == 1
    return db.session.execute(select(RedFlag)).scalar_one()


def order_behind(flag: RedFlag) -> OrderId:
    """Give the order that a flag is about."""
    return OrderId(UUID(flag.rows[0][1]))


def finance_of(there: Scene) -> Actor:
    """Give somebody of the finance bureau of the unit's region."""
    bureau = registry.organisation(OrganisationKind.FINANCE_BUREAU, there.unit.region_code)
    return registry.actor_of(registry.user(bureau, [Role.FINANCE_SUPERVISOR]))


@pytest.fixture
def there(client: Client) -> Scene:
    del client
    return marketplace.scene()


def test_a_finding_is_one_flag_however_often_it_is_found(there: Scene) -> None:
    flag = flagged(there)
    [item] = list_items(SYSTEM, [flag])
    assert (item.buyer_ids, item.supplier_ids) == ([there.unit.id], [there.cooperative.id])
    assert (flag.measured, flag.against, flag.row_count) == (40, 30, 1)
    assert look_for(RULE, now=LATER + timedelta(days=2)) == 1
    db.session.refresh(flag)
    assert (flag.measured, flag.found_at, flag.version) == (42, LATER, 2)
    assert flag.seen_at == LATER + timedelta(days=2)
    looked = db.session.execute(select(FlagSearch).where(FlagSearch.rule == RULE)).scalar_one()
    assert (looked.looked_at, looked.found) == (flag.seen_at, 1)


def test_whom_an_open_flag_concerns_follows_the_facts(
    there: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    flag, others = flagged(there), [registry.organisation() for _ in range(2)]
    keys = sorted(one.id for one in others)
    found = Finding(flag.key, keys, [keys[0]], 7, None, flag.rows)
    monkeypatch.setattr(searching, "list_findings", lambda *_, **__: [found])
    assert look_for(RULE, now=LATER) == 1
    [item] = list_items(SYSTEM, [flag])
    assert (item.buyer_ids, item.supplier_ids) == (keys, keys[:1])
    explain_flag(
        flag.id, "已核实", by=registry.actor_of(certification.reviewer_of("county")), now=LATER
    )
    monkeypatch.setattr(searching, "list_findings", lambda *_, **__: [replace(found, buyer_ids=[])])
    look_for(RULE, now=LATER)
    assert list_items(SYSTEM, [flag])[0].buyer_ids == keys


def test_what_is_found_no_more_stays_as_it_was_last_seen(there: Scene) -> None:
    flag = flagged(there)
    order = marketplace.order_of(order_behind(flag))
    marketplace.receive(there, order.id, ("10", "0"))
    assert look_for(RULE, now=LATER + timedelta(hours=1)) == 0
    db.session.refresh(flag)
    assert (flag.status, flag.seen_at) == (FlagStatus.OPEN, LATER)


def test_what_was_decided_on_is_left_as_it_was_decided(there: Scene) -> None:
    flag, by = flagged(there), finance_of(there)
    explain_flag(flag.id, "分批到货", by=by, now=LATER)
    assert look_for(RULE, now=LATER + timedelta(days=9)) == 1
    db.session.refresh(flag)
    assert (flag.status, flag.measured, flag.reason) == (FlagStatus.EXPLAINED, 40, "分批到货")
    with pytest.raises(WrongState):
        explain_flag(flag.id, "再说一次", by=by, now=LATER)


def test_a_demand_is_a_matter_of_the_unit(there: Scene) -> None:
    flag, by = flagged(there), finance_of(there)
    asked = Demand(there.unit.id, "请尽快验收或说明原因")
    with pytest.raises(NotFound):
        demand_of_buyer(flag.id, Demand(there.cooperative.id, "不相干"), by=by, now=LATER)
    view = demand_of_buyer(flag.id, asked, by=by, now=LATER)
    matter = db.session.execute(select(Matter)).scalar_one()
    assert (matter.unit_id, matter.cause, matter.demand) == (
        there.unit.id, Cause.OTHER, asked.demand,
    )  # fmt: skip
    assert (view.item.flag.status, view.item.flag.case_id) == (FlagStatus.DEMANDED, matter.id)


def test_suspicious_goods_are_inspected(there: Scene) -> None:
    flag, reviewer = flagged(there), certification.reviewer_of("county")
    by = registry.actor_of(reviewer)
    other = certification.certificate(registry.organisation())
    with pytest.raises(NotFound):
        inspect_goods(flag.id, Suspicion(other.id, "不相干"), by=by, now=LATER)
    view = inspect_goods(flag.id, Suspicion(there.certificate.id, "核对发货"), by=by, now=LATER)
    task = db.session.execute(select(InspectionTask)).scalar_one()
    assert (task.source, task.source_id, task.certificate_id) == (
        TaskSource.SIGNAL, flag.id, there.certificate.id,
    )  # fmt: skip
    assert (view.item.flag.status, view.item.flag.case_id) == (FlagStatus.INSPECTED, task.id)


def test_nobody_decides_on_a_flag_of_their_own_house(there: Scene) -> None:
    flag = flagged(there)
    own = registry.actor_of(registry.user(there.unit, [Role.FINANCE_SUPERVISOR]))
    with pytest.raises(OwnOrganisation):
        explain_flag(flag.id, "我们自己的", by=own, now=LATER)
    assert flag.status is FlagStatus.OPEN


def test_a_decision_leaves_its_trace(there: Scene) -> None:
    flag, by = flagged(there), finance_of(there)
    explain_flag(flag.id, "分批到货", by=by, now=LATER)
    write_journal()
    row = db.session.execute(select(AuditRow).where(AuditRow.action == "decide_flag")).scalar_one()
    assert (row.subject_id, row.user_id) == (str(flag.id), by.user_id)


def test_who_watches_over_a_side_sees_the_flag_and_its_rows(there: Scene) -> None:
    flag = flagged(there)
    inside = registry.actor_of(certification.reviewer_of("county"))
    office = registry.organisation(OrganisationKind.AUTHORITY, registry.XINGGUO)
    outside = registry.actor_of(registry.user(office, [Role.MONITOR]))
    assert [row.label for row in get_flag_view(inside, flag.id).rows] == [
        marketplace.order_of(order_behind(flag)).number
    ]
    with pytest.raises(NotFound):
        get_flag_view(outside, flag.id)
    every: dict[str, Any] = {
        "rule": None,
        "status": None,
        "organisation_id": None,
        "limit": 9,
        "cursor": None,
    }
    assert [one.flag.id for one in list_flags(inside, **every).items] == [flag.id]
    assert list_flags(outside, **every).items == []
    by_rule = {one.rule: one for one in list_rules(inside, today=TODAY)}
    assert by_rule[RULE].counts[FlagStatus.OPEN] == 1
    assert {one.counts[FlagStatus.OPEN] for one in list_rules(outside, today=TODAY)} == {0}


def test_a_row_out_of_sight_shows_neither_name_nor_amount(there: Scene) -> None:
    flag = flagged(there)
    unit = registry.organisation(OrganisationKind.BUDGET_UNIT, registry.XINGGUO)
    db.session.add(RedFlagParty(flag_id=flag.id, organisation_id=unit.id, side=Side.BUYER))
    db.session.flush()
    office = registry.organisation(OrganisationKind.AUTHORITY, registry.XINGGUO)
    view = get_flag_view(registry.actor_of(registry.user(office, [Role.MONITOR])), flag.id)
    assert [(row.label, row.amount_fen) for row in view.rows] == [(None, None)]


def test_a_flag_keeps_the_first_rows_and_counts_all(
    there: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketplace.oversight.commands.searching.MOST_ROWS", 0)
    assert MOST_ROWS > 0
    flag = flagged(there)
    assert (flag.rows, flag.row_count) == ([], 1)


def test_the_doors_tell_of_a_flag_and_its_rule(client: Client, there: Scene) -> None:
    flag = flagged(there)
    door = Door(client, certification.reviewer_of("county"))
    listed = json_of(door.get("/red-flags", rule=RULE.value, status="open"))["items"]
    assert [one["id"] for one in listed] == [str(flag.id)]
    shown = json_of(door.get(f"/red-flags/{flag.id}"))
    assert (shown["measure"], shown["flag"]["measured"]) == ("days", 40)
    assert " / " in shown["doubt"]
    assert [one["id"] for one in shown["certificates"]] == [str(there.certificate.id)]
    of_nobody = door.get("/red-flags", organisation_id=str(there.certificate.id))
    assert json_of(of_nobody)["items"] == []
    rules = json_of(door.get("/red-flags/rules"))["items"]
    assert [one["rule"] for one in rules] == [rule.value for rule in FlagRule]
    mine = next(one for one in rules if one["rule"] == RULE.value)
    assert [(one["code"], one["value"]) for one in mine["terms"]] == [("unaccepted_days", 30)]
    assert code_of(door.post(f"/red-flags/{flag.id}/explain", {"reason": ""}))[0] == 422


@pytest.mark.parametrize("state", FlagStatus)
def test_everybody_does_to_a_flag_what_the_table_says(
    client: Client, there: Scene, state: FlagStatus
) -> None:
    flag, people = flagged(there), strangers()
    demand = Demand(there.unit.id, "请尽快验收")
    suspicion = Suspicion(there.certificate.id, "核对发货")
    reviewer = registry.actor_of(certification.reviewer_of("county"))
    if state is FlagStatus.EXPLAINED:
        explain_flag(flag.id, "分批到货", by=reviewer, now=LATER)
    elif state is FlagStatus.DEMANDED:
        demand_of_buyer(flag.id, demand, by=finance_of(there), now=LATER)
    elif state is FlagStatus.INSPECTED:
        inspect_goods(flag.id, suspicion, by=reviewer, now=LATER)

    def state_now() -> str:
        return db.session.get_one(RedFlag, flag.id, populate_existing=True).status.value

    path = f"/api/v1/red-flags/{flag.id}"
    walk(
        client,
        "red_flag",
        state.value,
        people=people,
        acts={
            "explain": posting(f"{path}/explain", {"reason": "分批到货"}),
            "demand": posting(
                f"{path}/demand", {"unit_id": str(there.unit.id), "demand": demand.demand}
            ),
            "inspect": posting(
                f"{path}/inspect",
                {"certificate_id": str(there.certificate.id), "reason": suspicion.reason},
            ),
        },
        state_now=state_now,
        shown_in=("red_flag", "supervision_matter", "inspection_task"),
    )
