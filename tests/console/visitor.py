"""Somebody before the pages, with a session or without, who opens them and sends their forms."""

from __future__ import annotations

import re
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


class Hidden(HTMLParser):
    """Reads the hidden fields of a page's forms, each form by its name."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self.now: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a hidden field."""
        given = dict(attrs)
        if tag == "form":
            self.now = {}
        elif tag == "input" and given.get("type") == "hidden" and given.get("value") != "false":
            self.now[given["name"] or ""] = given["value"] or ""

    def handle_endtag(self, tag: str) -> None:
        """Keep the form."""
        if tag == "form" and "_form" in self.now:
            self.forms[self.now["_form"]] = self.now


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
        self, path: str, form: str, status: int = 303, *, on: str | None = None, **typed: Any
    ) -> str:
        """Send the form of that name with what is typed; `__` stands for a point.

        `on` is the page that shows the form, where that is not what the path shows at first.
        """
        hidden = Hidden()
        hidden.feed(self.open(path) if on is None else on)
        name = next(one for one in hidden.forms if one.startswith(form))
        data = {**hidden.forms[name], **{key.replace("__", "."): one for key, one in typed.items()}}
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
