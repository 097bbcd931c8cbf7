"""The HTTP API as one person of the story uses it: signed in, one JSON call at a time."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

TIMEOUT_SECONDS = 60.0
PREFIX = "/api/v1"
FAILED = 400

Answer = dict[str, Any]


class StoryStopped(Exception):
    """The server refused a step of the story; the message is the server's own."""


@dataclass(frozen=True)
class Credentials:
    """How a person signs in."""

    username: str
    password: str


class Person:
    """Somebody signed in with a token, or anybody from the street with none."""

    def __init__(
        self, http: httpx.Client, *, token: str = "", answer: Answer | None = None
    ) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.actor: Answer = (answer or {}).get("actor", {})

    def get(self, path: str, **query: str | int) -> Answer:
        """Ask; the query's parameters are keyword arguments."""
        return _read(self._http.get(PREFIX + path, params=query, headers=self._headers))

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Do one thing once: every call carries its own Idempotency-Key."""
        headers = {**self._headers, "Idempotency-Key": secrets.token_hex(16)}
        return _read(self._http.post(PREFIX + path, json=dict(body or {}), headers=headers))

    def refused(self, path: str, body: Mapping[str, Any] | None = None) -> str:
        """Try what must be refused, and give the stable code of the refusal."""
        headers = {**self._headers, "Idempotency-Key": secrets.token_hex(16)}
        answer = self._http.post(PREFIX + path, json=dict(body or {}), headers=headers)
        if answer.status_code < FAILED:
            raise StoryStopped(f"{path} should have been refused and was not")
        return str(answer.json()["code"])

    def upload(self, content: bytes, *, name: str, kind: str, number: str = "") -> str:
        """Hand in a paper and give its id."""
        fields = {"kind": kind, "number": number} if number else {"kind": kind}
        files = {"file": (name, content, "application/pdf")}
        headers = {**self._headers, "Idempotency-Key": secrets.token_hex(16)}
        answer = self._http.post(PREFIX + "/documents", data=fields, files=files, headers=headers)
        return str(_read(answer)["id"])


class Api:
    """One server, and the doors into it."""

    def __init__(self, base_url: str, *, transport: httpx.BaseTransport | None = None) -> None:
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it would tell of every call
        self._http = httpx.Client(base_url=base_url, timeout=TIMEOUT_SECONDS, transport=transport)

    def anybody(self) -> Person:
        """Somebody who is not signed in."""
        return Person(self._http)

    def sign_in(self, credentials: Credentials) -> Person:
        """Exchange a password for a token."""
        body = {"username": credentials.username, "password": credentials.password}
        answer = self.anybody().post("/auth/tokens", body)
        return Person(self._http, token=answer["token"], answer=answer)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


def _read(answer: httpx.Response) -> Answer:
    if answer.status_code >= FAILED:
        asked = f"{answer.request.method} {answer.request.url.path}"
        raise StoryStopped(f"{asked} → {answer.status_code}: {answer.text}")
    read: Answer = answer.json()
    return read
