"""The public directory of certificates, and the lists of what ends or runs out soon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true

from certification.certificates.models.capacities import Capacity
from certification.certificates.models.certificates import (
    UNENDED,
    Certificate,
    CertificateStatus,
)
from certification.certificates.models.words import PAIR, asked_grams, plain
from certification.certificates.queries.certificates import WHOLE, CertificateView, view_of
from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.paging import Page, page
from registry.organisations.models import Organisation
from registry.organisations.queries import visible as visible_organisations
from registry.regions.rules import subtree_prefix

NUMBER_BEGINS = "BF-C-"


@dataclass(frozen=True)
class CertificateFilter:
    """What somebody looks for; `status` is that of the day asked about."""

    q: str | None = None
    region: str | None = None
    category: str | None = None
    status: CertificateStatus | None = None
    holder_id: UUID | None = None


def list_certificates(
    actor: Actor, wanted: CertificateFilter, *, on: date, limit: int, cursor: str | None
) -> Page[CertificateView]:
    """List certificates, the newest first.

    `q` is a whole number, or words each of which is in the names of product, holder or origin,
    as they are written or as they are spelt in pinyin.
    """
    del actor  # the directory is public
    # keys first, names for the page alone: a frequent word finds thousands
    found = page(
        select(Certificate.id).where(*_conditions(wanted, on=on)),
        keys=[(Certificate.id, True)],
        limit=limit,
        cursor=cursor,
        filters={**vars(wanted), "on": on},
    )
    rows = db.session.execute(
        WHOLE.where(Certificate.id.in_(found.items)).order_by(Certificate.id.desc())
    )
    return Page([view_of(*row, on=on) for row in rows], found.next_cursor)


def list_expiring(
    actor: Actor, *, days: int, on: date, limit: int, cursor: str | None
) -> Page[CertificateView]:
    """List the unended certificates in the actor's sight that end within so many days.

    The first to end comes first.
    """
    query = WHOLE.where(
        Certificate.status.in_(UNENDED),
        Certificate.valid_until_on > on,
        Certificate.valid_until_on <= on + timedelta(days=days),
        visible(actor),
    )
    keys = [(Certificate.valid_until_on, False), (Certificate.id, False)]
    filters = {"days": days, "on": on}
    found = page(query, keys=keys, limit=limit, cursor=cursor, scalars=False, filters=filters)
    return Page([view_of(*row, on=on) for row in found.items], found.next_cursor)


def list_nearing(
    actor: Actor, *, on: date, limit: int, cursor: str | None
) -> Page[CertificateView]:
    """List the certificates in sight whose present year has crossed its first signal."""
    crossed = select(Capacity.certificate_id).where(
        Capacity.is_open,
        Capacity.from_on <= on,
        Capacity.until_on > on,
        func.cardinality(Capacity.signals) > 0,
        Capacity.held + Capacity.sold >= Capacity.signals[1],
    )
    query = WHOLE.where(Certificate.id.in_(crossed), visible(actor))
    keys = [(Certificate.id, True)]
    found = page(query, keys=keys, limit=limit, cursor=cursor, scalars=False, filters={"on": on})
    return Page([view_of(*row, on=on) for row in found.items], found.next_cursor)


def visible(actor: Actor) -> ColumnElement[bool]:
    """Say whose certificates an actor looks after: the own ones, or those of a region."""
    if actor.sight is Sight.ALL:
        return true()
    if actor.sight is Sight.REGION:
        return Certificate.origin_region_code.startswith(actor.region_prefix, autoescape=True)
    if actor.sight is Sight.ORGANISATION:
        holders = select(Organisation.id).where(visible_organisations(actor))
        return Certificate.holder_id.in_(holders)
    return false()


def _conditions(wanted: CertificateFilter, *, on: date) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.q:
        conditions += _matches(wanted.q)
    if wanted.region:
        prefix = subtree_prefix(wanted.region)
        conditions.append(Certificate.origin_region_code.startswith(prefix, autoescape=True))
    if wanted.category:
        conditions.append(Certificate.category_code == wanted.category)
    if wanted.status:
        conditions.append(_has_status(wanted.status, on=on))
    if wanted.holder_id:
        conditions.append(Certificate.holder_id == wanted.holder_id)
    return conditions


def _has_status(status: CertificateStatus, *, on: date) -> ColumnElement[bool]:
    """Say that a certificate has a status on a day, whether or not the timer has run."""
    if status is CertificateStatus.EXPIRED:
        lapsed = and_(Certificate.status.in_(UNENDED), Certificate.valid_until_on <= on)
        return or_(Certificate.status == status, lapsed)
    if status in UNENDED:
        return and_(Certificate.status == status, Certificate.valid_until_on > on)
    return Certificate.status == status


def _matches(words: str) -> list[ColumnElement[bool]]:
    """Match every word anywhere in the text: the index narrows, the text decides.

    The planner takes `strpos` for a third of the rows, where LIKE would make it believe that a
    frequent word is rare.
    """
    if words.upper().startswith(NUMBER_BEGINS):
        return [Certificate.number.in_([words, words.upper()])]
    asked = asked_grams(words)
    if not asked:
        return [false()]
    long = [word for word in plain(words).split() if len(word) > PAIR]
    return [
        Certificate.grams.contains(asked),
        *(func.strpos(Certificate.search_text, word) > 0 for word in long),
    ]
