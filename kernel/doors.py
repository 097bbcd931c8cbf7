"""The contract of one route, as the door and its documentation both read it; who it admits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from kernel.actor import ANYONE, Actor
from kernel.errors import NotAllowed, OrganisationClosed, ScopeMissing, Unauthenticated
from kernel.fields import Schema

Location = Literal["json", "query", "files"]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_ACCOUNT = "myself"
"""The doors to one's own account: open to whoever may do nothing else."""


class Allowed(frozenset[str]):
    """The roles that a door opens for."""


PUBLIC = Allowed({"*"})
"""Anyone at all, said aloud."""
SIGNED_IN = Allowed({"signed-in"})
"""Anyone who is known."""


@dataclass(frozen=True)
class Door:
    """Who may come in, what they bring, what they get.

    `scope` is the name of its group of doors; with `:read` or `:write` it is the scope that a
    narrowed token needs. A door that `reveals` shows a person in clear. One that `winds_up` is
    open to people of an organisation that has ended, too: they finish what was begun. What a
    `daily` one answers stands until the next midnight.
    """

    allow: frozenset[str]
    accepts: Schema | None
    returns: Schema | None
    status: int
    location: Location
    idempotent: bool
    edits: bool
    report: bool
    snapshot: bool
    scope: str
    reveals: bool
    winds_up: bool = False
    daily: bool = False


def admit(actor: Actor, *, door: Door, method: str) -> Actor:
    """Give who comes in, or refuse: Unauthenticated, ScopeMissing, NotAllowed, OrganisationClosed.

    At a public door a token that is narrowed to other doors makes nobody known.
    """
    writes = method not in SAFE_METHODS
    scope = f"{door.scope}:{'write' if writes else 'read'}"
    within = actor.scopes is None or scope in actor.scopes
    if door.allow is PUBLIC:
        return actor if within else ANYONE
    if actor is ANYONE:
        raise Unauthenticated
    if not within:
        raise ScopeMissing(scope=scope)
    if door.allow is not SIGNED_IN and actor.roles.isdisjoint(door.allow):
        raise NotAllowed
    if writes and not (actor.may_write or door.winds_up or door.scope == OWN_ACCOUNT):
        raise OrganisationClosed
    return actor


def scopes_of(views: Iterable[Callable[..., Any]]) -> frozenset[str]:
    """Give every scope that some door among the views asks for."""
    doors = (getattr(view, "door", None) for view in views)
    groups = {door.scope for door in doors if isinstance(door, Door)}
    return frozenset(f"{group}:{act}" for group in groups for act in ("read", "write"))
