"""The public directory of certificates, and the lists of what ends or runs out soon."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Uuid,
    and_,
    bindparam,
    false,
    func,
    or_,
    select,
    true,
)

from certification.certificates.models.capacities import Capacity
from certification.certificates.models.certificates import (
    UNENDED,
    Certificate,
    CertificateId,
    CertificateStatus,
)
from certification.certificates.models.words import asked_grams, plain
from certification.certificates.queries.certificates import WHOLE, CertificateView, view_of
from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.paging import Page, Search, page, page_of_search
from registry.organisations.models import Organisation
from registry.organisations.queries import visible as visible_organisations
from registry.regions.rules import subtree_prefix

NUMBER_BEGINS = "BF-C-"
_OF_KEYS = WHOLE.where(Certificate.id == func.any(bindparam("keys", type_=ARRAY(Uuid))))


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
    return _views(_found(wanted, on=on, limit=limit, cursor=cursor), on=on)


def list_expiring(
    actor: Actor, *, days: int, on: date, limit: int, cursor: str | None
) -> Page[CertificateView]:
    """List the unended certificates in the actor's sight that end within so many days.

    The first to end comes first.
    """

    def ending(certificate: Any) -> list[ColumnElement[bool]]:
        until_on = certificate.valid_until_on
        limits = (until_on > on, until_on <= on + timedelta(days=days))
        return [certificate.status.in_(UNENDED), *limits]

    found = page_of_search(
        _in_sight(actor, ending),
        keys=[(Certificate.valid_until_on, False), (Certificate.id, False)],
        limit=limit,
        cursor=cursor,
        filters={"days": days, "on": on},
    )
    return _views(found, on=on)


def list_nearing(
    actor: Actor, *, on: date, limit: int, cursor: str | None
) -> Page[CertificateView]:
    """List the certificates in sight whose present year has crossed its first signal."""
    crossed = (
        Capacity.is_nearing,
        Capacity.is_open,
        Capacity.from_on <= on,
        Capacity.until_on > on,
    )

    def nearing(certificate: Any) -> list[ColumnElement[bool]]:
        if certificate is Certificate:
            return [certificate.id.in_(select(Capacity.certificate_id).where(*crossed))]
        # of few: each is asked for its own years, which no plan makes a walk through all years
        own = select(true()).where(Capacity.certificate_id == certificate.id, *crossed)
        return [own.limit(1).scalar_subquery()]

    found = page_of_search(
        _in_sight(actor, nearing),
        keys=[(Certificate.id, True)],
        limit=limit,
        cursor=cursor,
        filters={"on": on},
    )
    return _views(found, on=on)


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


def _in_sight(actor: Actor, shown: Callable[[Any], Sequence[ColumnElement[bool]]]) -> Search:
    """Look among the certificates in sight: where they are few, they are read first."""
    narrow = () if actor.sight is Sight.ALL else (visible(actor),)
    by = (Certificate.status, Certificate.valid_until_on)
    return Search(Certificate, narrow=narrow, shown=shown, by=by, is_ordered=False)


def _views(found: Page[CertificateId], *, on: date) -> Page[CertificateView]:
    """Read the certificates of a page with the names of holder and origin, in its order."""
    rows = db.session.execute(_OF_KEYS, {"keys": list(found.items)})
    views = {row[0].id: view_of(*row, on=on) for row in rows}
    return Page([views[key] for key in found.items], found.next_cursor)


def _found(
    wanted: CertificateFilter, *, on: date, limit: int, cursor: str | None
) -> Page[CertificateId]:
    """Find the keys of a page; names are read for the page alone."""
    asked: dict[str, Any] = {
        "keys": [(Certificate.id, True)],
        "limit": limit,
        "cursor": cursor,
        "filters": {**vars(wanted), "on": on},
    }
    filters = _filters(wanted, on=on)
    keyed = select(Certificate.id).where(*filters)
    if not wanted.q:
        return page(keyed, **asked)
    if wanted.q.upper().startswith(NUMBER_BEGINS):
        numbers = [wanted.q, wanted.q.upper()]
        return page(keyed.where(Certificate.number.in_(numbers)), **asked)
    grams = asked_grams(wanted.q)
    if not grams:
        return page(keyed.where(false()), **asked)
    search = Search(Certificate, plain(wanted.q).split(), grams, narrow=filters)
    return page_of_search(search, **asked)


def _filters(wanted: CertificateFilter, *, on: date) -> list[ColumnElement[bool]]:
    """Give the filters, each of which an index serves."""
    conditions: list[ColumnElement[bool]] = []
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
