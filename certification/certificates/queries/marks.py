"""Marks of products: those in sight, and those whose time is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select

from certification.certificates.models.certificates import Certificate
from certification.certificates.models.marks import LIVE, MarkKind, MarkStatus, ProductMark
from certification.certificates.queries.directory import visible
from certification.certificates.queries.standing import stands
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotFound
from kernel.paging import Page, page
from kernel.rows import one
from registry.documents.queries import EXPIRING_DAYS
from registry.organisations.models import Organisation


@dataclass(frozen=True)
class MarkView:
    """A mark with its product and holder, as it stands on a day."""

    mark: ProductMark
    certificate: Certificate
    holder: Organisation
    status: MarkStatus


@dataclass(frozen=True)
class MarkFilter:
    """Which marks; `status` is that of the day asked about, `expiring` lapse within thirty days."""

    status: MarkStatus | None = None
    kind: MarkKind | None = None
    certificate_id: UUID | None = None
    expiring: bool = False


def list_marks(
    actor: Actor, wanted: MarkFilter, *, on: date, limit: int, cursor: str | None
) -> Page[MarkView]:
    """List the marks of the certificates that the actor looks after, the newest first."""
    query = _whole().where(visible(actor), *_filters(wanted, on=on))
    keys = [(ProductMark.id, True)]
    filters = {**vars(wanted), "on": on}
    found = page(query, keys=keys, limit=limit, cursor=cursor, scalars=False, filters=filters)
    return Page([_view(*row, on=on) for row in found.items], found.next_cursor)


def get_mark_view(actor: Actor, mark_id: UUID, *, on: date) -> MarkView:
    """Get a mark in the actor's sight (NotFound)."""
    seen = _whole().where(ProductMark.id == mark_id, visible(actor))
    row = db.session.execute(seen).one_or_none()
    if row is None:
        raise NotFound
    return _view(*row, on=on)


def lock_mark(actor: Actor, mark_id: UUID) -> tuple[ProductMark, Certificate]:
    """Lock a mark in the actor's sight, with its certificate (NotFound)."""
    query = select(ProductMark.certificate_id).join(
        Certificate, Certificate.id == ProductMark.certificate_id
    )
    certificate_id = one(query.where(ProductMark.id == mark_id, visible(actor)))
    mark = db.session.get_one(
        ProductMark, mark_id, populate_existing=True, with_for_update={"key_share": True}
    )
    return mark, db.session.get_one(Certificate, certificate_id)


def lock_lapsing_marks(actor: Actor, *, today: date, limit: int) -> list[ProductMark]:
    """Lock live marks whose time is over; rows that another run holds are left to it."""
    del actor  # only the timer asks
    return _lock(ProductMark.status.in_(LIVE), ProductMark.valid_until_on <= today, limit=limit)


def lock_expiring_marks(actor: Actor, *, today: date, limit: int) -> list[ProductMark]:
    """Lock confirmed marks that lapse soon and of which nobody was told."""
    del actor  # only the timer asks
    due = [_expires(today), ProductMark.warned_at.is_(None)]
    return _lock(ProductMark.status == MarkStatus.CONFIRMED, *due, limit=limit)


def _lock(*conditions: ColumnElement[bool], limit: int) -> list[ProductMark]:
    query = select(ProductMark).where(*conditions)
    query = query.order_by(ProductMark.valid_until_on, ProductMark.id).limit(limit)
    return list(db.session.scalars(query.with_for_update(skip_locked=True, key_share=True)))


def _view(
    mark: ProductMark, certificate: Certificate, holder: Organisation, *, on: date
) -> MarkView:
    return MarkView(mark, certificate, holder, mark.status_on(on))


def _whole() -> Select[ProductMark, Certificate, Organisation]:
    return (
        select(ProductMark, Certificate, Organisation)
        .join(Certificate, Certificate.id == ProductMark.certificate_id)
        .join(Organisation, Organisation.id == ProductMark.holder_id)
    )


def _filters(wanted: MarkFilter, *, on: date) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.status:
        conditions.append(stands(wanted.status, on=on))
    if wanted.kind:
        conditions.append(ProductMark.kind == wanted.kind)
    if wanted.certificate_id:
        conditions.append(ProductMark.certificate_id == wanted.certificate_id)
    if wanted.expiring:
        conditions += [ProductMark.status.in_(LIVE), _expires(on)]
    return conditions


def _expires(on: date) -> ColumnElement[bool]:
    until = ProductMark.valid_until_on
    return and_(until > on, until <= on + timedelta(days=EXPIRING_DAYS))
