"""A browser's window without scripts: it reads the forms of a page and sends them as they stand."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

from console.widgets.pages import SESSION
from registry.accounts.models import AppUser
from tests.builders import registry
from tests.conftest import Client

TAGS = re.compile(r"<[^>]+>")


class Fields(HTMLParser):
    """Reads what a browser would send of the form of a name, with nothing changed."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self.form = form
        self.found: list[tuple[str, str]] = []
        self.now: list[tuple[str, str]] = []
        self.choosing: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a control holds."""
        given = dict(attrs)
        name, value = given.get("name"), given.get("value") or ""
        if tag == "form":
            self.now = []
        elif tag == "select":
            self.choosing = name
        elif tag == "option" and "selected" in given and self.choosing:
            self.now.append((self.choosing, value))
        elif tag == "input" and name and _is_sent(given):
            self.now.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        """Keep the form that was asked for."""
        if tag == "form" and ("_form", self.form) in self.now:
            self.found = self.now


def _is_sent(given: dict[str, str | None]) -> bool:
    kind = given.get("type")
    return kind != "file" and (kind != "checkbox" or "checked" in given)


class Browser:
    """Somebody with a session, who looks at pages and sends their forms."""

    def __init__(self, client: Client, user: AppUser) -> None:
        self.client = client
        self.token = registry.token_of(user)

    def open(self, path: str, status: int = 200) -> str:
        """Look at a page."""
        self.client.set_cookie(SESSION, self.token)
        answer = self.client.get(path)
        assert answer.status_code == status, answer.get_data(as_text=True)[-600:]
        return unescape(answer.get_data(as_text=True))

    def ask(self, path: str) -> Any:
        """Ask the API the same."""
        return self.client.get(f"/api/v1{path}", token=self.token).get_json()

    def send(self, path: str, form: str, status: int = 303, /, **changes: Any) -> str:
        """Send a form of a page with some fields written; give the page, or where it leads."""
        fields = Fields(form)
        fields.feed(self.open(path))
        assert fields.found, f"no form {form} on {path}"
        data: dict[str, Any] = {}
        for name, value in fields.found:
            data.setdefault(name, []).append(value)
        data.update({name.replace("__", "."): one for name, one in changes.items()})
        return self.post(path, data, status)

    def post(self, path: str, data: dict[str, Any], status: int = 303) -> str:
        """Send this."""
        self.client.set_cookie(SESSION, self.token)
        answer = self.client.post(path, data=data)
        page = unescape(answer.get_data(as_text=True))
        assert answer.status_code == status, words(page)[-900:]
        return answer.headers["Location"] if status == 303 else page


def words(page: str) -> str:
    """Give a page without its tags."""
    return TAGS.sub(" ", page)
