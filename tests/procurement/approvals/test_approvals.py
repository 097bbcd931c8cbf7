"""From which amount a purchase waits: rule, resolution, doors."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kernel.actor import SYSTEM
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.money import Fen
from procurement.approvals.commands.thresholds import NewThreshold, load_thresholds, set_threshold
from procurement.approvals.models import ApprovalThreshold
from procurement.approvals.queries import find_bands
from procurement.approvals.rules import Band, check_beginning
from procurement.errors.approvals import ThresholdBackdated
from registry.accounts.models import Role
from registry.organisations.models import OrganisationId, OrganisationKind
from tests.builders import procurement, registry
from tests.builders.procurement import NOW, Cast
from tests.conftest import Client
from tests.procurement.flow import Flow, code_of

TODAY = shanghai_day(NOW)
DEFAULT = 20_000_00
PATH = "/approval-thresholds"


@pytest.fixture
def people(db_session: Session) -> Cast:
    del db_session
    return procurement.cast_of()


@pytest.fixture
def flow(client: Client) -> Flow:
    return Flow(client)


def sets(people: Cast, amount: int, *, above: bool = False, days: int = 0) -> None:
    by = registry.actor_of(people.superior_admin if above else people.admin)
    new = NewThreshold(Fen(amount), "内控制度", TODAY + timedelta(days=days))
    set_threshold(new, by=by, now=NOW)


def general(unit_id: OrganisationId, on: date) -> Fen | None:
    """Give the amount of the band that is for every fund and category."""
    bands = (Band(*made) for made in find_bands(SYSTEM, unit_id=unit_id, on=on).values())
    return next((one.amount_fen for one in bands if one.category_code is one.fund is None), None)


def holds(people: Cast, *, days: int = 0) -> Fen | None:
    return general(people.unit.id, TODAY + timedelta(days=days))


def test_a_threshold_begins_today_or_later() -> None:
    check_beginning(date(2026, 3, 2), today=date(2026, 3, 2))
    with pytest.raises(ThresholdBackdated) as refusal:
        check_beginning(date(2026, 3, 1), today=date(2026, 3, 2))
    assert refusal.value.figures == {"today": date(2026, 3, 2)}


def test_the_nearest_threshold_in_the_tree_holds(people: Cast) -> None:
    assert holds(people) == DEFAULT
    sets(people, 500, above=True)
    assert holds(people) == 500
    sets(people, 900)
    assert holds(people) == 900
    other = registry.organisation(OrganisationKind.BUDGET_UNIT)
    assert general(other.id, TODAY) == DEFAULT
    assert general(other.id, date(2020, 12, 31)) is None


def test_a_dated_threshold_waits_for_its_day(people: Cast) -> None:
    sets(people, 100)
    sets(people, 700, days=10)
    assert [holds(people, days=days) for days in (0, 9, 10, 11)] == [100, 100, 700, 700]


def test_of_one_day_s_rows_the_last_one_set_holds(people: Cast) -> None:
    sets(people, 100)
    sets(people, 200)
    assert holds(people) == 200


def test_a_threshold_is_found_in_one_statement(people: Cast, db_session: Session) -> None:
    sent: list[str] = []
    bind = db_session.get_bind()

    def listen(*args: Any) -> None:
        sent.append(args[2])

    event.listen(bind, "before_cursor_execute", listen)
    try:
        holds(people)
    finally:
        event.remove(bind, "before_cursor_execute", listen)
    assert len(sent) == 1


def test_rows_are_never_changed(people: Cast) -> None:
    sets(people, 100)
    with pytest.raises(DBAPIError):
        db.session.execute(text("UPDATE approval_threshold SET amount_fen = 1"))


@pytest.mark.usefixtures("db_session")
def test_loading_the_default_twice_changes_nothing() -> None:
    load_thresholds(NOW)
    rows = db.session.execute(
        select(ApprovalThreshold.amount_fen, ApprovalThreshold.source).where(
            ApprovalThreshold.unit_id.is_(None)
        )
    ).all()
    assert [tuple(row) for row in rows] == [(DEFAULT, "系统默认配置 / configured default")]


def test_an_administrator_sets_the_own_unit_s_threshold(flow: Flow) -> None:
    body = {"amount_fen": 5_000_00, "source": "单位内控制度第 3 条"}
    answer = flow.post(PATH, flow.admin, body)
    assert answer.status_code == 201
    made = answer.get_json()
    assert made == body | {
        "id": made["id"],
        "unit_id": str(flow.people.unit.id),
        "from_on": "2026-03-02",
        "fund": None,
        "category_code": None,
        "approvers": 1,
        "author_id": str(flow.people.admin.id),
        "created_at": "2026-03-02T04:00:00+00:00",
    }
    listed = flow.get(PATH, flow.superior).get_json()["items"]
    assert [one["amount_fen"] for one in listed] == [5_000_00, DEFAULT]
    own = flow.get(PATH, flow.admin, unit_id=flow.people.unit.id).get_json()["items"]
    assert [one["amount_fen"] for one in own] == [5_000_00]
    stranger = Flow(flow.client, procurement.cast_of("440300"))
    seen = flow.get(PATH, stranger.finance).get_json()["items"]
    assert [one["unit_id"] for one in seen] == [None]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"amount_fen": -1, "source": "a"}, "/amount_fen", "invalid"),
        ({"amount_fen": 1}, "/source", "invalid"),
        (
            {"amount_fen": 1, "source": "a", "from_on": "2026-03-01"},
            "/from_on",
            "threshold_backdated",
        ),
        ({"amount_fen": 1, "source": "440203195003120018"}, "/source", "identity_in_text"),
        ({"amount_fen": 1, "source": "a", "unit_id": "x"}, "/unit_id", "unknown_field"),
    ],
)
def test_what_cannot_be_taken_sets_nothing(
    flow: Flow, body: dict[str, Any], pointer: str, code: str
) -> None:
    answer = flow.post(PATH, flow.admin, body)
    assert code_of(answer) == (422, code)
    assert [one["pointer"] for one in answer.get_json()["errors"]] == [pointer]
    assert db.session.execute(select(func.count(ApprovalThreshold.id))).scalar_one() == 1


def test_only_an_administrator_sets_a_threshold(flow: Flow) -> None:
    approver = flow.token(registry.user(flow.people.unit, [Role.UNIT_APPROVER]))
    body = {"amount_fen": 1, "source": "a"}
    assert code_of(flow.post(PATH, approver, body)) == (403, "forbidden")
