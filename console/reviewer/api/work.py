"""Pages of applications: what waits by its due day, one with its evidence, the decision."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, render_template, request

from console.reviewer.api.evidence import in_sight, links_of, papers_of
from console.reviewer.rules import (
    decisions_of,
    field_of,
    field_options,
    said_of,
    sentence_of,
    turn_of,
)
from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, listed
from console.widgets.formats import day, yuan
from console.widgets.names import learn_names, scheme_of
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _

work = Blueprint("reviewer_work", __name__, url_prefix="/reviewer")
CERTIFYING = N_("认定")
REVIEWS = "applications.list_work"
MOST_AT_ONCE = 50
REJECT = Act(
    "applications.review", N_("不予认定"), N_("已作出不予认定的决定。"),
    N_("不予认定后本次申请终结，不能恢复；申请主体可以重新申报。意见会发给申请主体。"),
    (Entry("opinion", N_("意见"), N_("写明依据；不要写个人信息。"), rows=4),),
)  # fmt: skip
GRANT = Act(
    "certificates.grant", N_("核发证书"), N_("证书已核发。"),
    N_("核发后证书立即生效、对外可查，占用申报产量；收回只能暂停或撤销。"),
)  # fmt: skip


@work.get("")
@page(work, allow=REVIEWS, menu=(CERTIFYING, N_("待办申请")))
def index() -> str:
    """List what waits for the own office, the longest overdue first."""
    found = listed(REVIEWS)
    learn_names([one["application"]["holder_id"] for one in found["items"]])
    return render_template("reviewer/work.html", found=found)


@work.get("/work-list-file")
@page(work, allow=REVIEWS)
def index_file() -> Response:
    """Give the work list as a file."""
    given: Response = listed("applications.export_list_work")
    return given


@work.get("/applications")
@page(work, allow=REVIEWS, menu=(CERTIFYING, N_("全部申请")))
def applications() -> str:
    """List the applications in sight by state."""
    found = listed("applications.list_applications")
    learn_names([one["holder_id"] for one in found["items"]])
    return render_template("reviewer/applications.html", found=found)


@work.route("/applications/<uuid:application_id>", methods=["GET", "POST"])
@page(work, allow=REVIEWS)
def show(application_id: UUID) -> Response | str:
    """Show an application beside its evidence, and decide on it."""
    shown = ask("applications.get", application_id=application_id)
    forms = {
        one: Form(
            "applications.review",
            fixed={"decision": one},
            part=one,
            application_id=application_id,
        )
        for one in decisions_of(shown, g.actor.roles)
        if one in {"pass", "return"}
    }
    for form in forms.values():
        if form.sent():
            return to_page("reviewer_work.index", said=_("已办理：") + shown["number"])
    return render_template(
        "reviewer/application.html", one=shown, forms=forms, **_evidence(shown, application_id)
    )


def _evidence(shown: dict[str, Any], application_id: UUID) -> dict[str, Any]:
    return {
        "fields": field_options(),
        "field_of": field_of,
        "said_of": said_of,
        "sentence_of": sentence_of,
        "scheme_of": scheme_of,
        "turn": turn_of(shown),
        "decisions": decisions_of(shown, g.actor.roles),
        "papers": papers_of(application_id),
        "links": links_of(shown["holder"]["id"], shown["benefit_link_ids"]),
        "checklist": ask("applications.get_checklist", application_id=application_id),
        "versions": ask("applications.list_versions", application_id=application_id)["items"],
        "credit": in_sight(
            lambda: ask(
                "organisations.list_consequences",
                organisation_id=UUID(shown["holder"]["id"]),
            )
        ),
    }


@work.route("/applications/<uuid:application_id>/reject", methods=["GET", "POST"])
@page(work, allow="applications.review")
def reject(application_id: UUID) -> Response | str:
    """Reject an application for good."""
    form = Form("applications.review", fixed={"decision": "reject"}, application_id=application_id)
    return _final(REJECT, form, application_id)


@work.route("/applications/<uuid:application_id>/grant", methods=["GET", "POST"])
@page(work, allow="certificates.grant")
def grant(application_id: UUID) -> Response | str:
    """Issue the certificate after the notice."""
    return _final(GRANT, Form("certificates.grant", application_id=application_id), application_id)


def _final(act: Act, form: Form, application_id: UUID) -> Response | str:
    shown = ask("applications.get", application_id=application_id)
    notice = shown["notice"]
    unanswered = [one for one in notice["objections"] if not one["replied_at"]] if notice else []
    return act_page(
        act,
        form,
        then=Place("reviewer_work.show", {"application_id": application_id}),
        facts=[
            (_("申请编号"), shown["number"]),
            (_("申请主体"), shown["holder"]["name"]),
            (_("产品名称"), shown["product_name"]),
            (_("货值"), yuan(shown["goods_value_fen"])),
            (_("公示截止"), day(notice["closes_on"] if notice else None)),
            (_("未答复的异议"), len(unanswered)),
        ],
    )


@work.route("/batch", methods=["GET", "POST"])
@page(work, allow="applications.review_batch")
def batch() -> Response | str:
    """Decide on the ticked applications, each with its own opinion."""
    keys = [UUID(one) for one in request.args.getlist("id")[:MOST_AT_ONCE]]
    chosen = [ask("applications.get", application_id=one) for one in keys]
    form = Form("applications.review_batch", fixed={"atomic": True})
    if done := form.sent():
        said = _("已办理 %(count)s 件申请。", count=len(done.answer["items"]))
        return to_page("reviewer_work.index", said=said)
    return render_template("reviewer/batch.html", chosen=chosen, form=form, fields=field_options())


@work.get("/applications/<uuid:application_id>/documents/<uuid:document_id>")
@page(work, allow="applications.get_document")
def application_paper(application_id: UUID, document_id: UUID) -> Response:
    """Give a paper of an application itself."""
    given: Response = ask(
        "applications.get_document", application_id=application_id, document_id=document_id
    )
    return given


@work.get("/documents/<uuid:document_id>")
@page(work, allow="documents.get_content")
def paper(document_id: UUID) -> Response:
    """Give a paper itself."""
    given: Response = ask("documents.get_content", document_id=document_id)
    return given
