"""Long lists are made by a task: watched, fetched by who asked alone, deleted after their days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kernel import clock, crypto, files
from kernel.audit import AuditRow
from kernel.config import Settings
from kernel.database import db
from kernel.exports import commands, lists, making
from kernel.exports.commands import KEPT, MOST_WAITING, advance_export, expire_exports
from kernel.exports.models import ExportState, SheetExport
from kernel.schema import rotate_keys
from kernel.unit_of_work import run
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import registry as build
from tests.conftest import Client

PATH = "/api/v1/exports"
HOUSEHOLDS = 5
NEW_KEY = bytes(range(128, 160))
_keys = count(1)


def clerk(region: str = build.WUJIANG, *roles: Role) -> str:
    office = build.organisation(OrganisationKind.AUTHORITY, region)
    return build.token_of(build.user(office, roles or (Role.COUNTY_REVIEWER,)))


@pytest.fixture
def cadre(client: Client) -> str:
    del client
    build.village()
    for number in range(HOUSEHOLDS):
        build.household(head_name=f"何示{'甲乙丙丁戊'[number]}")
    return clerk()


def ask(client: Any, token: str, **changes: Any) -> Any:
    return client.post(
        PATH,
        json={"list": "households", "format": "csv", **changes},
        headers={"Idempotency-Key": f"export-{next(_keys)}", "Authorization": f"Bearer {token}"},
    )


def advance(*, later: timedelta = timedelta()) -> int:
    return run(lambda: advance_export(now=clock.now() + later))


def look(client: Client, token: str, made: Any) -> Any:
    return client.get(f"{PATH}/{made.json['id']}", token=token).json


def test_a_list_is_asked_for_made_and_fetched(client: Client, cadre: str) -> None:
    made = ask(client, cadre)
    assert (made.status_code, made.json["state"], made.json["expires_at"]) == (201, "asked", None)
    early: Any = client.get(f"{PATH}/{made.json['id']}/file", token=cadre)
    assert (early.status_code, early.json["code"]) == (409, "wrong_state")
    assert advance() == 1
    ready = look(client, cadre, made)
    assert (ready["state"], ready["rows"], ready["done"]) == ("ready", HOUSEHOLDS, HOUSEHOLDS)
    fetched = client.get(f"{PATH}/{made.json['id']}/file", token=cadre)
    at_once = client.get("/api/v1/households/export?format=csv", token=cadre)
    assert fetched.data == at_once.data
    assert fetched.headers["Content-Type"] == at_once.headers["Content-Type"]
    assert int(fetched.headers["Content-Length"]) == ready["size_bytes"] == len(fetched.data)
    assert "何示" not in fetched.text
    assert advance() == 0


def test_what_is_kept_of_it_is_encrypted(client: Client, cadre: str) -> None:
    made = ask(client, cadre, query={"region": build.WUJIANG})
    advance()
    kept = files.get(f"exports/{made.json['id']}/000000")
    assert b"BF-H" not in kept
    raw = db.session.execute(text("SELECT sheet_export::text FROM sheet_export")).scalar_one()
    assert build.WUJIANG in raw  # of the asker's organisation
    assert 'region\\"' not in raw


def test_nobody_else_sees_or_fetches_it(client: Client, cadre: str) -> None:
    made = ask(client, cadre)
    advance()
    others = [clerk(), clerk("440204"), build.token_of(build.administrator())]
    for token in others:
        for path in ("", "/file"):
            answer = client.get(f"{PATH}/{made.json['id']}{path}", token=token)
            assert answer.status_code == 404
        listed: Any = client.get(PATH, token=token).json
        assert listed["items"] == []
    mine: Any = client.get(PATH, token=cadre).json
    assert [one["id"] for one in mine["items"]] == [made.json["id"]]


def test_it_shows_what_its_asker_sees_and_no_more(client: Client, cadre: str) -> None:
    outside = build.household(village_code=build.village("440204001801", "别处").code)
    made = ask(client, cadre)
    advance()
    assert outside.code not in client.get(f"{PATH}/{made.json['id']}/file", token=cadre).text
    elsewhere = clerk("440204")
    made = ask(client, elsewhere)
    advance()
    found = client.get(f"{PATH}/{made.json['id']}/file", token=elsewhere).text
    assert outside.code in found
    assert look(client, elsewhere, made)["rows"] == 1


def test_whom_the_list_refuses_the_export_refuses(
    client: Client, cadre: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyer = build.token_of(
        build.user(build.organisation(OrganisationKind.BUDGET_UNIT), [Role.CANTEEN_BUYER])
    )
    assert ask(client, buyer).status_code == 403
    made = ask(client, cadre)
    advance()
    exported = lists.exported_lists()["households"]
    monkeypatch.setattr(commands, "exported_lists", lambda: {"households": _closed(exported)})
    answer = client.get(f"{PATH}/{made.json['id']}/file", token=cadre)
    assert answer.status_code == 403


def _closed(exported: lists.Exported) -> lists.Exported:
    return replace(exported, door=replace(exported.door, allow=frozenset({"nobody"})))


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"list": "none"}, "/list"),
        ({"query": {"region": "x"}}, "/query/region"),
        ({"query": {"colour": "red"}}, "/query/colour"),
        ({"of": {"plan_id": "00000000-0000-0000-0000-000000000001"}}, "/of"),
        ({"format": "pdf"}, "/format"),
    ],
)
def test_a_wrong_question_is_refused_at_once(
    client: Client, cadre: str, changes: dict[str, Any], pointer: str
) -> None:
    answer = ask(client, cadre, **changes)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json["errors"]] == [pointer]
    assert db.session.scalars(select(SheetExport)).all() == []


def test_one_person_has_so_many_waiting(client: Client, cadre: str) -> None:
    made = [ask(client, cadre).status_code for _ in range(MOST_WAITING)]
    refused = ask(client, cadre)
    assert made == [201] * MOST_WAITING
    assert (refused.status_code, refused.json["code"]) == (409, "too_many_exports")
    assert ask(client, clerk()).status_code == 201
    advance()
    assert ask(client, cadre).status_code == 201


def test_what_is_too_long_at_once_is_made_by_the_task(
    client: Client, cadre: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "AT_ONCE", HOUSEHOLDS - 1)
    at_once: Any = client.get("/api/v1/households/export", token=cadre)
    assert (at_once.status_code, at_once.json["code"]) == (422, "export_too_large")
    made = ask(client, cadre)
    advance()
    assert look(client, cadre, made)["state"] == "ready"
    monkeypatch.setattr(making, "MAX_EXPORT_ROWS", HOUSEHOLDS - 1)
    made = ask(client, cadre)
    advance()
    failed = look(client, cadre, made)
    assert (failed["state"], failed["reason"]) == ("failed", "export_too_large")


def test_it_is_deleted_after_its_days_and_not_before(client: Client, cadre: str) -> None:
    made = ask(client, cadre)
    advance()
    assert run(lambda: expire_exports(now=clock.now() + KEPT - timedelta(minutes=1))) == 0
    assert client.get(f"{PATH}/{made.json['id']}/file", token=cadre).status_code == 200
    assert run(lambda: expire_exports(now=clock.now() + KEPT)) == 1
    answer: Any = client.get(f"{PATH}/{made.json['id']}/file", token=cadre)
    assert (answer.status_code, answer.json["code"]) == (409, "wrong_state")
    assert look(client, cadre, made)["state"] == "expired"
    assert files.names(f"exports/{made.json['id']}") == []


def test_every_step_leaves_its_audit_row(
    client: Client, cadre: str, written: Callable[[], list[AuditRow]]
) -> None:
    ask(client, cadre)
    advance()
    run(lambda: expire_exports(now=clock.now() + KEPT))
    found = [row.action for row in written() if row.subject_kind == "sheet_export"]
    assert found == ["ask_export", "make_export", "expire_export"]


@pytest.mark.parametrize(
    "broken",
    [
        {"state": ExportState.READY},
        {"state": ExportState.FAILED, "expires_at": "now"},
        {"state": ExportState.EXPIRED},
        {"file_format": "pdf"},
        {"rows": -1},
    ],
)
def test_a_row_that_contradicts_itself_is_refused(
    client: Client, cadre: str, db_session: Session, broken: dict[str, Any]
) -> None:
    ask(client, cadre)
    found = db_session.scalars(select(SheetExport)).one()
    for name, value in broken.items():
        setattr(found, name, clock.now() if value == "now" else value)
    with pytest.raises(IntegrityError, match="ck_sheet_export"), db_session.begin_nested():
        db_session.flush()


def test_a_new_key_seals_the_kept_files_too(
    client: Client, cadre: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "PIECE", 100)
    made = ask(client, cadre)
    advance()
    before = client.get(f"{PATH}/{made.json['id']}/file", token=cadre).data
    ring = {1: settings.field_keys[1], 2: NEW_KEY}
    try:
        _use(settings, ring)
        first, again = ({one.column: one for one in rotate_keys()} for _ in range(2))
        assert first["sheet_export.file"].rewritten == -(-len(before) // 100)
        assert sum(one.left for one in first.values()) == 0
        assert again["sheet_export.file"].rewritten == 0
        assert {files.get(f"exports/{made.json['id']}/{n:06d}")[0] for n in (0, 1)} == {2}
        assert client.get(f"{PATH}/{made.json['id']}/file", token=cadre).data == before
    finally:
        _use(settings, {1: settings.field_keys[1]})


def _use(settings: Settings, ring: dict[int, bytes]) -> None:
    crypto.use_keys(
        field_keys=ring,
        index_key=settings.blind_index_key,
        signing_keys=settings.signing_keys,
    )
