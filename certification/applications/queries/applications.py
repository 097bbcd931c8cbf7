"""Which applications the actor may see, and everything that belongs to one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, select, true

from certification.applications.models import (
    Application,
    ApplicationReview,
    ApplicationStatus,
    Decision,
)
from certification.applications.queries.contents import (
    ComparisonPrice,
    HouseholdQuantity,
    get_scheme_of,
    list_benefit_link_ids,
    list_document_ids,
    list_prices,
    list_quantities,
)
from certification.criteria.models import ReviewLevel, Scheme
from kernel.actor import SYSTEM, Actor, Sight
from kernel.database import db
from kernel.paging import Page, page
from kernel.rows import locked, one
from registry.notices import queries as notices
from registry.notices.models import Notice, Objection
from registry.organisations.models import Organisation
from registry.organisations.queries import visible as visible_organisations
from registry.regions.rules import COUNTY_DIGITS

IN_REVIEW = frozenset(
    {
        ApplicationStatus.SUBMITTED,
        ApplicationStatus.TOWN_CHECKED,
        ApplicationStatus.COUNTY_CHECKED,
        ApplicationStatus.CITY_CHECKED,
        ApplicationStatus.PROVINCE_CHECKED,
    }
)


@dataclass(frozen=True)
class Step:
    """A decision that was taken, or (with only its level) one that the chain still needs."""

    round: int
    level: ReviewLevel
    decision: Decision | None = None
    status: ApplicationStatus | None = None
    opinion: str | None = None
    reviewer_id: UUID | None = None
    organisation_id: UUID | None = None
    at: datetime | None = None
    reasons: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True)
class ObjectionView:
    """An objection in the words that the actor may read: the office's, or the published ones."""

    id: UUID
    text: str | None
    lodged_at: datetime
    reply: str | None
    upheld: bool | None
    replied_at: datetime | None


@dataclass(frozen=True)
class NoticeView:
    """The notice of the present round and what was said against it."""

    notice: Notice
    objections: Sequence[ObjectionView]


@dataclass(frozen=True)
class ApplicationView:
    """An application with all that belongs to it; `steps` stand in the order of the chain."""

    application: Application
    scheme: Scheme
    holder: Organisation
    document_ids: Sequence[UUID]
    benefit_link_ids: Sequence[UUID]
    comparison_prices: Sequence[ComparisonPrice]
    household_quantities: Sequence[HouseholdQuantity]
    steps: Sequence[Step]
    notice: NoticeView | None


def visible(actor: Actor) -> ColumnElement[bool]:
    """Say which applications the actor sees: the holder's own, or those of origins in a region."""
    if actor.sight is Sight.ALL:
        return true()
    if actor.sight is Sight.REGION:
        inside = Application.origin_region_code.startswith(actor.region_prefix, autoescape=True)
        if len(actor.region_prefix) < COUNTY_DIGITS:
            return inside
        county = Application.origin_county_code == actor.region_prefix[:COUNTY_DIGITS]
        return county & inside  # an equality serves the newest of a county from the index
    if actor.sight is Sight.ORGANISATION:
        holders = select(Organisation.id).where(visible_organisations(actor))
        return Application.holder_id.in_(holders)
    return false()


def get_application(actor: Actor, application_id: UUID, *, lock: bool = False) -> Application:
    """Get an application in the actor's sight (NotFound), locked where it is decided on."""
    query = select(Application).where(Application.id == application_id, visible(actor))
    return locked(query, key_share=True) if lock else one(query)


def lock_by_notice(actor: Actor, notice_id: UUID) -> Application | None:
    """Give the application in the actor's sight that a notice is about, locked; else None."""
    query = select(Application).where(Application.notice_id == notice_id, visible(actor))
    return db.session.scalar(
        query.with_for_update(key_share=True).execution_options(populate_existing=True)
    )


def list_applications(
    actor: Actor, *, status: ApplicationStatus | None, limit: int, cursor: str | None
) -> Page[Application]:
    """List applications in the actor's sight, the newest first."""
    query = select(Application).where(visible(actor))
    if status is not None:
        query = query.where(Application.status == status)
    keys = [(Application.id, True)]
    return page(query, keys=keys, limit=limit, cursor=cursor, filters={"status": status})


def list_reviews(actor: Actor, application: Application) -> list[ApplicationReview]:
    """List all decisions on an application that the actor was given, oldest first."""
    del actor  # who was given the application may see them
    query = select(ApplicationReview).where(ApplicationReview.application_id == application.id)
    return list(db.session.scalars(query.order_by(ApplicationReview.at, ApplicationReview.id)))


def list_objections(actor: Actor, application: Application) -> list[Objection]:
    """List the objections to the notice of the present round."""
    if application.notice_id is None:
        return []
    return notices.list_objections(actor, application.notice_id)


def get_view(actor: Actor, application_id: UUID) -> ApplicationView:
    """Get an application in the actor's sight with all that belongs to it (NotFound)."""
    application = get_application(actor, application_id)
    scheme = get_scheme_of(actor, application)
    return ApplicationView(
        application=application,
        scheme=scheme,
        holder=db.session.get_one(Organisation, application.holder_id),
        document_ids=list_document_ids(actor, application),
        benefit_link_ids=list_benefit_link_ids(actor, application),
        comparison_prices=list_prices(actor, application),
        household_quantities=list_quantities(actor, application),
        steps=_steps(application, scheme, list_reviews(actor, application)),
        notice=_notice(actor, application),
    )


def _notice(actor: Actor, application: Application) -> NoticeView | None:
    """Show the notice; the holder's people read only the words that the office published."""
    if application.notice_id is None:
        return None
    notice = db.session.get_one(Notice, application.notice_id)
    is_office = actor.sight in {Sight.REGION, Sight.ALL}
    said = [
        ObjectionView(
            id=one.id,
            text=one.text if is_office else one.published_text,
            lodged_at=one.lodged_at,
            reply=one.reply,
            upheld=one.upheld,
            replied_at=one.replied_at,
        )
        for one in list_objections(SYSTEM, application)
    ]
    return NoticeView(notice, said)


def _steps(
    application: Application, scheme: Scheme, reviews: Sequence[ApplicationReview]
) -> list[Step]:
    taken = [
        Step(
            round=review.round,
            level=review.level,
            decision=review.decision,
            status=review.status,
            opinion=review.opinion,
            reviewer_id=review.reviewer_id,
            organisation_id=review.organisation_id,
            at=review.at,
            reasons=review.reasons,
        )
        for review in reviews
    ]
    if application.status not in IN_REVIEW:
        return taken
    passed = {review.level for review in reviews if review.round == application.round}
    waiting = [level for level in scheme.levels if level not in passed]
    return taken + [Step(round=application.round, level=level) for level in waiting]


def find_applications_in_sight(actor: Actor) -> Select[UUID]:
    """Select the keys of the applications that an actor sees, for papers about them."""
    return select(Application.id).where(visible(actor))
