"""Opening accounts, signing in and out, and who a token stands for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from kernel.actor import SYSTEM, Sight
from kernel.audit import AuditRow
from kernel.database import db
from kernel.errors import NotAllowed, NotFound
from registry.accounts.commands import sessions
from registry.accounts.commands.accounts import NewPlatform, NewUser, create_user, open_platform
from registry.accounts.commands.disclosures import record_disclosure
from registry.accounts.commands.sessions import sign_in
from registry.accounts.models import AccessToken, AppUser, Disclosure, Membership, Role
from registry.accounts.queries.accounts import authenticate, get_myself, get_user_view, list_users
from registry.errors.accounts import PasswordWeak, RoleOutOfReach, RolesExclusive, RoleUnfit
from registry.organisations.models import Organisation, OrganisationKind
from tests.builders import registry as build

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
HOURS = timedelta(hours=12)
UNIT, CONTRACTOR = OrganisationKind.BUDGET_UNIT, OrganisationKind.CANTEEN_CONTRACTOR
AUTHORITY, PLATFORM = OrganisationKind.AUTHORITY, OrganisationKind.PLATFORM


def _new(organisation: Organisation, *roles: Role, username: str = "Clerk.One") -> NewUser:
    return NewUser(
        username=username,
        password=build.PASSWORD,
        organisation_id=organisation.id,
        roles=list(roles),
    )


def test_the_first_administrator_opens_the_platform(db_session: Session) -> None:
    admin = open_platform(
        NewPlatform(
            credit_code=build.credit_code("91"),
            name="演示平台",
            username="admin",
            password=build.PASSWORD,
        ),
        now=NOW,
    )
    signed_in = sign_in("admin", password=build.PASSWORD, lifetime=HOURS, now=NOW)
    assert signed_in is not None
    assert signed_in.actor.user_id == admin.id
    assert signed_in.actor.roles == {Role.PLATFORM_ADMIN}
    assert signed_in.actor.sight is Sight.ALL
    assert signed_in.actor.region_code == "000000"
    assert db_session.scalar(select(func.count(AccessToken.id))) == 1


def test_a_unit_administrator_enrols_for_its_canteens_contractor(
    db_session: Session, written: Callable[[], list[AuditRow]]
) -> None:
    unit = build.organisation(UNIT)
    contractor = build.organisation(CONTRACTOR, supervising=unit)
    by = build.actor_of(build.user(unit, [Role.UNIT_ADMIN]))
    made = create_user(_new(contractor, Role.CONTRACTOR_BUYER), by=by, now=NOW)
    assert made.username == "clerk.one"
    assert made.password_hash.startswith("$argon2id$")
    assert get_user_view(by, made.id).roles == ["contractor_buyer"]
    row = written()[-1]
    assert (row.action, row.subject_id, row.outcome) == ("create_user", str(made.id), "done")
    members = db_session.scalars(select(Membership).where(Membership.user_id == made.id)).all()
    assert [(one.organisation_id, one.role) for one in members] == [
        (contractor.id, Role.CONTRACTOR_BUYER)
    ]


def test_an_account_is_refused_and_nothing_is_kept(db_session: Session) -> None:
    unit = build.organisation(UNIT)
    elsewhere = build.organisation(UNIT)
    platform = build.organisation(PLATFORM, "000000")
    by = build.actor_of(build.user(unit, [Role.UNIT_ADMIN]))
    before = db_session.scalar(select(func.count(AppUser.id)))
    for new, actor, refusal in (
        (_new(elsewhere, Role.CANTEEN_BUYER), by, NotFound),
        (_new(unit, Role.MONITOR), by, RoleOutOfReach),
        (_new(unit, Role.COUNTY_REVIEWER), SYSTEM, RoleUnfit),
        (_new(platform, Role.PLATFORM_ADMIN, Role.MONITOR), SYSTEM, RolesExclusive),
        (_new(unit, Role.CANTEEN_BUYER, username="battery"), by, PasswordWeak),
    ):
        with pytest.raises(refusal):
            create_user(new, by=actor, now=NOW)
    assert db_session.scalar(select(func.count(AppUser.id))) == before


@pytest.mark.parametrize(
    ("kind", "region_code", "roles", "seen"),
    [
        (UNIT, "440203", [Role.CANTEEN_BUYER, Role.UNIT_FINANCE], (Sight.ORGANISATION, "440203")),
        (AUTHORITY, "440203103", [Role.TOWN_CHECKER], (Sight.REGION, "440203103")),
        (AUTHORITY, "440200", [Role.CITY_REVIEWER, Role.MONITOR], (Sight.REGION, "4402")),
        (AUTHORITY, "440000", [Role.AUDITOR], (Sight.ALL, "44")),
        (
            OrganisationKind.FINANCE_BUREAU,
            "441900",
            [Role.FINANCE_SUPERVISOR],
            (Sight.REGION, "4419"),
        ),
        (
            OrganisationKind.VILLAGE_COLLECTIVE,
            "440203103",
            [Role.VILLAGE_CADRE, Role.COOP_CLERK],
            (Sight.REGION, "440203103"),
        ),
    ],
)
def test_a_token_stands_for_its_user_in_one_statement(
    db_session: Session,
    kind: OrganisationKind,
    region_code: str,
    roles: list[Role],
    seen: tuple[Sight, str],
) -> None:
    home = build.organisation(kind, region_code)
    token = build.token_of(build.user(home, roles))
    statements: list[str] = []

    def count(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    event.listen(db_session.connection(), "before_cursor_execute", count)
    actor = authenticate(token, now=NOW)
    assert len(statements) == 1
    assert actor is not None
    assert (actor.sight, actor.region_prefix) == seen
    assert actor.roles == frozenset(roles)
    assert (actor.organisation_id, actor.lineage) == (home.id, home.lineage)
    assert actor.organisation_kind == kind


def test_a_token_runs_out_and_is_revoked(
    db_session: Session, written: Callable[[], list[AuditRow]]
) -> None:
    home = build.organisation()
    user = build.user(home, [Role.COOP_CLERK])
    signed_in = sign_in(user.username.upper(), password=build.PASSWORD, lifetime=HOURS, now=NOW)
    assert signed_in is not None
    assert signed_in.token.startswith("bf_")
    assert len(signed_in.token) == len("bf_") + 43
    assert signed_in.expires_at == NOW + HOURS
    kept = db_session.scalars(select(AccessToken)).one()
    assert len(kept.digest) == 32
    assert signed_in.token.encode() not in kept.digest
    half_an_hour = timedelta(minutes=30)
    assert authenticate(signed_in.token, now=NOW + half_an_hour - timedelta(seconds=1))
    assert authenticate(signed_in.token, now=NOW + half_an_hour) is None
    assert authenticate(signed_in.token, now=NOW + HOURS) is None
    assert authenticate("bf_unknown", now=NOW) is None
    with pytest.raises(NotFound):
        sessions.sign_out("bf_unknown", by=signed_in.actor, now=NOW)
    sessions.sign_out(signed_in.token, by=signed_in.actor, now=NOW)
    assert authenticate(signed_in.token, now=NOW) is None
    assert [row.action for row in written()[-2:]] == ["sign_in", "sign_out"]


def test_five_failures_shut_an_account_for_15_minutes(
    db_session: Session, written: Callable[[], list[AuditRow]]
) -> None:
    user = build.user(build.organisation(), [Role.COOP_CLERK])

    def attempt(password: str, now: datetime) -> bool:
        found = sign_in(user.username, password=password, lifetime=HOURS, now=now)
        return found is not None

    for _ in range(4):
        assert not attempt("wrong", NOW)
    assert attempt(build.PASSWORD, NOW)
    assert user.failed_attempts == 0
    for _ in range(5):
        assert not attempt("wrong", NOW)
    assert user.locked_until_at == NOW + timedelta(minutes=15)
    assert not attempt(build.PASSWORD, NOW + timedelta(minutes=14, seconds=59))
    assert not attempt("wrong", NOW + timedelta(minutes=15))
    assert [user.failed_attempts, user.locked_until_at] == [1, None]
    assert attempt(build.PASSWORD, NOW + timedelta(minutes=15))
    refused = [row for row in written() if row.outcome == "unauthenticated"]
    assert len(refused) == 11
    assert {row.subject_id for row in refused} == {str(user.id)}
    assert db_session.scalar(select(func.count(AccessToken.id))) == 2


def test_an_unknown_name_is_hashed_too(
    monkeypatch: pytest.MonkeyPatch,
    db_session: Session,
    written: Callable[[], list[AuditRow]],
) -> None:
    del db_session
    verified: list[str | None] = []

    def verify(password: str, *, against: str | None) -> bool:
        verified.append(against)
        return bool(password and against)

    monkeypatch.setattr(sessions, "verify_password", verify)
    assert sign_in("nobody", password=build.PASSWORD, lifetime=HOURS, now=NOW) is None
    assert verified == [None]
    assert written()[-1].subject_id == "unknown"


def test_a_user_without_a_role_is_a_defect(db_session: Session) -> None:
    user = build.user(build.organisation(), [])
    with pytest.raises(RuntimeError, match="without a role"):
        sign_in(user.username, password=build.PASSWORD, lifetime=HOURS, now=NOW)
    assert db_session.is_active


def test_accounts_are_listed_within_sight(db_session: Session) -> None:
    assert db_session.is_active
    unit = build.organisation(UNIT)
    below = build.organisation(UNIT, supervising=unit)
    admin = build.user(unit, [Role.UNIT_ADMIN])
    buyer = build.user(below, [Role.CANTEEN_BUYER, Role.UNION_OFFICER])
    stranger = build.user(build.organisation(UNIT), [Role.UNIT_ADMIN])
    by = build.actor_of(admin)
    page = list_users(by, limit=10, cursor=None)
    assert [(one.id, one.roles) for one in page.items] == [
        (buyer.id, ["canteen_buyer", "union_officer"]),
        (admin.id, ["unit_admin"]),
    ]
    with pytest.raises(NotFound):
        get_user_view(by, stranger.id)
    assert get_myself(by).username == admin.username
    with pytest.raises(NotFound):
        get_myself(SYSTEM)


def test_a_disclosure_is_kept_with_its_purpose(
    db_session: Session, written: Callable[[], list[AuditRow]]
) -> None:
    home = build.organisation()
    by = build.actor_of(build.user(home, [Role.COOP_CLERK]))
    record_disclosure(("household", home.id), purpose="兑付货款", by=by, now=NOW)
    kept = db_session.scalars(select(Disclosure)).one()
    assert (kept.subject_id, kept.user_id, kept.purpose) == (home.id, by.user_id, "兑付货款")
    assert written()[-1].action == "disclose"
    with pytest.raises(NotAllowed):
        record_disclosure(("household", home.id), purpose="无", by=SYSTEM, now=NOW)
    assert db.session.scalar(select(func.count(Disclosure.id))) == 1
