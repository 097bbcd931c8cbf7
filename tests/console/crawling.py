"""Every page that links lead to, found as a visitor finds them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from console.widgets.pages import SESSION

LINK = re.compile(r'<a\b[^>]*\bhref="(/[^"#]*)')
HTML = "text/html; charset=utf-8"
MOST_OF_ONE = 1
"""Addresses of one page that are followed for one visitor."""


def pages(app: Flask) -> Iterator[tuple[Rule, Any]]:
    """Give the rules of all pages with their views."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule):
        view: Any = app.view_functions[rule.endpoint]
        if hasattr(view, "allow"):
            yield rule, view


def visitor(app: Flask, token: str | None, *, language: str = "zh") -> FlaskClient:
    """Give a client that is signed in as a browser is."""
    client = FlaskClient(app)
    client.set_cookie("bangfu_language", language)
    if token is not None:
        client.set_cookie(SESSION, token)
    return client


def crawl(app: Flask, token: str | None, note: Callable[[str, str, str], None]) -> None:
    """Follow links from the first page; note each page: its endpoint, an address, its text."""
    client = visitor(app, token)
    tried: dict[str, int] = {}
    seen, waiting = {"/"}, ["/"]
    while waiting:
        address = waiting.pop(0)
        endpoint = endpoint_of(app, address)
        if endpoint is None or tried.get(endpoint, 0) >= MOST_OF_ONE:
            continue
        tried[endpoint] = tried.get(endpoint, 0) + 1
        answer = client.get(address)
        if answer.status_code in {302, 303}:
            answer = client.get(answer.headers["Location"])
        if answer.status_code != 200:
            assert answer.status_code < 500, (address, answer.status_code)
            continue
        text = answer.get_data(as_text=True) if answer.content_type == HTML else ""
        note(endpoint, address, text)
        for link in LINK.findall(text):
            target = unescape(link)
            if target not in seen:
                seen.add(target)
                waiting.append(target)


def endpoint_of(app: Flask, address: str) -> str | None:
    """Name the page of an address; None where it is no page."""
    adapter = app.url_map.bind("localhost")
    try:
        endpoint, _ = adapter.match(address.partition("?")[0], method="GET")
    except HTTPException:
        return None
    return endpoint if hasattr(app.view_functions[endpoint], "allow") else None
