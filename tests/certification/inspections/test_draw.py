"""Draws: committed to, made by two people, and recomputed by anyone with the documents' script."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from certification.certificates.commands.changes import change_certificate
from certification.certificates.models.certificates import ChangeKind
from certification.errors.inspections import PublicValuePending
from certification.inspections.commands import plans, tasks
from certification.inspections.models.plans import DrawPlan, PlanStatus
from certification.inspections.queries.plans import list_frame
from certification.inspections.queries.tasks import list_tasks
from certification.inspections.rules import draw as drawing
from certification.inspections.rules.tasks import PLANS, check_announcement, check_move
from certification.wiring import INVARIANTS
from kernel import clock
from kernel.actor import SYSTEM
from kernel.database import db
from kernel.errors import Invalid, NotAllowed, SamePerson, WrongState
from tests.builders import certification as build
from tests.builders import inspections as make
from tests.builders import registry
from tests.builders.inspections import DRAW_DAY, NOW, Office
from tests.conftest import Client
from tests.promises import broken

PAGE = Path(__file__).resolve().parents[3] / "docs" / "rules" / "inspections.md"


@pytest.fixture
def there(client: Client) -> Iterator[Office]:
    del client
    with clock.stopped(DRAW_DAY):
        yield make.office()


def script() -> str:
    (found,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


def reveal(plan: DrawPlan, there: Office) -> None:
    found = list_tasks(there.author, status=None, mine=False, limit=50, cursor=None)
    for task in [one for one in found.items if one.plan_id == plan.id]:
        tasks.assign_inspector(
            task.id, inspector_id=there.people[2].id, by=there.author, now=DRAW_DAY
        )
        tasks.start_inspection(task.id, by=there.inspector, now=DRAW_DAY)


def test_the_script_of_the_documents_draws_the_same(
    client: Client, there: Office, tmp_path: Path
) -> None:
    for _ in range(7):
        build.certificate()
    plan = make.drawn(there, size=3)
    path = f"/api/v1/inspections/plans/{plan.number}"
    told = client.get(path).json
    assert told is not None
    assert (told["secret"], told["sample"]) == (None, None)
    assert told["ledger"]["tasks"] == 3
    reveal(db.session.get_one(DrawPlan, plan.id), there)
    shown = client.get(path)
    assert shown.json is not None
    assert shown.json["plan"]["status"] == "revealed"
    assert len(shown.json["sample"]) == 3
    (tmp_path / "plan.json").write_bytes(shown.data)
    (tmp_path / "frame.csv").write_bytes(client.get(f"{path}/frame").data)
    command = [sys.executable, "-c", script()]
    ran = subprocess.run(  # noqa: S603 - the script of our own documents
        command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=30
    )
    assert ran.stdout.split() == ["True", *shown.json["sample"]]
    assert broken(INVARIANTS) == []


def test_the_script_has_ten_lines_and_finds_a_forged_frame(
    client: Client, there: Office, tmp_path: Path
) -> None:
    assert len(list(filter(None, script().splitlines()))) <= 10
    build.certificate()
    plan = make.drawn(there, size=1)
    reveal(plan, there)
    path = f"/api/v1/inspections/plans/{plan.number}"
    (tmp_path / "plan.json").write_bytes(client.get(path).data)
    forged = client.get(f"{path}/frame").data + b"BF-C-forged,all\n"
    (tmp_path / "frame.csv").write_bytes(forged)
    ran = subprocess.run(  # noqa: S603 - the script of our own documents
        [sys.executable, "-c", script()], cwd=tmp_path, capture_output=True, check=False, timeout=30
    )
    assert ran.returncode != 0


def test_a_frame_is_what_was_in_force_as_its_day_began(there: Office) -> None:
    kept, revoked_before, revoked_later = (build.certificate() for _ in range(3))
    build.certificate(granted_on=date(2025, 11, 17))
    for one, at in (
        (revoked_before, datetime(2026, 11, 16, 15, 59, tzinfo=UTC)),
        (revoked_later, datetime(2026, 11, 16, 16, 0, tzinfo=UTC)),
    ):
        change_certificate(one.id, ChangeKind.REVOKED, reason="失实", by=there.author, now=at)
    plan = make.announced(there)
    numbers = [row.number for row in list_frame(SYSTEM, plan)]
    assert numbers == sorted([kept.number, revoked_later.number])


def test_a_draw_is_by_another_person_of_the_office_and_not_before_the_value(there: Office) -> None:
    plan = make.announced(there)
    with pytest.raises(SamePerson):
        plans.draw_plan(plan.id, public_value="1", by=there.author, now=DRAW_DAY)
    with pytest.raises(PublicValuePending):
        plans.draw_plan(plan.id, public_value="1", by=there.drawer, now=NOW)
    with pytest.raises(NotAllowed):
        plans.draw_plan(plan.id, public_value="1", by=make.office().author, now=DRAW_DAY)
    plans.draw_plan(plan.id, public_value="1", by=there.drawer, now=DRAW_DAY)
    with pytest.raises(WrongState):
        plans.draw_plan(plan.id, public_value="2", by=there.drawer, now=DRAW_DAY)
    assert plan.status is PlanStatus.REVEALED, "nothing was in the frame, so nothing is hidden"
    assert broken(INVARIANTS) == []


def test_a_plan_is_called_off_only_before_the_draw(there: Office) -> None:
    plan = make.announced(there)
    with pytest.raises(NotAllowed):
        plans.call_off_plan(plan.id, by=make.office().author, now=NOW)
    plans.call_off_plan(plan.id, by=there.author, now=NOW)
    with pytest.raises(WrongState):
        plans.draw_plan(plan.id, public_value="1", by=there.drawer, now=DRAW_DAY)


def test_a_value_that_is_known_already_is_refused() -> None:
    today = date(2026, 11, 16)
    check_announcement(as_of_on=today, public_value_on=date(2026, 11, 17), today=today)
    for as_of_on, value_on in ((today, today), (date(2026, 11, 18), date(2026, 11, 17))):
        with pytest.raises(Invalid):
            check_announcement(as_of_on=as_of_on, public_value_on=value_on, today=today)


@pytest.mark.parametrize("state", PlanStatus)
@pytest.mark.parametrize("wanted", PlanStatus)
def test_a_plan_moves_only_along_its_table(state: PlanStatus, wanted: PlanStatus) -> None:
    allowed = {("announced", "drawn"), ("announced", "called_off"), ("drawn", "revealed")}
    if (state.value, wanted.value) in allowed:
        check_move(PLANS, state, wanted)
        return
    with pytest.raises(WrongState):
        check_move(PLANS, state, wanted)


def test_a_draw_depends_on_every_part_of_its_seed() -> None:
    rows = [(f"BF-C-{n:03d}", "all") for n in range(200)]
    seeds = [
        drawing.seed_of(secret, public_value=value) for secret in ("a", "b") for value in ("1", "2")
    ]
    samples = {tuple(drawing.draw(rows, sizes={"all": 5}, seed=seed)["all"]) for seed in seeds}
    assert len(samples) == 4
    whole = drawing.draw(rows[:3], sizes={"all": 5}, seed=seeds[0])["all"]
    assert sorted(whole) == [number for number, _ in rows[:3]]


def test_a_region_out_of_reach_is_not_drawn_from(there: Office) -> None:
    elsewhere = make.office(registry.XINGGUO)
    with pytest.raises(NotAllowed):
        make.announced(elsewhere)
    del there
