"""Pages of one's credentials: one-time tokens, the second factor, tokens for machines."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

import segno
from flask import Blueprint, Response, render_template

from console.widgets.asking import Form, ask
from console.widgets.pages import page, to_page
from console.widgets.words import _
from kernel.http import PUBLIC, SIGNED_IN
from kernel.visits import ATTEMPTS

credentials = Blueprint("public_credentials", __name__)


@credentials.route("/reset", methods=["GET", "POST"])
@page(credentials, allow=PUBLIC, rate=lambda: "20 per 15 minutes", counts=ATTEMPTS)
def reset() -> Response | str:
    """Set a new password with the one-time token that an administrator handed over."""
    form = Form("accounts.redeem_reset")
    if form.sent():
        return to_page("public.sign_in", said=_("密码已重设，请用新密码登录。"))
    return render_template("public/reset.html", form=form)


@credentials.route("/invitation", methods=["GET", "POST"])
@page(credentials, allow=PUBLIC, rate=lambda: "20 per 15 minutes", counts=ATTEMPTS)
def invitation() -> Response | str:
    """Open the account that an invitation is for."""
    form = Form("accounts.accept_invitation")
    if form.sent():
        return to_page("public.sign_in", said=_("账号已开通，请登录。"))
    return render_template("public/invitation.html", form=form)


@credentials.route("/account/second-factor", methods=["GET", "POST"])
@page(credentials, allow=SIGNED_IN)
def second_factor() -> Response | str:
    """Enrol, confirm or remove the second factor; the recovery codes are shown once."""
    enrol, confirm = Form("myself.enrol_totp"), Form("myself.confirm_totp")
    remove = Form("myself.remove_totp")
    if remove.sent():
        return to_page("public.account", said=_("第二重验证已关闭。"))
    begun, confirmed = enrol.sent(), confirm.sent()
    return render_template(
        "public/second_factor.html",
        enrol=enrol,
        confirm=confirm,
        remove=remove,
        begun=begun and begun.answer,
        picture=drawn(begun.answer["uri"]) if begun else "",
        codes=confirmed.answer["recovery_codes"] if confirmed else (),
    )


def drawn(address: str) -> str:
    """Draw an address as a QR code, in SVG without styles."""
    out = BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, scale=5, border=4, svgclass=None, lineclass=None
    )
    return out.getvalue().decode()


@credentials.route("/account/tokens", methods=["GET", "POST"])
@page(credentials, allow=SIGNED_IN)
def tokens() -> Response | str:
    """Show one's tokens for machines; make one, shown once, or make one void."""
    make = Form("myself.make_token", start={"days": 90})
    made = make.sent()
    found = ask("myself.list_my_tokens", query={"limit": 100})["items"]
    mine = [one for one in found if one["kind"] != "session"]
    for one in mine:
        one["form"] = Form("myself.revoke_my_token", token_id=UUID(one["id"]))
        if one["form"].sent():
            return to_page("public_credentials.tokens", said=_("令牌已作废。"))
    scopes = [(one, one) for one in ask("myself.list_scopes")["scopes"]]
    return render_template(
        "public/tokens.html", make=make, made=made and made.answer, mine=mine, scopes=scopes
    )
