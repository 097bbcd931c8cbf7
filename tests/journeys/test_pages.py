"""Every page: who may see it, what it may not show, and how it is in a real browser.

Pictures of every page at both sizes lie in `var/screenshots/`, for people to look at.
"""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, expect
from sqlalchemy import select
from werkzeug.routing import Rule

from console.widgets import asking
from kernel.database import db
from kernel.http import PUBLIC, SIGNED_IN
from kernel.unit_of_work import unit_of_work
from registry.accounts.models import Role
from registry.organisations.models import Organisation, OrganisationKind
from tests.builders import registry
from tests.console.browser import House, house, looked_at
from tests.console.crawling import crawl, pages, visitor
from tests.journeys.conftest import World
from tests.turns import asked

Question = tuple[str, dict[str, Any], dict[str, Any]]
TABLE = Path(__file__).resolve().parents[1] / "architecture" / "pages.csv"
SCREENSHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"
LEADS_ON = {"public.switch", "reviewer_work.batch"}
"""Shown to nobody in the story: one leads on at once, one waits for work that waits."""
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
        ids = {**world.ids, "unit_id": world.ids["organisation_id"]}
        names = {name: ids.get(name, _first(rule, name)) for name in rule.arguments}
        yield adapter.build(rule.endpoint, names, method="GET"), _said(world, view)


def _first(rule: Rule, name: str) -> str:
    """Give the first of the words that a path takes there, or one that means nothing."""
    converter = rule._converters[name]  # noqa: SLF001 - werkzeug says it nowhere else
    return str(min(getattr(converter, "items", {"none-such"})))


def test_every_page_opens_for_its_roles_and_for_nobody_else(world: World) -> None:
    wrong = []
    turns = count()
    for address, roles in _addresses(world):
        nobody = visitor(world.app, None).get(address)
        turned_away = nobody.status_code == 303 and "/sign-in" in nobody.headers["Location"]
        if nobody.status_code >= 500 or turned_away is ("public" in roles):
            wrong.append((address, "nobody", nobody.status_code))
        for role, is_theirs in asked(sorted(world.tokens), roles, turn=next(turns)):
            status = visitor(world.app, world.tokens[role]).get(address).status_code
            if status >= 500 or (status == 403) is is_theirs:
                wrong.append((address, role, status))
    assert wrong == []


@dataclass(frozen=True)
class Seen:
    """A page as somebody saw it: its text, none of a file, and what it asked for that."""

    role: str | None
    endpoint: str
    address: str
    text: str
    asked: list[Question]


@pytest.fixture(scope="module")
def tokens(world: World) -> dict[str, str]:
    """Give a token for each role, the platform's administrator among them."""
    with world.app.app_context(), unit_of_work():
        platforms = select(Organisation).filter_by(kind=OrganisationKind.PLATFORM)
        platform = db.session.scalars(platforms.order_by(Organisation.id)).first()
        assert platform is not None
        keeper = registry.token_of(registry.user(platform, {Role.PLATFORM_ADMIN}))
    return {**world.tokens, "platform_admin": keeper}


@pytest.fixture(scope="module")
def seen(world: World, tokens: dict[str, str]) -> list[Seen]:
    """Follow links as everybody, from the first page on."""
    noted: list[Question] = []
    found: list[Seen] = []
    ask = asking.answered

    def answered(name: str, query: dict[str, Any], path: dict[str, Any]) -> Any:
        noted.append((name, query, path))
        return ask(name, query, path)

    def note(role: str | None, endpoint: str, address: str, text: str) -> None:
        found.append(Seen(role, endpoint, address, text, list(noted)))
        noted.clear()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "answered", answered)
        for role in [None, *tokens]:
            crawl(world.app, tokens[role] if role else None, partial(note, role))
    return found


def test_no_page_shows_a_figure_that_the_api_would_not_give(
    world: World, tokens: dict[str, str], seen: list[Seen]
) -> None:
    wrong: list[tuple[str, str, str]] = []
    shown = 0
    for page in seen:
        amounts = YUAN.findall(page.text)
        if page.role is None or not amounts:
            continue
        told: set[int] = set()
        for question in page.asked:
            told |= _told(world, tokens[page.role], *question)
        shown += len(amounts)
        wrong += [
            (page.role, page.endpoint, one)
            for one in amounts
            if abs(int(Decimal(one.replace(",", "")) * 100)) not in told
        ]
    assert wrong == []
    assert shown > 500


def _told(
    world: World, token: str, name: str, query: dict[str, Any], path: dict[str, Any]
) -> set[int]:
    """Give every whole number that the API answers to the same question and token."""
    answer = visitor(world.app, None).get(
        world.app.url_map.bind("localhost").build(name, path, method="GET"),
        query_string=query,
        headers={"Authorization": f"Bearer {token}"},
    )
    return set(_whole(answer.get_json(silent=True)))


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


def test_links_lead_to_every_page_that_needs_no_key(world: World, seen: list[Seen]) -> None:
    found = {one.endpoint for one in seen}
    known = {
        rule.endpoint
        for rule, _view in pages(world.app)
        if "GET" in (rule.methods or set()) and not rule.arguments
    }
    assert known - found - LEADS_ON == set()


@pytest.fixture(scope="module")
def open_house(world: World) -> Iterator[House]:
    """Open the story's house to a browser."""
    shutil.rmtree(SCREENSHOTS, ignore_errors=True)
    SCREENSHOTS.mkdir(parents=True)
    with house(world.app, world.home) as opened:
        yield opened


READS_CODES = """
window.BarcodeDetector = class {
  constructor(options) { if (!options.formats.includes("qr_code")) throw Error("not a QR code"); }
  async detect(picture) {
    return picture.width > 1 ? [{ rawValue: "https://bangfu.test/v/%s" }] : [];
  }
};
"""
"""Stands in for the browser's own reader: it sees a code on any picture larger than one point."""


def _picture(size: int) -> FilePayload:
    drawn = BytesIO()
    Image.new("RGB", (size, size), "white").save(drawn, "PNG")
    return {"name": "code.png", "mimeType": "image/png", "buffer": drawn.getvalue()}


def test_a_picture_of_the_code_leads_to_the_certificate(open_house: House, world: World) -> None:
    number = world.ids["number"]
    with open_house.page() as page:
        page.add_init_script(READS_CODES % number)
        page.goto("/v")
        page.set_input_files("#f-camera", _picture(1))
        expect(page.locator("[data-camera-failed]")).to_be_visible()
        page.set_input_files("#f-camera", _picture(2))
        page.wait_for_url(f"**/v/{number}")
        expect(page.locator("main")).to_contain_text(number)


def test_where_the_browser_reads_no_codes_the_number_is_typed(
    open_house: House, world: World
) -> None:
    number = world.ids["number"]
    with open_house.page() as page:
        page.add_init_script("delete window.BarcodeDetector")
        page.goto("/v")
        expect(page.locator("#f-camera")).to_be_hidden()
        page.fill("#f-number", number)
        page.locator("main form button").click()
        page.wait_for_url(f"**/v/{number}")


@pytest.mark.parametrize("english", [False, True])
def test_no_page_fails_overflows_or_shuts_anybody_out(
    open_house: House, tokens: dict[str, str], seen: list[Seen], *, english: bool
) -> None:
    wrong: list[str] = []
    first = {one.endpoint: one for one in reversed(seen) if one.text}
    for role in [None, *tokens]:
        mine = [one for one in first.values() if one.role == role]
        with open_house.page(english=english) as page:
            open_house.enter(page, tokens[role] if role else None)
            for one in mine:
                picture = None if english else SCREENSHOTS / one.endpoint
                wrong += looked_at(page, one.address, picture)
    assert wrong == []
    assert len(first) > 150
