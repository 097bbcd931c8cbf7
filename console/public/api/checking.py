"""Pages on which anybody checks a certificate, searches the directory, checks a draw."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for

from console.widgets.asking import ask, listed
from console.widgets.names import categories
from console.widgets.pages import page
from console.widgets.words import N_, _
from kernel.errors import NotFound
from kernel.http import PUBLIC

checking = Blueprint("public_checking", __name__)
OPEN = N_("公开查询")
LONGEST = 64


@checking.get("/v")
@page(checking, allow=PUBLIC, menu=(OPEN, N_("证书查验")))
def ask_number() -> Response | str:
    """Ask for the number of a certificate, and go to what is known of it."""
    number = request.args.get("number", "").strip().upper()
    if not number:
        return render_template("public/check.html", one=None, number="", years=())
    return redirect(url_for("public_checking.check", number=number[:LONGEST]), 303)  # type: ignore[return-value]


@checking.get("/v/<path:number>")
@page(checking, allow=PUBLIC)
def check(number: str) -> Response | str:
    """Say whether a certificate is real and in force; unknown and malformed look alike."""
    try:
        one = ask("certificates.verify", number=number)
        years = ask("certificate_papers.capacities", number=number)["items"]
    except NotFound:
        body = render_template("public/check.html", one=None, number=number[:LONGEST], years=())
        return Response(body, status=404, content_type="text/html; charset=utf-8")
    return render_template("public/check.html", one=one, number=number, years=years)


@checking.get("/v/<number>/paper")
@page(checking, allow=PUBLIC)
def paper(number: str) -> Response:
    """Give the certificate to print."""
    given: Response = ask("certificate_papers.paper", number=number)
    return given


@checking.get("/v/<number>/code")
@page(checking, allow=PUBLIC)
def code(number: str) -> Response:
    """Give the QR code that leads to the check."""
    given: Response = ask("certificate_papers.qr_svg", number=number)
    return given


@checking.get("/directory")
@page(checking, allow=PUBLIC, menu=(OPEN, N_("认定产品名录")))
def directory() -> str:
    """Search certified products."""
    return render_template(
        "public/directory.html",
        found=listed("certificates.search"),
        categories=categories(),
    )


@checking.get("/draws")
@page(checking, allow=PUBLIC, menu=(OPEN, N_("随机抽查")))
def draws() -> str:
    """List the draws of inspections."""
    found = listed("inspection_plans.search")
    return render_template(
        "draws.html", found=found, shows="public_checking.draw",
        heading=_("随机抽查"), none=_("还没有公告抽查。"),
    )  # fmt: skip


@checking.get("/draws/<number>")
@page(checking, allow=PUBLIC)
def draw(number: str) -> str:
    """Show a draw with all that is published of it."""
    shown = ask("inspection_plans.get", number=number)
    return render_template("draw.html", **shown, frames="public_checking.frame")


@checking.get("/draws/<number>/frame")
@page(checking, allow=PUBLIC)
def frame(number: str) -> Response:
    """Give the text that was drawn from, byte for byte."""
    given: Response = ask("inspection_plans.frame", number=number)
    return given
