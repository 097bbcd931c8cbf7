"""What else speaks of the same product, paper or household, inside and outside one's sight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from certification.applications.models import (
    Application,
    ApplicationBenefitLink,
    ApplicationDocument,
    ApplicationStatus,
)
from certification.applications.queries.applications import visible
from kernel.actor import Actor
from kernel.database import db
from kernel.quantity import Unit
from registry.documents.models import Document
from registry.households.models.households import Household
from registry.households.models.links import BenefitLink

ENDED = (ApplicationStatus.DRAFT, ApplicationStatus.REJECTED, ApplicationStatus.WITHDRAWN)
MOST = 100
"""More rows of one kind than this help no reviewer."""


@dataclass(frozen=True)
class OtherApplication:
    """Another application; only its existence is told where it is out of the actor's sight."""

    application_id: UUID | None
    number: str | None
    status: ApplicationStatus | None
    is_same_holder: bool


@dataclass(frozen=True)
class SamePaper:
    """A paper, by hash or number, that supports another application too."""

    document_id: UUID
    kind: str
    by: str
    other: OtherApplication


@dataclass(frozen=True)
class SameHousehold:
    """A household that another holder counts for the same category; by code, never by name."""

    household_code: str
    quantity: Decimal | None
    other_quantity: Decimal | None
    other_unit: Unit
    other: OtherApplication


def list_like_applications(actor: Actor, application: Application) -> list[Application]:
    """List the holder's other applications of the category that run or were granted."""
    del actor  # the holder's own applications belong to whoever was given one of them
    query = select(Application).where(
        Application.holder_id == application.holder_id,
        Application.category_code == application.category_code,
        Application.id != application.id,
        Application.status.not_in(ENDED),
    )
    return list(db.session.scalars(query.order_by(Application.id.desc()).limit(MOST)))


def list_same_papers(actor: Actor, application: Application) -> list[SamePaper]:
    """List the papers of an application that support other running or granted ones."""
    mine, theirs = aliased(ApplicationDocument), aliased(ApplicationDocument)
    same_content = mine.sha256 == theirs.sha256
    query: Select[*tuple[Any, ...]] = (
        select(mine.document_id, Document.kind, same_content, *_seen(actor))
        .join(theirs, or_(same_content, mine.number == theirs.number))
        .join(Application, Application.id == theirs.application_id)
        .join(Document, Document.id == mine.document_id)
    )
    rows = db.session.execute(
        _of_others(query, application=application, mine=mine.application_id)
    ).all()
    return [
        SamePaper(
            document_id=row[0],
            kind=row[1],
            by="sha256" if row[2] else "number",
            other=_other(row[3:], application),
        )
        for row in rows
    ]


def list_same_households(actor: Actor, application: Application) -> list[SameHousehold]:
    """List the households that another holder's application of the category counts too."""
    mine, theirs = aliased(ApplicationBenefitLink), aliased(ApplicationBenefitLink)
    link, their_link = aliased(BenefitLink), aliased(BenefitLink)
    query: Select[*tuple[Any, ...]] = (
        select(Household.code, mine.quantity, theirs.quantity, Application.unit, *_seen(actor))
        .join(link, link.id == mine.benefit_link_id)
        .join(their_link, their_link.household_id == link.household_id)
        .join(theirs, theirs.benefit_link_id == their_link.id)
        .join(Application, Application.id == theirs.application_id)
        .join(Household, Household.id == link.household_id)
        .where(
            Application.holder_id != application.holder_id,
            Application.category_code == application.category_code,
        )
    )
    rows = db.session.execute(
        _of_others(query, application=application, mine=mine.application_id)
    ).all()
    return [
        SameHousehold(
            household_code=row[0],
            quantity=row[1],
            other_quantity=row[2],
            other_unit=row[3],
            other=_other(row[4:], application),
        )
        for row in rows
    ]


def list_kinds(actor: Actor, application: Application) -> list[str]:
    """List the kinds of the papers of an application that the actor was given."""
    del actor  # whoever was given the application sees its papers' kinds
    paper = ApplicationDocument
    query = select(Document.kind).join(paper, paper.document_id == Document.id)
    return list(db.session.scalars(query.where(paper.application_id == application.id)))


def list_roster(actor: Actor, application: Application) -> list[Decimal | None]:
    """List what each linked household brings, None where nothing is said."""
    del actor  # whoever was given the application sees its roster
    link = ApplicationBenefitLink
    query = select(link.quantity).where(link.application_id == application.id)
    return list(db.session.scalars(query.order_by(link.position)))


def _seen(actor: Actor) -> Sequence[Any]:
    in_sight = func.coalesce(visible(actor), False)
    return (
        in_sight,
        Application.id,
        Application.number,
        Application.status,
        Application.holder_id,
    )


def _of_others(
    query: Select[*tuple[Any, ...]], *, application: Application, mine: Any
) -> Select[*tuple[Any, ...]]:
    others = and_(
        mine == application.id,
        Application.id != application.id,
        Application.status.not_in(ENDED),
    )
    return query.where(others).order_by(Application.id.desc()).limit(MOST)


def _other(row: Sequence[Any], application: Application) -> OtherApplication:
    in_sight, application_id, number, status, holder_id = row
    return OtherApplication(
        application_id=application_id if in_sight else None,
        number=number if in_sight else None,
        status=status if in_sight else None,
        is_same_holder=holder_id == application.holder_id,
    )
