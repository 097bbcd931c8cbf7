"""Every state × every act × everybody, judged by the table that stands in `docs/rules/`.

A table begins with its machine's name and `by`, and names an act in each further column:

    | `finding` | by | `rectify` | `pass` |
    | --- | --- | --- | --- |
    | `open` | `holder` | → `rectified` | 403 `forbidden` |
    | any | others | 403 `forbidden` | 403 `forbidden` |

The first row that fits state and person decides. A person's name stands for all whose names begin
with it (`elsewhere` for `elsewhere monitor`). The walk reads the table itself, so that neither can
drift from the other: a cell that is wrong fails, and so do a row that decides nothing and a state,
an act or a person that the table does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from werkzeug.test import TestResponse

from kernel.database import db
from kernel.identity import new_id
from kernel.numbers import forget_spare_numbers
from registry.accounts.models import REVIEWERS, TRADES, AppUser, Membership, Role
from registry.organisations.models import Organisation, OrganisationKind
from tests.builders import registry
from tests.conftest import Client

RULES = Path(__file__).parents[1] / "docs" / "rules"
ANYBODY, OTHERS, STAYS = "any", "others", "stays"
WORD = re.compile(r"`([^`]+)`")
PLACES: Mapping[Role, str] = {
    Role.VILLAGE_CADRE: registry.LONGGUI,
    Role.TOWN_CHECKER: registry.LONGGUI,
    Role.CITY_REVIEWER: "440200",
    Role.PROVINCE_REVIEWER: "440000",
}
KINDS: Mapping[Role, OrganisationKind] = {
    **dict.fromkeys((Role.COOP_CLERK, Role.COOP_MANAGER), OrganisationKind.COOPERATIVE),
    **dict.fromkeys(
        (Role.UNIT_ADMIN, Role.UNIT_APPROVER, Role.UNIT_FINANCE, *TRADES),
        OrganisationKind.BUDGET_UNIT,
    ),
    Role.CONTRACTOR_BUYER: OrganisationKind.CANTEEN_CONTRACTOR,
    Role.FINANCE_SUPERVISOR: OrganisationKind.FINANCE_BUREAU,
    Role.PLATFORM_ADMIN: OrganisationKind.PLATFORM,
}
Token = str | None
Deed = Callable[[Client, Token], TestResponse]
Rows = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Outcome:
    """What an act leads to: a state (empty: the same), or a refusal with its status and code."""

    word: str
    status: int | None = None


AT_THE_DOOR = Outcome("forbidden", 403)
TURNS = 3


@dataclass(frozen=True)
class Row:
    """A row of a table: in which states, by whom, each act's outcome."""

    states: frozenset[str]
    people: frozenset[str]
    outcomes: Mapping[str, Outcome]

    def fits(self, state: str, who: str) -> bool:
        """Say whether the row is about this person in this state."""
        if self.states and state not in self.states:
            return False
        return not self.people or any(
            who == one or who.startswith(f"{one} ") for one in self.people
        )


@dataclass(frozen=True)
class Table:
    """What a page of rules says of one machine."""

    machine: str
    acts: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def states(self) -> set[str]:
        """Name the states that rows or outcomes speak of."""
        outcomes = [one for row in self.rows for one in row.outcomes.values()]
        reached = {one.word for one in outcomes if one.word and not one.status}
        return reached.union(*(row.states for row in self.rows))

    def row(self, state: str, who: str) -> Row:
        """Give the first row that fits; a table has one for everybody in a state that is walked."""
        return next(row for row in self.rows if row.fits(state, who))

    def shuts_out(self, who: str, act: str) -> bool:
        """Say whether a person is refused an act for their role, whatever the state."""
        found = (
            next((row for row in self.rows if row.fits(one, who)), None) for one in self.states
        )
        return all(row is not None and row.outcomes[act] == AT_THE_DOOR for row in found)


@cache
def tables() -> Mapping[str, Table]:
    """Read the tables of all pages, by machine."""
    found: dict[str, Table] = {}
    for page in sorted(RULES.glob("*.md")):
        for block in page.read_text(encoding="utf-8").split("\n\n"):
            lines = block.strip().splitlines()
            if lines and re.match(r"\| `\w+` \| by \|", lines[0]):
                table = _table(lines)
                assert table.machine not in found, f"two tables of {table.machine}"
                found[table.machine] = table
    return found


def _table(lines: Sequence[str]) -> Table:
    head, _, *rest = ([cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines)
    machine, _, *acts = head
    names = tuple(WORD.findall(act)[0] for act in acts)
    return Table(WORD.findall(machine)[0], names, tuple(_row(cells, names) for cells in rest))


def _row(cells: Sequence[str], acts: Sequence[str]) -> Row:
    states, people, *outcomes = cells
    assert len(outcomes) == len(acts), cells
    for cell, free in ((states, ANYBODY), (people, OTHERS)):
        assert WORD.search(cell) or cell == free, cells
    return Row(
        frozenset(WORD.findall(states)),
        frozenset(WORD.findall(people)),
        {act: _outcome(cell) for act, cell in zip(acts, outcomes, strict=True)},
    )


def _outcome(cell: str) -> Outcome:
    if cell == STAYS:
        return Outcome("")
    found = re.fullmatch(r"(?:→|(\d{3})) `([^`]+)`", cell)
    assert found is not None, cell
    return Outcome(found[2], int(found[1]) if found[1] else None)


def bystanders() -> dict[str, Token]:
    """Give nobody, and somebody of each role around the place."""
    found: dict[str, Token] = {"nobody": None}
    for role in Role:
        where = PLACES.get(role, registry.WUJIANG)
        found[role.value] = member(role, where)
    return found


def strangers() -> dict[str, Token]:
    """Give nobody, somebody of each role around the place, and of the regional ones elsewhere."""
    found = bystanders()
    for role in (*sorted(REVIEWERS), Role.VILLAGE_CADRE, Role.MONITOR, Role.FINANCE_SUPERVISOR):
        found[f"elsewhere {role.value}"] = member(role, registry.XINGGUO)
    return found


def posting(path: str, body: Mapping[str, Any] | None = None) -> Deed:
    """Give the deed of sending a POST with a new Idempotency-Key."""

    def send(client: Client, token: Token) -> TestResponse:
        headers = {"Idempotency-Key": str(new_id())}
        return client.post(path, json=body, token=token, headers=headers)

    return send


def member(role: Role, region_code: str) -> str:
    """Give the token of somebody with one role in an organisation of its own."""
    home = registry.organisation(KINDS.get(role, OrganisationKind.AUTHORITY), region_code)
    return registry.token_of(registry.user(home, [role]))


def also_of(organisation: Organisation, user: AppUser, role: Role = Role.COOP_CLERK) -> AppUser:
    """Give a person a role in another organisation, too; they go on acting for the first."""
    held = Membership(
        id=new_id(),
        user_id=user.id,
        organisation_id=organisation.id,
        role=role,
        created_at=registry.LONG_AGO,
    )
    db.session.add(held)
    db.session.flush()
    return user


@contextmanager
def undone() -> Iterator[None]:
    """Take back what is done inside, requests included."""
    db.session.commit()
    connection = db.session.get_bind()
    assert isinstance(connection, Connection)
    point = connection.begin_nested()
    try:
        yield
    finally:
        db.session.rollback()
        db.session.expunge_all()
        point.rollback()
        forget_spare_numbers()


def rows_of(names: Sequence[str]) -> Rows:
    """Give every row of these tables as it stands, whole."""
    each = (f"SELECT '{name}' AS name, t::text AS row FROM {name} t" for name in names)  # noqa: S608
    found: dict[str, list[str]] = {name: [] for name in names}
    for name, row in db.session.execute(text(" UNION ALL ".join(each) + " ORDER BY 1, 2")):
        found[name].append(row)
    return found


def walk(
    client: Client,
    machine: str,
    state: str,
    *,
    people: Mapping[str, Token],
    acts: Mapping[str, Deed],
    state_now: Callable[[], str],
    shown_in: Sequence[str],
) -> None:
    """Let everybody do everything; each as its cell says, refusals changing no row.

    Whom a door keeps out for their role, whatever the state, tries each act in every third state.
    """
    table = tables()[machine]
    assert set(acts) == set(table.acts)
    assert state_now() == state
    _check_people(table, state, people)
    before, states = rows_of(shown_in), sorted({*table.states, state})
    turns = enumerate(product(acts.items(), people.items()), states.index(state))
    for turn, ((act, deed), (who, token)) in turns:
        wanted = table.row(state, who).outcomes[act]
        if not table.shuts_out(who, act) or turn % min(TURNS, len(states)) == 0:
            with undone():
                answer = deed(client, token)
                told = (state, act, who, answer.text)
                if wanted.status is None:
                    assert answer.status_code in {200, 201, 204}, told
                    assert state_now() == (wanted.word or state), told
                else:
                    assert answer.json is not None, told
                    assert (answer.status_code, answer.json["code"]) == (
                        wanted.status, wanted.word,
                    ), told  # fmt: skip
                    assert rows_of(shown_in) == before, told


def _check_people(table: Table, state: str, people: Mapping[str, Token]) -> None:
    """Want all roles and nobody there, and every row about this state to decide for somebody."""
    assert {"nobody", *Role} <= set(people)
    used = [table.row(state, who) for who in people]
    idle = [
        row for row in table.rows if (not row.states or state in row.states) and row not in used
    ]
    assert not [row for row in idle if row.states], (table.machine, state, idle)
