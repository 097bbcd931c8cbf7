"""What the door tests of the reserved share send."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from kernel.identity import new_id
from registry.accounts.models import AppUser
from tests.builders import procurement, registry
from tests.builders.procurement import YEAR, Cast
from tests.conftest import Client

ROOM = "/api/v1/procurement"
OWN: dict[str, Any] = {
    "year": YEAR,
    "situation": "own",
    "canteen_total_fen": 1_000_000_00,
    "reserved_fen": 300_000_00,
    "ceiling_fen": 800_000_00,
}


class Flow:
    """A filing chain over HTTP: a school, its supervising unit and the finance bureau."""

    def __init__(self, client: Client, people: Cast | None = None) -> None:
        self.client = client
        self.people = people or procurement.cast_of()
        self.admin = registry.token_of(self.people.admin)
        self.superior = registry.token_of(self.people.superior_admin)
        self.finance = registry.token_of(self.people.supervisor)

    def token(self, user: AppUser) -> str:
        """Give a token of any user."""
        return registry.token_of(user)

    def post(self, path: str, token: str, body: Any = None, **headers: str) -> TestResponse:
        """Send a POST with a new Idempotency-Key, unless `key` gives one."""
        key = headers.pop("key", str(new_id()))
        return self.client.post(
            f"{ROOM}{path}", json=body, token=token, headers={"Idempotency-Key": key, **headers}
        )

    def get(self, path: str, token: str, **query: Any) -> TestResponse:
        """Send a GET."""
        return self.client.get(f"{ROOM}{path}", query_string=query, token=token)

    def patch(self, path: str, token: str, body: Any, version: int | None) -> TestResponse:
        """Send a PATCH of a version."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return self.client.patch(f"{ROOM}{path}", json=body, token=token, headers=headers)

    def draft(self, **fields: Any) -> dict[str, Any]:
        """Draft a promise; it must be taken."""
        answer = self.post("/filings", self.admin, OWN | fields)
        assert answer.status_code == 201, answer.text
        return dict(answer.get_json())

    def confirmed(self, **fields: Any) -> dict[str, Any]:
        """Take a promise through its whole chain."""
        path = f"/filings/{self.draft(**fields)['id']}"
        assert self.post(f"{path}/submit", self.admin).status_code == 200
        assert self.post(f"{path}/confirm", self.superior).status_code == 200
        answer = self.post(f"{path}/confirm", self.finance)
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())


def code_of(answer: TestResponse) -> tuple[int, str]:
    """Give status and code of a refusal."""
    return answer.status_code, answer.get_json()["code"]
