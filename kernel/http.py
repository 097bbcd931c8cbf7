"""A door: who may come in, what they bring, what they get; one request, one transaction."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar, cast

import orjson
import structlog
from flask import Response, current_app, g, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from marshmallow import ValidationError
from sqlalchemy.exc import IntegrityError

from kernel import audit, clock, idempotency, openapi, problems
from kernel.actor import ANYONE, Actor
from kernel.database import constraint_of
from kernel.doors import Door, Location
from kernel.errors import (
    Busy,
    Conflict,
    IdempotencyInFlight,
    IdempotencyKeyRequired,
    Malformed,
    NotAllowed,
    PreconditionRequired,
    Refusal,
    Unauthenticated,
    UnsupportedMediaType,
)
from kernel.fields import Schema
from kernel.idempotency import Answer
from kernel.package import Authenticate
from kernel.unit_of_work import OutcomeUnknown, run

if TYPE_CHECKING:
    from flask import Blueprint as _Blueprint
else:
    from flask_smorest import Blueprint as _Blueprint

View = TypeVar("View", bound=Callable[..., Any])
JSON = "application/json"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_KEY_LENGTH = 255
MAX_JSON_BYTES = 1024 * 1024
log = structlog.get_logger()


class Blueprint(_Blueprint):
    """A group of doors, documented in OpenAPI."""


class Allowed(frozenset[str]):
    """The roles that a door opens for."""


PUBLIC = Allowed({"*"})
"""Anyone at all, said aloud."""
SIGNED_IN = Allowed({"signed-in"})
"""Anyone who is known."""


@dataclass(frozen=True)
class House:
    """What the assembly gives to the doors."""

    authenticate: Authenticate
    constraints: Mapping[str, type[Refusal]]


def current_actor() -> Actor:
    """Give who asks; only inside a door."""
    return cast("Actor", g.actor)


def expected_version() -> int | None:
    """Read `If-Match` as a version; None where any version will do."""
    tag = request.headers.get("If-Match", "").strip()
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
    rate: str | None = None,
    report: bool = False,
    snapshot: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Make a door of a view.

    `allow` are roles, PUBLIC or SIGNED_IN. `accepts` loads the body (or query, or form with
    files), the view gets it first. `returns` dumps what the view gives; its `version` becomes
    the ETag. `idempotent` demands an Idempotency-Key, `etag` an If-Match. `rate` limits failed
    calls from one address. `report` may be answered by the replica, `snapshot` is of one instant.
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
    )

    def decorate(view: Callable[..., Any]) -> Callable[..., Response]:
        @functools.wraps(view)
        def opened(**path: Any) -> Response:
            return _Visit(door, view, path).answer()

        guarded = opened if rate is None else _limited(opened, rate)
        guarded._apidoc = openapi.document(  # type: ignore[attr-defined]  # noqa: SLF001
            blueprint, door, view, public=allow is PUBLIC
        )
        guarded.door = door  # type: ignore[attr-defined]
        return guarded

    return decorate


limiter = Limiter(key_func=get_remote_address, strategy="moving-window", headers_enabled=True)


def _limited(view: View, rate: str) -> View:
    """Limit failed calls from one address; without Redis such a door stays closed."""

    def failed(response: Response) -> bool:
        return response.status_code == HTTPStatus.UNAUTHORIZED

    return cast("View", limiter.limit(rate, deduct_when=failed)(view))


class _Visit:
    """One request at one door."""

    def __init__(self, door: Door, view: Callable[..., Any], path: dict[str, Any]) -> None:
        self.door = door
        self.view = view
        self.path = path
        self.house: House = current_app.extensions["bangfu"]
        self.now = clock.now()
        self.key: str | None = None
        g.actor = ANYONE
        if door.location != "files":
            request.max_content_length = MAX_JSON_BYTES

    def answer(self) -> Response:
        """Run the unit of work and turn every refusal into its problem."""
        try:
            return run(self._unit, report=self.door.report, snapshot=self.door.snapshot)
        except Refusal as refusal:
            response, kept = problems.refused(refusal), not isinstance(refusal, Conflict | Busy)
            code = refusal.code
        except ValidationError as error:
            response, kept, code = problems.unacceptable(error), True, "invalid"
        except IntegrityError as error:
            meant = self._of_constraint(error)
            response, kept, code = problems.refused(meant), False, meant.code
        except OutcomeUnknown:
            return problems.refused(Busy())
        if request.method not in SAFE_METHODS:
            self._leave_trace(response, code=code, kept=kept)
        return response

    def _unit(self) -> Response:
        self._who()
        stored = self._claim()
        if stored is not None:
            replay = Response(stored.body, status=stored.status, headers=stored.headers)
            replay.headers["Idempotency-Replayed"] = "true"
            return replay
        if self.door.edits and "If-Match" not in request.headers:
            raise PreconditionRequired
        arguments = [] if self.door.accepts is None else [self._load(self.door.accepts)]
        result = self.view(*arguments, **self.path)
        response = result if isinstance(result, Response) else self._dump(result)
        if self.key is not None:
            idempotency.store(g.actor.user_id, self.key, _as_answer(response))
        return response

    def _who(self) -> None:
        """Find the actor and check the door's roles, before the body is read."""
        g.actor = ANYONE
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme:
            actor = None
            if scheme.lower() == "bearer" and token.strip():
                actor = self.house.authenticate(token.strip(), now=self.now)
            if actor is None:
                raise Unauthenticated
            g.actor = actor
        if self.door.allow is PUBLIC:
            return
        if g.actor is ANYONE:
            raise Unauthenticated
        if self.door.allow is not SIGNED_IN and g.actor.roles.isdisjoint(self.door.allow):
            raise NotAllowed

    def _claim(self) -> Answer | None:
        key = request.headers.get("Idempotency-Key")
        if key is None and self.door.idempotent:
            raise IdempotencyKeyRequired
        if key is None or request.method != "POST" or g.actor is ANYONE:
            return None
        key = key.strip().strip('"')
        if not 0 < len(key) <= MAX_KEY_LENGTH or not key.isascii() or not key.isprintable():
            raise IdempotencyKeyRequired
        self.print = idempotency.fingerprint(
            request.method, request.full_path, request.get_data(cache=True)
        )
        stored = idempotency.claim(g.actor.user_id, key, fingerprint=self.print, now=self.now)
        self.key = key
        return stored

    def _load(self, schema: Schema) -> Any:
        if self.door.location == "query":
            return schema.load(_single(request.args))
        if self.door.location == "files":
            return schema.load({**_single(request.form), **_single(request.files)})
        sent = request.get_data(cache=True)
        if not sent and not request.mimetype:
            return schema.load({})
        if request.mimetype != JSON:
            raise UnsupportedMediaType(wanted=JSON)
        try:
            body = orjson.loads(sent)
        except orjson.JSONDecodeError as error:
            raise Malformed from error
        return schema.load(body)

    def _dump(self, result: Any) -> Response:
        if self.door.returns is None:
            return Response(status=204)
        body = self.door.returns.dump(result)
        response = Response(orjson.dumps(body), status=self.door.status, content_type=JSON)
        if "version" in body:
            response.set_etag(str(body["version"]))
            if request.method == "GET":
                response.make_conditional(request)
        return response

    def _of_constraint(self, error: IntegrityError) -> Refusal:
        """Say what a named constraint means; an unknown one is a defect."""
        kind = self.house.constraints.get(constraint_of(error))
        if kind is None:
            raise error
        return kind()

    def _leave_trace(self, response: Response, *, code: str, kept: bool) -> None:
        """Audit the refusal, and keep its answer for the key where it is final."""

        def unit() -> None:
            action = str(request.endpoint)
            subject = next((str(value) for value in self.path.values()), "")
            audit.write(action, subject=("route", subject), by=g.actor, now=self.now, outcome=code)
            if self.key is not None and kept:
                free = idempotency.claim(
                    g.actor.user_id, self.key, fingerprint=self.print, now=self.now
                )
                if free is None:
                    idempotency.store(g.actor.user_id, self.key, _as_answer(response))

        try:
            run(unit)
        except (IdempotencyInFlight, Busy, OutcomeUnknown) as error:
            log.warning("a refusal left no trace", code=code, kind=type(error).__name__)


def _single(values: Any) -> dict[str, Any]:
    """Take each parameter once; several of one name become a list, which no field accepts."""
    return {name: found[0] if len(found) == 1 else found for name, found in values.lists()}


def _as_answer(response: Response) -> Answer:
    kept = ("Content-Type", "ETag", "Location", "Content-Language")
    headers = {name: response.headers[name] for name in kept if name in response.headers}
    return Answer(response.status_code, headers, response.get_data())
