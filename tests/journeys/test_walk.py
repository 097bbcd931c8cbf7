"""Every page in a real browser: nothing overflows, nothing fails, axe finds nothing.

Pictures of every page at both sizes lie in `var/screenshots/`, for people to look at.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.console.browser import DESK, PHONE, House, house
from tests.console.crawling import crawl, pages
from tests.journeys.conftest import World

SCREENSHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"
MOST_BYTES = 300_000
OVERFLOWS = "document.documentElement.scrollWidth > window.innerWidth + 1"
WEIGHT = """
['resource', 'navigation'].flatMap(kind => performance.getEntriesByType(kind))
  .filter(one => one.initiatorType !== 'img').reduce((sum, one) => sum + one.decodedBodySize, 0)
"""
axe = Axe()


@pytest.fixture(scope="module")
def open_house(world: World) -> Iterator[House]:
    """Open the story's house to a browser."""
    shutil.rmtree(SCREENSHOTS, ignore_errors=True)
    SCREENSHOTS.mkdir(parents=True)
    with house(world.app, world.home) as opened:
        yield opened


@pytest.fixture(scope="module")
def addresses(world: World) -> dict[str, tuple[str | None, str]]:
    """Give for every page who sees it and where, as links lead there."""
    found: dict[str, tuple[str | None, str]] = {}
    for role in [None, *world.tokens]:
        token = world.tokens[role] if role else None
        for endpoint, address in crawl(world.app, token).items():
            found.setdefault(endpoint, (role, address))
    return found


NOT_SHOWN = {"public.switch"}
"""Pages that lead on at once."""


def test_links_lead_to_every_page(
    world: World, addresses: dict[str, tuple[str | None, str]]
) -> None:
    known = {
        rule.endpoint
        for rule, _view in pages(world.app)
        if "GET" in (rule.methods or set()) and rule.endpoint not in NOT_SHOWN | downloads(world)
    }
    assert known - addresses.keys() == set()


def downloads(world: World) -> set[str]:
    """Name the pages that give files."""
    return {rule.endpoint for rule, view in pages(world.app) if getattr(view, "gives_file", False)}


def test_no_page_fails_overflows_or_shuts_anybody_out(
    world: World, open_house: House, addresses: dict[str, tuple[str | None, str]]
) -> None:
    wrong: list[str] = []
    for role in [None, *world.tokens]:
        mine = {name: where for name, (who, where) in addresses.items() if who == role}
        if not mine:
            continue
        with open_house.page() as page:
            _enter(page, open_house, world.tokens[role] if role else None)
            for endpoint, address in sorted(mine.items()):
                wrong += _looked_at(page, endpoint, address)
    assert wrong == []


def _enter(page: Page, opened: House, token: str | None) -> None:
    if token is not None:
        page.context.add_cookies(
            [{"name": "bangfu_session", "value": token, "url": opened.address}]
        )


def _looked_at(page: Page, endpoint: str, address: str) -> list[str]:
    wrong = []
    page.set_viewport_size(DESK)
    page.goto(address)
    weight = page.evaluate(WEIGHT)
    if weight > MOST_BYTES:
        wrong.append(f"{endpoint}: {weight} bytes")
    for name, size in (("1280", DESK), ("360", PHONE)):
        page.set_viewport_size(size)
        if page.evaluate(OVERFLOWS):
            wrong.append(f"{endpoint} {name}: wider than the window")
        page.screenshot(path=SCREENSHOTS / f"{endpoint}-{name}.png", full_page=True)
    return [*wrong, *(f"{endpoint} 360: {one}" for one in _violations(page))]


def _violations(page: Page) -> list[str]:
    found: dict[str, Any] = axe.run(page).response
    return [f"{one['id']} {one['nodes'][0]['html'][:120]}" for one in found["violations"]]
