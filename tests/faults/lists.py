"""A clerk who hands in lists of households over HTTP and watches what becomes of them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from typing import Any, Self

import httpx

from benchmarks import http_load
from benchmarks.clients import elsewhere
from benchmarks.imports import households
from benchmarks.stand import Stand
from kernel.sheets.writing import Format
from kernel.unit_of_work import run
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import registry as build

GLANCE_SECONDS = 0.05
TIMEOUT_SECONDS = 120.0
BEHIND = """
SELECT i.state, (SELECT count(*) FROM household WHERE village_code = '{village}'),
  (SELECT count(*) FROM audit_row WHERE action = 'register_household'),
  (SELECT coalesce(sum(rows), 0) FROM sheet_import WHERE state = 'committed')
FROM sheet_import i WHERE i.id = '{key}'
"""


def clerk_of(stand: Stand) -> str:
    """Give the token of a county's reviewer, whose village is there."""
    return elsewhere(_token, stand)


def _token(stand: Stand) -> str:
    with stand.app().app_context():
        return run(_signed_in)


def _signed_in() -> str:
    build.village()
    office = build.organisation(OrganisationKind.AUTHORITY)
    return build.token_of(build.user(office, [Role.COUNTY_REVIEWER]))


class Clerk:
    """One who hands in lists."""

    def __init__(self, port: int, token: str) -> None:
        self.client = httpx.Client(
            base_url=f"http://{http_load.HOST}:{port}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT_SECONDS,
        )
        self.handed_in = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def hand_in(self, count: int, *, kind: Format = "csv") -> dict[str, Any]:
        """Hand in households that were in no list before."""
        content = households(count, first=self.handed_in, kind=kind)
        self.handed_in += count
        return self._read(
            self.client.post(
                "/imports",
                data={"list": "households"},
                files={"file": (f"list.{kind}", content)},
                headers={"Idempotency-Key": secrets.token_hex(12)},
            )
        )

    def commit(self, key: str) -> dict[str, Any]:
        """Ask for it to be written."""
        return self._read(self.client.post(f"/imports/{key}/commit"))

    def look(self, key: str) -> dict[str, Any]:
        """Look how far it is."""
        return self._read(self.client.get(f"/imports/{key}"))

    def watch(self, key: str, *, until: set[str], seconds: float) -> Iterator[dict[str, Any]]:
        """Give what is seen, again and again, up to one of these states."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            seen = self.look(key)
            yield seen
            if seen["state"] in until:
                return
            time.sleep(GLANCE_SECONDS)
        raise TimeoutError(f"{key} is still {seen['state']}")

    def last(self, key: str, *, until: set[str], seconds: float) -> dict[str, Any]:
        """Give what is seen at the end."""
        *_, seen = self.watch(key, until=until, seconds=seconds)
        return seen

    @staticmethod
    def _read(answer: httpx.Response) -> dict[str, Any]:
        found: dict[str, Any] = answer.raise_for_status().json()
        return found


def stands_behind(stand: Stand, key: str) -> tuple[str, int, int, int]:
    """Give, as of one instant: state, households, their audit rows, rows of lists written."""
    ((state, there, audited, committed),) = stand.query(
        BEHIND.format(key=key, village=build.VILLAGE)
    )
    return str(state), int(str(there)), int(str(audited)), int(str(committed))
