"""A page of one act: what is at stake, its few fields, its button; then on to what follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response, render_template, url_for

from console.widgets.asking import Form
from console.widgets.pages import to_page
from console.widgets.words import _
from kernel.errors import Forbidden

Options = Mapping[str, Iterable[tuple[str, str]]]
"""By field, what may be chosen among: value and text."""


@dataclass(frozen=True)
class Entry:
    """A field of an act as its page words it; `is_many` lets several be ticked."""

    name: str
    label: str
    hint: str = ""
    kind: str = ""
    rows: int = 0
    type: str = ""
    is_many: bool = False


@dataclass(frozen=True)
class Act:
    """What may be done: its door, its words, its fields; `note` says what follows from it."""

    door: str
    title: str
    said: str
    note: str = ""
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class Place:
    """A page to go to: its endpoint and path; `takes` is what the answer's id stands for in it."""

    endpoint: str
    path: Mapping[str, Any] = field(default_factory=dict)
    takes: str = ""

    @property
    def address(self) -> str:
        """Give its address; where it waits for an answer there is none yet."""
        return "" if self.takes else url_for(self.endpoint, **self.path)

    def reached(self, said: str, answer: Any) -> Response:
        """Go there after something was done."""
        path = {**self.path, **({self.takes: answer["id"]} if self.takes else {})}
        return to_page(self.endpoint, said=said, **path)


def act_page(
    act: Act,
    form: Form,
    *,
    then: Place,
    back: Place | None = None,
    facts: Iterable[tuple[str, Any]] = (),
    options: Options | None = None,
) -> Response | str:
    """Do the act when its form was sent and go on; else show its page. Raises Forbidden."""
    if not form.is_allowed:
        raise Forbidden
    if done := form.sent():
        return then.reached(_(act.said), done.answer)
    return render_template(
        "act.html", act=act, form=form, facts_of=list(facts), options=options or {},
        back=(back or then).address,
    )  # fmt: skip
