"""Requests to the doors of trade, as tests send them."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from kernel.identity import new_id
from registry.accounts.models import AppUser
from tests.builders import registry
from tests.conftest import Client

ROOT = "/api/v1"


class Door:
    """Requests of one person, or of nobody."""

    def __init__(self, client: Client, user: AppUser | None = None) -> None:
        self.client = client
        self.token = None if user is None else registry.token_of(user)

    def post(
        self, path: str, body: Any = None, *, key: str | None = "new", version: int | None = None
    ) -> TestResponse:
        """Post JSON under a new key, the given one, or with None under none."""
        headers = {} if key is None else {"Idempotency-Key": str(new_id()) if key == "new" else key}
        return self._send("POST", path, body, headers=headers, version=version)

    def patch(self, path: str, body: Any, *, version: int | None = None) -> TestResponse:
        """Edit, naming the version where one is given."""
        return self._send("PATCH", path, body, headers={}, version=version)

    def get(self, path: str, **query: Any) -> TestResponse:
        """Read."""
        return self.client.get(ROOT + path, query_string=query, token=self.token)

    def _send(
        self, method: str, path: str, body: Any, *, headers: dict[str, str], version: int | None
    ) -> TestResponse:
        if version is not None:
            headers = {**headers, "If-Match": f'"{version}"'}
        return self.client.open(
            ROOT + path, method=method, json=body, headers=headers, token=self.token
        )


def code_of(response: TestResponse) -> tuple[int, str]:
    """Give status and problem code."""
    body = response.json
    return response.status_code, body["code"] if body and "code" in body else ""


def problem_of(response: TestResponse) -> tuple[int, str, str]:
    """Give status, problem code and the first pointer."""
    assert response.json is not None
    return response.status_code, response.json["code"], response.json["errors"][0]["pointer"]


def json_of(response: TestResponse, status: int = 200) -> dict[str, Any]:
    """Give the body of an answer that must have the status."""
    assert response.status_code == status, response.json
    return dict(response.json or {})
