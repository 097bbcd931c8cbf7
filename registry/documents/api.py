"""Doors to papers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from kernel import clock
from kernel.calendar import shanghai_day
from kernel.downloads import attachment
from kernel.exports.lists import export_door
from kernel.files import read_file
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint
from kernel.paging import Page, page_schema
from kernel.papers import JPEG, PDF, PNG
from kernel.sheets.sources import CSV, XLSX
from registry.documents import commands, queries
from registry.documents.commands import NewDocument
from registry.documents.models import Document, DocumentId
from registry.documents.queries import DocumentView
from registry.documents.schemas import (
    DOCUMENTS,
    DocumentDetailOut,
    DocumentIn,
    DocumentOut,
    DocumentsQuery,
)

ENDINGS = {PDF: "pdf", JPEG: "jpg", PNG: "png", XLSX: "xlsx", CSV: "csv"}

documents = Blueprint("documents", __name__, url_prefix="/api/v1")


@documents.post("/documents")
@endpoint(
    documents,
    allow=SIGNED_IN,
    accepts=DocumentIn(),
    location="files",
    returns=DocumentDetailOut(),
    status=201,
)
def hand_in(form: NewDocument) -> DocumentView:
    """Hand in a paper of the own organisation, or about something in sight."""
    made = commands.hand_in_document(form, by=current_actor(), now=clock.now())
    return queries.get_document_view(current_actor(), made.id)


@documents.get("/documents")
@endpoint(
    documents,
    allow=SIGNED_IN,
    accepts=DocumentsQuery(),
    location="query",
    returns=page_schema(DocumentOut),
)
def list_documents(query: dict[str, Any]) -> Page[Document]:
    """List the papers in sight, the newest first."""
    return queries.list_visible_documents(current_actor(), **query, on=shanghai_day(clock.now()))


export_door(documents, "/documents/export", of=list_documents, sheet=DOCUMENTS)


@documents.get("/documents/<uuid:document_id>")
@endpoint(documents, allow=SIGNED_IN, returns=DocumentDetailOut())
def get(document_id: UUID) -> DocumentView:
    """Give what is known of a paper in sight, and where the same paper was used before."""
    return queries.get_document_view(current_actor(), DocumentId(document_id))


@documents.get("/documents/<uuid:document_id>/content")
@endpoint(documents, allow=SIGNED_IN)
def get_content(document_id: UUID) -> Response:
    """Give a paper itself, to be saved, never shown by the browser from here."""
    document = queries.get_document(current_actor(), DocumentId(document_id))
    name = f"{document.id}.{ENDINGS[document.media_type]}"
    return attachment(read_file(document.sha256), name=name, media_type=document.media_type)
