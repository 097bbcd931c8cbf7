"""Hand in papers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from kernel import audit
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotAllowed
from kernel.files import store_file
from kernel.identity import new_id
from kernel.papers import inspect_paper
from registry.accounts.models import UserId
from registry.documents.models import Document, DocumentId
from registry.documents.queries import is_subject_in_sight
from registry.documents.rules import check_clear_of_identity, check_subject
from registry.errors.documents import SubjectUnknown
from registry.organisations.models import OrganisationId


@dataclass(frozen=True)
class NewDocument:
    """A paper as it arrives; what it really is, the content says."""

    file: bytes = field(repr=False)
    kind: str
    number: str | None = None
    issuer: str | None = None
    scope: str | None = None
    valid_until_on: date | None = None
    subject_kind: str | None = None
    subject_id: UUID | None = None


def hand_in_document(new: NewDocument, *, by: Actor, now: datetime) -> Document:
    """Keep a paper of the actor's organisation.

    Refuses Invalid (no harmless PDF, JPEG, PNG, XLSX or CSV), IdentityInText and
    SubjectUnknown. The file is written before the row: one without a row harms nobody.
    """
    if by.organisation_id is None:
        raise NotAllowed
    check_clear_of_identity(new.number, pointer="/number")
    check_clear_of_identity(new.issuer, pointer="/issuer")
    check_clear_of_identity(new.scope, pointer="/scope")
    check_subject(new.subject_kind, new.subject_id)
    if new.subject_kind is not None and new.subject_id is not None:
        is_seen = is_subject_in_sight(by, kind=new.subject_kind, subject_id=new.subject_id)
        if not is_seen:
            raise SubjectUnknown(pointer="/subject_id")
    paper = inspect_paper(new.file)
    received, kept = hashlib.sha256(new.file).hexdigest(), store_file(paper.content)
    document = Document(
        id=DocumentId(new_id()),
        organisation_id=OrganisationId(by.organisation_id),
        kind=new.kind,
        media_type=paper.media_type,
        sha256=kept,
        received_sha256=None if received == kept else received,
        size_bytes=len(paper.content),
        number=new.number,
        issuer=new.issuer,
        scope=new.scope,
        valid_until_on=new.valid_until_on,
        subject_kind=new.subject_kind,
        subject_id=new.subject_id,
        created_by=UserId(by.user_id),
        created_at=now,
    )
    db.session.add(document)
    db.session.flush()
    audit.write(
        "hand_in_document",
        subject=("document", document.id),
        by=by,
        now=now,
        after={"kind": document.kind, "sha256": document.sha256},
    )
    return document
