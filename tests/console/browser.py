"""A browser before a running house: real pages, real clicks, and no request to anywhere else."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Response,
    ViewportSize,
    sync_playwright,
)
from werkzeug.serving import make_server

from console.widgets.pages import SESSION
from tests.console import chromium

PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 900}
PATIENCE_MS = 20_000
MOST_BYTES = 300_000
OVERFLOWS = "document.documentElement.scrollWidth > window.innerWidth + 1"
WEIGHT = """
['resource', 'navigation'].flatMap(kind => performance.getEntriesByType(kind))
  .filter(one => one.initiatorType !== 'img').reduce((sum, one) => sum + one.decodedBodySize, 0)
"""
JPEG: dict[str, Any] = {"type": "jpeg", "quality": 80, "full_page": True}
"""Drawn and written in half the time of a PNG."""
AXE = Axe()
FAULTS_ALONE = {"resultTypes": ["violations"]}
"""What passes need not be told, which takes axe as long as to find it."""


@dataclass(frozen=True)
class House:
    """A served application, who can sign in, and the browser in front of it."""

    app: Flask
    address: str
    browser: Browser
    passwords: Mapping[str, str]

    @contextmanager
    def page(
        self, *, size: ViewportSize | None = None, english: bool = False, scripts: bool = True
    ) -> Iterator[Page]:
        """Give a fresh window; whatever went wrong in it fails the test."""
        context = self.browser.new_context(
            base_url=self.address,
            viewport=size or DESK,
            locale="en-GB" if english else "zh-CN",
            java_script_enabled=scripts,
        )
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        wrong = watch(page, home=self.address)
        try:
            yield page
        finally:
            context.close()
        assert wrong == []

    def enter(self, page: Page, token: str | None) -> None:
        """Come in with a session that was begun elsewhere."""
        if token is not None:
            page.context.add_cookies([{"name": SESSION, "value": token, "url": self.address}])

    def sign_in(self, page: Page, username: str) -> None:
        """Sign in as people do."""
        page.goto("/sign-in")
        page.fill("[name=username]", username)
        page.fill("[name=password]", self.passwords[username])
        page.locator("main button").first.click()
        page.wait_for_url(lambda address: "/sign-in" not in address)


def watch(page: Page, *, home: str) -> list[str]:
    """Note what a page must not do: errors, defects, dialogs, requests to elsewhere."""
    wrong: list[str] = []

    def said(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            wrong.append(f"console: {message.text}")

    def answered(response: Response) -> None:
        is_page = response.request.resource_type == "document"
        if response.status >= 500 or (response.status >= 400 and not is_page):
            wrong.append(f"{response.status} {response.url}")
        if not response.url.startswith((home, "data:", "blob:")):
            wrong.append(f"elsewhere: {response.url}")

    page.on("console", said)
    page.on("response", answered)
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    page.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))
    return wrong


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve the application on a port of its own."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def house(app: Flask, home: Path) -> Iterator[House]:
    """Serve the application whose story was told in `home`, with a browser before it."""
    accounts = json.loads((home / "demo-accounts.json").read_text(encoding="utf-8"))
    passwords = {one["username"]: one["password"] for one in accounts}
    with served(app) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.program(),
            args=list(chromium.ARGUMENTS),
            env=dict(chromium.environment(home)),
        )
        yield House(app, address, browser, passwords)
        browser.close()


def looked_at(page: Page, address: str, picture: Path | None) -> list[str]:
    """Open a page at both sizes and say what is wrong with it, or how it fails to fit.

    With a place for pictures these are taken, and what axe finds and what it weighs is said too.
    """
    page.set_viewport_size(DESK)
    page.goto(address)
    wrong = []
    for name, size in (("1280", DESK), ("360", PHONE)):
        page.set_viewport_size(size)
        if page.evaluate(OVERFLOWS):
            wrong.append(f"{address} {name}: wider than the window")
        if picture is not None:
            page.screenshot(**JPEG, path=f"{picture}-{name}.jpg")
    if picture is None:
        return wrong
    weight = page.evaluate(WEIGHT)
    if weight > MOST_BYTES:
        wrong.append(f"{address}: {weight} bytes")
    found: dict[str, Any] = AXE.run(page, options=FAULTS_ALONE).response
    broken = [f"{one['id']} {one['nodes'][0]['html'][:120]}" for one in found["violations"]]
    return [*wrong, *(f"{address}: {one}" for one in broken)]
