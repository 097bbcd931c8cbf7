"""Which papers an actor sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select

from kernel.actor import Actor
from kernel.database import db
from kernel.paging import Page, page
from kernel.rows import one
from kernel.sights import sights
from registry.documents.models import Document, DocumentId
from registry.errors.documents import DocumentUnknown
from registry.organisations.models import Organisation
from registry.organisations.queries import visible

EXPIRING_DAYS = 30
"""A paper that lapses within so many days is shown as expiring."""
MOST_SAME = 50


class Validity(StrEnum):
    """How a paper's validity stands on a day."""

    LAPSED = "lapsed"
    EXPIRING = "expiring"
    IN_FORCE = "in_force"


@dataclass(frozen=True)
class DocumentView:
    """A paper with the other ones of the same content in the actor's sight, the newest first."""

    id: DocumentId
    organisation_id: UUID
    kind: str
    sha256: str
    media_type: str
    size_bytes: int
    number: str | None
    issuer: str | None
    scope: str | None
    valid_until_on: date | None
    subject_kind: str | None
    subject_id: UUID | None
    created_at: datetime
    same_papers: Sequence[Document]


def get_document_view(actor: Actor, document_id: DocumentId) -> DocumentView:
    """Give a paper in the actor's sight and where the same one was used, or NotFound."""
    document = get_document(actor, document_id)
    return DocumentView(
        id=document.id,
        organisation_id=document.organisation_id,
        kind=document.kind,
        sha256=document.sha256,
        media_type=document.media_type,
        size_bytes=document.size_bytes,
        number=document.number,
        issuer=document.issuer,
        scope=document.scope,
        valid_until_on=document.valid_until_on,
        subject_kind=document.subject_kind,
        subject_id=document.subject_id,
        created_at=document.created_at,
        same_papers=list_same_papers(actor, document),
    )


def list_same_papers(actor: Actor, document: Document) -> list[Document]:
    """List the other papers of the same content in the actor's sight, the newest first.

    An image is the same by what was handed in, too: drawn anew by another version of the
    program it may come out differently.
    """
    digests = {document.sha256, document.received_sha256} - {None}
    statement = _visible_documents(actor).where(
        or_(Document.sha256.in_(digests), Document.received_sha256.in_(digests)),
        Document.id != document.id,
    )
    newest = statement.order_by(Document.id.desc()).limit(MOST_SAME)
    return list(db.session.execute(newest).scalars())


def is_subject_in_sight(actor: Actor, *, kind: str, subject_id: UUID) -> bool:
    """Say whether the actor sees a thing that papers may be about."""
    seen = sights().get(kind)
    if seen is None:
        return False
    keys = seen(actor).subquery()
    found = db.session.scalar(select(keys.c[0]).where(keys.c[0] == subject_id))
    return found is not None


def get_document(actor: Actor, document_id: DocumentId) -> Document:
    """Give a paper of an organisation in the actor's sight, or NotFound."""
    return one(_visible_documents(actor).where(Document.id == document_id))


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
    actor: Actor,
    *,
    kind: str | None,
    lapsing_by: date | None,
    validity: Validity | None,
    subject_id: UUID | None,
    on: date,
    limit: int,
    cursor: str | None,
) -> Page[Document]:
    """List the papers in the actor's sight, the newest first; `lapsing_by` cuts off later ones."""
    statement = _visible_documents(actor)
    if kind is not None:
        statement = statement.where(Document.kind == kind)
    if lapsing_by is not None:
        statement = statement.where(Document.valid_until_on <= lapsing_by)
    if validity is not None:
        statement = statement.where(_stands(validity, on=on))
    if subject_id is not None:
        statement = statement.where(Document.subject_id == subject_id)
    return page(
        statement,
        keys=[(Document.id, True)],
        limit=limit,
        cursor=cursor,
        filters={
            "kind": kind,
            "lapsing_by": lapsing_by,
            "validity": validity,
            "subject": subject_id,
        },
    )


def _stands(validity: Validity, *, on: date) -> ColumnElement[bool]:
    """Say, of `Document`, how it stands on a day; it lapses at the beginning of its last day."""
    until, soon = Document.valid_until_on, on + timedelta(days=EXPIRING_DAYS)
    if validity is Validity.LAPSED:
        return until <= on
    if validity is Validity.EXPIRING:
        return and_(until > on, until <= soon)
    return or_(until.is_(None), until > on)


def _visible_documents(actor: Actor) -> Select[Document]:
    """Select the papers whose subject the actor sees; the organisation is the subject of most."""
    about = [
        and_(Document.subject_kind == kind, Document.subject_id.in_(seen(actor)))
        for kind, seen in sights().items()
    ]
    own = and_(Document.subject_kind.is_(None), visible(actor))
    return (
        select(Document)
        .join(Organisation, Organisation.id == Document.organisation_id)
        .where(or_(own, Document.created_by == actor.user_id, *about))
    )
