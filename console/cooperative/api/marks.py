"""Pages of a certificate's marks and papers: record and withdraw a mark, add a paper."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response

from console.cooperative.api.choices import papers_of_own
from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask
from console.widgets.pages import page
from console.widgets.words import N_, _, term

marks = Blueprint("cooperative_marks", __name__, url_prefix="/cooperative")
PAPER = Entry("document_id", N_("证明材料"), N_("先在“证照材料”中上传。"))
RECORD = Act(
    "marks.record", N_("登记标识"), N_("标识已登记，待县级确认。"),
    N_("县级审核人员确认后，公众才能看到。有效期不能晚于证明材料的有效期。"),
    (Entry("kind", N_("标识类别"), kind="mark_kind"), Entry("number", N_("标识编号")),
     Entry("issuer", N_("授予单位"), N_("品牌授权填写品牌所有人。")),
     Entry("valid_from_on", N_("有效期起")),
     Entry("valid_until_on", N_("有效期止"), N_("长期有效的不填。")), PAPER),
)  # fmt: skip
WITHDRAW = Act(
    "marks.withdraw", N_("撤回标识"), N_("标识已撤回。"), N_("撤回后公众不再看到，不能恢复。"),
    (Entry("reason", N_("理由"), rows=2),),
)  # fmt: skip
ADD = Act(
    "marks.add", N_("补交证照"), N_("证照已补交。"),
    N_("须为认定所要求的类别，且在有效期内。补交后即可继续接单，商品随后恢复上架。"),
    (PAPER,),
)  # fmt: skip


@marks.route("/certificates/<number>/marks/new", methods=["GET", "POST"])
@page(marks, allow="marks.record")
def record(number: str) -> Response | str:
    """Record a mark that the certificate's product bears."""
    return _of_certificate(RECORD, number)


@marks.route("/certificates/<number>/papers/new", methods=["GET", "POST"])
@page(marks, allow="marks.add")
def add(number: str) -> Response | str:
    """Let a certificate rest on another paper too."""
    return _of_certificate(ADD, number)


@marks.route("/marks/<uuid:mark_id>/withdraw", methods=["GET", "POST"])
@page(marks, allow=frozenset({"coop_clerk"}))
def withdraw(mark_id: UUID) -> Response | str:
    """Take back a mark."""
    one = ask("marks.get", mark_id=mark_id)
    facts = [(_("产品"), one["product_name"]), (_("标识类别"), term(one["kind"], "mark_kind").text),
             (_("标识编号"), one["number"])]  # fmt: skip
    then = Place("cooperative_certificates.show", {"number": one["certificate_number"]})
    return act_page(WITHDRAW, Form(WITHDRAW.door, mark_id=mark_id), then=then, facts=facts)


def _of_certificate(act: Act, number: str) -> Response | str:
    one = ask("certificates.verify", number=number)
    return act_page(
        act,
        Form(act.door, certificate_id=UUID(one["id"])),
        then=Place("cooperative_certificates.show", {"number": number}),
        facts=[(_("证书编号"), number), (_("产品"), one["product_name"])],
        options={"document_id": papers_of_own()},
    )
