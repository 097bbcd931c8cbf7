"""The monitor's overview of 5,000 units as a page: what the server takes, what the browser shows.

`python -m benchmarks.console`: Chromium opens the page again and again with an empty cache, and
an HTTP client asks for it; both beside the start page, which asks for next to nothing.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import http_load, report
from benchmarks.completion import LINES, PLACES, fill, monitor, within_app
from benchmarks.rows import Person
from benchmarks.stand import LISTENING_PORTS, Stand
from benchmarks.world import Size
from console.widgets.pages import SESSION
from kernel import clock
from kernel.calendar import shanghai_year
from procurement.completion.commands.totals import rebuild_totals
from tests.console import chromium
from tests.console.browser import DESK

PAGES = {"overview of the nation, 20 units by rank": "/monitor/", "start page": "/help"}
WARMING = 5
PATIENCE_SECONDS = 30.0
PAINTS = """
() => {
  const paint = performance.getEntriesByName('first-contentful-paint')[0];
  const load = performance.getEntriesByType('navigation')[0];
  return {paint: paint ? paint.startTime : 0, load: load.loadEventEnd};
}
"""


@dataclass(frozen=True)
class Figures:
    """What one page takes, in milliseconds, and what it weighs."""

    server: Sequence[float]
    paints: Sequence[float]
    loads: Sequence[float]
    kilobytes: float

    def row(self, name: str) -> str:
        """Give it as a row of the table."""
        served = statistics.quantiles(self.server, n=20)
        cells = [
            f"{statistics.median(self.server):.0f}", f"{served[-1]:.0f}",
            f"{statistics.median(self.paints):.0f}", f"{max(self.paints):.0f}",
            f"{statistics.median(self.loads):.0f}", f"{max(self.loads):.0f}",
            f"{self.kilobytes:.0f}",
        ]  # fmt: skip
        return f"| {name} | " + " | ".join(cells) + " |"


def settled(stand: Stand, *, units: int, lines: int) -> Person:
    """Fill a stand with units and order lines, and give the monitor's account."""
    year = shanghai_year(clock.now())
    stand.settle(Size(units=2, cooperatives=2))
    person = monitor(stand)
    fill(stand, PLACES, units=units, year=year)
    fill(stand, LINES, units=units, year=year, first=1, last=lines, most=lines)
    within_app(stand, lambda: rebuild_totals(now=clock.now()))
    stand.query("VACUUM ANALYZE")
    return person


def served(address: str, token: str, *, requests: int) -> tuple[list[float], float]:
    """Ask for a page so many times; give the milliseconds of each, and its kilobytes."""
    times, weight = [], 0
    with httpx.Client(cookies={SESSION: token}) as client:
        for number in range(requests + WARMING):
            begun = time.perf_counter()
            answer = client.get(address)
            if number >= WARMING:
                times.append(1000 * (time.perf_counter() - begun))
            answer.raise_for_status()
            weight = len(answer.content)
    return times, weight / 1000


def painted(browser: Browser, address: str, token: str, *, openings: int) -> list[dict[str, float]]:
    """Open a page so many times, each in a window of its own with nothing kept."""
    found = []
    for _ in range(openings + 1):
        context = browser.new_context(viewport=DESK, locale="zh-CN")
        context.add_cookies([{"name": SESSION, "value": token, "url": address}])
        page = context.new_page()
        answer = page.goto(address)
        if answer is None or answer.status != httpx.codes.OK:
            raise RuntimeError(f"{address} did not open")
        found.append(_seen(page))
        context.close()
    return found[1:]


def _seen(page: Page) -> dict[str, float]:
    """Wait until the page is painted and loaded; give when each was, in milliseconds."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        seen: dict[str, float] = page.evaluate(PAINTS)
        if all(seen.values()):
            return seen
        time.sleep(0.02)
    raise RuntimeError(f"{page.url} was never painted")


def measure(
    browser: Browser, address: str, person: Person, *, requests: int, openings: int
) -> Figures:
    """Measure one page by client and by browser."""
    times, weight = served(address, person.token, requests=requests)
    seen = painted(browser, address, person.token, openings=openings)
    return Figures(times, [one["paint"] for one in seen], [one["load"] for one in seen], weight)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=5_000)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--openings", type=int, default=10)
    options = parser.parse_args()
    port = random.choice(LISTENING_PORTS)
    with Stand() as stand, sync_playwright() as playwright:
        person = settled(stand, units=options.units, lines=options.lines)
        stand.web(port)
        browser = playwright.chromium.launch(
            executable_path=chromium.program(),
            args=list(chromium.ARGUMENTS),
            env=dict(chromium.environment(stand.home)),
        )
        found = {
            name: measure(
                browser, f"http://{http_load.HOST}:{port}{path}", person,
                requests=options.requests, openings=options.openings,
            )
            for name, path in PAGES.items()
        }  # fmt: skip
        browser.close()
        print(report.machine(stand))
    print(f"\n{options.units:,} units, {options.lines:,} order lines, milliseconds:\n")
    print("| page | server p50 | server p95 | paint p50 | worst | load p50 | worst | kB |")
    print("| --- |" + " ---: |" * 7)
    for name, figures in found.items():
        print(figures.row(name))


if __name__ == "__main__":
    main()
