"""The contract of one route, as the door and its documentation both read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kernel.fields import Schema

Location = Literal["json", "query", "files"]


@dataclass(frozen=True)
class Door:
    """Who may come in, what they bring, what they get."""

    allow: frozenset[str]
    accepts: Schema | None
    returns: Schema | None
    status: int
    location: Location
    idempotent: bool
    edits: bool
    report: bool
    snapshot: bool
