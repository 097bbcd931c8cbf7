"""Pages of the entrance: the first page, signing in and out, language, one's own account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, redirect, render_template, request, url_for

from console.widgets.asking import Form, act, ask, listed
from console.widgets.pages import LANGUAGE, SESSION, page, set_cookie, to_page
from console.widgets.shell import LARGE, YEAR_SECONDS, menu
from console.widgets.words import _
from kernel import clock
from kernel.actor import ANYONE
from kernel.calendar import shanghai_day
from kernel.http import PUBLIC, SIGNED_IN

public = Blueprint("public", __name__)
MOST_NOTICES = 10


@public.get("/")
@page(public, allow=PUBLIC)
def start() -> Response | str:
    """Go to the first page of one's role's menu, or welcome the public."""
    first = next((pages[0] for _part, pages in menu() if pages), None)
    if g.actor is not ANYONE and first is not None:
        return redirect(first.address)  # type: ignore[return-value]
    found = ask("notices.list_notices", query={"limit": MOST_NOTICES})["items"]
    today = shanghai_day(clock.now()).isoformat()
    running = [one for one in found if today < one["closes_on"]]
    return render_template("public/start.html", notices=running)


@public.route("/sign-in", methods=["GET", "POST"])
@page(public, allow=PUBLIC, rate=lambda: "20 per 15 minutes")
def sign_in() -> Response | str:
    """Sign in with name, password and, where it is on, the second factor."""
    form = Form("accounts.sign_in")
    if done := form.sent():
        answer: Any = redirect(_asked_way("next"), 303)
        set_cookie(answer, SESSION, done.answer["token"])
        return answer  # type: ignore[no-any-return]
    return render_template("public/sign_in.html", form=form)


def _asked_way(name: str) -> str:
    """Give the way on that the address asks for, the first page where it leads out of the house."""
    asked = request.args.get(name, "")
    is_inside = asked.startswith("/") and not asked.startswith(("//", "/\\"))
    return asked if is_inside else url_for("public.start")


@public.post("/sign-out")
@page(public, allow=PUBLIC)
def sign_out() -> Response:
    """End this session."""
    if g.actor is not ANYONE:
        act("myself.sign_out")
    answer = to_page("public.start")
    answer.delete_cookie(SESSION)
    return answer


@public.post("/sign-out-everywhere")
@page(public, allow=SIGNED_IN)
def sign_out_everywhere() -> Response:
    """End every session, this one too; tokens of machines stay."""
    for one in _sessions():
        act("myself.revoke_my_token", token_id=UUID(one["id"]))
    answer = to_page("public.start", said=_("已在所有设备上退出。"))
    answer.delete_cookie(SESSION)
    return answer


def _sessions() -> list[dict[str, Any]]:
    page_of = {"limit": "100"}
    found: list[dict[str, Any]] = ask("myself.list_my_tokens", query=page_of)["items"]
    return [one for one in found if one["kind"] == "session"]


@public.get("/switch")
@page(public, allow=PUBLIC)
def switch() -> Response:
    """Switch the language or the size of type, and come back."""
    answer: Any = redirect(_asked_way("back"), 303)
    if request.args.get("language") in {"zh", "en"}:
        set_cookie(answer, LANGUAGE, request.args["language"], max_age=YEAR_SECONDS)
    if request.args.get("large") in {"on", "off"}:
        set_cookie(answer, LARGE, request.args["large"], max_age=YEAR_SECONDS)
    return answer  # type: ignore[no-any-return]


@public.get("/help")
@page(public, allow=PUBLIC)
def help_page() -> str:
    """Say how things are done, and which rules stand behind them."""
    return render_template(
        "public/help.html",
        found=listed("policies.list_policies"),
        rules=ask("notices.list_rules")["items"],
        schemes=ask("criteria.list_schemes")["items"],
    )


@public.get("/accessibility")
@page(public, allow=PUBLIC)
def accessibility() -> str:
    """Say what everybody can use, and what not yet."""
    return render_template("public/accessibility.html")


@public.get("/privacy")
@page(public, allow=PUBLIC)
def privacy() -> str:
    """Say what is kept of people."""
    return render_template("public/privacy.html")


@public.route("/account", methods=["GET", "POST"])
@page(public, allow=SIGNED_IN)
def account() -> Response | str:
    """Show who one is and one's sessions; change the password, end other sessions."""
    password = Form("myself.change_password", part="password")
    if password.sent():
        return to_page("public.sign_in", said=_("密码已修改，请重新登录。"))
    sessions = _sessions()
    for one in sessions:
        one["form"] = Form("myself.revoke_my_token", token_id=UUID(one["id"]))
        if one["form"].sent():
            return to_page("public.account", said=_("该会话已结束。"))
    return render_template(
        "public/account.html", me=ask("myself.get_myself"), password=password, sessions=sessions
    )
