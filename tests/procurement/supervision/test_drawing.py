"""A circular is asked for, drawn up by a task that says how far it is, and then a draft."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from kernel import clock
from kernel.audit import AuditRow
from kernel.database import db
from kernel.progress import ATTEMPTS, note_progress
from procurement.supervision.commands import drawing
from procurement.supervision.commands.drawing import (
    advance_circular,
    ask_circular_again,
    compare_circular,
    draw_contents,
)
from procurement.supervision.models.circulars import (
    Circular,
    CircularProgress,
    CircularStatus,
    PeriodKind,
)
from procurement.supervision.queries.circulars import get_circular_view, list_circulars
from procurement.supervision.rules.circulars import Period, digest_of
from procurement.supervision.tasks import advance_circulars
from registry.accounts.models import Role
from tests.builders import procurement, registry
from tests.builders.procurement import NOW, YEAR
from tests.conftest import Client
from tests.procurement.flow import Flow, code_of
from tests.procurement.supervision.drawing import (
    APRIL,
    CITY,
    EACH,
    PLACES,
    City,
    city,
    county_by_county,
)

__all__ = ["county_by_county"]
REGION = registry.WUJIANG
BODY = {"region_code": REGION, "year": YEAR, "period_kind": "quarter", "period": 1}
ENDED = "UPDATE supervision_rule SET in_force_until_on = in_force_from_on + 1"
FIRST_QUARTER = Period(PeriodKind.QUARTER, YEAR, 1)


@pytest.fixture
def flow(client: Client) -> Flow:
    return Flow(client)


def asked(flow: Flow) -> str:
    answer = flow.post("/circulars", flow.finance, BODY)
    assert answer.status_code == 201, answer.text
    return f"/circulars/{answer.get_json()['id']}"


def test_what_is_asked_for_is_drawn_by_the_task_and_then_a_draft(
    flow: Flow, written: Callable[[], list[AuditRow]]
) -> None:
    with clock.stopped(APRIL):
        path = asked(flow)
        found = flow.get(path, flow.finance).get_json()
        assert (found["status"], found["rows"], found["done"]) == ("drawing", None, 0)
        assert (found["contents"], found["digest"], found["number"]) == (None, None, None)
        advance_circulars.run()
        made = flow.get(path, flow.finance).get_json()
    assert (made["status"], made["reason"], made["attempts"]) == ("draft", None, 1)
    assert made["rows"] == made["done"] == len(made["contents"]["units"]) > 0
    assert made["title"] == found["title"]
    rows = [row for row in written() if row.subject_kind == "circular"]
    assert [row.action for row in rows] == ["ask_circular", "draw_circular"]
    assert {row.user_id for row in rows} == {flow.people.supervisor.id}
    assert advance_circular(now=APRIL) == 0


def test_until_it_is_drawn_nothing_is_printed_compared_or_issued(flow: Flow) -> None:
    colleague = flow.token(registry.user(flow.people.bureau, [Role.FINANCE_SUPERVISOR]))
    with clock.stopped(APRIL):
        path = asked(flow)
        for get in ("file", "comparison"):
            assert code_of(flow.get(f"{path}/{get}", flow.finance)) == (409, "wrong_state")
        assert code_of(flow.post(f"{path}/issue", colleague)) == (409, "wrong_state")
        assert flow.get(path, colleague).status_code == 200
        for stranger in (flow.admin, flow.superior):
            assert code_of(flow.get(path, stranger)) == (404, "not_found")
            assert flow.get("/circulars", stranger).get_json()["items"] == []


def test_what_cannot_be_drawn_is_refused_before_anything_is_written(
    flow: Flow, written: Callable[[], list[AuditRow]]
) -> None:
    with clock.stopped(APRIL):
        for changes, wanted in (
            ({"region_code": "440000"}, (404, "not_found")),
            ({"period": 2}, (409, "period_not_over")),
            ({"period": 5}, (422, "period_unfit")),
        ):
            assert code_of(flow.post("/circulars", flow.finance, BODY | changes)) == wanted
        assert code_of(flow.post("/circulars", flow.admin, BODY)) == (403, "forbidden")
        db.session.execute(text(ENDED))
        refused = flow.post("/circulars", flow.finance, BODY)
        assert code_of(refused) == (409, "no_supervision_terms")
    assert db.session.scalars(select(Circular)).all() == []
    assert [row for row in written() if row.subject_kind == "circular"] == []


@pytest.mark.usefixtures("client", "county_by_county")
def test_progress_is_true_and_the_portions_make_what_is_made_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there, seen = city(), list[tuple[str, int, int | None]]()

    def noted(progress: Any, key: Any, **figures: int) -> None:
        note_progress(progress, key, **figures)
        view = get_circular_view(there.by, key)
        seen.append((view.found.status.value, view.done, view.rows))

    monkeypatch.setattr(drawing, "note_progress", noted)
    made = there.ask()
    assert advance_circular(now=APRIL) == 1
    whole = EACH * len(PLACES)
    assert seen == [("drawing", done, whole) for done in (0, EACH, 3 * EACH, whole)]
    at_once = draw_contents(CITY, FIRST_QUARTER, by=there.by)
    assert made.contents == at_once
    assert made.digest == digest_of(at_once)
    assert len(at_once["units"]) == whole
    late = [one["overdue_fen"] for one in at_once["delays"]]
    assert late == [4_000_00, 2_500_00, 2_000_00, 500_00]
    assert compare_circular(made.id, by=there.by).same


@pytest.mark.usefixtures("client")
def test_what_the_task_is_refused_is_told_and_may_be_asked_for_again() -> None:
    there = city()
    made = there.ask()
    db.session.execute(text(ENDED))
    assert advance_circular(now=APRIL) == 1
    assert (made.status, made.reason) == (CircularStatus.FAILED, "no_supervision_terms")
    assert (made.contents, made.digest, made.actor) == (None, None, None)
    assert advance_circular(now=APRIL) == 0
    db.session.execute(text("UPDATE supervision_rule SET in_force_until_on = NULL"))
    by = registry.actor_of(there.colleague)
    again = ask_circular_again(made.id, by=by, now=APRIL)
    assert (again.status, again.reason, again.drawn_by) == (
        CircularStatus.DRAWING, None, there.colleague.id,
    )  # fmt: skip
    assert get_circular_view(there.by, made.id).attempts == 0
    assert advance_circular(now=APRIL + timedelta(minutes=1)) == 1
    assert (again.status, again.drawn_at) == (CircularStatus.DRAFT, APRIL + timedelta(minutes=1))


def test_what_fails_is_told_through_the_door_and_drawn_again_through_it(flow: Flow) -> None:
    with clock.stopped(APRIL):
        path = asked(flow)
        db.session.execute(text(ENDED))
        advance_circulars.run()
        failed = flow.get(path, flow.finance).get_json()
        assert (failed["status"], failed["reason"]) == ("failed", "no_supervision_terms")
        refused = flow.post(f"{path}/redraw", flow.finance)
        assert code_of(refused) == (409, "no_supervision_terms")
        db.session.execute(text("UPDATE supervision_rule SET in_force_until_on = NULL"))
        again = flow.post(f"{path}/redraw", flow.finance).get_json()
        assert (again["status"], again["reason"], again["rows"]) == ("drawing", None, None)
        advance_circulars.run()
        assert flow.get(path, flow.finance).get_json()["status"] == "draft"


@pytest.mark.usefixtures("client")
def test_a_circular_that_breaks_again_and_again_is_given_up_and_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = city()
    bad, good = there.ask(), there.ask()
    draw = drawing.draw_contents
    monkeypatch.setattr(drawing, "draw_contents", _breaks)
    _try(there, bad)
    monkeypatch.setattr(drawing, "draw_contents", draw)
    assert advance_circular(now=APRIL) == 1
    assert (bad.status, good.status) == (CircularStatus.DRAWING, CircularStatus.DRAFT)
    monkeypatch.setattr(drawing, "draw_contents", _breaks)
    for _ in range(ATTEMPTS - 1):
        _try(there, bad)
    assert advance_circular(now=APRIL) == 1
    assert (bad.status, bad.reason) == (CircularStatus.FAILED, "given_up")


def _breaks(*_: Any, **__: Any) -> None:
    raise RuntimeError("out of memory, say")


def _try(there: City, circular: Circular) -> None:
    before = get_circular_view(there.by, circular.id).attempts
    with pytest.raises(RuntimeError):
        advance_circular(now=APRIL)
    assert get_circular_view(there.by, circular.id).attempts == before + 1


@pytest.mark.usefixtures("client")
def test_a_list_says_of_each_how_far_it_is() -> None:
    by = registry.actor_of(procurement.cast_of().supervisor)
    waiting = procurement.asked_circular(by)
    db.session.add(CircularProgress(circular_id=waiting.id, rows=9, done=4, attempts=1, at=NOW))
    db.session.flush()
    found = list_circulars(by, year=None, region_code=None, limit=9, cursor=None).items
    assert [(one.found.id, one.done, one.rows, one.attempts) for one in found] == [
        (waiting.id, 4, 9, 1)
    ]
