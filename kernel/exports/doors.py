"""Doors to exports: ask for a long list, see how far it is, fetch the file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import ValidationError

from kernel import clock
from kernel.exports import commands, finding
from kernel.exports.commands import NewExport
from kernel.exports.finding import ExportView
from kernel.exports.lists import download
from kernel.exports.making import read_pieces
from kernel.exports.schemas import ExportIn, ExportOut
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint
from kernel.paging import Page, PageQuery, page_schema

exports = Blueprint("exports", __name__, url_prefix="/api/v1")


@exports.post("/exports")
@endpoint(
    exports,
    allow=SIGNED_IN,
    accepts=ExportIn(),
    returns=ExportOut(),
    status=201,
    idempotent=True,
)
def ask(body: NewExport) -> ExportView:
    """Ask for a list as a file; it is made with what one sees now."""
    try:
        made = commands.ask_export(body, by=current_actor(), now=clock.now())
    except ValidationError as error:
        raise ValidationError({"query": error.messages}) from error
    return finding.get_export(current_actor(), made.id)


@exports.get("/exports")
@endpoint(
    exports,
    allow=SIGNED_IN,
    accepts=PageQuery(),
    location="query",
    returns=page_schema(ExportOut),
)
def list_exports(query: dict[str, Any]) -> Page[ExportView]:
    """List what one asked for oneself, the newest first."""
    return finding.list_exports(current_actor(), **query)


@exports.get("/exports/<uuid:export_id>")
@endpoint(exports, allow=SIGNED_IN, returns=ExportOut())
def get(export_id: UUID) -> ExportView:
    """Give an own export with its progress."""
    return finding.get_export(current_actor(), export_id)


@exports.get("/exports/<uuid:export_id>/file")
@endpoint(exports, allow=SIGNED_IN)
def get_file(export_id: UUID) -> Response:
    """Fetch the file of an own export while it is kept."""
    found, exported = commands.open_export(export_id, by=current_actor())
    pieces = read_pieces(found.id, found.pieces)
    answer = download(pieces, exported.sheet, file_format=found.file_format)
    answer.content_length = found.size_bytes
    return answer
