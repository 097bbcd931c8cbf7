"""Every state × every act × everybody of a quota's year, and of an application to re-bind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kernel import clock
from kernel.calendar import shanghai_year
from kernel.database import db
from kernel.money import Fen
from marketplace.orders.commands.rebinding import (
    NewRebinding,
    consent_to_rebinding,
    refuse_rebinding,
    request_rebinding,
    withdraw_rebinding,
)
from marketplace.orders.models.rebindings import Rebinding, RebindingId
from procurement.quotas.commands import closings
from procurement.quotas.commands.allocations import AllocationPart, NewAllocation, allocate
from procurement.quotas.commands.closings import NewReopening
from procurement.quotas.models import Quota, QuotaId
from registry.accounts.models import AppUser, Role
from registry.organisations.models import OrganisationKind
from tests.builders import marketplace, procurement, registry
from tests.builders.procurement import NOW, YEAR, Cast
from tests.conftest import Client
from tests.transitions import Token, bystanders, posting, walk

AFTER = datetime(2027, 1, 1, 4, tzinfo=UTC)
UNTIL = AFTER + timedelta(days=30)
ROOM = "/api/v1/procurement"


def tokens(**known: AppUser) -> dict[str, Token]:
    """Give those who have to do with it, and everybody else."""
    return bystanders() | {who: registry.token_of(user) for who, user in known.items()}


def given(people: Cast) -> QuotaId:
    """Let the supervising unit have 1,000 fen and give 300 of them to the school."""
    quota_id = procurement.quota(people.superior, 1_000).id
    new = NewAllocation([AllocationPart(people.unit.id, Fen(300), Fen(0))], "分配")
    allocate(quota_id, new, by=registry.actor_of(people.superior_admin), now=NOW)
    return quota_id


@pytest.mark.parametrize("state", ["open", "over", "closed", "reopened"])
def test_a_quota_moves_only_as_its_table_says(client: Client, state: str) -> None:
    people = procurement.cast_of()
    quota_id = given(people)
    office = registry.actor_of(people.supervisor)
    now = NOW if state == "open" else AFTER
    if state in {"closed", "reopened"}:
        closings.close_year(YEAR, by=office, now=AFTER)
    if state == "reopened":
        closings.reopen_quota(quota_id, NewReopening(UNTIL, "补记"), by=office, now=AFTER)
        (below,) = db.session.query(Quota.id).filter_by(unit_id=people.unit.id).one()
        closings.reopen_quota(below, NewReopening(UNTIL, "补记"), by=office, now=AFTER)
    part = {"unit_id": str(people.unit.id), "ceiling_fen": 100, "floor_fen": 0}
    moved = {"parts": [part], "source": "分配"}
    again = {"until_at": UNTIL.isoformat(), "source": "补记"}

    def state_now() -> str:
        quota = db.session.get_one(Quota, quota_id, populate_existing=True)
        if quota.closed_at is not None:
            return "closed"
        if quota.reopened_until is not None:
            return "reopened"
        return "open" if shanghai_year(now) == quota.year else "over"

    with clock.stopped(now):
        walk(
            client, "quota", state,
            people=tokens(
                giver=people.superior_admin, below=people.admin, finance=people.supervisor
            ),
            acts={
                "allocate": posting(f"{ROOM}/quotas/{quota_id}/allocations", moved),
                "recall": posting(f"{ROOM}/quotas/{quota_id}/recalls", moved),
                "close": posting(f"{ROOM}/quota-closings", {"year": YEAR}),
                "reopen": posting(f"{ROOM}/quotas/{quota_id}/reopenings", again),
            },
            state_now=state_now, shown_in=("quota", "quota_move", "quota_entry"),
        )  # fmt: skip


@pytest.mark.parametrize("state", ["open", "consented", "done", "refused", "withdrawn"])
def test_an_application_to_rebind_moves_only_as_its_table_says(client: Client, state: str) -> None:
    now = marketplace.NOW
    there = marketplace.scene()
    other = registry.organisation(OrganisationKind.BUDGET_UNIT)
    procurement.quota(other)
    giver, colleague = (registry.user(there.unit, [Role.UNIT_ADMIN]) for _ in range(2))
    taker = registry.user(other, [Role.UNIT_ADMIN])
    order_id = marketplace.confirmed(there, "10").order.id
    new = NewRebinding(other.id, "误选单位")
    asked: RebindingId = request_rebinding(
        order_id, new, by=there.by("buyer"), now=now
    ).rebinding.id
    by = registry.actor_of(giver)
    if state in {"consented", "done"}:
        consent_to_rebinding(asked, by=by, now=now)
    if state == "done":
        consent_to_rebinding(asked, by=registry.actor_of(taker), now=now)
    if state == "refused":
        refuse_rebinding(asked, reason="", by=by, now=now)
    if state == "withdrawn":
        withdraw_rebinding(asked, reason="", by=there.by("buyer"), now=now)
    to, why = f"/api/v1/rebindings/{asked}", {"reason": "不属本单位"}

    def state_now() -> str:
        row = db.session.get_one(Rebinding, asked, populate_existing=True)
        said = row.status == "open" and (row.from_consent_by or row.to_consent_by)
        return "consented" if said else row.status.value

    with clock.stopped(now):
        walk(
            client, "rebinding", state,
            people=tokens(giver=giver, colleague=colleague, taker=taker, buyer=there.buyer),
            acts={
                "consent": posting(f"{to}/consent"),
                "refuse": posting(f"{to}/refuse", why),
                "withdraw": posting(f"{to}/withdraw", why),
            },
            state_now=state_now, shown_in=("rebinding", "purchase_order", "quota"),
        )  # fmt: skip
