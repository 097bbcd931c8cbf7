"""What a room plugs into the house; five such tables tell all that can start anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Blueprint
from sqlalchemy import Executable, Select

from kernel.actor import Actor
from kernel.errors import Refusal
from kernel.events import Subscription
from kernel.sheets.importing import ListImport

__all__ = ["Invariant", "Package", "Schedule", "Subscription"]


@dataclass(frozen=True)
class Invariant:
    """A statement that must give no row; a row is a place where the promise is broken."""

    code: str
    name: str
    statement: Executable


@dataclass(frozen=True)
class Schedule:
    """A task that runs by the clock; running it twice does no harm."""

    task: Any
    every: float
    """Seconds between two runs."""


Authenticate = Callable[..., Actor | None]
Sighted = Callable[[Actor], Select[Any]]
KeepAlive = Callable[..., None]


def note_nothing(actor: Actor, *, now: datetime) -> None:
    """Note no use of a token: where tokens do not age."""
    del actor, now


@dataclass(frozen=True)
class House:
    """What the assembly gives to the doors."""

    authenticate: Authenticate
    keep_alive: KeepAlive
    constraints: Mapping[str, type[Refusal]]


@dataclass(frozen=True)
class Package:
    """A room: its doors, its reactions, its timers, its promises."""

    name: str
    blueprints: tuple[Blueprint, ...] = ()
    pages: tuple[Blueprint, ...] = ()
    """Groups of pages for people; no doors of the API."""
    subscriptions: tuple[Subscription, ...] = ()
    schedule: Mapping[str, Schedule] = field(default_factory=dict)
    invariants: tuple[Invariant, ...] = ()
    constraints: Mapping[str, type[Refusal]] = field(default_factory=dict)
    reference: tuple[Callable[[datetime], None], ...] = ()
    """Loaders of reference data, run after every migration; they change nothing twice."""
    imports: tuple[ListImport, ...] = ()
    """The lists that may be handed in as files."""
    sights: Mapping[str, Sighted] = field(default_factory=dict)
    """By kind of thing: the select of the keys that an actor sees, for papers about it."""
    authenticate: Authenticate | None = None
    """`(token, *, now)` → the actor, in one statement; one room gives it."""
    keep_alive: KeepAlive = note_nothing
    """`(actor, *, now)` notes that an ageing token was used; the same room gives it."""
