"""Complaints of a region, and the one that somebody follows by number."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, select, true

from certification.inspections.models.complaints import Complaint, ComplaintStatus
from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.paging import Page, page
from kernel.rows import locked
from registry.accounts.models import REVIEWERS, Role


def visible(actor: Actor) -> ColumnElement[bool]:
    """Say which complaints an actor sees: reviewers those of their region, auditors all."""
    if actor.has(Role.AUDITOR):
        return true()
    if actor.sight is Sight.REGION and actor.has(*REVIEWERS):
        return Complaint.region_code.startswith(actor.region_prefix, autoescape=True)
    return false()


def find_complaint(actor: Actor, number: str) -> Complaint | None:
    """Find a complaint by its number; the code decides whether it may be told of."""
    del actor
    return db.session.scalar(select(Complaint).where(Complaint.number == number))


def lock_complaint(actor: Actor, complaint_id: UUID) -> Complaint:
    """Get a complaint in the actor's sight, locked (NotFound)."""
    query = select(Complaint).where(Complaint.id == complaint_id, visible(actor))
    return locked(query, key_share=True)


def list_complaints(
    actor: Actor, *, status: ComplaintStatus | None, limit: int, cursor: str | None
) -> Page[Complaint]:
    """List the complaints in the actor's sight, the first due first."""
    query = select(Complaint).where(or_(visible(actor)))
    if status is not None:
        query = query.where(Complaint.status == status)
    keys = [(Complaint.due_on, False), (Complaint.id, False)]
    return page(query, keys=keys, limit=limit, cursor=cursor, filters={"status": status})
