"""What the commands on applications do, and that a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.applications.commands import applications as commands
from certification.applications.commands.grants import grant_application
from certification.applications.models import Application, ApplicationReview, Decision
from certification.applications.queries import applications as queries
from certification.applications.queries.contents import get_contents, list_document_ids
from certification.errors.applications import BenefitLinkMissing, ObjectionUpheld, PapersMissing
from kernel.actor import SYSTEM
from kernel.audit import AuditRow
from kernel.database import db
from kernel.errors import (
    NotAllowed,
    NotFound,
    OwnOrganisation,
    SamePerson,
    VersionStale,
    WrongState,
)
from kernel.identity import new_id
from registry.accounts.models import Membership, Role
from registry.errors.notices import NoticeRunning, ObjectionOpen
from registry.notices.models import Notice
from registry.notices.queries import get_notice
from tests.builders import certification as build
from tests.builders import registry
from tests.builders.certification import NOTICE_OVER, NOW

pytestmark = pytest.mark.usefixtures("db_session")


def notice_of(application: Application) -> Notice:
    assert application.notice_id is not None
    return get_notice(SYSTEM, application.notice_id)


def test_a_draft_keeps_what_was_said_and_leaves_its_audit_row(
    written: Callable[[], list[AuditRow]],
) -> None:
    people = build.cast()
    said = build.contents(people)
    made = commands.draft_application(said, by=people.by, now=NOW)
    assert made.number.startswith("BF-A-2026-440203-")
    assert (made.status, made.round, made.version) == ("draft", 0, 1)
    assert made.author_id == people.clerk.id
    assert get_contents(people.by, made) == said
    row = written()[-1]
    assert (row.action, row.subject_id) == ("draft_application", str(made.id))


def test_an_edit_changes_what_it_names_and_raises_the_version() -> None:
    people = build.cast()
    made = build.draft(people)
    papers = list_document_ids(people.by, made)
    changes = {"product_name": "演示糙米", "document_ids": list(reversed(papers))}
    edited = commands.edit_application(made.id, changes, expected_version=1, by=people.by, now=NOW)
    assert (edited.product_name, edited.specification) == ("演示糙米", "一级，散装")
    assert edited.version == 2
    assert list_document_ids(people.by, made) == list(reversed(papers))
    with pytest.raises(VersionStale):
        commands.edit_application(made.id, {}, expected_version=1, by=people.by, now=NOW)


def test_what_reviewers_look_at_is_not_edited() -> None:
    people = build.cast()
    made = build.submitted(people)
    with pytest.raises(WrongState):
        commands.edit_application(made.id, {}, expected_version=None, by=people.by, now=NOW)


def test_another_cooperatives_application_does_not_exist() -> None:
    made = build.draft(build.cast())
    stranger = build.cast()
    with pytest.raises(NotFound):
        commands.submit_application(made.id, by=stranger.by, now=NOW)


def test_a_supervising_organisation_sees_and_does_not_act() -> None:
    people = build.cast()
    above = registry.organisation()
    people.holder.lineage = f"{above.lineage}{people.holder.id}/"
    clerk = registry.actor_of(registry.user(above, [Role.COOP_CLERK]))
    made = build.draft(people)
    assert queries.get_application(clerk, made.id).id == made.id
    with pytest.raises(NotAllowed):
        commands.submit_application(made.id, by=clerk, now=NOW)


def test_papers_are_required_at_the_submission_and_nothing_changes_without() -> None:
    people = build.cast()
    said = build.contents(people)
    made = build.draft(people, document_ids=list(said.document_ids)[:1])
    with pytest.raises(PapersMissing):
        commands.submit_application(made.id, by=people.by, now=NOW)
    assert (made.status, made.round, made.submitted_at) == ("draft", 0, None)


def test_a_link_that_ended_since_the_draft_stops_the_submission() -> None:
    people = build.cast()
    until = date(2026, 11, 6)
    link = registry.benefit_link(registry.household(), people.holder, until_on=until)
    made = build.draft(people, benefit_link_ids=[link.id])
    with pytest.raises(BenefitLinkMissing):
        commands.submit_application(made.id, by=people.by, now=NOW + timedelta(days=1))


def test_the_last_pass_opens_the_notice_for_the_schemes_days() -> None:
    people = build.cast()
    assert build.passed(people, "town", "county", "city").status == "city_checked"
    made = build.in_notice(people)
    notice = notice_of(made)
    assert made.status == "in_notice"
    assert (notice.opens_on, notice.working_days) == (date(2026, 11, 5), 5)
    assert notice.closes_on == date(2026, 11, 13)
    assert (notice.subject_kind, notice.subject_id) == ("application", made.id)
    reviews = queries.list_reviews(people.by, made)
    assert [one.status.value for one in reviews] == [
        "town_checked",
        "county_checked",
        "city_checked",
        "province_checked",
    ]


def test_a_review_out_of_turn_changes_nothing(db_session: Session) -> None:
    people = build.cast()
    made = build.submitted(people)
    with pytest.raises(WrongState):
        build.review(made.id, people.reviewer("county"))
    assert made.status == "submitted"
    assert db_session.scalars(select(ApplicationReview)).all() == []


def test_nobody_passes_two_levels_and_the_author_none() -> None:
    people = build.cast()
    made = build.passed(people, "town")
    town = people.reviewers["town"]
    county = build.reviewer_of("county")
    town.organisation_id = county.organisation_id
    _join(town.id, county.organisation_id, Role.COUNTY_REVIEWER)
    with pytest.raises(SamePerson):
        build.review(made.id, registry.actor_of(town))
    people.clerk.organisation_id = county.organisation_id
    _join(people.clerk.id, county.organisation_id, Role.COUNTY_REVIEWER)
    with pytest.raises(OwnOrganisation):  # the clerk still belongs to the holder
        build.review(made.id, registry.actor_of(people.clerk))


def _join(user_id: object, organisation_id: object, role: Role) -> None:
    row = Membership(
        id=new_id(),
        user_id=user_id,
        organisation_id=organisation_id,
        role=role,
        created_at=NOW,
    )
    db.session.add(row)
    db.session.flush()


def test_a_returned_application_comes_back_for_a_whole_new_round() -> None:
    people = build.cast()
    made = build.passed(people, "town")
    build.review(made.id, people.reviewer("county"), Decision.RETURN)
    assert made.status == "returned"
    commands.edit_application(
        made.id, {"specification": "二级"}, expected_version=None, by=people.by, now=NOW
    )
    commands.submit_application(made.id, by=people.by, now=NOW)
    assert (made.status, made.round) == ("submitted", 2)
    for level in build.LEVELS:
        build.review(made.id, people.reviewer(level))
    assert made.status == "in_notice"
    assert len(queries.list_reviews(people.by, made)) == 6


def test_the_last_level_returns_after_the_notice_and_the_second_has_its_own_days() -> None:
    people = build.cast()
    made = build.in_notice(people)
    first = notice_of(made)
    with pytest.raises(NoticeRunning):
        build.review(made.id, people.reviewer("province"), Decision.RETURN)
    build.review(made.id, people.reviewer("province"), Decision.RETURN, now=NOTICE_OVER)
    assert (made.status, made.notice_id) == ("returned", first.id)
    later = NOTICE_OVER
    commands.submit_application(made.id, by=people.by, now=later)
    assert made.notice_id is None
    for level in build.LEVELS:
        build.review(made.id, people.reviewer(level), now=later)
    second = notice_of(made)
    assert (second.round, second.closes_on) == (2, date(2026, 11, 21))


def test_a_decided_application_is_not_withdrawn() -> None:
    people = build.cast()
    made = build.submitted(people)
    build.review(made.id, people.reviewer("town"), Decision.REJECT)
    with pytest.raises(WrongState):
        commands.withdraw_application(made.id, by=people.by, now=NOW)
    other = build.in_notice(people)
    assert commands.withdraw_application(other.id, by=people.by, now=NOW).status == "withdrawn"


@pytest.mark.parametrize(
    ("at", "reply", "refusal"),
    [
        (NOTICE_OVER - timedelta(hours=9), False, NoticeRunning),
        (NOTICE_OVER, None, ObjectionOpen),
        (NOTICE_OVER, True, ObjectionUpheld),
        (NOTICE_OVER, False, None),
    ],
)
def test_the_grant_waits_for_days_and_answers(
    at: datetime, *, reply: bool | None, refusal: type[Exception] | None
) -> None:
    people = build.cast()
    made = build.in_notice(people)
    objection = registry.objection(notice_of(made))
    province = people.reviewer("province")
    if reply is not None:
        objection.reply, objection.upheld = "已核实", reply
        objection.replied_at, objection.replied_by = NOW, province.user_id
        db.session.flush()
    if refusal is None:
        assert grant_application(made.id, by=province, now=at).status == "granted"
        return
    with pytest.raises(refusal):
        grant_application(made.id, by=province, now=at)
    assert made.status == "in_notice"


def test_only_the_last_level_grants_and_not_before_its_time() -> None:
    people = build.cast()
    made = build.in_notice(people)
    with pytest.raises(NotAllowed):
        grant_application(made.id, by=people.reviewer("city"), now=NOTICE_OVER)
    waiting = build.passed(people, "town")
    with pytest.raises(WrongState):
        grant_application(waiting.id, by=people.reviewer("province"), now=NOTICE_OVER)
    other = registry.actor_of(build.reviewer_of("province"))
    assert grant_application(made.id, by=other, now=NOTICE_OVER).status == "granted"
