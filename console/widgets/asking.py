"""What a page asks and does: the views behind the doors, in its own transaction, as its own actor.

A page knows the doors by their names, `orders.show`, and gets what the door would answer: the same
roles, the same scope, the same judgement of what is sent, the same masks. So no page can show or do
what the API would not give to whoever looks at it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from flask import Response, current_app, g, request
from werkzeug.datastructures import MultiDict

from console.widgets.names import code_of_region
from console.widgets.pages import FORM, KEY, MARK, OWN, VERSION, Trouble, mark
from kernel.doors import PUBLIC, SIGNED_IN, Door, admit
from kernel.errors import NotFound, PreconditionRequired
from kernel.forms import FormField, body_of, rows_of, shown
from kernel.identity import new_id
from kernel.visits import count_reveal, single

PAGE, MOST_PAGES = 100, 10


@dataclass(frozen=True)
class Done:
    """What a door answered to what was sent."""

    answer: Any


def ask(name: str, /, *, query: Mapping[str, Any] | None = None, **path: Any) -> Any:
    """Give what a door that reads answers; a Response where it answers with a file.

    `query` is what would stand in the address after the question mark; None values are left out.
    Raises what the door would refuse.
    """
    given = {key: str(one) for key, one in (query or {}).items() if one not in {None, ""}}
    return answered(name, given, path)


def find_one(
    name: str, key: UUID, query: Mapping[str, Any] | None = None, /, **path: UUID
) -> dict[str, Any] | None:
    """Find one thing in a list that has no door for one, within its newest thousand."""
    cursor: str | None = None
    for _page in range(MOST_PAGES):
        found = ask(name, query={**(query or {}), "limit": PAGE, "cursor": cursor}, **path)
        for one in found["items"]:
            if one["id"] == str(key):
                return dict(one)
        cursor = found["next_cursor"]
        if cursor is None:
            break
    return None


def one_of(
    name: str, key: UUID, query: Mapping[str, Any] | None = None, /, **path: UUID
) -> dict[str, Any]:
    """Give what `find_one` finds (NotFound)."""
    found = find_one(name, key, query, **path)
    if found is None:
        raise NotFound
    return found


def answered(name: str, query: Mapping[str, str], path: Mapping[str, Any]) -> Any:
    """Give what the door answers to this query at this path."""
    door, view = _door(name)
    admit(g.actor, door=door, method="GET")
    if door.reveals:
        count_reveal()
    arguments = [] if door.accepts is None else [door.accepts.load(dict(query))]
    return _dumped(door, view(*arguments, **path))


def act(name: str, /, *, body: Mapping[str, Any] | None = None, **path: Any) -> Any:
    """Do what a door does, and give its answer; the page's form says no more than that it be done.

    Raises what the door would refuse.
    """
    door, view = _door(name)
    admit(g.actor, door=door, method="POST")
    arguments = [] if door.accepts is None else [door.accepts.load(dict(body or {}))]
    return _dumped(door, view(*arguments, **path))


def asked(*names: str) -> dict[str, str]:
    """Take these of the page's own query, where they are given; a region by code or name."""
    given = {name: one for name in names if (one := request.args.get(name, "").strip())}
    if "region" in given:
        given["region"] = code_of_region(given["region"], field="region")
    return given


def filters_of(name: str) -> dict[str, str]:
    """Take of the page's own query what the door would take."""
    door, _ = _door(name)
    if door.accepts is None:
        return {}
    return asked(*(field.data_key or key for key, field in door.accepts.load_fields.items()))


def listed(name: str, /, **path: Any) -> Any:
    """Give the list that a door answers, by the filters of the page's own query."""
    return ask(name, query=filters_of(name), **path)


def may(name: str) -> bool:
    """Say whether the door opens for who looks at the page."""
    door, _ = _door(name)
    return door.allow in (PUBLIC, SIGNED_IN) or not g.actor.roles.isdisjoint(door.allow)


class Form:
    """A form of a page that brings a door its body.

    `start` is what its fields begin with: an answer of the door that shows the thing. `fixed` is
    put into the body whatever was sent. `part` tells two forms of one door on a page apart.
    `paper` is the kind of a paper that may come along: it is handed in first, and named as the
    body's `document_id`.
    """

    def __init__(
        self,
        name: str,
        /,
        *,
        start: Mapping[str, Any] | None = None,
        fixed: Mapping[str, Any] | None = None,
        part: str = "",
        paper: str = "",
        **path: Any,
    ) -> None:
        self.door, self.view = _door(name)
        self.name = ":".join([name, *(str(one) for one in path.values()), part]).rstrip(":")
        self.start = start or {}
        self.fixed = dict(fixed or {})
        self.part = part
        self.paper = paper
        self.path = path
        self.is_allowed = may(name)
        if part and self.trouble:
            g.trouble = replace(self.trouble, part=part)

    def sent(self) -> Done | None:
        """Do what the form asks for, if it is this form that was sent; else give None.

        A refusal undoes the page's whole transaction and shows the form again.
        """
        if request.method != "POST" or not self._is_mine() or g.trouble is not None:
            return None
        admit(g.actor, door=self.door, method="POST")
        if self.door.reveals:
            count_reveal()
        if self.door.edits and not g.if_match:
            raise PreconditionRequired
        answer = self.view(*self._arguments(), **self.path)
        if isinstance(answer, Response) and answer.status_code >= HTTPStatus.BAD_REQUEST:
            g.trouble = replace(Trouble.of(answer, form=self.name), part=self.part)
            return None
        return Done(_dumped(self.door, answer))

    def _is_mine(self) -> bool:
        return request.form.get(FORM) == self.name

    def _arguments(self) -> list[Any]:
        schema = self.door.accepts
        if schema is None:
            return []
        if self.door.location == "query":
            return [schema.load(single(request.args))]
        form = MultiDict(
            (key, one) for key, one in request.form.items(multi=True) if key not in OWN
        )
        sent = body_of(schema, form, request.files)
        if isinstance(place := sent.get("region_code"), str):
            sent["region_code"] = code_of_region(place.strip(), field="region_code")
        return [schema.load({**sent, **self.fixed, **_came(self.paper)})]

    @property
    def trouble(self) -> Trouble | None:
        """Give what was refused of this form."""
        found = cast("Trouble | None", g.trouble)
        return found if found is not None and found.form == self.name else None

    @property
    def mine(self) -> dict[str, str]:
        """Give the hidden fields: mark, name, key of this one act, version of the thing."""
        hidden = {MARK: mark(), FORM: self.name, KEY: new_id().hex}
        if "version" in self.start:
            hidden[VERSION] = str(self.start["version"])
        return hidden

    @property
    def takes_files(self) -> bool:
        """Say whether the form must be sent in parts."""
        return self.door.location == "files" or bool(self.paper)

    def __contains__(self, name: str) -> bool:
        """Say whether the body has a field of that name."""
        return self.door.accepts is not None and name in self.door.accepts.load_fields

    def __getitem__(self, name: str) -> FormField:
        """Describe a field by its path in the body, `delivery.address`."""
        if self.door.accepts is None:
            raise KeyError(name)
        found = self.trouble
        return shown(
            self.door.accepts,
            name,
            sent=request.form if found else None,
            start=self.start,
            errors=found.errors if found else {},
            part=self.part,
        )

    def rows(self, name: str, *, spare: int = 1) -> list[str]:
        """Give the paths of a list's rows, with so many empty ones at the end."""
        if self.trouble:
            count = len(rows_of(request.form, name))
        else:
            count = len(self.start.get(name) or ())
        return [f"{name}.{at}" for at in range(count + spare)]


def _came(kind: str) -> dict[str, str]:
    """Hand in the paper that came along, and name it; nothing where none came."""
    upload = request.files.get("file")
    if not kind or upload is None or not upload.filename:
        return {}
    return {"document_id": act("documents.hand_in", body={"file": upload, "kind": kind})["id"]}


def _door(name: str) -> tuple[Door, Callable[..., Any]]:
    guarded: Any = current_app.view_functions[name]
    return guarded.door, guarded.view


def _dumped(door: Door, answer: Any) -> Any:
    if isinstance(answer, Response):
        return answer
    return None if door.returns is None else door.returns.dump(answer)
