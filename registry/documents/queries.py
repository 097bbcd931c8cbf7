"""Which papers an actor sees."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, select

from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotFound
from kernel.paging import Page, page
from registry.documents.models import Document, DocumentId
from registry.errors.documents import DocumentUnknown
from registry.organisations.models import Organisation
from registry.organisations.queries import visible


def get_document(actor: Actor, document_id: DocumentId) -> Document:
    """Give a paper of an organisation in the actor's sight, or NotFound."""
    document = db.session.execute(
        _visible_documents(actor).where(Document.id == document_id)
    ).scalar_one_or_none()
    if document is None:
        raise NotFound
    return document


def list_documents(actor: Actor, document_ids: Sequence[DocumentId]) -> list[Document]:
    """Give the papers that are named, in their order; refuses DocumentUnknown with a pointer."""
    rows = db.session.execute(
        _visible_documents(actor).where(Document.id.in_(document_ids))
    ).scalars()
    found = {document.id: document for document in rows}
    for index, document_id in enumerate(document_ids):
        if document_id not in found:
            raise DocumentUnknown(pointer=f"/document_ids/{index}")
    return [found[document_id] for document_id in document_ids]


def list_visible_documents(
    actor: Actor, *, kind: str | None, lapsing_by: date | None, limit: int, cursor: str | None
) -> Page[Document]:
    """List the papers in the actor's sight, the newest first; `lapsing_by` cuts off later ones."""
    statement = _visible_documents(actor)
    if kind is not None:
        statement = statement.where(Document.kind == kind)
    if lapsing_by is not None:
        statement = statement.where(Document.valid_until_on <= lapsing_by)
    return page(
        statement,
        keys=[(Document.id, True)],
        limit=limit,
        cursor=cursor,
        filters={"kind": kind, "lapsing_by": lapsing_by},
    )


def _visible_documents(actor: Actor) -> Select[Document]:
    return (
        select(Document)
        .join(Organisation, Organisation.id == Document.organisation_id)
        .where(visible(actor))
    )
