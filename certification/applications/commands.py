"""Drafting, submitting, reviewing and withdrawing applications, up to the word to grant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert

from certification.applications import queries, rules
from certification.applications.models import (
    Application,
    ApplicationBenefitLink,
    ApplicationDocument,
    ApplicationId,
    ApplicationReview,
    ApplicationStatus,
    Decision,
    ReviewId,
)
from certification.applications.queries import COLUMNS, ApplicationContents
from certification.criteria.models import ReviewLevel, Scheme
from certification.criteria.queries import find_scheme, has_category
from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day, shanghai_year
from kernel.database import db
from kernel.errors import Invalid, NotAllowed, WrongState, check_version
from kernel.identity import new_id
from kernel.numbers import next_number
from registry.accounts.models import UserId
from registry.documents.queries import list_documents
from registry.documents.rules import check_clear_of_identity
from registry.errors.regions import RegionUnknown
from registry.households.queries.links import list_benefit_links
from registry.notices.commands import open_notice
from registry.notices.queries import lock_notice
from registry.notices.rules import check_notice_over
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import get_organisation
from registry.regions.queries import find_origin_kind, find_region

COUNTY_DIGITS = 6


def draft_application(
    contents: ApplicationContents,
    *,
    renews_certificate_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> Application:
    """Begin an application of the actor's organisation; nobody reviews it yet."""
    holder = _holder(by)
    scheme = _check_contents(contents, holder=holder, by=by, today=shanghai_day(now))
    application = Application(
        id=ApplicationId(new_id()),
        number=next_number(
            "BF-A",
            region_code=contents.origin_region_code[:COUNTY_DIGITS],
            year=shanghai_year(now),
        ),
        scheme_id=scheme.id,
        holder_id=holder.id,
        author_id=UserId(by.user_id),
        status=ApplicationStatus.DRAFT,
        round=0,
        renews_certificate_id=renews_certificate_id,
        created_at=now,
        updated_at=now,
    )
    db.session.add(application)
    _write_contents(application, contents)
    _audit("draft_application", application, by=by, now=now, after=contents)
    return application


def edit_application(
    application_id: UUID,
    changes: Mapping[str, Any],
    *,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> Application:
    """Change some contents of a draft or of what was returned; what is not named stays."""
    application = queries.get_application(by, application_id, lock=True)
    rules.check_own(application, by=by)
    check_version(application.version, expected_version)
    rules.check_editable(application.status)
    before = queries.get_contents(by, application)
    after = replace(before, **changes)
    scheme = _check_contents(after, holder=_holder(by), by=by, today=shanghai_day(now))
    application.scheme_id = scheme.id
    application.updated_at = now
    _write_contents(application, after)
    _audit("edit_application", application, by=by, now=now, before=before, after=after)
    return application


def submit_application(application_id: UUID, *, by: Actor, now: datetime) -> Application:
    """Hand an application to the chain of the scheme in force today: a new round begins."""
    application = queries.get_application(by, application_id, lock=True)
    rules.check_own(application, by=by)
    rules.check_transition(application.status, ApplicationStatus.SUBMITTED)
    contents = queries.get_contents(by, application)
    scheme = _check_contents(contents, holder=_holder(by), by=by, today=shanghai_day(now))
    rules.check_papers(scheme, list_documents(by, contents.document_ids))
    application.scheme_id = scheme.id
    application.status = ApplicationStatus.SUBMITTED
    application.round += 1
    application.notice_id = None
    application.submitted_by_id = UserId(by.user_id)
    application.submitted_at = application.updated_at = now
    _audit("submit_application", application, by=by, now=now)
    return application


def review_application(
    application_id: UUID, *, decision: Decision, opinion: str, by: Actor, now: datetime
) -> Application:
    """Decide at the level whose turn it is; the last level's pass opens the public notice."""
    check_clear_of_identity(opinion, pointer="/opinion")
    application = queries.get_application(by, application_id, lock=True)
    scheme = queries.get_scheme_of(by, application)
    chain = scheme.levels
    speaks_for = _check_reviewer(application, chain=chain, by=by)
    level = rules.check_review(application.status, chain=chain, level=speaks_for, decision=decision)
    status = rules.status_after(decision, level=level)
    rules.check_transition(application.status, status)
    application.status, application.updated_at = status, now
    db.session.add(_review_row(application, level, decision, opinion, by=by, now=now))
    if decision is Decision.PASS and level is chain[-1]:
        _open_notice(application, scheme, by=by, now=now)
    _audit("review_application", application, by=by, now=now)
    return application


def withdraw_application(application_id: UUID, *, by: Actor, now: datetime) -> Application:
    """Take an application back for good, at any time before it is decided."""
    application = queries.get_application(by, application_id, lock=True)
    rules.check_own(application, by=by)
    rules.check_transition(application.status, ApplicationStatus.WITHDRAWN)
    application.status = ApplicationStatus.WITHDRAWN
    application.updated_at = now
    _audit("withdraw_application", application, by=by, now=now)
    return application


def grant_application(application_id: UUID, *, by: Actor, now: datetime) -> Application:
    """Close an application as granted, for the certificate that its caller issues with it.

    By the last level of the chain, who may have passed it; refuses while the notice runs
    (NoticeRunning), an objection waits (ObjectionOpen) or one was found right (ObjectionUpheld).
    """
    application = queries.get_application(by, application_id, lock=True)
    chain = queries.get_scheme_of(by, application).levels
    level = _check_reviewer(application, chain=chain, by=by)
    rules.check_grant_level(level, chain=chain)
    rules.check_transition(application.status, ApplicationStatus.GRANTED)
    _check_notice(application, today=shanghai_day(now))
    application.status, application.updated_at = ApplicationStatus.GRANTED, now
    _audit("grant_application", application, by=by, now=now)
    return application


def _check_notice(application: Application, *, today: date) -> None:
    if application.notice_id is None:
        raise WrongState(state=application.status)
    notice = lock_notice(SYSTEM, application.notice_id)
    objections = queries.list_objections(SYSTEM, application)
    check_notice_over(notice, objections, today=today)
    rules.check_no_objection_upheld(objections)


def _holder(by: Actor) -> Organisation:
    if by.organisation_id is None:
        raise NotAllowed
    return get_organisation(by, OrganisationId(by.organisation_id))


def _check_contents(
    contents: ApplicationContents, *, holder: Organisation, by: Actor, today: date
) -> Scheme:
    """Check all that does not wait for the submission; give the scheme in force today."""
    scheme = find_scheme(by, contents.scheme_code, on=today)
    if scheme is None:
        raise Invalid(pointer="/scheme_code", reason="没有生效的认定办法 / no such scheme in force")
    rules.check_holder(scheme, kind=holder.kind)
    check_clear_of_identity(contents.product_name, pointer="/product_name")
    check_clear_of_identity(contents.specification, pointer="/specification")
    if not has_category(by, contents.category_code):
        raise Invalid(pointer="/category_code", reason="没有此类别 / no such category")
    region_code = contents.origin_region_code
    if find_region(by, region_code, on=today) is None:
        raise RegionUnknown(pointer="/origin_region_code", region_code=region_code)
    origin_kind = find_origin_kind(by, region_code, on=today)
    rules.check_origin(scheme, region_code=region_code, origin_kind=origin_kind)
    rules.check_goods(
        contents.yearly_quantity,
        unit=contents.unit,
        goods_value=contents.goods_value_fen,
        unit_price=contents.unit_price_fen,
    )
    rules.check_lapses(list_documents(by, contents.document_ids), today=today)
    seen = {link.id: link for link in list_benefit_links(by, contents.benefit_link_ids)}
    links = [seen.get(link_id) for link_id in contents.benefit_link_ids]
    rules.check_benefit_links(links, holder_id=holder.id, today=today)
    rules.check_pledge(pledge=contents.pledge)
    return scheme


def _check_reviewer(
    application: Application, *, chain: Sequence[ReviewLevel], by: Actor
) -> ReviewLevel:
    return rules.check_reviewer(
        application,
        chain=chain,
        reviews=queries.list_reviews(by, application),
        is_member=queries.is_member(by, organisation_id=application.holder_id),
        by=by,
    )


def _review_row(
    application: Application,
    level: ReviewLevel,
    decision: Decision,
    opinion: str,
    *,
    by: Actor,
    now: datetime,
) -> ApplicationReview:
    return ApplicationReview(
        id=ReviewId(new_id()),
        application_id=application.id,
        author_id=application.author_id,
        holder_id=application.holder_id,
        round=application.round,
        level=level,
        reviewer_id=UserId(by.user_id),
        organisation_id=by.organisation_id,
        decision=decision,
        opinion=opinion,
        status=application.status,
        at=now,
    )


def _open_notice(application: Application, scheme: Scheme, *, by: Actor, now: datetime) -> None:
    rules.check_transition(application.status, ApplicationStatus.IN_NOTICE)
    notice = open_notice(
        subject=("application", application.id),
        region_code=application.origin_region_code,
        working_days=scheme.notice_working_days,
        rule_source=scheme.notice_source,
        by=by,
        now=now,
    )
    application.status = ApplicationStatus.IN_NOTICE
    application.notice_id = notice.id


def _write_contents(application: Application, contents: ApplicationContents) -> None:
    for name in COLUMNS:
        setattr(application, name, getattr(contents, name))
    db.session.flush()
    for table in (ApplicationDocument, ApplicationBenefitLink):
        db.session.execute(delete(table).where(table.application_id == application.id))
    papers = [
        {"application_id": application.id, "document_id": one, "position": i}
        for i, one in enumerate(dict.fromkeys(contents.document_ids))
    ]
    links = [
        {"application_id": application.id, "benefit_link_id": one, "position": i}
        for i, one in enumerate(dict.fromkeys(contents.benefit_link_ids))
    ]
    if papers:
        db.session.execute(insert(ApplicationDocument), papers)
    db.session.execute(insert(ApplicationBenefitLink), links)


def _audit(
    action: str,
    application: Application,
    *,
    by: Actor,
    now: datetime,
    before: ApplicationContents | None = None,
    after: ApplicationContents | None = None,
) -> None:
    """Write what is in memory, and the act beside it."""
    db.session.flush()
    audit.write(
        action,
        subject=("application", application.id),
        by=by,
        now=now,
        before=None if before is None else asdict(before),
        after={"status": application.status} if after is None else asdict(after),
    )
