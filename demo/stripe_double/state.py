"""What the double remembers: its objects, answered keys, events, and the faults asked of it."""

from __future__ import annotations

import secrets
import time
from collections import deque
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

Object = dict[str, Any]
API_VERSION = "2026-10-28.endive"
"""Of the objects and events; the one that the pinned SDK asks for."""
MISSING = 404
DECLINED = 402


class Problem(Exception):
    """An error as Stripe words it; `code` and `parameter` as in its reference."""

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        parameter: str | None = None,
        kind: str = "invalid_request_error",
        status: int = 400,
        **further: Any,
    ) -> None:
        super().__init__(message)
        told = {"type": kind, "message": message, "code": code, "param": parameter, **further}
        self.status = status
        self.body = {"error": {name: value for name, value in told.items() if value is not None}}


@dataclass(frozen=True)
class Answered:
    """What a key was first used for, and what was answered."""

    path: str
    parameters: Object
    status: int
    body: bytes


@dataclass
class State:
    """Everything that one double knows; `lock` is held while a request acts."""

    secret_key: str
    webhook_secret: str
    webhook_url: str | None = None
    """Where events are sent by themselves; without it they only wait in `events`."""
    shop_url: str = "https://double.invalid"
    """Where shoppers pay: the double's own address once it listens."""
    objects: dict[str, Object] = field(default_factory=dict)
    answered: dict[str, Answered] = field(default_factory=dict)
    events: list[Object] = field(default_factory=list)
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)
    """Method, path and idempotency key of each call, in their order."""
    faults: deque[str] = field(default_factory=deque)
    """One for each call to come: see `server`."""
    lock: RLock = field(default_factory=RLock)

    def put(self, made: Object) -> Object:
        """Keep an object."""
        self.objects[made["id"]] = made
        return made

    def get(self, key: Any, kind: str) -> Object:
        """Give an object of that kind, or say as Stripe does that there is none."""
        found = self.objects.get(str(key))
        if found is None or found["object"] != kind:
            message = f"No such {kind}: '{key}'"
            raise Problem(message, code="resource_missing", parameter=kind, status=MISSING)
        return found

    def of(self, kind: str, **wanted: Any) -> list[Object]:
        """Give the objects of a kind with these values, the newest first."""
        return [
            one
            for one in reversed(list(self.objects.values()))
            if one["object"] == kind and all(one.get(name) == wanted[name] for name in wanted)
        ]


def new_key(prefix: str) -> str:
    """Mint a key of Stripe's shape."""
    return f"{prefix}_{secrets.token_hex(12)}"


def seconds() -> int:
    """Give the instant as Stripe writes it."""
    return int(time.time())
