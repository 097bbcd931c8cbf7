"""Every state × every act × everybody of a list handed in, and what time and task do to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from kernel.database import db
from kernel.imports import commands
from kernel.imports.models import ImportProgress, ImportState, SheetImport
from kernel.progress import ATTEMPTS
from registry.accounts.models import Role
from registry.households.models.households import Household
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.conftest import Client
from tests.registry.conftest import NOW
from tests.registry.households.test_imports import hand_in, row, sheet
from tests.transitions import Token, strangers, tables, undone, walk

S = ImportState
PATH = "/api/v1/imports"


@dataclass(frozen=True)
class Stage:
    """A file that was handed in, and the people of its organisation and others."""

    import_id: UUID
    content: bytes
    people: Mapping[str, Token]


@pytest.fixture(autouse=True)
def waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no file be small, so that each waits where a large one waits."""
    monkeypatch.setattr(commands, "is_small", lambda *_, **__: False)


def in_state(client: Client, state: ImportState) -> Stage:
    """Bring a list of one household into a state by the way files take."""
    registry.village()
    office = registry.organisation(OrganisationKind.AUTHORITY)
    asker, colleague, desk = (
        registry.user(office, [role])
        for role in (Role.COUNTY_REVIEWER, Role.COUNTY_REVIEWER, Role.MONITOR)
    )
    people = strangers() | {
        "asker": registry.token_of(asker),
        "colleague": registry.token_of(colleague),
        "desk": registry.token_of(desk),
    }
    faults = {"members": 0} if state is S.FAULTY else {}
    content = sheet([row(**faults)], kind="csv")
    received = hand_in(client, str(people["asker"]), content)
    assert received.status_code == 201, received.text
    import_id = UUID(received.json["id"])
    if state is S.FAILED:
        db.session.merge(ImportProgress(import_id=import_id, done=0, attempts=ATTEMPTS, at=NOW))
        db.session.flush()
    if state is not S.RECEIVED:
        advance()
    if state in {S.ACCEPTED, S.COMMITTED}:
        commands.commit_import(import_id, by=registry.actor_of(asker), now=NOW)
    if state is S.COMMITTED:
        advance()
    if state is S.LAPSED:
        commands.lapse_imports(now=NOW + commands.KEPT + timedelta(seconds=1))
    db.session.commit()
    return Stage(import_id, content, people)


def advance() -> None:
    """Let the task take a step; what it shows while it works is not part of this."""
    commands.advance_import(now=NOW)
    db.session.flush()


def state_of(import_id: UUID) -> str:
    return db.session.get_one(SheetImport, import_id, populate_existing=True).state.value


@pytest.mark.parametrize("state", ImportState)
def test_an_import_moves_only_as_its_table_says(client: Client, state: ImportState) -> None:
    stage = in_state(client, state)
    to = f"{PATH}/{stage.import_id}"

    def send(client: Client, token: Token) -> TestResponse:
        answer: TestResponse = hand_in(client, token, stage.content)  # type: ignore[arg-type]
        return answer

    def commit(client: Client, token: Token) -> TestResponse:
        return client.post(f"{to}/commit", token=token)

    def look(client: Client, token: Token) -> TestResponse:
        return client.get(to, token=token)

    walk(
        client, "import", state.value, people=stage.people,
        acts={"send": send, "commit": commit, "look": look},
        state_now=lambda: state_of(stage.import_id), shown_in=("sheet_import", "household"),
    )  # fmt: skip


@pytest.mark.parametrize("state", ImportState)
def test_time_and_task_move_an_import_as_the_table_says(client: Client, state: ImportState) -> None:
    stage = in_state(client, state)
    table = tables()["import_clock"]
    written = db.session.query(Household).count()
    over = NOW + commands.KEPT
    acts: Mapping[str, Callable[[], object]] = {
        "advance": advance,
        "lapse_early": lambda: commands.lapse_imports(now=over),
        "lapse_late": lambda: commands.lapse_imports(now=over + timedelta(seconds=1)),
    }
    assert set(acts) == set(table.acts)
    for act, deed in acts.items():
        wanted = table.row(state.value, "timer").outcomes[act].word or state.value
        with undone():
            deed()
            assert state_of(stage.import_id) == wanted, (state, act)
            came = wanted == "committed" and state is not S.COMMITTED
            assert db.session.query(Household).count() == written + came
