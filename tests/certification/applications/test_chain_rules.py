"""How an application moves, and who may decide on it."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from uuid import UUID

import pytest

from certification.applications.models import (
    Application,
    ApplicationReview,
    ApplicationStatus,
    Decision,
)
from certification.applications.rules import chain as rules
from certification.criteria.models import ReviewLevel
from certification.errors.applications import ObjectionUpheld
from kernel.actor import Actor, Sight
from kernel.errors import NotAllowed, OwnOrganisation, SamePerson, WrongState
from kernel.identity import new_id
from registry.accounts.models import Role
from registry.notices.models import Objection
from registry.organisations.models import OrganisationId

S = ApplicationStatus
L = ReviewLevel
VILLAGE = "360732100201"
CHAIN = (L.TOWN, L.COUNTY, L.CITY, L.PROVINCE)
HOLDER = OrganisationId(new_id())

ALLOWED = {
    "draft": {"submitted", "withdrawn"},
    "submitted": {
        "town_checked",
        "county_checked",
        "city_checked",
        "province_checked",
        "returned",
        "rejected",
        "withdrawn",
    },
    "town_checked": {
        "county_checked",
        "city_checked",
        "province_checked",
        "in_notice",
        "returned",
        "rejected",
        "withdrawn",
    },
    "county_checked": {
        "city_checked",
        "province_checked",
        "in_notice",
        "returned",
        "rejected",
        "withdrawn",
    },
    "city_checked": {"province_checked", "in_notice", "returned", "rejected", "withdrawn"},
    "province_checked": {"in_notice", "returned", "rejected", "withdrawn"},
    "in_notice": {"granted", "returned", "rejected", "withdrawn"},
    "returned": {"submitted", "withdrawn"},
}


def reviewer(role: Role, region_code: str, *, user_id: UUID | None = None) -> Actor:
    return Actor(
        user_id=user_id or new_id(),
        organisation_id=new_id(),
        region_code=region_code,
        roles=frozenset({role}),
        sight=Sight.REGION,
    )


def application(status: ApplicationStatus = S.SUBMITTED) -> Application:
    return Application(
        id=new_id(),
        status=status,
        holder_id=HOLDER,
        author_id=new_id(),
        submitted_by_id=new_id(),
        origin_region_code=VILLAGE,
    )


def passed(level: ReviewLevel, by: UUID, decision: Decision = Decision.PASS) -> ApplicationReview:
    return ApplicationReview(level=level, reviewer_id=by, decision=decision)


@pytest.mark.parametrize(("state", "wanted"), list(product(S, S)))
def test_an_application_moves_only_along_its_table(
    state: ApplicationStatus, wanted: ApplicationStatus
) -> None:
    if wanted in ALLOWED.get(state, set()):
        rules.check_transition(state, wanted)
    else:
        with pytest.raises(WrongState):
            rules.check_transition(state, wanted)


@pytest.mark.parametrize("state", list(S))
def test_only_a_draft_and_a_returned_one_can_be_edited(state: ApplicationStatus) -> None:
    if state in {S.DRAFT, S.RETURNED}:
        rules.check_editable(state)
    else:
        with pytest.raises(WrongState):
            rules.check_editable(state)


def test_only_the_holders_own_people_act_for_it() -> None:
    rules.check_own(application(), by=Actor(user_id=new_id(), organisation_id=HOLDER))
    with pytest.raises(NotAllowed):
        rules.check_own(application(), by=Actor(user_id=new_id(), organisation_id=new_id()))


@pytest.mark.parametrize(
    ("chain", "turns"),
    [
        (CHAIN, {S.SUBMITTED: L.TOWN, S.TOWN_CHECKED: L.COUNTY, S.COUNTY_CHECKED: L.CITY,
                 S.CITY_CHECKED: L.PROVINCE, S.IN_NOTICE: L.NOTICE}),
        ((L.COUNTY, L.PROVINCE), {S.SUBMITTED: L.COUNTY, S.COUNTY_CHECKED: L.PROVINCE,
                                  S.IN_NOTICE: L.NOTICE}),
        ((L.COUNTY,), {S.SUBMITTED: L.COUNTY, S.IN_NOTICE: L.NOTICE}),
    ],
)  # fmt: skip
def test_the_chain_says_whose_turn_it_is(
    chain: tuple[ReviewLevel, ...], turns: dict[ApplicationStatus, ReviewLevel]
) -> None:
    assert {state: rules.next_level(state, chain) for state in S} == {
        state: turns.get(state) for state in S
    }


@pytest.mark.parametrize(
    ("role", "region_code", "level"),
    [
        (Role.TOWN_CHECKER, "360732100", L.TOWN),
        (Role.COUNTY_REVIEWER, "360732", L.COUNTY),
        (Role.CITY_REVIEWER, "360700", L.CITY),
        (Role.PROVINCE_REVIEWER, "360000", L.PROVINCE),
        (Role.TOWN_CHECKER, "360732101", None),
        (Role.COUNTY_REVIEWER, "360733", None),
        (Role.PROVINCE_REVIEWER, "440000", None),
        (Role.COUNTY_REVIEWER, "360700", None),
        (Role.TOWN_CHECKER, VILLAGE, None),
        (Role.MONITOR, "360732", None),
        (Role.PROVINCE_REVIEWER, "", None),
    ],
)
def test_a_reviewer_speaks_for_the_level_of_their_role_and_region(
    role: Role, region_code: str, level: ReviewLevel | None
) -> None:
    by = reviewer(role, region_code)
    if level is not None:
        found = rules.level_of_reviewer(CHAIN, origin_region_code=VILLAGE, by=by)
        assert found is level
        return
    with pytest.raises(NotAllowed):
        rules.level_of_reviewer(CHAIN, origin_region_code=VILLAGE, by=by)


def test_a_level_outside_the_chain_does_not_speak() -> None:
    town = reviewer(Role.TOWN_CHECKER, "360732100")
    with pytest.raises(NotAllowed):
        rules.level_of_reviewer((L.COUNTY,), origin_region_code=VILLAGE, by=town)


def check(subject: Application, by: Actor, *reviews: ApplicationReview, member: bool = False) -> L:
    return rules.check_reviewer(subject, chain=CHAIN, reviews=reviews, is_member=member, by=by)


def test_nobody_decides_on_their_own_organisation() -> None:
    county = reviewer(Role.COUNTY_REVIEWER, "360732")
    subject = application()
    assert check(subject, county) is L.COUNTY
    with pytest.raises(OwnOrganisation):
        check(subject, county, member=True)
    subject.holder_id = OrganisationId(county.organisation_id or new_id())
    with pytest.raises(OwnOrganisation):
        check(subject, county)


def test_author_and_submitter_do_not_review() -> None:
    subject = application()
    for person in (subject.author_id, subject.submitted_by_id):
        with pytest.raises(SamePerson):
            check(subject, reviewer(Role.COUNTY_REVIEWER, "360732", user_id=person))


def test_nobody_passes_two_levels_in_whichever_round() -> None:
    county = reviewer(Role.COUNTY_REVIEWER, "360732")
    me, subject = county.user_id, application()
    assert check(subject, county, passed(L.COUNTY, me), passed(L.TOWN, new_id())) is L.COUNTY
    assert check(subject, county, passed(L.TOWN, me, Decision.RETURN)) is L.COUNTY
    assert check(subject, county, passed(L.NOTICE, me, Decision.REJECT)) is L.COUNTY
    with pytest.raises(SamePerson):
        check(subject, county, passed(L.TOWN, me))


@pytest.mark.parametrize(
    ("state", "level", "decision", "counts_as"),
    [
        (S.SUBMITTED, L.TOWN, Decision.PASS, L.TOWN),
        (S.SUBMITTED, L.TOWN, Decision.RETURN, L.TOWN),
        (S.CITY_CHECKED, L.PROVINCE, Decision.REJECT, L.PROVINCE),
        (S.SUBMITTED, L.COUNTY, Decision.PASS, None),
        (S.TOWN_CHECKED, L.TOWN, Decision.PASS, None),
        (S.IN_NOTICE, L.PROVINCE, Decision.RETURN, L.NOTICE),
        (S.IN_NOTICE, L.PROVINCE, Decision.REJECT, L.NOTICE),
        (S.IN_NOTICE, L.PROVINCE, Decision.PASS, None),
        (S.IN_NOTICE, L.CITY, Decision.REJECT, None),
        (S.DRAFT, L.TOWN, Decision.PASS, None),
        (S.GRANTED, L.PROVINCE, Decision.REJECT, None),
        (S.RETURNED, L.TOWN, Decision.PASS, None),
    ],
)
def test_a_decision_counts_when_it_is_the_levels_turn(
    state: ApplicationStatus,
    level: ReviewLevel,
    decision: Decision,
    counts_as: ReviewLevel | None,
) -> None:
    if counts_as is not None:
        found = rules.check_review(state, chain=CHAIN, level=level, decision=decision)
        assert found is counts_as
        return
    with pytest.raises(WrongState):
        rules.check_review(state, chain=CHAIN, level=level, decision=decision)


def test_a_decision_makes_a_state() -> None:
    assert rules.status_after(Decision.PASS, level=L.CITY) is S.CITY_CHECKED
    assert rules.status_after(Decision.RETURN, level=L.CITY) is S.RETURNED
    assert rules.status_after(Decision.REJECT, level=L.NOTICE) is S.REJECTED


def test_only_the_last_level_grants() -> None:
    rules.check_grant_level(L.PROVINCE, chain=CHAIN)
    rules.check_grant_level(L.COUNTY, chain=(L.TOWN, L.COUNTY))
    with pytest.raises(NotAllowed):
        rules.check_grant_level(L.CITY, chain=CHAIN)


def test_an_objection_that_was_right_stands_against_the_grant() -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    answered = Objection(upheld=False, replied_at=at)
    rules.check_no_objection_upheld([answered])
    with pytest.raises(ObjectionUpheld):
        rules.check_no_objection_upheld([answered, Objection(upheld=True, replied_at=at)])
