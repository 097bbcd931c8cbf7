"""Doors to the marks of products, and to the papers that certificates rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from certification.certificates.commands import marks as commands
from certification.certificates.commands.papers import add_paper
from certification.certificates.models.certificates import CertificateId
from certification.certificates.queries.certificates import CertificateView, get_view
from certification.certificates.queries.marks import (
    MarkFilter,
    MarkView,
    get_mark_view,
    list_marks,
)
from certification.certificates.queries.papers import list_papers_in_sight
from certification.certificates.rules.marks import NewMark
from certification.certificates.schemas.certificates import CertificateOut
from certification.certificates.schemas.marks import (
    MARKS,
    CertificatePaperIn,
    CertificatePapersOut,
    MarkIn,
    MarkOut,
    MarkQuery,
    MarkWithdrawalIn,
)
from kernel import clock
from kernel.calendar import shanghai_day
from kernel.exports.lists import export_door
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint
from kernel.paging import Page, page_schema
from registry.accounts.models import Role
from registry.documents.models import Document

marks = Blueprint("marks", __name__, url_prefix="/api/v1")
CLERK, COUNTY = frozenset({Role.COOP_CLERK}), frozenset({Role.COUNTY_REVIEWER})


@marks.post("/certificates/<uuid:certificate_id>/marks")
@endpoint(marks, allow=CLERK, accepts=MarkIn(), returns=MarkOut(), status=201)
def record(body: NewMark, certificate_id: UUID) -> MarkView:
    """Record a mark that the product of an own certificate bears."""
    made = commands.record_mark(certificate_id, body, by=current_actor(), now=clock.now())
    return _shown(made.id)


@marks.get("/marks")
@endpoint(
    marks, allow=SIGNED_IN, accepts=MarkQuery(), returns=page_schema(MarkOut), location="query"
)
def search(body: dict[str, Any]) -> Page[MarkView]:
    """List the marks in sight, the newest first."""
    paging = {name: body.pop(name) for name in ("limit", "cursor")}
    wanted, today = MarkFilter(**body), shanghai_day(clock.now())
    return list_marks(current_actor(), wanted, on=today, **paging)


export_door(marks, "/marks/export", of=search, sheet=MARKS)


@marks.get("/marks/<uuid:mark_id>")
@endpoint(marks, allow=SIGNED_IN, returns=MarkOut())
def get(mark_id: UUID) -> MarkView:
    """Give a mark in sight."""
    return _shown(mark_id)


@marks.post("/marks/<uuid:mark_id>/confirm")
@endpoint(marks, allow=COUNTY, returns=MarkOut())
def confirm(mark_id: UUID) -> MarkView:
    """Confirm a mark: the public sees it from now on."""
    commands.confirm_mark(mark_id, by=current_actor(), now=clock.now())
    return _shown(mark_id)


@marks.post("/marks/<uuid:mark_id>/withdraw")
@endpoint(marks, allow=CLERK | COUNTY, accepts=MarkWithdrawalIn(), returns=MarkOut())
def withdraw(body: dict[str, Any], mark_id: UUID) -> MarkView:
    """Withdraw a mark, with the reason."""
    commands.withdraw_mark(mark_id, **body, by=current_actor(), now=clock.now())
    return _shown(mark_id)


@marks.post("/certificates/<uuid:certificate_id>/papers")
@endpoint(marks, allow=CLERK, accepts=CertificatePaperIn(), returns=CertificateOut())
def add(body: dict[str, Any], certificate_id: UUID) -> CertificateView:
    """Let an own certificate rest on another paper too, in the place of one that lapses."""
    made = add_paper(certificate_id, **body, by=current_actor(), now=clock.now())
    return get_view(current_actor(), made.id, on=shanghai_day(clock.now()))


@marks.get("/certificates/<uuid:certificate_id>/papers")
@endpoint(marks, allow=SIGNED_IN, returns=CertificatePapersOut())
def list_papers(certificate_id: UUID) -> Mapping[str, Sequence[Document]]:
    """List the papers that a certificate one looks after rests on."""
    return {"items": list_papers_in_sight(current_actor(), CertificateId(certificate_id))}


def _shown(mark_id: UUID) -> MarkView:
    return get_mark_view(current_actor(), mark_id, on=shanghai_day(clock.now()))
