"""A page: who may see it, what it shows; a door's contract with a template for JSON.

The session's token stands in a cookie that no script reads, a POST carries a mark against
forgery, and what is refused is shown above the form again with everything that was written.
"""

from __future__ import annotations

import functools
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlsplit

import structlog
from flask import Blueprint, Response, current_app, g, redirect, render_template, request, url_for
from marshmallow import ValidationError

from kernel.actor import ANYONE
from kernel.doors import PUBLIC, SAFE_METHODS, Door, admit
from kernel.errors import Forbidden, Refusal
from kernel.forms import id_of, pointer_to_name
from kernel.unit_of_work import OutcomeUnknown, run
from kernel.visits import GUESSES, Visit, limited

Page = TypeVar("Page", bound=Callable[..., Any])
SESSION = "bangfu_session"
VISITOR = "bangfu_visitor"
LANGUAGE = "bangfu_language"
SAID = "bangfu_said"
SAID_SECONDS = 60
VISITOR_BYTES = 16
MARK = "_mark"
FORM = "_form"
KEY = "_key"
VERSION = "_version"
OWN = (MARK, FORM, KEY, VERSION)
"""What a form sends for itself; no field of any body."""
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'"
)
log = structlog.get_logger()


class Forged(Forbidden):
    """The form was not made by this house for this visitor, or its session has ended."""

    zh = "页面已过期或来源不明，请重新提交。"
    en = "The page is too old or does not come from here; please send it again."


@dataclass(frozen=True)
class Trouble:
    """What was refused of a form: the sentence, the fields at fault, the id to quote."""

    form: str
    status: int
    code: str
    sentence: str
    instance: str
    errors: Mapping[str, tuple[str, ...]]
    part: str = ""
    """Which of several forms of the page it was."""

    def id_of(self, name: str) -> str:
        """Give the id of the element of a field."""
        return id_of(name, part=self.part)

    @classmethod
    def of(cls, problem: Response, *, form: str) -> Trouble:
        """Read a problem document."""
        said: dict[str, Any] = problem.get_json()
        errors: dict[str, tuple[str, ...]] = {}
        for one in said.get("errors", ()):
            name = pointer_to_name(one["pointer"])
            errors[name] = (*errors.get(name, ()), one.get("detail") or said["title"])
        return cls(
            form=form,
            status=problem.status_code,
            code=said["code"],
            sentence=said["title"],
            instance=said.get("instance") or "",
            errors=errors,
        )


@dataclass(frozen=True)
class MenuEntry:
    """Where a page stands in the menu: the part and its own name, both to be translated."""

    part: str
    label: str


def page(
    blueprint: Blueprint,
    *,
    allow: frozenset[str] | str,
    menu: tuple[str, str] | None = None,
    report: bool = False,
    rate: Callable[[], str] | None = None,
    counts: frozenset[HTTPStatus] = GUESSES,
    methods: tuple[str, ...] = ("POST",),
) -> Callable[[Page], Page]:
    """Make a page of a view: who may see it, and under which part and name the menu has it.

    `allow` is roles, PUBLIC, SIGNED_IN, or the name of a door: then the page opens for whom that
    door opens. The view gives HTML, or a Response. It runs in one transaction with all it asks and
    does; where a form of it is refused it runs once more, to show the form with what was wrong.
    `rate` limits from one address the `methods` that are answered with what `counts`.
    """

    def decorate(view: Page) -> Page:
        @functools.wraps(view)
        def opened(**path: Any) -> Response:
            door = Door(
                allow=roles_of(allow), accepts=None, returns=None, status=200, location="files",
                idempotent=False, edits=False, report=report, snapshot=False, reveals=False,
                scope=blueprint.name, winds_up=True,
            )  # fmt: skip
            return PageVisit(door, view, path).answer()

        guarded: Any = opened
        if rate is not None:
            guarded = limited(opened, rate, counts, methods=list(methods))
        guarded.allow = allow
        guarded.menu = None if menu is None else MenuEntry(*menu)
        return guarded  # type: ignore[no-any-return]

    return decorate


def roles_of(allow: frozenset[str] | str) -> frozenset[str]:
    """Give the roles that are meant: themselves, or those of the door of that name."""
    if isinstance(allow, frozenset):
        return allow
    guarded: Any = current_app.view_functions[allow]
    door: Door = guarded.door
    return door.allow


class PageVisit(Visit):
    """One request of a browser."""

    keeps_refusals = False

    def __init__(self, door: Door, view: Callable[..., Any], path: dict[str, Any]) -> None:
        g.trouble = None
        g.language = language()
        g.visitor = request.cookies.get(VISITOR) or secrets.token_urlsafe(VISITOR_BYTES)
        super().__init__(door, view, path)

    def token_sent(self) -> str | None:
        """Give the token of the session's cookie."""
        return request.cookies.get(SESSION) or None

    def version_sent(self) -> str | None:
        """Give the version that the form was made of."""
        return request.form.get(VERSION)

    def key_sent(self) -> str | None:
        """Give the key that the form was made with: sent twice, it takes effect once."""
        return request.form.get(KEY) if g.trouble is None else None

    def answer(self) -> Response:
        """Answer, and tell the browser what it may do with the page."""
        return dress(super().answer())

    def dressed(self, problem: Response) -> Response:
        """Show a form again with what was refused of it; send who is not known to sign in."""
        is_unknown = problem.status_code == HTTPStatus.UNAUTHORIZED and g.actor is ANYONE
        if is_unknown and self.door.allow is not PUBLIC:
            return self._to_sign_in()
        if request.method in SAFE_METHODS or g.trouble is not None:
            return problem
        g.trouble = Trouble.of(problem, form=request.form.get(FORM, ""))
        try:
            shown = run(self._unit)
        except (Refusal, ValidationError, OutcomeUnknown) as error:
            log.info("a refused form could not be shown", kind=type(error).__name__)
            return problem
        shown.status_code = problem.status_code
        return shown

    def _to_sign_in(self) -> Response:
        asked = request.full_path.rstrip("?") if request.method in SAFE_METHODS else request.path
        answer = redirect(url_for("public.sign_in", next=asked), HTTPStatus.SEE_OTHER)
        answer.delete_cookie(SESSION)
        return answer  # type: ignore[return-value]

    def _who(self) -> None:
        if self.door.allow is PUBLIC and self.token_sent():
            g.actor = self.house.authenticate(self.token_sent(), now=self.now) or ANYONE
            g.token = self.token_sent() if g.actor is not ANYONE else None
            g.actor = admit(g.actor, door=self.door, method="GET")
        else:
            super()._who()
        if request.method not in SAFE_METHODS:
            check_mark()

    def _answered(self) -> Response:
        shown = self.view(**self.path)
        if isinstance(shown, Response):
            return shown
        status = HTTPStatus.OK if g.trouble is None else g.trouble.status
        return Response(shown, status=status, content_type="text/html; charset=utf-8")


def mark() -> str:
    """Give the mark that a form of this visitor and session carries."""
    token = request.cookies.get(SESSION, "") if g.get("actor", ANYONE) is not ANYONE else ""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, f"form\0{g.visitor}\0{token}".encode(), "sha256").hexdigest()


def check_mark() -> None:
    """Refuse what no form of this house sent: Forged."""
    origin = request.headers.get("Origin")
    is_strange = origin is not None and urlsplit(origin).netloc != request.host
    if is_strange or not hmac.compare_digest(request.form.get(MARK, ""), mark()):
        raise Forged


def language() -> str:
    """Give the visitor's language: as they switched it, else as the browser asks, else Chinese."""
    switched = request.cookies.get(LANGUAGE)
    if switched in {"zh", "en"}:
        return switched
    return request.accept_languages.best_match(["zh", "en"], default="zh") or "zh"


def dress(response: Response) -> Response:
    """Give a page its headers and the visitor's cookie."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Content-Language"] = g.language
    if request.cookies.get(VISITOR) != g.visitor:
        set_cookie(response, VISITOR, g.visitor)
    if SAID in request.cookies and response.status_code == HTTPStatus.OK:
        response.delete_cookie(SAID)
    return response


def set_cookie(response: Response, name: str, value: str, *, max_age: int | None = None) -> None:
    """Set a cookie that no script reads and no other site sends along."""
    response.set_cookie(
        name, value, max_age=max_age, httponly=True, samesite="Lax", secure=request.is_secure
    )


def show_problem(response: Response) -> Response:
    """Show a problem document as a page, where a browser asked for one."""
    is_problem = response.content_type == "application/problem+json"
    wants_page = not request.path.startswith("/api/") and request.accept_mimetypes.accept_html
    if not is_problem or not wants_page:
        return response
    g.setdefault("language", language())
    g.setdefault("visitor", request.cookies.get(VISITOR) or secrets.token_urlsafe(VISITOR_BYTES))
    g.setdefault("actor", ANYONE)
    trouble = Trouble.of(response, form="")
    g.trouble = None
    response.set_data(render_template("problem.html", problem=trouble))
    response.content_type = "text/html; charset=utf-8"
    return dress(response)


def to_page(endpoint: str, *, said: str | None = None, **path: Any) -> Response:
    """Go to a page after something was done, which the next page says once."""
    answer: Any = redirect(url_for(endpoint, **path), HTTPStatus.SEE_OTHER)
    if said is not None:
        set_cookie(answer, SAID, quote(said), max_age=SAID_SECONDS)
    return answer  # type: ignore[no-any-return]


def said() -> str:
    """Give what the page before wants to be said, once."""
    return unquote(request.cookies.get(SAID, ""))
