"""The double's doors: the addresses of Stripe's API, and `/_pay/<intent>` for the shopper.

Each fault that `State.faults` holds befalls one call of the API: `busy` answers 429, `before`
answers 500 and does nothing, `after` answers 500 once it has acted, `cut` acts and cuts the wire,
`slow` waits `SLOW` seconds, acts and answers.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Any

from flask import Flask, Response, g, jsonify, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from demo.stripe_double import connect, payments, returns
from demo.stripe_double.forms import parse
from demo.stripe_double.state import (
    API_VERSION,
    DECLINED,
    MISSING,
    Answered,
    Object,
    Problem,
    State,
    new_key,
)

SLOW = 3.0
KEPT = (200, DECLINED)
"""Answers that a key gives again; what was refused for its parameters may be asked anew."""
Make = Callable[[State, Object], Object]
Change = Callable[[State, Object, Object], Object]

MAKES: dict[str, Make] = {
    "payment_intents": payments.create_intent,
    "refunds": returns.create_refund,
    "accounts": connect.create_account,
    "transfers": connect.create_transfer,
}
CHANGES: dict[tuple[str, str], Change] = {
    ("payment_intents", "confirm"): payments.confirm_intent,
    ("payment_intents", "cancel"): payments.cancel_intent,
    ("transfers", "reversals"): connect.reverse_transfer,
    ("disputes", "close"): lambda state, dispute, _: returns.close_dispute(state, dispute),
}
KINDS = {
    "payment_intents": "payment_intent",
    "charges": "charge",
    "refunds": "refund",
    "disputes": "dispute",
    "accounts": "account",
    "transfers": "transfer",
}


def make_double(state: State) -> Flask:
    """Make the double as an application."""
    app = Flask("stripe_double")
    visits = _Visits(state)
    app.before_request(visits.begin)
    app.after_request(visits.end)
    app.teardown_request(visits.release)
    app.register_error_handler(Problem, _told)
    _open_doors(app, state)
    return app


@dataclass(frozen=True)
class _Visits:
    """What happens around each call of the API: its key, its fault, one at a time."""

    state: State

    def begin(self) -> Response | None:
        if not request.path.startswith("/v1/"):
            return None
        key = request.headers.get("Idempotency-Key")
        self.state.requests.append((request.method, request.path, key))
        g.asked = parse((request.form or request.args).items(multi=True))
        g.fault = self.state.faults.popleft() if self.state.faults else ""
        _befall(g.fault)
        if request.headers.get("Authorization") != f"Bearer {self.state.secret_key}":
            raise Problem("Invalid API Key provided", status=401)
        self.state.lock.acquire()
        g.locked = True
        return _again(self.state, key) if key and request.method == "POST" else None

    def end(self, response: Response) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key and request.method == "POST" and response.status_code in KEPT:
            kept = Answered(request.path, g.asked, response.status_code, response.get_data())
            self.state.answered.setdefault(key, kept)
        response.headers["Request-Id"] = new_key("req")
        response.headers["Stripe-Version"] = request.headers.get("Stripe-Version", API_VERSION)
        if g.get("fault") == "after":
            response.status_code = 500
            response.set_data(json.dumps({"error": {"type": "api_error", "message": "fault"}}))
        if g.get("fault") == "cut":
            request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return response

    def release(self, _: BaseException | None) -> None:
        if g.pop("locked", False):
            self.state.lock.release()


def _told(problem: Problem) -> tuple[Response, int]:
    return jsonify(problem.body), problem.status


def _open_doors(app: Flask, state: State) -> None:
    @app.post("/v1/<group>")
    def make(group: str) -> Response:
        if group not in MAKES:
            raise _unrecognised()
        return jsonify(MAKES[group](state, g.asked))

    @app.get("/v1/<group>")
    def find(group: str) -> Response:
        wanted = {name: g.asked[name] for name in ("payment_intent", "charge") if name in g.asked}
        found = state.of(_kind(group), **wanted)
        some = found[: int(g.asked.get("limit", 10))]
        more = len(found) > len(some)
        return jsonify({"object": "list", "url": f"/v1/{group}", "has_more": more, "data": some})

    @app.get("/v1/<group>/<key>")
    def show(group: str, key: str) -> Response:
        return jsonify(state.get(key, _kind(group)))

    @app.post("/v1/<group>/<key>/<act>")
    def change(group: str, key: str, act: str) -> Response:
        if (group, act) not in CHANGES:
            raise _unrecognised()
        return jsonify(CHANGES[group, act](state, state.get(key, _kind(group)), g.asked))

    @app.post("/_pay/<key>")
    def pay(key: str) -> Response:
        with state.lock:
            intent = state.get(key, "payment_intent")
            if intent["status"] not in payments.CONFIRMABLE:
                raise Problem("nothing to pay")
            if request.args.get("result") == "fail":
                payments.fail_payment(state, intent)
            else:
                payments.pay_intent(state, intent)
            return jsonify(intent)


def _befall(fault: str) -> None:
    if fault == "busy":
        raise Problem("Too many requests", kind="api_error", code="rate_limit", status=429)
    if fault == "before":
        raise Problem("fault", kind="api_error", status=500)
    if fault == "slow":
        time.sleep(SLOW)


def _again(state: State, key: str) -> Response | None:
    """Give what a key was answered before; refuse the key for anything else."""
    kept = state.answered.get(key)
    if kept is None:
        return None
    if (kept.path, kept.parameters) != (request.path, g.asked):
        message = (
            "Keys for idempotent requests can only be used with the same parameters they were"
            " first used with."
        )
        raise Problem(message, kind="idempotency_error")
    again = Response(kept.body, status=kept.status, content_type="application/json")
    again.headers["Idempotent-Replayed"] = "true"
    return again


def _kind(group: str) -> str:
    if group not in KINDS:
        raise _unrecognised()
    return KINDS[group]


def _unrecognised() -> Problem:
    return Problem(f"Unrecognized request URL ({request.method}: {request.path}).", status=MISSING)


class _Silent(WSGIRequestHandler):
    """Serves without a word on standard error; `State.requests` remembers."""

    def log_request(self, *_: object) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Running:
    """A double that listens on a port of this machine."""

    state: State
    url: str


@contextmanager
def running(state: State, *, port: int = 0) -> Iterator[Running]:
    """Let a double listen in this process."""
    server: Any = _server(state, port)
    state.shop_url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Running(state, state.shop_url)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _server(state: State, port: int) -> BaseWSGIServer:
    application = make_double(state)
    return make_server("127.0.0.1", port, application, threaded=True, request_handler=_Silent)
