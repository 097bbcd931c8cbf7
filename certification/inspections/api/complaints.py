"""Doors to complaints: lodged and followed by anyone, answered by offices."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from certification.inspections.commands import complaints as commands
from certification.inspections.commands.complaints import LodgedComplaint, NewComplaint
from certification.inspections.models.complaints import Complaint
from certification.inspections.queries import complaints as queries
from certification.inspections.schemas.complaints import (
    COMPLAINTS,
    AnswerIn,
    ComplaintContactOut,
    ComplaintIn,
    ComplaintOut,
    ComplaintPurposeIn,
    ComplaintQuery,
    LodgedOut,
    TrackedOut,
    TrackingIn,
)
from certification.inspections.schemas.tasks import InspectionReasonIn
from kernel import clock
from kernel.exports.lists import export_door
from kernel.http import PUBLIC, Blueprint, current_actor, endpoint
from kernel.paging import Page, page_schema
from kernel.visits import MADE
from registry.accounts.models import REVIEWERS, Role

complaints = Blueprint("complaints", __name__, url_prefix="/api/v1")
PLANNERS = REVIEWERS - {Role.TOWN_CHECKER}
MOST_COMPLAINTS = "30 per hour"
"""How many complaints one address may lodge."""


def guesses_from_one_address() -> str:
    """Say how often one address may give a wrong number or code."""
    return "10 per minute"


@complaints.post("/complaints")
@endpoint(
    complaints,
    allow=PUBLIC,
    accepts=ComplaintIn(),
    returns=LodgedOut(),
    status=201,
    rate=lambda: MOST_COMPLAINTS,
    counts=MADE,
)
def lodge(body: NewComplaint) -> LodgedComplaint:
    """Complain about certified goods; the number and code to follow it are shown once."""
    return commands.lodge_complaint(body, by=current_actor(), now=clock.now())


@complaints.post("/complaints/<number>/tracking")
@endpoint(
    complaints,
    allow=PUBLIC,
    accepts=TrackingIn(),
    returns=TrackedOut(),
    rate=guesses_from_one_address,
)
def follow(body: dict[str, Any], number: str) -> Complaint:
    """Tell where a complaint stands to who has its number and code."""
    return commands.follow_complaint(number, **body, by=current_actor())


@complaints.get("/complaints")
@endpoint(
    complaints,
    allow=REVIEWERS | {Role.AUDITOR},
    accepts=ComplaintQuery(),
    returns=page_schema(ComplaintOut),
    location="query",
)
def search(body: dict[str, Any]) -> Page[Complaint]:
    """List the complaints of the own region, the first due first."""
    return queries.list_complaints(current_actor(), **body)


export_door(complaints, "/complaints/export", of=search, sheet=COMPLAINTS)


@complaints.post("/complaints/<uuid:complaint_id>/take")
@endpoint(complaints, allow=REVIEWERS, returns=ComplaintOut())
def take(complaint_id: UUID) -> Complaint:
    """Take a complaint in hand."""
    return commands.take_complaint(complaint_id, by=current_actor(), now=clock.now())


@complaints.post("/complaints/<uuid:complaint_id>/inspection")
@endpoint(complaints, allow=PLANNERS, accepts=InspectionReasonIn(), returns=ComplaintOut())
def inspect(body: dict[str, Any], complaint_id: UUID) -> Complaint:
    """Open a hidden inspection of what a complaint is about."""
    return commands.inspect_complaint(complaint_id, **body, by=current_actor(), now=clock.now())


@complaints.post("/complaints/<uuid:complaint_id>/answer")
@endpoint(complaints, allow=REVIEWERS, accepts=AnswerIn(), returns=ComplaintOut())
def answer(body: dict[str, Any], complaint_id: UUID) -> Complaint:
    """Answer a complaint in hand, once."""
    return commands.answer_complaint(complaint_id, **body, by=current_actor(), now=clock.now())


@complaints.post("/complaints/<uuid:complaint_id>/contact")
@endpoint(
    complaints,
    allow=REVIEWERS,
    accepts=ComplaintPurposeIn(),
    returns=ComplaintContactOut(),
    reveals=True,
)
def disclose(body: dict[str, Any], complaint_id: UUID) -> Complaint:
    """Give the contact of who complained, for a stated purpose that is kept."""
    return commands.disclose_contact(complaint_id, **body, by=current_actor(), now=clock.now())
