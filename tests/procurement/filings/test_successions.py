"""What becomes of promises when their unit is renamed, merged or abolished."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from kernel.actor import SYSTEM
from kernel.database import constraint_of, db
from kernel.identity import new_id
from procurement.filings import handlers, queries
from procurement.filings.commands.contents import last_year_of
from procurement.filings.models import CarryReason, FilingCarry, FilingStatus
from registry.accounts.models import Role
from registry.events import OrganisationAbolished, OrganisationMerged
from registry.organisations.commands.endings import (
    NewEnding,
    NewName,
    abolish_organisation,
    merge_organisation,
    rename_organisation,
)
from registry.organisations.models import Organisation
from tests.builders import procurement, registry
from tests.builders.procurement import NOW, YEAR, confirmed, contents
from tests.conftest import Client
from tests.procurement.flow import Flow, code_of


@pytest.fixture
def flow(client: Client) -> Flow:
    return Flow(client)


def end(
    act: Callable[..., Organisation], unit: Organisation, successor: Organisation | None
) -> None:
    """End a unit and let its news arrive."""
    ending = NewEnding(NOW.date(), "编办〔2026〕1号", None if successor is None else successor.id)
    named = {"into": ending} if act is merge_organisation else {"ending": ending}
    act(unit.id, expected_version=None, by=SYSTEM, now=NOW, **named)
    if act is merge_organisation and successor is not None:
        event: Any = OrganisationMerged(organisation_id=unit.id, successor_id=successor.id)
        handlers.carry_over_merged(event, now=NOW)
    else:
        handlers.carry_over_abolished(OrganisationAbolished(organisation_id=unit.id), now=NOW)
    db.session.flush()


def test_a_merged_units_promise_is_reachable_under_both(flow: Flow) -> None:
    people, other = flow.people, Flow(flow.client, procurement.cast_of())
    old = confirmed(people, contents()).filing
    open_ = flow.draft(year=2027)["id"]
    end(merge_organisation, people.unit, other.people.unit)
    seen = other.get("/filings", other.admin, unit_id=str(other.people.unit.id)).get_json()
    assert [one["id"] for one in seen["items"]] == [str(old.id)]
    under = other.get("/filings", other.finance, unit_id=str(people.unit.id)).get_json()
    assert [(one["id"], one["status"]) for one in under["items"]] == [
        (open_, "lapsed"),
        (str(old.id), "confirmed"),
    ]
    assert len(other.get(f"/filings/{old.id}", other.admin).get_json()["steps"]) == 4
    stranger = Flow(flow.client, procurement.cast_of("440300"))
    nothing = stranger.get("/filings", stranger.admin, unit_id=str(people.unit.id)).get_json()
    assert nothing["items"] == []


def test_a_second_merger_carries_on_what_was_taken_over(flow: Flow) -> None:
    a, b, c = (procurement.cast_of() for _ in range(3))
    first = confirmed(a, contents(reserved=300_000_00)).filing
    second = confirmed(b, contents(reserved=400_000_00)).filing
    end(merge_organisation, a.unit, b.unit)
    end(merge_organisation, b.unit, c.unit)
    held = queries.list_in_force(SYSTEM, c.unit.id, year=YEAR)
    assert {one.id for one in held} == {first.id, second.id}
    last = last_year_of(c.unit.id, year=YEAR + 1)
    assert last is not None
    assert last.reserved_fen == 700_000_00
    reasons = set(db.session.scalars(select(FilingCarry.reason)))
    assert reasons == {CarryReason.MERGED}
    assert flow.admin


@pytest.mark.parametrize("followed", [True, False])
def test_an_abolished_unit_hands_on_only_to_a_successor(flow: Flow, *, followed: bool) -> None:
    people, other = flow.people, procurement.cast_of()
    filing = confirmed(people, contents()).filing
    end(abolish_organisation, people.unit, other.unit if followed else None)
    carried = db.session.scalars(select(FilingCarry)).all()
    assert [(one.filing_id, one.to_unit_id) for one in carried] == (
        [(filing.id, other.unit.id)] if followed else []
    )
    assert filing.status is FilingStatus.CONFIRMED


def test_a_renamed_unit_keeps_its_promise(flow: Flow) -> None:
    filed = flow.draft()
    rename_organisation(
        flow.people.unit.id,
        new=NewName("韶关市武江区新名小学", NOW.date(), "批复"),
        expected_version=None,
        by=SYSTEM,
        now=NOW,
    )
    assert flow.get(f"/filings/{filed['id']}", flow.admin).get_json()["status"] == "draft"


def test_the_table_carries_a_promise_once_and_never_to_its_own_unit(flow: Flow) -> None:
    people, other = flow.people, procurement.cast_of()
    filing = confirmed(people, contents()).filing

    def carry(to: Organisation) -> str | None:
        row = FilingCarry(
            id=new_id(),
            filing_id=filing.id,
            from_unit_id=people.unit.id,
            to_unit_id=to.id,
            reason=CarryReason.MERGED,
            carried_at=NOW,
        )
        try:
            with db.session.begin_nested():
                db.session.add(row)
        except IntegrityError as error:
            return constraint_of(error)
        return None

    assert carry(people.unit) == "ck_filing_carry_apart"
    assert carry(other.unit) is None
    assert carry(other.unit) == "uq_filing_carry_filing"
    assert code_of(flow.post(f"/filings/{filing.id}/submit", flow.admin)) == (409, "wrong_state")


def test_a_shared_canteen_counts_once(flow: Flow) -> None:
    """The representative promises for all; who shares files zero and says who files."""
    rep = flow.people
    sharer = registry.organisation(rep.unit.kind, rep.unit.region_code, rep.superior)
    token = flow.token(registry.user(sharer, [Role.UNIT_ADMIN]))
    shared = {"situation": "shared", "representative_unit_id": str(rep.unit.id)}
    flow.confirmed(**shared)
    zero = {"canteen_total_fen": 0, "reserved_fen": 0, "ceiling_fen": 0, "year": YEAR} | shared
    made = flow.post("/filings", token, zero).get_json()
    flow.post(f"/filings/{made['id']}/submit", token)
    flow.post(f"/filings/{made['id']}/confirm", flow.superior)
    assert flow.post(f"/filings/{made['id']}/confirm", flow.finance).status_code == 200
    answer = flow.get("/completion", flow.finance, region="440203", year=YEAR).get_json()
    assert answer["reserved_fen"] == 300_000_00
