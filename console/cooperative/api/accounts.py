"""Pages of the cooperative's accounts: invite, reset, close; codes are shown once."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, render_template

from console.cooperative.api.choices import own_id
from console.widgets.acts import Act, Place, act_page
from console.widgets.asking import Form, ask, filters_of
from console.widgets.formats import instant
from console.widgets.pages import page
from console.widgets.words import N_, _, term

accounts = Blueprint("cooperative_accounts", __name__, url_prefix="/cooperative")
INDEX = Place("cooperative_accounts.index")
MANAGES = frozenset({"coop_manager"})
GIVES = ("coop_clerk", "coop_manager")
ACTS = {
    "close": Act(
        "accounts.close_account", N_("停用账号"), N_("账号已停用。"),
        N_("停用后不能再登录，也不能恢复；以往办理的记录保留。"),
    ),
    "lift": Act(
        "accounts.lift_totp", N_("解除第二重验证"), N_("第二重验证已解除。"),
        N_("只在本人丢失验证器时使用，请先当面核对身份。"),
    ),
}  # fmt: skip
REVOKE = Act("accounts.revoke_invitation", N_("收回邀请"), N_("邀请已收回。"))


@accounts.route("/accounts", methods=["GET", "POST"])
@page(accounts, allow=MANAGES, menu=(N_("合作社"), N_("账号")))
def index() -> str:
    """List accounts and invitations; invite somebody, with a code that is shown once."""
    form = Form("accounts.invite", fixed={"organisation_id": own_id()})
    done = form.sent()
    return render_template(
        "cooperative/accounts.html", form=form, given=done and done.answer,
        roles=[(role, term(role, "role").text) for role in GIVES],
        users=ask("accounts.list_users", query=filters_of("accounts.list_users")),
        invitations=ask("accounts.list_invitations")["items"],
    )  # fmt: skip


@accounts.route("/accounts/<uuid:user_id>/reset", methods=["GET", "POST"])
@page(accounts, allow=MANAGES)
def reset(user_id: UUID) -> str:
    """Give a code with which the user sets a new password; it is shown once."""
    form = Form("accounts.issue_reset", user_id=user_id)
    done = form.sent()
    user = ask("accounts.get_user", user_id=user_id)
    return render_template(
        "cooperative/account_reset.html", form=form, given=done and done.answer, user=user
    )


@accounts.route("/accounts/<uuid:user_id>/<any(close, lift):slug>", methods=["GET", "POST"])
@page(accounts, allow=MANAGES)
def act_on(user_id: UUID, slug: str) -> Response | str:
    """Shut an account, or take a lost second factor off it."""
    user = ask("accounts.get_user", user_id=user_id)
    roles = "、".join(term(role, "role").text for role in user["roles"])
    facts = [(_("账号"), user["username"]), (_("角色"), roles),
             (_("开通时间"), instant(user["created_at"]))]  # fmt: skip
    form = Form(ACTS[slug].door, start=user, user_id=user_id)
    return act_page(ACTS[slug], form, then=INDEX, facts=facts)


@accounts.route("/invitations/<uuid:invitation_id>/revoke", methods=["GET", "POST"])
@page(accounts, allow=MANAGES)
def revoke(invitation_id: UUID) -> Response | str:
    """Take back an invitation."""
    return act_page(REVOKE, Form(REVOKE.door, invitation_id=invitation_id), then=INDEX)
