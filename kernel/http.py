"""A door: who may come in, what they bring, what they get; one request, one transaction."""

from __future__ import annotations

import functools
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Response, g

from kernel import openapi
from kernel.doors import PUBLIC, SIGNED_IN, Allowed, Door, Location
from kernel.fields import Schema
from kernel.visits import GUESSES, Visit, current_actor, limited

__all__ = ["PUBLIC", "SIGNED_IN", "Allowed", "current_actor"]
"""Said by `kernel.doors` and `kernel.visits`, asked for here."""

if TYPE_CHECKING:
    from flask import Blueprint as _Blueprint
else:
    from flask_smorest import Blueprint as _Blueprint

View = TypeVar("View", bound=Callable[..., Any])


class Blueprint(_Blueprint):
    """A group of doors, documented in OpenAPI."""


def expected_version() -> int | None:
    """Read `If-Match` as a version; None where any version will do."""
    tag = str(g.get("if_match") or "").strip()
    if not tag or tag == "*":
        return None
    text = tag.removeprefix("W/").strip('"')
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else -1  # noqa: PLR2004


def endpoint(
    blueprint: Blueprint,
    *,
    allow: frozenset[str],
    accepts: Schema | None = None,
    returns: Schema | None = None,
    status: int = 200,
    location: Location = "json",
    idempotent: bool = False,
    etag: bool = False,
    rate: Callable[[], str] | None = None,
    counts: frozenset[HTTPStatus] = GUESSES,
    report: bool = False,
    snapshot: bool = False,
    reveals: bool = False,
    winds_up: bool = False,
    daily: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Make a door of a view.

    `allow` are roles, PUBLIC or SIGNED_IN. `accepts` loads the body (or query, or form with
    files), the view gets it first. `returns` dumps what the view gives; its `version` becomes
    the ETag. `idempotent` demands an Idempotency-Key, `etag` an If-Match. `rate` limits calls
    from one address that are answered with what `counts`. `report` may be answered by the
    replica, `snapshot` is of one instant. What `reveals` persons in clear is
    counted for each user, and is shut while it cannot be.
    What `winds_up` is open to organisations that have ended. What is `daily` answers the same to
    everybody from one Shanghai midnight to the next, and anybody may keep it until then.
    """
    door = Door(
        allow=allow,
        accepts=accepts,
        returns=returns,
        status=status,
        location=location,
        idempotent=idempotent,
        edits=etag,
        report=report,
        snapshot=snapshot,
        scope=blueprint.name,
        reveals=reveals,
        winds_up=winds_up,
        daily=daily,
    )

    def decorate(view: Callable[..., Any]) -> Callable[..., Response]:
        @functools.wraps(view)
        def opened(**path: Any) -> Response:
            return Visit(door, view, path).answer()

        guarded = opened if rate is None else limited(opened, rate, counts)
        guarded._apidoc = openapi.document(  # type: ignore[attr-defined]  # noqa: SLF001
            blueprint, door, view, public=allow is PUBLIC
        )
        guarded.door = door  # type: ignore[attr-defined]
        guarded.view = view  # type: ignore[attr-defined]
        return guarded

    return decorate
