"""The confirmation that opens quotas, and the doors to them."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from kernel.audit import AuditRow
from kernel.database import constraint_of, db
from kernel.events import EventRow
from kernel.identity import new_id
from kernel.money import Fen
from procurement.filings.models import Filing
from procurement.quotas.commands import holds as commands
from procurement.quotas.models import Quota, QuotaId
from procurement.wiring import INVARIANTS
from registry.accounts.models import Membership, Role
from registry.organisations.models import OrganisationKind
from registry.regions.models import OriginKind
from tests.builders import procurement, registry
from tests.builders.procurement import NOW
from tests.conftest import Client
from tests.procurement.flow import Flow, code_of
from tests.promises import broken


@pytest.fixture
def flow(client: Client) -> Flow:
    return Flow(client)


def quotas() -> int:
    return db.session.execute(select(func.count(Quota.id))).scalar_one()


def also(user_id: object, organisation_id: object, role: Role) -> None:
    """Give a user a further role elsewhere."""
    db.session.add(
        Membership(
            id=new_id(),
            user_id=user_id,
            organisation_id=organisation_id,
            role=role,
            created_at=NOW,
        )
    )
    db.session.flush()


def test_the_last_confirmation_opens_the_quota(flow: Flow) -> None:
    path = f"/filings/{flow.draft()['id']}"
    flow.post(f"{path}/submit", flow.admin)
    first = flow.post(f"{path}/confirm", flow.superior)
    assert (first.status_code, first.get_json()["status"]) == (200, "superior_confirmed")
    assert first.get_json()["quotas"] == []
    assert quotas() == 0
    last = flow.post(f"{path}/confirm", flow.finance).get_json()
    assert (last["status"], last["confirmed_at"]) == ("confirmed", "2026-03-02T04:00:00+00:00")
    quota_id = last["quotas"][0]["quota_id"]
    shown = flow.get("/quotas", flow.admin, unit_id=flow.people.unit.id, year=2026)
    assert shown.status_code == 200
    assert shown.get_json() == {
        "quota_id": quota_id,
        "unit_id": str(flow.people.unit.id),
        "year": 2026,
        "fund": "canteen",
        "ceiling_fen": 800_000_00,
        "floor_fen": 300_000_00,
        "held_fen": 0,
        "spent_fen": 0,
        "available_fen": 800_000_00,
        "entries_url": f"/api/v1/procurement/quotas/{quota_id}/entries",
        "warning_bp": 9000,
        "nearly_used": False,
        "closed_at": None,
        "reopened_until": None,
    }
    told = last["quotas"][0]
    assert told == {name: shown.get_json()[name] for name in told}
    kinds = db.session.execute(select(EventRow.kind).order_by(EventRow.position)).scalars().all()
    assert kinds == ["FilingSubmitted", "FilingConfirmed"]
    acts = db.session.execute(
        select(AuditRow.action).where(AuditRow.outcome == "done").order_by(AuditRow.position)
    ).scalars()
    assert [act for act in acts if act.endswith(("_filing", "_quota"))] == [
        "draft_filing",
        "submit_filing",
        "superior_confirm_filing",
        "finance_confirm_filing",
        "open_quota",
    ]
    assert broken(INVARIANTS) == []


def test_a_union_reservation_opens_a_second_quota(flow: Flow) -> None:
    flow.confirmed(union_total_fen=90_000_00, union_reserved_fen=20_000_00)
    union = flow.get("/quotas", flow.admin, year=2026, fund="union").get_json()
    assert (union["ceiling_fen"], union["floor_fen"]) == (90_000_00, 20_000_00)
    assert quotas() == 2


def test_a_zero_filing_opens_an_empty_quota(flow: Flow) -> None:
    flow.confirmed(situation="none", canteen_total_fen=0, reserved_fen=0, ceiling_fen=0)
    empty = flow.get("/quotas", flow.admin, year=2026).get_json()
    assert (empty["ceiling_fen"], empty["floor_fen"], empty["available_fen"]) == (0, 0, 0)


def test_a_unit_that_nobody_supervises_goes_straight_to_finance(flow: Flow) -> None:
    path = "/filings"
    body = flow.draft() | {}
    flow.post(f"{path}/{body['id']}/submit", flow.admin)
    alone = registry.organisation(OrganisationKind.BUDGET_UNIT)
    admin = flow.token(registry.user(alone, [Role.UNIT_ADMIN]))
    filed = flow.post(path, admin, {name: body[name] for name in FIELDS}).get_json()
    flow.post(f"{path}/{filed['id']}/submit", admin)
    last = flow.post(f"{path}/{filed['id']}/confirm", flow.finance).get_json()
    assert (last["status"], len(last["quotas"])) == ("confirmed", 1)


FIELDS = ("year", "situation", "canteen_total_fen", "reserved_fen", "ceiling_fen")


def test_nobody_confirms_out_of_turn_or_for_themselves(flow: Flow) -> None:
    path = f"/filings/{flow.draft()['id']}"
    assert code_of(flow.post(f"{path}/confirm", flow.superior)) == (409, "wrong_state")
    flow.post(f"{path}/submit", flow.admin)
    assert code_of(flow.post(f"{path}/confirm", flow.finance)) == (409, "wrong_state")
    assert code_of(flow.post(f"{path}/confirm", flow.admin)) == (409, "same_person")
    colleague = flow.token(registry.user(flow.people.unit, [Role.UNIT_ADMIN]))
    assert code_of(flow.post(f"{path}/confirm", colleague)) == (403, "own_organisation")
    buyer = flow.token(registry.user(flow.people.superior, [Role.CANTEEN_BUYER]))
    assert code_of(flow.post(f"{path}/confirm", buyer)) == (403, "forbidden")
    elsewhere = Flow(flow.client, procurement.cast_of("440300"))
    assert code_of(flow.post(f"{path}/confirm", elsewhere.finance)) == (404, "not_found")
    assert quotas() == 0


def test_one_person_with_two_hats_confirms_once(flow: Flow) -> None:
    """The author is also an administrator above, and the superior's also sits in finance."""
    people = flow.people
    also(people.admin.id, people.superior.id, Role.UNIT_ADMIN)
    also(people.superior_admin.id, people.bureau.id, Role.FINANCE_SUPERVISOR)
    path = f"/filings/{flow.draft()['id']}"
    flow.post(f"{path}/submit", flow.admin)
    people.admin.organisation_id = people.superior.id
    people.superior_admin.organisation_id = people.bureau.id
    db.session.merge(people.admin)
    above, finance = flow.token(people.admin), flow.token(people.superior_admin)
    assert code_of(flow.post(f"{path}/confirm", above)) == (409, "same_person")
    assert flow.post(f"{path}/confirm", flow.superior).status_code == 200
    assert code_of(flow.post(f"{path}/confirm", finance)) == (409, "same_person")
    assert quotas() == 0


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"superior_by": "admin"}, "ck_filing_superior_apart"),
        ({"finance_by": "admin"}, "ck_filing_finance_apart"),
        ({"superior_by": "supervisor", "finance_by": "supervisor"}, "ck_filing_finance_apart"),
    ],
)
def test_the_database_keeps_the_hands_apart_too(
    flow: Flow, change: dict[str, str], constraint: str
) -> None:
    filed = db.session.get(Filing, procurement_id(flow))
    assert filed is not None
    for column, who in change.items():
        setattr(filed, column, getattr(flow.people, who).id)
    with pytest.raises(IntegrityError) as refusal:
        db.session.flush()
    assert constraint_of(refusal.value) == constraint


def procurement_id(flow: Flow) -> object:
    return procurement.filing_of(flow.people.unit).id if flow.draft() else None


def test_a_unit_without_quota_and_a_quota_out_of_sight_are_not_found(flow: Flow) -> None:
    assert code_of(flow.get("/quotas", flow.admin, year=2026)) == (404, "not_found")
    flow.confirmed()
    elsewhere = Flow(flow.client, procurement.cast_of("440300"))
    for query in ({"year": 2025}, {"year": 2026, "fund": "union"}):
        assert code_of(flow.get("/quotas", flow.admin, **query)) == (404, "not_found")
    unit_id = flow.people.unit.id
    for token, status in ((flow.superior, 200), (flow.finance, 200), (elsewhere.finance, 404)):
        found = flow.get("/quotas", token, unit_id=unit_id, year=2026)
        assert found.status_code == status
    assert code_of(flow.get("/quotas", flow.admin)) == (422, "invalid")


def test_the_entries_of_a_quota_are_listed(flow: Flow) -> None:
    quota_id = flow.confirmed()["quotas"][0]["quota_id"]
    order_id = new_id()
    commands.hold(
        order_id=order_id,
        quota_id=QuotaId(db.session.execute(select(Quota.id)).scalar_one()),
        parts=[procurement.part(5_000)],
        expires_at=None,
        now=NOW,
    )
    commands.post(order_id=order_id, amounts={OriginKind.NATIONAL_832: Fen(5_000)}, now=NOW)
    path = f"/quotas/{quota_id}/entries"
    items = flow.get(path, flow.admin).get_json()["items"]
    assert [
        (one["kind"], one["held_fen"], one["spent_fen"], one["ceiling_fen"], one["floor_fen"])
        for one in items
    ] == [
        ("post", -5_000, 5_000, 0, 0),
        ("hold", 5_000, 0, 0, 0),
        ("adjust", 0, 0, 800_000_00, 300_000_00),
    ]
    assert (items[0]["order_id"], items[0]["origin_kind"], items[0]["order_kind"]) == (
        str(order_id),
        "national_832",
        "reserved_share",
    )
    first = flow.get(path, flow.admin, limit=2).get_json()
    rest = flow.get(path, flow.admin, limit=2, cursor=first["next_cursor"]).get_json()
    assert [one["kind"] for one in rest["items"]] == ["adjust"]
    stranger = flow.token(
        registry.user(registry.organisation(OrganisationKind.BUDGET_UNIT), [Role.UNIT_ADMIN])
    )
    assert code_of(flow.get(path, stranger)) == (404, "not_found")
