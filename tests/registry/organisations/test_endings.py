"""Organisations are renamed, merged and abolished; what refers to them stays whole."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from kernel.audit import AuditRow
from kernel.database import db
from kernel.events import EventRow
from registry.accounts.models import Role
from registry.organisations.models import Ending, Organisation, OrganisationKind
from registry.organisations.queries import get_name_on
from registry.wiring import INVARIANTS
from tests.builders import registry as build
from tests.conftest import Client, in_app
from tests.registry.conftest import NOW

UNIT, UNION = OrganisationKind.BUDGET_UNIT, OrganisationKind.TRADE_UNION
TODAY = NOW.date()
PATH = "/api/v1/organisations"


@pytest.fixture
def admin(db_session: Session) -> str:
    del db_session
    platform = build.organisation(OrganisationKind.PLATFORM, "000000")
    return build.token_of(build.user(platform, [Role.PLATFORM_ADMIN]))


def _do(client: Client, admin: str, one: Organisation, act: str, **body: Any) -> tuple[int, Any]:
    sent = {"effective_on": TODAY.isoformat(), "source": "编办〔2026〕1号", **body}
    path = f"{PATH}/{one.id}/{act}"
    answer = client.post(path, json=sent, token=admin, headers={"If-Match": "*"})
    return answer.status_code, answer.json


def _code(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["code"]


def _lineage_holds() -> bool:
    invariant = next(one for one in INVARIANTS if one.code == "I17_lineage")
    return db.session.execute(invariant.statement).all() == []


def test_what_a_merged_unit_supervised_comes_under_its_successor(
    client: Client, admin: str, written: Callable[[], list[AuditRow]]
) -> None:
    bureau, other = build.organisation(UNIT), build.organisation(UNIT)
    school = build.organisation(UNIT, supervising=bureau)
    branch = build.organisation(UNIT, supervising=school)
    below = build.token_of(build.user(branch, [Role.UNIT_ADMIN]))
    watching = build.token_of(build.user(other, [Role.UNIT_ADMIN]))
    assert client.get(f"{PATH}/{branch.id}", token=watching).status_code == 404
    status, made = _do(client, admin, bureau, "merge", successor_id=str(other.id))
    assert (status, made["ending"], made["successor_id"]) == (200, "merged", str(other.id))
    for one in (bureau, school, branch):
        seen = client.get(f"{PATH}/{one.id}", token=watching)
        assert seen.status_code == 200, one.name
        assert str(other.id) in (db.session.get(Organisation, one.id) or one).lineage
    assert (db.session.get(Organisation, school.id) or school).supervising_id == other.id
    assert _lineage_holds()
    assert client.post("/api/v1/users", json={}, token=below).status_code == 422
    history = client.get(f"{PATH}/{school.id}/history", token=watching).json
    assert history is not None
    assert [(one["kind"], one["from_id"], one["to_id"]) for one in history["changes"]] == [
        ("moved", str(bureau.id), str(other.id))
    ]
    assert "merge_organisation" in {row.action for row in written()}
    event = db.session.scalars(select(EventRow)).one()
    assert (event.kind, event.payload) == (
        "OrganisationMerged",
        {"organisation_id": str(bureau.id), "successor_id": str(other.id)},
    )


def test_a_merged_organisation_takes_nothing_new_and_nothing_breaks(
    client: Client, admin: str
) -> None:
    coop, other = build.organisation(), build.organisation()
    clerk = build.user(coop, [Role.COOP_CLERK, Role.COOP_MANAGER])
    token = build.token_of(clerk)
    document, link = build.document(coop, clerk), build.benefit_link(build.household(), coop)
    assert _do(client, admin, coop, "merge", successor_id=str(other.id))[0] == 200
    assert client.get("/api/v1/benefit-links", token=token).status_code == 200
    assert client.get(f"/api/v1/documents/{document.id}", token=token).status_code == 200
    body = {"household_id": str(link.household_id), "organisation_id": str(coop.id)}
    refused = client.post("/api/v1/benefit-links", json=body, token=token)
    assert (refused.status_code, (refused.json or {})["code"]) == (403, "organisation_closed")
    user = {
        "username": "too-late",
        "password": build.PASSWORD,
        "organisation_id": str(coop.id),
        "roles": ["coop_clerk"],
    }
    late = client.post("/api/v1/users", json=user, token=admin)
    assert (late.status_code, (late.json or {})["code"]) == (409, "organisation_ended")
    assert _code(_do(client, admin, coop, "merge", successor_id=str(other.id))) == (
        409,
        "organisation_ended",
    )
    assert _code(_do(client, admin, coop, "rename", name="新名")) == (409, "organisation_ended")


def test_a_successor_is_of_the_family_alive_and_not_below(client: Client, admin: str) -> None:
    unit, coop = build.organisation(UNIT), build.organisation()
    below = build.organisation(UNIT, supervising=unit)
    for successor in (coop, below, unit):
        answer = _do(client, admin, unit, "merge", successor_id=str(successor.id))
        assert _code(answer) == (422, "succession_unfit")
    ended = build.organisation(UNIT)
    ended.ended_on, ended.ending = TODAY, Ending.ABOLISHED
    answer = _do(client, admin, unit, "merge", successor_id=str(ended.id))
    assert _code(answer) == (409, "organisation_ended")
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    other = build.organisation(UNIT)
    answer = _do(client, admin, unit, "merge", successor_id=str(other.id), effective_on=tomorrow)
    assert _code(answer) == (422, "ending_in_future")
    assert (
        db.session.scalars(select(Organisation.ended_on).where(Organisation.id == unit.id)).one()
        is None
    )


def test_a_successor_must_be_able_to_supervise_what_comes_under_it(
    client: Client, admin: str
) -> None:
    enterprise = build.organisation(OrganisationKind.STATE_ENTERPRISE)
    build.organisation(OrganisationKind.STATE_ENTERPRISE, supervising=enterprise)
    private = build.organisation(OrganisationKind.PRIVATE_ENTERPRISE)
    answer = _do(client, admin, enterprise, "merge", successor_id=str(private.id))
    assert _code(answer) == (422, "supervision_unfit")


def test_what_still_supervises_is_not_abolished_without_a_successor(
    client: Client, admin: str
) -> None:
    bureau, other = build.organisation(UNIT), build.organisation(UNIT)
    build.organisation(UNIT, supervising=bureau)
    assert _code(_do(client, admin, bureau, "abolish")) == (409, "subordinates_left")
    status, made = _do(client, admin, bureau, "abolish", successor_id=str(other.id))
    assert (status, made["ending"]) == (200, "abolished")
    assert _do(client, admin, build.organisation(UNIT), "abolish")[0] == 200
    assert _lineage_holds()


def test_an_organisation_is_called_by_the_name_of_the_day(client: Client, admin: str) -> None:
    unit = build.organisation(UNIT, name="演示扶贫办")
    on = ("2021-02-25", "2024-01-01")
    for name, day in zip(("演示乡村振兴局", "演示农业农村局"), on, strict=True):
        assert _do(client, admin, unit, "rename", name=name, effective_on=day)[0] == 200
    by = build.actor_of(build.user(unit, [Role.UNIT_ADMIN]))
    for asked, name in (
        (date(2019, 1, 1), "演示扶贫办"),
        (date(2021, 2, 24), "演示扶贫办"),
        (date(2021, 2, 25), "演示乡村振兴局"),
        (date(2024, 1, 1), "演示农业农村局"),
    ):
        assert get_name_on(by, unit.id, on=asked) == name
    late = _do(client, admin, unit, "rename", name="别名", effective_on="2023-06-01")
    assert _code(late) == (409, "name_date_taken")
    same = _do(client, admin, unit, "rename", name="演示农业农村局")
    assert _code(same) == (422, "name_unchanged")


def test_members_and_capital_are_a_cooperatives(client: Client, admin: str) -> None:
    coop, unit = build.organisation(), build.organisation(UNIT)
    body, tag = {"member_count": 138, "capital_fen": 342_000_000}, {"If-Match": "*"}
    made = client.patch(f"{PATH}/{coop.id}", json=body, token=admin, headers=tag)
    assert made.status_code == 200
    assert made.json is not None
    assert (made.json["member_count"], made.json["capital_fen"]) == (138, 342_000_000)
    refused = client.patch(f"{PATH}/{unit.id}", json=body, token=admin, headers=tag)
    assert (refused.status_code, (refused.json or {})["code"]) == (422, "not_a_cooperative")


@pytest.mark.parametrize(
    ("before", "holds"),
    [("SELECT 1", True), ("UNLOCKED", False)],
    ids=["as it is", "negative control: without the lock on the tree"],
)
def test_who_joins_while_the_tree_moves_is_moved_too(
    fresh: Flask, monkeypatch: pytest.MonkeyPatch, before: str, *, holds: bool
) -> None:
    if before == "UNLOCKED":
        for module in ("organisations", "endings"):
            monkeypatch.setattr(
                f"registry.organisations.commands.{module}.lock_tree", lambda *_, **__: None
            )
    with fresh.app_context():
        platform = build.organisation(OrganisationKind.PLATFORM, "000000")
        token = build.token_of(build.user(platform, [Role.PLATFORM_ADMIN]))
        headers = {"Authorization": f"Bearer {token}", "If-Match": "*"}
        pairs = []
        for _ in range(12):
            bureau, other = build.organisation(UNIT), build.organisation(UNIT)
            school = build.organisation(UNIT, supervising=bureau)
            codes = [build.credit_code("12") for _ in range(6)]
            pairs.append((str(bureau.id), str(other.id), str(school.id), codes))
        db.session.commit()
    barrier = Barrier(4)

    def join(numbers: range) -> None:
        with in_app(fresh):
            client = fresh.test_client()
            for _, _, school, codes in pairs:
                barrier.wait()
                for number in numbers:
                    body = {
                        "credit_code": codes[number],
                        "name": "演示分校",
                        "kind": "budget_unit",
                        "region_code": build.WUJIANG,
                        "supervising_id": school,
                    }
                    client.post(PATH, json=body, headers=headers)

    def merge() -> None:
        with in_app(fresh):
            client = fresh.test_client()
            for bureau, other, _, _ in pairs:
                barrier.wait()
                body = {"successor_id": other, "effective_on": "2026-01-01", "source": "test"}
                answer = client.post(f"{PATH}/{bureau}/merge", json=body, headers=headers)
                assert answer.status_code == 200

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(join, range(n, n + 2)) for n in (0, 2, 4)] + [pool.submit(merge)]
        for job in jobs:
            job.result()
    with fresh.app_context():
        assert db.session.execute(text("SELECT count(*) FROM organisation")).scalar_one() == 109
        assert _lineage_holds() is holds
