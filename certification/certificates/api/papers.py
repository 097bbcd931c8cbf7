"""Doors to what can be printed and scanned of a certificate, and to its capacities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Response, current_app, request

from certification.certificates.queries.capacities import CapacityView, list_capacities
from certification.certificates.queries.certificates import (
    find_issuer_name,
    get_view_by_number,
)
from certification.certificates.schemas.certificates import CapacityListOut
from certification.certificates.schemas.codes import draw_png, draw_svg
from certification.certificates.schemas.paper import print_certificate
from kernel import clock
from kernel.calendar import shanghai_day
from kernel.http import PUBLIC, Blueprint, current_actor, endpoint

papers = Blueprint("certificate_papers", __name__, url_prefix="/api/v1")
VERIFIES = "/v/{number}"
"""The page of the console that says what a certificate is worth today."""
NO_SNIFFING = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
SANDBOX = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}


@papers.get("/certificates/<number>/capacities")
@endpoint(papers, allow=PUBLIC, returns=CapacityListOut())
def capacities(number: str) -> Mapping[str, Sequence[CapacityView]]:
    """Give what may be sold under a certificate each year, and what is sold of it."""
    return {"items": list_capacities(current_actor(), number)}


@papers.get("/certificates/<number>/qr.svg")
@endpoint(papers, allow=PUBLIC)
def qr_svg(number: str) -> Response:
    """Give the QR code that leads to the verification, as SVG."""
    return _answer(draw_svg(_address(number)), "image/svg+xml", **SANDBOX)


@papers.get("/certificates/<number>/qr.png")
@endpoint(papers, allow=PUBLIC)
def qr_png(number: str) -> Response:
    """Give the QR code that leads to the verification, as PNG."""
    return _answer(draw_png(_address(number)), "image/png")


@papers.get("/certificates/<number>/paper.pdf")
@endpoint(papers, allow=PUBLIC)
def paper(number: str) -> Response:
    """Give the certificate as it stands today, to print."""
    actor = current_actor()
    view = get_view_by_number(actor, number, on=shanghai_day(clock.now()))
    issuer = find_issuer_name(actor, view.certificate)
    content = print_certificate(view, issuer=issuer, address=_address(number))
    name = f'inline; filename="{view.certificate.number}.pdf"'
    return _answer(content, "application/pdf", **{"Content-Disposition": name})


def _address(number: str) -> str:
    """Give the address at which anyone verifies a certificate (NotFound where there is none)."""
    view = get_view_by_number(current_actor(), number, on=shanghai_day(clock.now()))
    path = VERIFIES.format(number=view.certificate.number)
    public: str | None = current_app.extensions["bangfu.settings"].public_url
    return (public or request.host_url.rstrip("/")) + path


def _answer(content: bytes, kind: str, **headers: str) -> Response:
    return Response(content, content_type=kind, headers={**NO_SNIFFING, **headers})
