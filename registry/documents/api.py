"""Doors to papers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from kernel import clock
from kernel.files import CSV, JPEG, PDF, PNG, XLSX, read_file
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint
from kernel.paging import Page, page_schema
from registry.documents import commands, queries
from registry.documents.commands import NewDocument
from registry.documents.models import Document, DocumentId
from registry.documents.schemas import DocumentIn, DocumentOut, DocumentsQuery

ENDINGS = {PDF: "pdf", JPEG: "jpg", PNG: "png", XLSX: "xlsx", CSV: "csv"}

documents = Blueprint("documents", __name__, url_prefix="/api/v1")


@documents.post("/documents")
@endpoint(
    documents,
    allow=SIGNED_IN,
    accepts=DocumentIn(),
    location="files",
    returns=DocumentOut(),
    status=201,
)
def hand_in(form: NewDocument) -> Document:
    """Hand in a paper of the own organisation."""
    return commands.hand_in_document(form, by=current_actor(), now=clock.now())


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
    return queries.list_visible_documents(current_actor(), **query)


@documents.get("/documents/<uuid:document_id>")
@endpoint(documents, allow=SIGNED_IN, returns=DocumentOut())
def get(document_id: UUID) -> Document:
    """Give what is known of a paper in sight."""
    return queries.get_document(current_actor(), DocumentId(document_id))


@documents.get("/documents/<uuid:document_id>/content")
@endpoint(documents, allow=SIGNED_IN)
def get_content(document_id: UUID) -> Response:
    """Give a paper itself, to be saved, never shown by the browser from here."""
    document = queries.get_document(current_actor(), DocumentId(document_id))
    name = f"{document.id}.{ENDINGS[document.media_type]}"
    return Response(
        read_file(document.sha256),
        content_type=document.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )
