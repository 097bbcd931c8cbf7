"""Pages of accounts: who may act for an organisation; codes are shown once, where they are made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, render_template, request

from console.admin.rules import roles_offered
from console.widgets.acts import Act, Entry, Options, Place, act_page
from console.widgets.asking import Form, ask, find_one, listed
from console.widgets.formats import instant
from console.widgets.names import learn_names, name_of
from console.widgets.pages import page
from console.widgets.words import N_, _, term, terms

accounts = Blueprint("admin_accounts", __name__, url_prefix="/admin/accounts")
KEEPS = "accounts.list_users"
MOST = "100"
INDEX = Place("admin_accounts.index")
WHERE = Entry("organisation_id", N_("单位"))
NUMBER = Entry(
    "organisation_id",
    N_("单位编号"),
    N_("单位太多，不能在这里选：打开那家单位的页面，抄下“编号”。"),
)
WHICH = Entry(
    "roles", N_("角色"),
    N_("管理（填报）与交易（采购、审批、付款）分属不同账号，不能给同一个人。"), is_many=True,
)  # fmt: skip
INVITE = Act(
    "accounts.invite", N_("邀请一个人"), N_("邀请码"),
    N_("生成一次性的邀请码交给本人，本人凭它设用户名和密码。"), (WHERE, WHICH),
)  # fmt: skip
RESET = Act(
    "accounts.issue_reset", N_("重设密码"), N_("重设码"),
    N_("生成一次性的重设码交给本人，本人凭它设新密码。请先确认对方身份。"),
)  # fmt: skip
REVOKE = Act(
    "accounts.revoke_invitation", N_("撤回邀请"), N_("邀请已撤回。"),
    N_("撤回后邀请码立即失效；可以重新邀请。"),
)  # fmt: skip
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


@accounts.get("/")
@page(accounts, allow=KEEPS, menu=(N_("账号管理"), N_("账号与邀请")))
def index() -> str:
    """List the accounts in sight, and the invitations that nobody took up yet."""
    found = listed("accounts.list_users")
    invitations = ask("accounts.list_invitations", query={"limit": MOST})["items"]
    waiting = [one for one in invitations if not one["accepted_at"] and not one["revoked_at"]]
    learn_names([one["organisation_id"] for one in [*found["items"], *waiting]])
    return render_template("admin/accounts.html", found=found, invitations=waiting)


@accounts.route("/invite", methods=["GET", "POST"])
@page(accounts, allow=KEEPS)
def invite() -> Response | str:
    """Invite somebody; the one-time code is shown once, here."""
    chosen = request.args.get("organisation_id") or g.actor.organisation_id
    form = Form(INVITE.door, start={"organisation_id": str(chosen)})
    roles = roles_offered(g.actor.roles, known=terms()["role"])
    options = {"roles": [(role, term(role, "role").text) for role in roles], **_organisations()}
    invite = INVITE if WHERE.name in options else replace(INVITE, entries=(NUMBER, WHICH))
    return _code_page(invite, form, back=INDEX, options=options)


def _organisations() -> Options:
    """Give the organisations in sight to choose among, unless they are too many for a choice."""
    found = ask("organisations.list_organisations", query={"limit": MOST})
    if found["next_cursor"]:
        return {}
    pairs = [(one["id"], one["name"]) for one in found["items"]]
    return {"organisation_id": sorted(pairs, key=lambda pair: str(pair[1]))}


@accounts.route("/invitations/<uuid:invitation_id>/revoke", methods=["GET", "POST"])
@page(accounts, allow=KEEPS)
def revoke(invitation_id: UUID) -> Response | str:
    """Withdraw an invitation that was not accepted."""
    form = Form(REVOKE.door, invitation_id=invitation_id)
    mine = find_one("accounts.list_invitations", invitation_id)
    return act_page(REVOKE, form, then=INDEX, facts=_said(mine) if mine else ())


def _said(invitation: dict[str, Any]) -> list[tuple[str, Any]]:
    return [
        (_("单位"), name_of(invitation["organisation_id"])),
        (_("角色"), _("、").join(term(role, "role").text for role in invitation["roles"])),
        (_("发出时间"), instant(invitation["issued_at"])),
        (_("到期"), instant(invitation["expires_at"])),
    ]


@accounts.get("/<uuid:user_id>")
@page(accounts, allow=KEEPS)
def show(user_id: UUID) -> str:
    """Show an account with its sessions, and what may be done with it."""
    user = ask("accounts.get_user", user_id=user_id)
    tokens = ask("accounts.list_tokens", user_id=user_id)["items"]
    return render_template("admin/account.html", user=user, tokens=tokens, facts_of=_facts(user))


@accounts.route("/<uuid:user_id>/reset", methods=["GET", "POST"])
@page(accounts, allow=KEEPS)
def reset(user_id: UUID) -> Response | str:
    """Give a one-time code with which the user sets a new password; it is shown once, here."""
    user = ask("accounts.get_user", user_id=user_id)
    form = Form(RESET.door, user_id=user_id)
    return _code_page(RESET, form, back=_account(user_id), facts=_facts(user))


@accounts.route("/<uuid:user_id>/<any(close, lift):slug>", methods=["GET", "POST"])
@page(accounts, allow=KEEPS)
def act_on(user_id: UUID, slug: str) -> Response | str:
    """Shut an account, or take a lost second factor off it."""
    user = ask("accounts.get_user", user_id=user_id)
    form = Form(ACTS[slug].door, start=user, user_id=user_id)
    return act_page(ACTS[slug], form, then=_account(user_id), facts=_facts(user))


def _code_page(act: Act, form: Form, *, back: Place, **shown: Any) -> Response | str:
    """Do the act when its form was sent and show the code it gives; else show its page."""
    if done := form.sent():
        return render_template("admin/code.html", act=act, given=done.answer, back=back.address)
    return act_page(act, form, then=back, **shown)


def _account(user_id: UUID) -> Place:
    return Place("admin_accounts.show", {"user_id": user_id})


def _facts(user: dict[str, Any]) -> list[tuple[str, Any]]:
    return [
        (_("用户名"), user["username"]),
        (_("单位"), name_of(user["organisation_id"])),
        (_("角色"), _("、").join(term(role, "role").text for role in user["roles"])),
        (_("第二重验证"), _("已开通") if user["second_factor"] else _("未开通")),
        (_("开通时间"), instant(user["created_at"])),
    ]
