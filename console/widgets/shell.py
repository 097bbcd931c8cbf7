"""What every template knows: the menu, who looks, words and formats; the folders they lie in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, current_app, g, request, url_for
from flask.blueprints import BlueprintSetupState

from console.widgets.asking import may
from console.widgets.formats import FILTERS
from console.widgets.homes import folders_of
from console.widgets.names import (
    category_of,
    front_of,
    name_of,
    paper_kind_of,
    region_of,
    regions_named,
)
from console.widgets.pages import MenuEntry, language, mark, roles_of, said, show_problem
from console.widgets.words import HERE, _, is_english, term, terms
from kernel import clock
from kernel.actor import ANYONE, Actor
from kernel.doors import PUBLIC, SIGNED_IN

LARGE = "bangfu_large"
STATIC = HERE / "static"
YEAR_SECONDS = 365 * 24 * 3600
shell = Blueprint(
    "shell",
    __name__,
    template_folder=str(HERE / "templates"),
    static_folder=str(STATIC),
    static_url_path="/static",
)


@dataclass(frozen=True)
class Link:
    """An entry of the menu, in the visitor's language."""

    label: str
    address: str
    is_here: bool


def menu() -> list[tuple[str, list[Link]]]:
    """Give the pages that open for who looks, by part: those of one's own folders, own first.

    A name stands once: the page of the first folder that has it.
    """
    entries = _entries()
    known = actor()
    parts: dict[str, list[Link]] = {}
    named: set[str] = set()
    for folder in folders_of(known.roles if known else ()):
        for endpoint, entry, allow in entries.get(folder, ()):
            if _opens(allow) and entry.label not in named:
                named.add(entry.label)
                link = Link(_(entry.label), url_for(endpoint), request.endpoint == endpoint)
                parts.setdefault(_(entry.part), []).append(link)
    return list(parts.items())


def _entries() -> dict[str, list[tuple[str, MenuEntry, frozenset[str]]]]:
    """Give all that stands in a menu, by folder, in the order in which it was plugged in."""
    kept: dict[str, list[tuple[str, MenuEntry, frozenset[str]]]]
    kept = current_app.extensions.setdefault("bangfu.menu", {})
    if not kept:
        views: dict[str, Any] = current_app.view_functions
        for endpoint, view in views.items():
            entry = getattr(view, "menu", None)
            if entry is not None:
                folder = view.__module__.split(".")[1]
                kept.setdefault(folder, []).append((endpoint, entry, roles_of(view.allow)))
    return kept


def _opens(allow: frozenset[str]) -> bool:
    if allow is PUBLIC:
        return True
    known = actor()
    return known is not None and (allow is SIGNED_IN or not known.roles.isdisjoint(allow))


def actor() -> Actor | None:
    """Give who looks, None for the public."""
    found: Actor = g.get("actor", ANYONE)
    return None if found is ANYONE else found


def here() -> str:
    """Give the address of this page, to come back to."""
    return request.full_path.rstrip("?")


def this_page(**changes: str | None) -> str:
    """Give this page's address with other filters; None takes one away."""
    kept = {**request.args.to_dict(), **changes}
    query = urlencode({name: value for name, value in kept.items() if value})
    return f"{request.path}?{query}" if query else request.path


@cache
def _print_of(name: str) -> str:
    return sha256((STATIC / name).read_bytes()).hexdigest()[:10]


def asset(name: str) -> str:
    """Give the address of an asset; another content has another address, so it may be kept."""
    return url_for("shell.static", filename=name, v=_print_of(name))


@shell.record_once
def _furnish(state: BlueprintSetupState) -> None:
    environment: Any = state.app.jinja_env
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters.update(FILTERS)
    environment.globals.update(_=_, is_english=is_english, term=term, terms=terms, may=may)
    environment.globals.update(menu=menu, actor=actor, here=here, this_page=this_page, asset=asset)
    environment.globals.update(mark=mark, said=said, name_of=name_of, region_of=region_of)
    environment.globals.update(paper_kind_of=paper_kind_of)
    environment.globals.update(category_of=category_of, regions_named=regions_named)
    environment.globals.update(front_of=front_of)
    environment.globals.update(
        now=clock.now,
        trouble=lambda: g.get("trouble"),
        large_type=lambda: request.cookies.get(LARGE) == "on",
    )


@shell.before_app_request
def _choose_language() -> None:
    if not request.path.startswith("/api/"):
        g.language = language()


@shell.after_app_request
def _dress(response: Any) -> Any:
    if request.endpoint == "shell.static":
        response.cache_control.no_store = None
        response.cache_control.public = True
        response.cache_control.max_age = YEAR_SECONDS
    return show_problem(response)
