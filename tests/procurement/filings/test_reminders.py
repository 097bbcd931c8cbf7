"""Who has not filed, how long they may, and the reminders they get."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from kernel import clock
from kernel.database import db
from kernel.events import EventRow
from kernel.unit_of_work import run
from procurement.filings.commands.reminders import remind_units
from procurement.filings.models import FilingReminder
from registry.organisations.models import OrganisationKind
from tests.builders import procurement, registry
from tests.conftest import Client
from tests.procurement.flow import Flow


@pytest.fixture
def flow(client: Client) -> Flow:
    return Flow(client)


def at(day: int, month: int = 2) -> datetime:
    """Noon in Shanghai of a day of 2024, when filing ended on 20 February."""
    return datetime(2024, month, day, 4, tzinfo=UTC)


def told() -> list[tuple[str, int]]:
    rows = db.session.scalars(select(FilingReminder).order_by(FilingReminder.days_left.desc()))
    return [(str(one.unit_id), one.days_left) for one in rows]


def test_who_has_not_filed_is_listed_with_the_days_left(flow: Flow) -> None:
    people = flow.people
    with clock.stopped(at(10)):
        listed = flow.get("/filings/missing", flow.finance, year=2024).get_json()["items"]
        assert {(one["unit_id"], one["status"], one["days_left"]) for one in listed} == {
            (str(people.unit.id), None, 10),
            (str(people.superior.id), None, 10),
        }
        assert {one["deadline_on"] for one in listed} == {"2024-02-20"}
        path = f"/filings/{flow.draft(year=2024)['id']}"
        mine = flow.get("/filings/missing", flow.admin, year=2024).get_json()["items"]
        assert [(one["unit_id"], one["status"]) for one in mine] == [(str(people.unit.id), "draft")]
        flow.post(f"{path}/submit", flow.admin)
        assert flow.get("/filings/missing", flow.admin, year=2024).get_json()["items"] == []
        flow.post(f"{path}/return", flow.superior, {"reason": "有误"})
    with clock.stopped(at(1, month=3)):
        late = flow.get("/filings/missing", flow.admin, year=2024).get_json()["items"]
        assert [(one["status"], one["days_left"]) for one in late] == [("returned", -10)]
    open_ended = flow.get("/filings/missing", flow.admin, year=2026).get_json()["items"]
    assert [(one["deadline_on"], one["days_left"]) for one in open_ended] == [(None, None)]


def test_a_unit_is_reminded_once_at_each_step_until_it_files(flow: Flow) -> None:
    unit, superior = (str(one.id) for one in (flow.people.unit, flow.people.superior))
    registry.organisation(OrganisationKind.COOPERATIVE)
    assert run(lambda: remind_units(now=at(1, month=1))) == 0
    assert run(lambda: remind_units(now=at(21, month=1))) == 2
    assert run(lambda: remind_units(now=at(22, month=1))) == 0
    assert set(told()) == {(unit, 30), (superior, 30)}
    with clock.stopped(at(5)):
        path = f"/filings/{flow.draft(year=2024)['id']}"
        flow.post(f"{path}/submit", flow.admin)
    assert run(lambda: remind_units(now=at(19))) == 1
    assert told()[-1] == (superior, 1)
    assert run(lambda: remind_units(now=at(21))) == 0
    kinds = [one for one in db.session.scalars(select(EventRow.kind)) if one == "FilingDue"]
    assert len(kinds) == 3
    listed = flow.get("/filings/reminders", flow.superior, year=2024).get_json()["items"]
    assert sorted(one["days_left"] for one in listed) == [1, 30, 30]
    stranger = Flow(flow.client, procurement.cast_of("440300"))
    assert stranger.get("/filings/reminders", stranger.admin).get_json()["items"] == []


def test_no_more_than_asked_are_reminded_at_once(flow: Flow) -> None:
    assert run(lambda: remind_units(now=at(19), limit=1)) == 1
    assert run(lambda: remind_units(now=at(19), limit=1)) == 1
    assert run(lambda: remind_units(now=at(19), limit=1)) == 0
    assert flow.admin
