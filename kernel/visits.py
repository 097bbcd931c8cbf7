"""One request at one door: who asks, what they bring, one transaction, one answer."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar, cast

import orjson
import structlog
from flask import Response, current_app, g, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse
from marshmallow import ValidationError
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.exc import IntegrityError

from kernel import audit, clock, idempotency, problems
from kernel.actor import ANYONE, Actor
from kernel.database import FOREIGN_KEY_VIOLATION, constraint_of, sqlstate
from kernel.doors import SAFE_METHODS, Door, admit
from kernel.downloads import standing
from kernel.errors import (
    Busy,
    Conflict,
    IdempotencyInFlight,
    IdempotencyKeyRequired,
    Malformed,
    PreconditionRequired,
    RateLimited,
    Refusal,
    Unauthenticated,
    UnsupportedMediaType,
)
from kernel.fields import Schema
from kernel.idempotency import Answer
from kernel.package import House
from kernel.unit_of_work import OutcomeUnknown, run

JSON = "application/json"
MAX_KEY_LENGTH = 255
MAX_JSON_BYTES = 1024 * 1024
REVEALS = parse("30 per hour")
LIMITS_STORE: dict[str, Any] = {
    "socket_connect_timeout": 1.5,
    "socket_timeout": 1.5,
    "retry": Retry(NoBackoff(), 1),
}
"""How Redis is asked: a connection that has died since is opened anew, and nobody waits long."""
limiter = Limiter(key_func=get_remote_address, strategy="moving-window", headers_enabled=True)
GUESSES = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT})
"""What a wrong guess of a name, a number or a code is answered with."""
ATTEMPTS = GUESSES | {HTTPStatus.UNPROCESSABLE_ENTITY}
"""The same where what is wrong is answered as a wrong field."""
MADE = frozenset({HTTPStatus.CREATED})
"""What is answered where something came into being; what is refused is not counted then."""
log = structlog.get_logger()
View = TypeVar("View", bound=Callable[..., Any])


def limited(
    view: View,
    rate: Callable[[], str],
    counts: frozenset[HTTPStatus],
    *,
    methods: list[str] | None = None,
) -> View:
    """Limit calls from one address that are answered with what `counts`.

    Without Redis such a view stays closed. `methods` are those that are limited, all by default.
    """

    def counted(response: Response) -> bool:
        return response.status_code in counts

    return cast("View", limiter.limit(rate, methods=methods, deduct_when=counted)(view))


def current_actor() -> Actor:
    """Give who asks; only inside a door."""
    return cast("Actor", g.actor)


def count_reveal() -> None:
    """Count an unmasked read against its user; without Redis the door stays shut."""
    if not limiter.limiter.hit(REVEALS, "reveal", str(g.actor.user_id)):
        raise RateLimited


class Visit:
    """One request at one door; pages are visited with other credentials and another dress."""

    keeps_refusals = True
    """A refusal that is final is the answer to its key for good."""

    def __init__(self, door: Door, view: Callable[..., Any], path: dict[str, Any]) -> None:
        self.door = door
        self.view = view
        self.path = path
        self.house: House = current_app.extensions["bangfu"]
        self.now = clock.now()
        self.key: str | None = None
        self.counted = False
        g.actor = ANYONE
        g.if_match = self.version_sent()
        if door.location != "files":
            request.max_content_length = MAX_JSON_BYTES

    def answer(self) -> Response:
        """Answer, and note the use of a session that was not noted for a while."""
        response = self._answer()
        if g.actor.is_ageing:
            self._keep_alive()
        return response

    def _answer(self) -> Response:
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
            return self.dressed(problems.refused(Busy()))
        if request.method not in SAFE_METHODS:
            self._leave_trace(response, code=code, kept=kept and self.keeps_refusals)
        return self.dressed(response)

    def _unit(self) -> Response:
        self._who()
        self._count_reveal()
        stored = self._claim()
        if stored is not None:
            replay = Response(stored.body, status=stored.status, headers=stored.headers)
            replay.headers["Idempotency-Replayed"] = "true"
            return replay
        if self.door.edits and g.if_match is None:
            raise PreconditionRequired
        response = self._answered()
        if self.key is not None:
            idempotency.store(g.actor.user_id, self.key, Answer.of(response))
        return response

    def _answered(self) -> Response:
        return standing(self._given, now=self.now) if self.door.daily else self._given()

    def _given(self) -> Response:
        """Call the view with what was brought, and write down what it gives."""
        arguments = [] if self.door.accepts is None else [self._load(self.door.accepts)]
        result = self.view(*arguments, **self.path)
        return result if isinstance(result, Response) else self._dump(result)

    def token_sent(self) -> str | None:
        """Give the token that was sent, empty where it is not one; None where nobody says who."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        return token.strip() if scheme.lower() == "bearer" else ""

    def version_sent(self) -> str | None:
        """Give the version that is to be edited, as it was sent."""
        return request.headers.get("If-Match")

    def key_sent(self) -> str | None:
        """Give the key of the act, as it was sent."""
        return request.headers.get("Idempotency-Key")

    def dressed(self, problem: Response) -> Response:
        """Show a refusal to whom it is for."""
        return problem

    def _who(self) -> None:
        """Find the actor and check the door's roles, before the body is read."""
        g.actor = ANYONE
        g.token = self.token_sent()
        if g.token is not None:
            actor = self.house.authenticate(g.token, now=self.now) if g.token else None
            if actor is None:
                raise Unauthenticated
            g.actor = actor
        g.actor = admit(g.actor, door=self.door, method=request.method)

    def _count_reveal(self) -> None:
        """Count an unmasked read against its user; without Redis the door stays shut."""
        if not self.door.reveals or self.counted:
            return
        self.counted = True
        count_reveal()

    def _keep_alive(self) -> None:
        try:
            run(lambda: self.house.keep_alive(g.actor, now=self.now))
        except (Busy, OutcomeUnknown) as error:
            log.warning("a use was not noted", kind=type(error).__name__)

    def _claim(self) -> Answer | None:
        key = self.key_sent()
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
            return schema.load(single(request.args))
        if self.door.location == "files":
            return schema.load({**single(request.form), **single(request.files)})
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
        if kind is not None:
            return kind()
        if sqlstate(error) == FOREIGN_KEY_VIOLATION and self._has_left():
            return Unauthenticated()
        raise error

    def _has_left(self) -> bool:
        """Say whether who asks was deleted meanwhile: what they write has no author any more."""
        return bool(g.token) and run(self._whose_token) is None

    def _whose_token(self) -> Actor | None:
        return self.house.authenticate(g.token, now=self.now)

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
                    idempotency.store(g.actor.user_id, self.key, Answer.of(response))

        try:
            run(unit)
        except (IdempotencyInFlight, Busy, OutcomeUnknown) as error:
            log.warning("a refusal left no trace", code=code, kind=type(error).__name__)


def single(values: Any) -> dict[str, Any]:
    """Take each parameter once; several of one name become a list, which no field accepts."""
    return {name: found[0] if len(found) == 1 else found for name, found in values.lists()}
