"""Wishes for another scope of certificates."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from certification.certificates.models.certificates import Certificate, CertificateId
from certification.certificates.models.scope import ScopeChange, ScopeStatus
from certification.certificates.queries.directory import visible
from kernel.actor import Actor
from kernel.database import db
from kernel.paging import Page, page
from kernel.rows import one


def lock_scope_change(actor: Actor, scope_change_id: UUID) -> tuple[ScopeChange, Certificate]:
    """Get a wish in the actor's sight, with its certificate locked before it (NotFound)."""
    query = select(ScopeChange.certificate_id).join(
        Certificate, Certificate.id == ScopeChange.certificate_id
    )
    query = query.where(ScopeChange.id == scope_change_id, visible(actor))
    certificate_id = one(query)
    options = {"key_share": True}
    certificate = db.session.get_one(
        Certificate, certificate_id, populate_existing=True, with_for_update=options
    )
    change = db.session.get_one(
        ScopeChange, scope_change_id, populate_existing=True, with_for_update=options
    )
    return change, certificate


def list_accepted_ids(actor: Actor, certificate_id: CertificateId) -> list[UUID]:
    """List the keys of the wishes of a certificate that were accepted."""
    del actor  # only decisions ask
    query = select(ScopeChange.id).where(
        ScopeChange.certificate_id == certificate_id,
        ScopeChange.status == ScopeStatus.ACCEPTED,
    )
    return list(db.session.scalars(query))


def list_scope_changes(
    actor: Actor,
    *,
    status: ScopeStatus | None,
    certificate_id: UUID | None,
    limit: int,
    cursor: str | None,
) -> Page[ScopeChange]:
    """List the wishes in the actor's sight, the newest first."""
    query = select(ScopeChange).join(Certificate, Certificate.id == ScopeChange.certificate_id)
    query = query.where(visible(actor))
    if status is not None:
        query = query.where(ScopeChange.status == status)
    if certificate_id is not None:
        query = query.where(ScopeChange.certificate_id == certificate_id)
    keys = [(ScopeChange.id, True)]
    filters = {"status": status, "certificate_id": certificate_id}
    return page(query, keys=keys, limit=limit, cursor=cursor, filters=filters)
