"""Every page × every role: who may see it, what it may not show, and what strangers see."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from werkzeug.routing import Rule

from console.widgets import asking
from kernel.http import PUBLIC, SIGNED_IN
from tests.console.crawling import crawl, pages, visitor
from tests.journeys.conftest import World

TABLE = Path(__file__).resolve().parents[1] / "architecture" / "pages.csv"
YUAN = re.compile(r"(-?[0-9][0-9,]*\.[0-9]{2}) 元")


def _table() -> dict[tuple[str, str], frozenset[str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {
            (row["methods"], row["path"]): frozenset(row["roles"].split())
            for row in csv.DictReader(file)
        }


def _methods(rule: Rule) -> str:
    return " ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))


def _said(world: World, view: Any) -> frozenset[str]:
    allow = view.allow
    if isinstance(allow, str):
        guarded: Any = world.app.view_functions[allow]
        allow = guarded.door.allow
    named = {PUBLIC: {"public"}, SIGNED_IN: {"signed-in"}}
    return frozenset(named.get(allow) or {str(role) for role in allow})


def test_every_page_has_a_reviewed_row_and_every_row_a_page(world: World) -> None:
    found = {(_methods(rule), rule.rule): _said(world, view) for rule, view in pages(world.app)}
    assert found == _table()


def _addresses(world: World) -> Iterator[tuple[str, frozenset[str]]]:
    """Give an address of every page that is read, and for whom it is."""
    adapter = world.app.url_map.bind("localhost")
    for rule, view in pages(world.app):
        if "GET" not in (rule.methods or set()) or rule.endpoint == "public.sign_in":
            continue
        names = {name: world.ids.get(name, _first(rule, name)) for name in rule.arguments}
        yield adapter.build(rule.endpoint, names, method="GET"), _said(world, view)


def _first(rule: Rule, name: str) -> str:
    """Give the first of the words that a path takes there, or one that means nothing."""
    converter = rule._converters[name]  # noqa: SLF001 - werkzeug says it nowhere else
    return next(iter(sorted(getattr(converter, "items", {"none-such"}))))


def test_every_page_opens_for_its_roles_and_for_nobody_else(world: World) -> None:
    wrong = []
    for address, roles in _addresses(world):
        nobody = visitor(world.app, None).get(address)
        turned_away = nobody.status_code == 303 and "/sign-in" in nobody.headers["Location"]
        if nobody.status_code >= 500 or turned_away is ("public" in roles):
            wrong.append((address, "nobody", nobody.status_code))
        for role, token in world.tokens.items():
            status = visitor(world.app, token).get(address).status_code
            is_theirs = not roles.isdisjoint({"public", "signed-in", role})
            if status >= 500 or (status == 403) is is_theirs:
                wrong.append((address, role, status))
    assert wrong == []


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Note every question that a page asks: the door, its query, its path."""
    noted: list[tuple[str, dict[str, Any], dict[str, Any]]] = []
    ask = asking.answered

    def answered(name: str, query: dict[str, Any], path: dict[str, Any]) -> Any:
        noted.append((name, query, path))
        return ask(name, query, path)

    monkeypatch.setattr(asking, "answered", answered)
    return noted


def test_no_page_shows_a_figure_that_the_api_would_not_give(
    world: World, answers: list[tuple[str, dict[str, Any], dict[str, Any]]]
) -> None:
    wrong, shown = [], 0
    adapter = world.app.url_map.bind("localhost")
    for role, token in world.tokens.items():
        for endpoint, address in crawl(world.app, token).items():
            answers.clear()
            text = visitor(world.app, token).get(address).get_data(as_text=True)
            told: set[int] = set()
            for name, query, path in list(answers):
                answer = visitor(world.app, None).get(
                    adapter.build(name, path, method="GET"),
                    query_string=query,
                    headers={"Authorization": f"Bearer {token}"},
                )
                told |= set(_whole(answer.get_json(silent=True)))
            for one in YUAN.findall(text):
                shown += 1
                if abs(int(Decimal(one.replace(",", "")) * 100)) not in told:
                    wrong.append((role, endpoint, one))
    assert wrong == []
    assert shown > 50


def _whole(answer: Any) -> Iterator[int]:
    """Give every whole number of an answer."""
    if isinstance(answer, dict):
        for one in answer.values():
            yield from _whole(one)
    elif isinstance(answer, list):
        for one in answer:
            yield from _whole(one)
    elif type(answer) is int:
        yield abs(answer)
