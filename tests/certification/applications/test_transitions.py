"""Every state × every role × every act, against the tables in `docs/rules/certification.md`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import pytest

from certification.applications.commands import applications as commands
from certification.applications.commands.grants import grant_application
from certification.applications.models import Application, ApplicationStatus, Decision
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import Refusal
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import certification as build
from tests.builders import registry
from tests.builders.certification import NOTICE_OVER, NOW, Cast

S = ApplicationStatus
PASSED = ("town", "county", "city", "province")
WHO = ("clerk", *PASSED, "stranger", *(role.value for role in Role if role is not Role.COOP_CLERK))
ACTS = ("submit", "withdraw", "pass", "return", "reject", "grant")

MOVES: Mapping[tuple[str, str, str], S] = {
    ("draft", "submit", "clerk"): S.SUBMITTED,
    ("returned", "submit", "clerk"): S.SUBMITTED,
    **{(state.value, "withdraw", "clerk"): S.WITHDRAWN for state in S if state not in {
        S.GRANTED, S.REJECTED, S.WITHDRAWN, S.PROVINCE_CHECKED}},
    ("submitted", "pass", "town"): S.TOWN_CHECKED,
    ("town_checked", "pass", "county"): S.COUNTY_CHECKED,
    ("county_checked", "pass", "city"): S.CITY_CHECKED,
    ("city_checked", "pass", "province"): S.IN_NOTICE,
    **{
        (state, act, level): status
        for state, level in zip(
            ("submitted", "town_checked", "county_checked", "city_checked"), PASSED, strict=True
        )
        for act, status in (("return", S.RETURNED), ("reject", S.REJECTED))
    },
    ("in_notice", "return", "province"): S.RETURNED,
    ("in_notice", "reject", "province"): S.REJECTED,
    ("in_notice", "grant", "province"): S.GRANTED,
}  # fmt: skip
"""What moves, by whom; whatever is not here is refused and changes nothing."""


def in_state(state: ApplicationStatus, people: Cast) -> Application:
    """Bring an application into a state by the way people take."""
    if state in {S.DRAFT, S.WITHDRAWN}:
        made = build.draft(people)
        return made if state is S.DRAFT else commands.withdraw_application(
            made.id, by=people.by, now=NOW
        )  # fmt: skip
    if state in {S.IN_NOTICE, S.GRANTED}:
        made = build.in_notice(people)
        if state is S.GRANTED:
            grant_application(made.id, by=people.reviewer("province"), now=NOTICE_OVER)
        return made
    if state in {S.RETURNED, S.REJECTED}:
        decision = Decision.RETURN if state is S.RETURNED else Decision.REJECT
        return build.review(build.submitted(people).id, people.reviewer("town"), decision)
    names = [S.SUBMITTED, S.TOWN_CHECKED, S.COUNTY_CHECKED, S.CITY_CHECKED]
    return build.passed(people, *PASSED[: names.index(state)])


def actor_of(who: str, people: Cast) -> Actor:
    """Give the clerk, the level's reviewer, another cooperative's clerk, or any other role."""
    if who == "clerk":
        return people.by
    if who in PASSED:
        return people.reviewer(who)
    if who == "stranger":
        return registry.actor_of(registry.user(registry.organisation(), [Role.COOP_CLERK]))
    office = registry.organisation(OrganisationKind.AUTHORITY, registry.XINGGUO)
    return registry.actor_of(registry.user(office, [Role(who)]))


def act_of(act: str) -> Callable[[Application, Actor, datetime], Application]:
    """Give the deed: holder's acts, decisions, or the grant."""
    if act == "submit":
        return lambda made, by, now: commands.submit_application(made.id, by=by, now=now)
    if act == "withdraw":
        return lambda made, by, now: commands.withdraw_application(made.id, by=by, now=now)
    if act == "grant":
        return lambda made, by, now: grant_application(made.id, by=by, now=now)
    return lambda made, by, now: build.review(made.id, by, Decision(act), now=now)


@pytest.mark.usefixtures("db_session")
@pytest.mark.parametrize("state", [one for one in S if one is not S.PROVINCE_CHECKED])
def test_an_application_moves_only_by_who_may_move_it(state: ApplicationStatus) -> None:
    people = build.cast()
    made = in_state(state, people)
    assert made.status is state
    actors = {who: actor_of(who, people) for who in WHO}
    for act in ACTS:
        for who, actor in actors.items():
            wanted = MOVES.get((state.value, act, who))
            before = made.version
            with db.session.begin_nested() as point:
                if wanted is None:
                    with pytest.raises(Refusal):
                        act_of(act)(made, actor, NOTICE_OVER)
                else:
                    moved = act_of(act)(made, actor, NOTICE_OVER)
                    assert moved.status is wanted, (state, act, who)
                point.rollback()
            db.session.expire_all()
            assert (made.status, made.version) == (state, before), (state, act, who)


@pytest.mark.usefixtures("db_session")
@pytest.mark.parametrize("act", ["return", "reject", "grant"])
def test_nothing_is_decided_while_the_notice_runs(act: str) -> None:
    people = build.cast()
    made = build.in_notice(people)
    with pytest.raises(Refusal) as caught:
        act_of(act)(made, people.reviewer("province"), NOW)
    assert caught.value.code == "notice_running"
    assert made.status is S.IN_NOTICE
