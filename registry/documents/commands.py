"""Hand in papers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from kernel import audit
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotAllowed
from kernel.files import sniff, store_file
from kernel.identity import new_id
from registry.accounts.models import UserId
from registry.documents.models import Document, DocumentId
from registry.documents.rules import check_clear_of_identity
from registry.organisations.models import OrganisationId


@dataclass(frozen=True)
class NewDocument:
    """A paper as it arrives; what it really is, the content says."""

    file: bytes = field(repr=False)
    kind: str
    number: str | None = None
    issuer: str | None = None
    valid_until_on: date | None = None


def hand_in_document(new: NewDocument, *, by: Actor, now: datetime) -> Document:
    """Keep a paper of the actor's organisation.

    Refuses Invalid (no PDF, JPEG, PNG, XLSX or CSV) and IdentityInText. The file is written
    before the row: one without a row harms nobody.
    """
    if by.organisation_id is None:
        raise NotAllowed
    check_clear_of_identity(new.number, pointer="/number")
    check_clear_of_identity(new.issuer, pointer="/issuer")
    document = Document(
        id=DocumentId(new_id()),
        organisation_id=OrganisationId(by.organisation_id),
        kind=new.kind,
        media_type=sniff(new.file),
        sha256=store_file(new.file),
        size_bytes=len(new.file),
        number=new.number,
        issuer=new.issuer,
        valid_until_on=new.valid_until_on,
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
