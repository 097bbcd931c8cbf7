"""People before the pages: they sign in, fill fields by their labels, press buttons and read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Locator, Page, expect

from console.widgets.words import english, terms
from tests.console.browser import PATIENCE_MS, House

MOST_RELOADS = 60
expect.set_options(timeout=PATIENCE_MS)
PAPER = "application/pdf"


@dataclass(frozen=True)
class Option:
    """What is chosen from a list, as it reads in Chinese; `kind` is a term's enumeration."""

    text: str
    kind: str = ""


@dataclass(frozen=True)
class File:
    """What is handed in."""

    name: str
    content: bytes


Where = str | tuple[str, str]
"""A field's label, alone or after the legend of the group that it stands in."""
Values = Mapping[Any, str | bool | Option | File]
"""By field, what is filled in."""


@dataclass(frozen=True)
class Actor:
    """Somebody with a window. What is asked for in Chinese is looked for in the page's language."""

    page: Page
    is_english: bool

    def say(self, chinese: str, **figures: Any) -> str:
        """Say it in the language of the pages; what has no English is a name and stays."""
        said = english().get(chinese, (chinese,))[-1] if self.is_english else chinese
        return said % figures if figures else said

    def term(self, chinese: str, kind: str) -> str:
        """Say a term of an enumeration in the language of the pages."""
        (one,) = (one for one in terms()[kind].values() if one.zh == chinese)
        return one.en if self.is_english else one.zh

    def money(self, yuan: float) -> str:
        """Write an amount as pages do."""
        return f"¥{yuan:,.2f}" if self.is_english else f"{yuan:,.2f} 元"

    @property
    def main(self) -> Locator:
        """Give what the page is about."""
        return self.page.locator("main")

    def open(self, path: str) -> None:
        """Open a page by its address."""
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.ok, f"{answer.status} {path}"

    def follow(self, name: str, *, within: Locator | None = None) -> None:
        """Follow the link of that name."""
        link = (within or self.main).get_by_role("link", name=self._named(name)).first
        with self.page.expect_navigation():
            link.click()

    def enter(self, row: Locator) -> None:
        """Follow the first link of a row, or of what else has one."""
        with self.page.expect_navigation():
            row.get_by_role("link").first.click()

    def row(self, *texts: str) -> Locator:
        """Give the row of a table in which all of these stand."""
        found = self.main.locator("tbody tr")
        for text in texts:
            found = found.filter(has_text=text)
        return found

    def cell(self, text: str, head: str) -> str:
        """Read what stands under a head, in the row where the text stands."""
        return self.row(text).locator(f'[data-label="{self.say(head)}"]').inner_text().strip()

    def form(self, button: str) -> Locator:
        """Give the form that has this button."""
        has = self.page.get_by_role("button", name=self._named(button))
        return self.main.locator("form").filter(has=has)

    def field(self, where: Where, form: Locator) -> Locator:
        """Give the field with this label."""
        legend, label = where if isinstance(where, tuple) else ("", where)
        inside = form.get_by_role("group", name=self._named(legend)) if legend else form
        return inside.get_by_label(self._named(label))

    def fill(self, values: Values, form: Locator) -> None:
        """Fill fields by their labels."""
        for where, value in values.items():
            one = self.field(where, form)
            if isinstance(value, bool):
                one.set_checked(value)
            elif isinstance(value, Option):
                text = self.term(value.text, value.kind) if value.kind else self.say(value.text)
                one.select_option(label=text)
            elif isinstance(value, File):
                one.set_input_files(
                    {"name": value.name, "mimeType": PAPER, "buffer": value.content}
                )
            else:
                one.fill(value)

    def send(
        self,
        button: str,
        values: Values | None = None,
        *,
        said: str,
        unfold: str = "",
    ) -> None:
        """Fill a form and send it; the next page says what was done."""
        self._put(button, values or {}, unfold)
        expect(self.page.locator(".said")).to_contain_text(self.say(said))

    def refused(self, button: str, values: Values, *, at: Where, unfold: str = "") -> None:
        """Fill a form that is refused: the summary leads to the field at fault."""
        self._put(button, values, unfold)
        wrong = self.field(at, self.form(button))
        expect(wrong).to_have_attribute("aria-invalid", "true")
        summary = self.main.get_by_role("alert").get_by_role("link")
        expect(summary).to_have_attribute("href", f"#{wrong.get_attribute('id')}")

    def _put(self, button: str, values: Values, unfold: str) -> None:
        form = self.form(button)
        if unfold:
            form.get_by_text(self.say(unfold)).click()
        self.fill(values, form)
        self.press(button, within=form)

    def press(self, button: str, *, within: Locator | None = None) -> None:
        """Press a button that leads to another page."""
        with self.page.expect_navigation():
            (within or self.main).get_by_role("button", name=self._named(button)).click()

    def sees(self, *texts: str) -> None:
        """Find all these on the page."""
        for text in texts:
            expect(self.main).to_contain_text(self.say(text))

    def figure(self, name: str) -> Locator:
        """Give the value of a figure."""
        named = self.page.locator(".name", has_text=self._named(name))
        return self.main.locator(".figure").filter(has=named).locator(".value")

    def fact(self, name: str) -> str:
        """Read what stands beside a name in a list of facts."""
        named = self.page.locator("dt", has_text=self._named(name))
        return self.main.locator(".facts div").filter(has=named).locator("dd").inner_text().strip()

    def waits_for(self, there: Locator) -> None:
        """Load the page again until something stands on it: news travels within seconds."""
        for _ in range(MOST_RELOADS):
            if there.count():
                return
            self.page.reload()
        raise AssertionError(f"{there} never came: {self.main.inner_text()}")

    def _named(self, name: str) -> re.Pattern[str]:
        optional = re.escape(self.say("（选填）"))
        return re.compile(rf"^\s*{re.escape(self.say(name))}\s*({optional})?\s*$")


@dataclass
class Cast:
    """Everybody who acts before the house, each in a window of their own, signed in once."""

    house: House
    english: bool = False
    scripts: bool = True
    size: Any = None
    actors: dict[str, Actor] = field(default_factory=dict)
    windows: ExitStack = field(default_factory=ExitStack)

    def __call__(self, username: str, *, size: Any = None) -> Actor:
        """Give somebody; nobody's name is anybody of the public."""
        if username not in self.actors:
            window = self.house.page(
                size=size or self.size, english=self.english, scripts=self.scripts
            )
            actor = Actor(self.windows.enter_context(window), self.english)
            if username:
                self.house.sign_in(actor.page, username)
            self.actors[username] = actor
        return self.actors[username]


@contextmanager
def cast(house: House, **kinds: Any) -> Iterator[Cast]:
    """Let people act; all windows are closed after it, and must have been without fault."""
    with ExitStack() as windows:
        yield Cast(house, windows=windows, **kinds)
