"""What a holder says in an application, and the scheme it stands under."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from certification.applications.models import (
    Application,
    ApplicationBenefitLink,
    ApplicationDocument,
    ApplicationPrice,
)
from certification.criteria.models import Scheme
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotFound
from kernel.money import Fen
from kernel.quantity import Unit
from registry.documents.models import Document, DocumentId
from registry.households.models.links import BenefitLinkId


@dataclass(frozen=True)
class ComparisonPrice:
    """What a like product costs elsewhere: where, when, for which specification, fen a unit."""

    source: str
    observed_on: date
    specification: str
    unit: Unit
    unit_price_fen: Fen


@dataclass(frozen=True)
class HouseholdQuantity:
    """What a linked household brings of the yearly quantity, in the application's unit."""

    benefit_link_id: BenefitLinkId
    quantity: Decimal


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
    comparison_prices: Sequence[ComparisonPrice] = ()
    household_quantities: Sequence[HouseholdQuantity] = ()


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


def get_scheme_of(actor: Actor, application: Application) -> Scheme:
    """Get the version of the scheme that an application stands under."""
    del actor  # schemes are public
    return db.session.get_one(Scheme, application.scheme_id)


def list_document_ids(actor: Actor, application: Application) -> list[DocumentId]:
    """List the papers of an application that the actor was given, in its order."""
    del actor
    query = select(ApplicationDocument.document_id).where(
        ApplicationDocument.application_id == application.id
    )
    return list(db.session.scalars(query.order_by(ApplicationDocument.position)))


def list_documents(actor: Actor, application: Application) -> list[Document]:
    """List the papers of an application that the actor was given, in its order.

    Whoever judges an application sees what supports it, though the holder be out of sight.
    """
    del actor
    query = select(Document).join(
        ApplicationDocument, ApplicationDocument.document_id == Document.id
    )
    mine = query.where(ApplicationDocument.application_id == application.id)
    return list(db.session.scalars(mine.order_by(ApplicationDocument.position)))


def get_document(actor: Actor, application: Application, document_id: UUID) -> Document:
    """Get a paper of an application that the actor was given (NotFound)."""
    found = [one for one in list_documents(actor, application) if one.id == document_id]
    if not found:
        raise NotFound
    return found[0]


def list_benefit_link_ids(actor: Actor, application: Application) -> list[BenefitLinkId]:
    """List the benefit links of an application that the actor was given, in its order."""
    del actor
    query = select(ApplicationBenefitLink.benefit_link_id).where(
        ApplicationBenefitLink.application_id == application.id
    )
    return list(db.session.scalars(query.order_by(ApplicationBenefitLink.position)))


def list_prices(actor: Actor, application: Application) -> list[ComparisonPrice]:
    """List the comparison prices of an application that the actor was given, in their order."""
    del actor  # whoever was given the application sees its prices
    query = select(ApplicationPrice).where(ApplicationPrice.application_id == application.id)
    return [
        ComparisonPrice(
            source=one.source,
            observed_on=one.observed_on,
            specification=one.specification,
            unit=one.unit,
            unit_price_fen=one.unit_price_fen,
        )
        for one in db.session.scalars(query.order_by(ApplicationPrice.position))
    ]


def list_quantities(actor: Actor, application: Application) -> list[HouseholdQuantity]:
    """List what the linked households bring, for those of whom it is said, in their order."""
    del actor  # whoever was given the application sees its roster
    link = ApplicationBenefitLink
    rows = db.session.execute(
        select(link.benefit_link_id, link.quantity)
        .where(link.application_id == application.id, link.quantity.is_not(None))
        .order_by(link.position)
    )
    return [
        HouseholdQuantity(link_id, quantity) for link_id, quantity in rows if quantity is not None
    ]


def get_contents(actor: Actor, application: Application) -> ApplicationContents:
    """Get what the holder says in an application that the actor was given."""
    return ApplicationContents(
        scheme_code=get_scheme_of(actor, application).code,
        document_ids=list_document_ids(actor, application),
        benefit_link_ids=list_benefit_link_ids(actor, application),
        comparison_prices=list_prices(actor, application),
        household_quantities=list_quantities(actor, application),
        **{name: getattr(application, name) for name in COLUMNS},
    )
