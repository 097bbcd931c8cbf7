"""Somebody before the pages without scripts, who opens them and sends their forms as they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from typing import Any

from werkzeug.test import TestResponse

from console.widgets.pages import SESSION
from registry.accounts.models import AppUser
from tests.builders import registry
from tests.conftest import Client

TAGS = re.compile(r"<[^>]+>")
ADDRESS = "198.51.100.7"


class Forms(HTMLParser):
    """Reads what a browser would send of each form of a page, by the form's name, unchanged."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, list[str]]] = {}
        self.now: dict[str, list[str]] = {}
        self.choosing: str | None = None
        self.writing: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a control holds."""
        given = dict(attrs)
        name, value = given.get("name"), given.get("value") or ""
        if tag == "form":
            self.now = {}
        elif tag == "select":
            self.choosing = name
        elif tag == "textarea":
            self.writing = name
        elif tag == "option" and "selected" in given and self.choosing:
            self._note(self.choosing, value)
        elif tag == "input" and name and _is_sent(given):
            self._note(name, value)

    def handle_data(self, data: str) -> None:
        """Note what stands in a box of several lines."""
        if self.writing:
            self._note(self.writing, data)

    def handle_endtag(self, tag: str) -> None:
        """Keep a form that has a name."""
        if tag == "textarea":
            self.writing = None
        elif tag == "form" and "_form" in self.now:
            self.found[self.now["_form"][0]] = self.now

    def _note(self, name: str, value: str) -> None:
        self.now.setdefault(name, []).append(value)


def _is_sent(given: dict[str, str | None]) -> bool:
    kind = given.get("type")
    return kind != "file" and (kind not in {"checkbox", "radio"} or "checked" in given)


@dataclass(frozen=True)
class Visitor:
    """Who looks; without a token it is the public."""

    client: Client
    token: str | None = None

    @classmethod
    def of(cls, client: Client, user: AppUser) -> Visitor:
        """Sign a user in."""
        return cls(client, registry.token_of(user))

    def open(self, path: str, status: int = 200) -> str:
        """Look at a page; give its words and addresses as they are read."""
        self._come()
        answer = self.client.get(path, environ_base={"REMOTE_ADDR": ADDRESS})
        assert answer.status_code == status, said(answer)[-700:]
        return unescape(answer.get_data(as_text=True))

    def ask(self, path: str) -> Any:
        """Ask the API the same."""
        return self.client.get(f"/api/v1{path}", token=self.token).get_json()

    def send(
        self,
        path: str,
        form: str,
        status: int = 303,
        /,
        *,
        on: str | None = None,
        **typed: Any,
    ) -> str:
        """Send a form with some fields written; give the page, or where it leads.

        `form` is its name or the beginning of it; `__` in a field's name stands for a point. `on`
        is the page that shows the form, where that is not what the path shows at first.
        """
        forms = Forms(self.open(path) if on is None else on).found
        name = next((one for one in forms if one.startswith(form)), None)
        assert name is not None, f"no form {form} on {path}"
        data = {**forms[name], **{key.replace("__", "."): one for key, one in typed.items()}}
        return self.post(path, data, status)

    def post(self, path: str, data: Mapping[str, Any], status: int = 303) -> str:
        """Send this; give the page, or where it leads."""
        self._come()
        answer = self.client.post(path, data=data, environ_base={"REMOTE_ADDR": ADDRESS})
        assert answer.status_code == status, said(answer)[-700:]
        if status == 303:
            return str(answer.headers["Location"])
        return unescape(answer.get_data(as_text=True))

    def _come(self) -> None:
        if self.token is None:
            self.client.delete_cookie(SESSION)
        else:
            self.client.set_cookie(SESSION, self.token)


def said(answer: TestResponse) -> str:
    """Give a page without its tags."""
    return TAGS.sub(" ", answer.get_data(as_text=True))
