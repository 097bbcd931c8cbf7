"""Pages of papers: licences and reports with how long they hold, handed in once, used often."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template

from console.cooperative.rules import days_to
from console.widgets.asking import Form, ask, listed
from console.widgets.formats import today
from console.widgets.names import PAPER_KINDS
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _
from kernel.http import SIGNED_IN

documents = Blueprint("cooperative_documents", __name__, url_prefix="/cooperative")
ROLES = frozenset({"coop_clerk", "coop_manager"})


@documents.route("/documents", methods=["GET", "POST"])
@page(documents, allow=ROLES, menu=(N_("合作社"), N_("证照材料")))
def index() -> Response | str:
    """List papers with their validity, and hand in another."""
    form = Form("documents.hand_in")
    if done := form.sent():
        made = UUID(done.answer["id"])
        return to_page("cooperative_documents.show", document_id=made, said=_("材料已上传。"))
    return render_template(
        "cooperative/documents.html", form=form, kinds=_kinds(),
        found=listed("documents.list_documents"),
        days_left=lambda day: days_to(day, on=today()),
    )  # fmt: skip


def _kinds() -> list[tuple[str, str]]:
    return [(code, _(text)) for code, text in PAPER_KINDS.items()]


@documents.get("/documents/<uuid:document_id>")
@page(documents, allow=ROLES)
def show(document_id: UUID) -> str:
    """Show what a paper is, and where else the same paper was handed in."""
    one = ask("documents.get", document_id=document_id)
    return render_template("cooperative/document.html", one=one)


@documents.get("/documents/<uuid:document_id>/content")
@page(documents, allow=SIGNED_IN)
def content(document_id: UUID) -> Any:
    """Give a paper itself."""
    return ask("documents.get_content", document_id=document_id)
