"""Pages of units and accounts: who belongs to the unit, who may act for it, from which amount."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, render_template

from console.canteen.api.looking import choices, own_organisation
from console.widgets.asking import Form, ask, filters_of
from console.widgets.names import learn_names
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _

units = Blueprint("canteen_units", __name__, url_prefix="/canteen")
UNIT = N_("单位管理")
ADMIN = frozenset({"unit_admin"})
ROLES = ("unit_admin", "canteen_buyer", "contractor_buyer", "unit_approver", "unit_finance",
         "union_officer")  # fmt: skip


@units.get("/units")
@page(units, allow=ADMIN | {"finance_supervisor"}, menu=(UNIT, N_("所辖单位")))
def index() -> str:
    """List the units in sight: the own, and those under it."""
    asked = {"kind": "budget_unit", **filters_of("organisations.list_organisations")}
    found = ask("organisations.list_organisations", query=asked)
    return render_template("canteen/units.html", found=found)


@units.get("/accounts")
@page(units, allow=ADMIN, menu=(UNIT, N_("账号管理")))
def accounts() -> str:
    """List the accounts of the own unit and of units under it, and open invitations."""
    found = ask("accounts.list_users", query=filters_of("accounts.list_users"))
    invitations = ask("accounts.list_invitations", query={"limit": "50"})["items"]
    learn_names([one["organisation_id"] for one in [*found["items"], *invitations]])
    waiting = [one for one in invitations if not one["accepted_at"] and not one["revoked_at"]]
    return render_template("canteen/accounts.html", found=found, invitations=waiting)


@units.route("/accounts/invite", methods=["GET", "POST"])
@page(units, allow=ADMIN)
def invite() -> str:
    """Invite somebody; the one-time code is shown once, here."""
    form = Form("accounts.invite", start={"organisation_id": str(own_organisation())})
    done = form.sent()
    found = ask("organisations.list_organisations", query={"limit": "100"})["items"]
    return render_template(
        "canteen/invite.html",
        form=form, roles=ROLES, given=done.answer if done else None, units=choices(found),
    )  # fmt: skip


@units.route("/invitations/<uuid:invitation_id>/revoke", methods=["GET", "POST"])
@page(units, allow=ADMIN)
def revoke(invitation_id: UUID) -> Response | str:
    """Withdraw an invitation that was not accepted."""
    form = Form("accounts.revoke_invitation", invitation_id=invitation_id)
    if form.sent():
        return to_page("canteen_units.accounts", said=_("邀请已撤回。"))
    return render_template("canteen/revoke.html", form=form)


@units.get("/accounts/<uuid:user_id>")
@page(units, allow=ADMIN)
def account(user_id: UUID) -> str:
    """Show an account with its sessions, and what may be done with it."""
    return render_template(
        "canteen/account.html",
        user=ask("accounts.get_user", user_id=user_id),
        tokens=ask("accounts.list_tokens", user_id=user_id)["items"],
    )


@units.route("/accounts/<uuid:user_id>/reset", methods=["GET", "POST"])
@page(units, allow=ADMIN)
def reset(user_id: UUID) -> str:
    """Give a one-time code with which the user sets a new password; it is shown once, here."""
    form = Form("accounts.issue_reset", user_id=user_id)
    done = form.sent()
    shown = ask("accounts.get_user", user_id=user_id)
    given = done.answer if done else None
    return render_template("canteen/reset.html", user=shown, form=form, given=given)


@units.route("/accounts/<uuid:user_id>/close", methods=["GET", "POST"])
@page(units, allow=ADMIN)
def close(user_id: UUID) -> Response | str:
    """Shut an account for good; what was done under it stays."""
    shown = ask("accounts.get_user", user_id=user_id)
    form = Form("accounts.close_account", start=shown, user_id=user_id)
    if form.sent():
        return to_page("canteen_units.account", user_id=user_id, said=_("账号已停用。"))
    return render_template("canteen/account_close.html", user=shown, form=form)


@units.route("/accounts/<uuid:user_id>/second-factor", methods=["GET", "POST"])
@page(units, allow=ADMIN)
def lift(user_id: UUID) -> Response | str:
    """Take a lost second factor off an account."""
    shown = ask("accounts.get_user", user_id=user_id)
    form = Form("accounts.lift_totp", user_id=user_id)
    if form.sent():
        return to_page("canteen_units.account", user_id=user_id, said=_("两步验证已解除。"))
    return render_template("canteen/lift.html", user=shown, form=form)


@units.route("/thresholds", methods=["GET", "POST"])
@page(units, allow="approvals.set_threshold", menu=(UNIT, N_("审批起点")))
def thresholds() -> Response | str:
    """Show and set from which amount orders wait for somebody else."""
    form = Form("approvals.set_threshold")
    if form.sent():
        return to_page("canteen_units.thresholds", said=_("审批起点已登记。"))
    found = ask("approvals.list_thresholds", query=filters_of("approvals.list_thresholds"))
    learn_names([one["unit_id"] for one in found["items"] if one["unit_id"]])
    return render_template("canteen/thresholds.html", found=found, form=form)
