"""Who takes part: registers the organisations, opens the accounts, keeps their passwords."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from demo.api import Api, Credentials, Person
from demo.cast import ORGANISATIONS, USERS, OrganisationPlan
from demo.identifiers import credit_code, password

FILE = "demo-accounts.json"
ONLY_THE_OWNER = 0o600


@dataclass(frozen=True)
class Account:
    """One row of the accounts file: enough to sign in and to know as whom."""

    role: str
    username: str
    password: str = field(repr=False)
    organisation: str
    organisation_id: str
    region_code: str


@dataclass(frozen=True)
class Accounts:
    """Everybody of the story, and the organisations they belong to."""

    rows: tuple[Account, ...]
    organisations: dict[str, str]
    """The organisations' ids by the keys of the cast."""
    _api: Api = field(repr=False)
    _people: dict[str, Person] = field(repr=False, default_factory=dict)

    def person(self, username: str) -> Person:
        """Give somebody by their username, signed in when they are first needed."""
        if username not in self._people:
            (row,) = (row for row in self.rows if row.username == username)
            self._people[username] = self._api.sign_in(Credentials(row.username, row.password))
        return self._people[username]

    def sign_out(self) -> None:
        """Let everybody sign in again: the clock was moved, and tokens may have run out."""
        self._people.clear()


def open_accounts(api: Api, *, admin: Person) -> Accounts:
    """Register every organisation of the cast and open an account for each of its people."""
    organisations: dict[str, str] = {}
    plans = {plan.key: plan for plan in ORGANISATIONS}
    for serial, plan in enumerate(ORGANISATIONS, start=1):
        organisations[plan.key] = _register(admin, plan, serial=serial, known=organisations)
    rows = []
    for user in USERS:
        plan = plans[user.organisation]
        account = Account(
            role=user.role,
            username=user.username,
            password=password(),
            organisation=plan.name,
            organisation_id=organisations[plan.key],
            region_code=plan.region_code,
        )
        body = {
            "username": account.username,
            "password": account.password,
            "organisation_id": account.organisation_id,
            "roles": [account.role],
        }
        admin.post("/users", body)
        rows.append(account)
    return Accounts(rows=tuple(rows), organisations=organisations, _api=api)


def _register(admin: Person, plan: OrganisationPlan, *, serial: int, known: dict[str, str]) -> str:
    body = {
        "credit_code": credit_code(
            office=plan.office, region_code=plan.region_code, serial=99_000_000 + serial
        ),
        "name": plan.name,
        "kind": plan.kind,
        "region_code": plan.region_code,
    }
    if plan.supervising:
        body["supervising_id"] = known[plan.supervising]
    return str(admin.post("/organisations", body)["id"])


def write_accounts(rows: Sequence[Account], *, home: Path) -> Path:
    """Write the accounts for whoever tries the demo; only the owner may read the file.

    It is written when the story is over, so the file stands for a story that was told.
    """
    path = home / FILE
    path.touch(mode=ONLY_THE_OWNER)
    lines = [vars(row) for row in rows]
    path.write_text(json.dumps(lines, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path
