"""Every state × every change × every role, against the tables in `docs/rules/certification.md`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from certification.certificates.commands import scope
from certification.certificates.commands.changes import change_certificate, expire_certificates
from certification.certificates.models.certificates import (
    Certificate,
    CertificateChange,
    ChangeKind,
)
from certification.certificates.models.scope import ScopeChange, ScopeStatus
from certification.certificates.rules.scope import Scope
from kernel import clock
from kernel.actor import Actor
from kernel.database import db
from registry.accounts.models import REVIEWERS, Role
from registry.organisations.models import Organisation, OrganisationKind
from tests.builders import certification as build
from tests.builders import registry
from tests.builders.certification import LEVELS, NOTICE_OVER
from tests.conftest import Client

STATES = ("in_force", "suspended", "revoked", "expired", "lapsed")
"""`lapsed` is over by its last day while its row does not say so yet."""
CHANGES = ("warn", "suspend", "reinstate", "revoke")
MOVES: Mapping[tuple[str, str], str] = {
    ("in_force", "warn"): "in_force",
    ("in_force", "suspend"): "suspended",
    ("in_force", "revoke"): "revoked",
    ("suspended", "warn"): "suspended",
    ("suspended", "reinstate"): "in_force",
    ("suspended", "revoke"): "revoked",
}
"""What moves, by reviewers of the place; whatever is not here is refused and changes nothing."""
PLACES = dict(LEVELS.values())
Who = tuple[str, Role]


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    with clock.stopped(NOTICE_OVER):
        yield


def tokens(holder: Organisation) -> dict[Who, str]:
    """Give somebody of each role here, of each reviewing role elsewhere, and in the holder."""
    found: dict[Who, str] = {}
    for role in Role:
        office = registry.organisation(
            OrganisationKind.AUTHORITY, PLACES.get(role, registry.WUJIANG)
        )
        found["here", role] = registry.token_of(registry.user(office, [role]))
    for role in sorted(REVIEWERS):
        office = registry.organisation(OrganisationKind.AUTHORITY, registry.XINGGUO)
        found["elsewhere", role] = registry.token_of(registry.user(office, [role]))
    for role in (*sorted(REVIEWERS), Role.COOP_CLERK):
        found["holder", role] = registry.token_of(registry.user(holder, [role]))
    return found


def county() -> Actor:
    return registry.actor_of(build.reviewer_of("county"))


def in_state(state: str, holder: Organisation) -> Certificate:
    over = state in {"expired", "lapsed"}
    made = build.certificate(holder, granted_on=date(2025 if over else 2026, 3, 10))
    if state == "expired":
        expire_certificates(now=NOTICE_OVER)
    if state in {"suspended", "revoked"}:
        kind = ChangeKind(state)
        change_certificate(made.id, kind, reason="抽检", by=county(), now=NOTICE_OVER)
    return made


def standing(certificate_id: Any) -> tuple[str, int, bool]:
    """Tell what is in the certificate's row, how long its history is, whether it sells."""
    one = db.session.get_one(Certificate, certificate_id, populate_existing=True)
    mine = CertificateChange.certificate_id == certificate_id
    count = db.session.scalar(select(func.count()).select_from(CertificateChange).where(mine))
    return one.status.value, count or 0, build.capacity_of(one).is_open


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("change", CHANGES)
def test_a_certificate_moves_only_by_who_may_move_it(
    client: Client, state: str, change: str
) -> None:
    holder = registry.organisation()
    made = in_state(state, holder)
    for (where, role), token in tokens(holder).items():
        path = f"/api/v1/certificates/{made.id}/{change}"
        before = standing(made.id)
        answer = client.post(path, json={"reason": "抽检"}, token=token)
        assert answer.json is not None
        wanted = MOVES.get((state, change))
        if role not in REVIEWERS or where == "elsewhere":
            refusal = (403, "forbidden")
        elif where == "holder":
            refusal = (403, "own_organisation")
        elif wanted is None:
            refusal = (409, "wrong_state")
        else:
            assert (answer.status_code, answer.json["status"]) == (200, wanted), role
            assert standing(made.id) == (wanted, before[1] + 1, wanted == "in_force")
            made = in_state(state, holder)
            continue
        assert (answer.status_code, answer.json["code"]) == refusal, (where, role)
        assert standing(made.id) == before


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("state", STATES)
def test_time_ends_only_what_has_not_ended(state: str) -> None:
    made = in_state(state, registry.organisation())
    before = standing(made.id)
    expire_certificates(now=NOTICE_OVER.replace(year=2027))
    ends = state in {"in_force", "suspended", "lapsed"}
    assert standing(made.id) == (("expired", before[1] + 1, False) if ends else before)


def wish(state: ScopeStatus, holder: Organisation) -> ScopeChange:
    """Bring a wish for another scope into a state by the way people take."""
    clerk = registry.actor_of(registry.user(holder, [Role.COOP_CLERK]))
    made = build.certificate(holder)
    wanted = Scope("演示新米", made.specification, Decimal(1100))
    one = scope.request_scope_change(made.id, wanted, reason="增产", by=clerk, now=NOTICE_OVER)
    if state is ScopeStatus.WITHDRAWN:
        return scope.withdraw_scope_change(one.id, by=clerk, now=NOTICE_OVER)
    if state is not ScopeStatus.REQUESTED:
        accept = state is ScopeStatus.ACCEPTED
        scope.decide_scope_change(
            one.id, accept=accept, opinion="属实", by=county(), now=NOTICE_OVER
        )
    return one


def seen(change_id: Any) -> tuple[ScopeStatus, str, int]:
    """Tell what is in the wish's row, and in the certificate's."""
    one = db.session.get_one(ScopeChange, change_id, populate_existing=True)
    of = db.session.get_one(Certificate, one.certificate_id, populate_existing=True)
    return one.status, of.product_name, of.revision


@pytest.mark.parametrize("state", ScopeStatus)
@pytest.mark.parametrize("act", ["accept", "refuse", "withdraw"])
def test_a_wish_for_another_scope_moves_only_by_who_may_move_it(
    client: Client, state: ScopeStatus, act: str
) -> None:
    holder = registry.organisation()
    one = wish(state, holder)
    outcome = {"accept": ScopeStatus.ACCEPTED, "refuse": ScopeStatus.REFUSED}.get(
        act, ScopeStatus.WITHDRAWN
    )
    body = None if act == "withdraw" else {"accept": act == "accept", "opinion": "属实"}
    door = "withdraw" if body is None else "decision"
    for (where, role), token in tokens(holder).items():
        before = seen(one.id)
        answer = client.post(f"/api/v1/scope-changes/{one.id}/{door}", json=body, token=token)
        assert answer.json is not None
        if act == "withdraw":
            may = (where, role) == ("holder", Role.COOP_CLERK)
        else:
            may = where == "here" and role in REVIEWERS
        if may and state is ScopeStatus.REQUESTED:
            assert (answer.status_code, answer.json["status"]) == (200, outcome), role
            changed = outcome is ScopeStatus.ACCEPTED
            assert seen(one.id) == (outcome, "演示新米" if changed else before[1], 1 + changed)
            one = wish(state, holder)
            continue
        codes = {(409, "wrong_state")} if may else {
            (403, "forbidden"), (403, "own_organisation"), (404, "not_found")
        }  # fmt: skip
        assert (answer.status_code, answer.json["code"]) in codes, (where, role)
        assert seen(one.id) == before
