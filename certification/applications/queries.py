"""Which applications the actor may see, and everything that belongs to one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, false, select, true

from certification.applications.models import (
    Application,
    ApplicationBenefitLink,
    ApplicationDocument,
    ApplicationReview,
    ApplicationStatus,
    Decision,
)
from certification.criteria.models import ReviewLevel, Scheme
from kernel.actor import SYSTEM, Actor, Sight
from kernel.database import db
from kernel.errors import NotFound
from kernel.money import Fen
from kernel.paging import Page, page
from kernel.quantity import Unit
from registry.accounts.models import Membership
from registry.documents.models import DocumentId
from registry.households.models.links import BenefitLinkId
from registry.notices import queries as notices
from registry.notices.models import Notice, Objection
from registry.organisations.models import Organisation
from registry.organisations.queries import visible as visible_organisations

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
class ApplicationContents:
    """What a holder says about the product; `unit_price_fen` has tax in and freight out."""

    scheme_code: str
    product_name: str
    category_code: str
    specification: str
    unit: Unit
    origin_region_code: str
    yearly_quantity: Decimal
    goods_value_fen: Fen
    unit_price_fen: Fen
    document_ids: Sequence[DocumentId]
    benefit_link_ids: Sequence[BenefitLinkId]
    pledge: bool


COLUMNS = (
    "product_name",
    "category_code",
    "specification",
    "unit",
    "origin_region_code",
    "yearly_quantity",
    "goods_value_fen",
    "unit_price_fen",
    "pledge",
)
"""The contents that are columns of the application."""


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


@dataclass(frozen=True)
class NoticeView:
    """The notice of the present round and what was said against it."""

    notice: Notice
    objections: Sequence[Objection]


@dataclass(frozen=True)
class ApplicationView:
    """An application with all that belongs to it; `steps` stand in the order of the chain."""

    application: Application
    scheme: Scheme
    holder: Organisation
    document_ids: Sequence[UUID]
    benefit_link_ids: Sequence[UUID]
    steps: Sequence[Step]
    notice: NoticeView | None


def visible(actor: Actor) -> ColumnElement[bool]:
    """Say which applications the actor sees: the holder's own, or those of origins in a region."""
    if actor.sight is Sight.ALL:
        return true()
    if actor.sight is Sight.REGION:
        return Application.origin_region_code.startswith(actor.region_prefix, autoescape=True)
    if actor.sight is Sight.ORGANISATION:
        holders = select(Organisation.id).where(visible_organisations(actor))
        return Application.holder_id.in_(holders)
    return false()


def get_application(actor: Actor, application_id: UUID, *, lock: bool = False) -> Application:
    """Get an application in the actor's sight (NotFound), locked where it is decided on."""
    query = select(Application).where(Application.id == application_id, visible(actor))
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    application = db.session.scalar(query)
    if application is None:
        raise NotFound
    return application


def list_applications(
    actor: Actor, *, status: ApplicationStatus | None, limit: int, cursor: str | None
) -> Page[Application]:
    """List applications in the actor's sight, the newest first."""
    query = select(Application).where(visible(actor))
    if status is not None:
        query = query.where(Application.status == status)
    keys = [(Application.id, True)]
    return page(query, keys=keys, limit=limit, cursor=cursor, filters={"status": status})


def get_scheme_of(actor: Actor, application: Application) -> Scheme:
    """Get the version of the scheme that an application stands under."""
    del actor  # schemes are public
    return db.session.get_one(Scheme, application.scheme_id)


def list_reviews(actor: Actor, application: Application) -> list[ApplicationReview]:
    """List all decisions on an application that the actor was given, oldest first."""
    del actor  # who was given the application may see them
    query = select(ApplicationReview).where(ApplicationReview.application_id == application.id)
    return list(db.session.scalars(query.order_by(ApplicationReview.at, ApplicationReview.id)))


def list_document_ids(actor: Actor, application: Application) -> list[DocumentId]:
    """List the papers of an application that the actor was given, in its order."""
    del actor
    query = select(ApplicationDocument.document_id).where(
        ApplicationDocument.application_id == application.id
    )
    return list(db.session.scalars(query.order_by(ApplicationDocument.position)))


def list_benefit_link_ids(actor: Actor, application: Application) -> list[BenefitLinkId]:
    """List the benefit links of an application that the actor was given, in its order."""
    del actor
    query = select(ApplicationBenefitLink.benefit_link_id).where(
        ApplicationBenefitLink.application_id == application.id
    )
    return list(db.session.scalars(query.order_by(ApplicationBenefitLink.position)))


def get_contents(actor: Actor, application: Application) -> ApplicationContents:
    """Get what the holder says in an application that the actor was given."""
    return ApplicationContents(
        scheme_code=get_scheme_of(actor, application).code,
        document_ids=list_document_ids(actor, application),
        benefit_link_ids=list_benefit_link_ids(actor, application),
        **{name: getattr(application, name) for name in COLUMNS},
    )


def is_member(actor: Actor, *, organisation_id: UUID) -> bool:
    """Say whether the actor's person holds a role in an organisation, acting for it or not."""
    query = select(Membership.id).where(
        Membership.user_id == actor.user_id, Membership.organisation_id == organisation_id
    )
    return db.session.scalar(query.limit(1)) is not None


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
        steps=_steps(application, scheme, list_reviews(actor, application)),
        notice=_notice(application),
    )


def _notice(application: Application) -> NoticeView | None:
    if application.notice_id is None:
        return None
    notice = db.session.get_one(Notice, application.notice_id)
    return NoticeView(notice, list_objections(SYSTEM, application))


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
        )
        for review in reviews
    ]
    if application.status not in IN_REVIEW:
        return taken
    passed = {review.level for review in reviews if review.round == application.round}
    waiting = [level for level in scheme.levels if level not in passed]
    return taken + [Step(round=application.round, level=level) for level in waiting]
