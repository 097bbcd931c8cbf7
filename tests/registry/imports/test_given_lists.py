"""X3: every file that is given out says what its list says, and no list is left out."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from python_calamine import load_workbook
from sqlalchemy import select

from kernel import clock
from kernel.database import db
from kernel.exports.lists import Exported, exported_lists
from kernel.http import SIGNED_IN
from kernel.sheets.cells import show
from kernel.sheets.columns import Sheet, value_at
from kernel.sheets.writing import Format
from marketplace.attribution.models.surpluses import SurplusRun
from registry.accounts.models import AppUser, Role
from registry.accounts.rules.roles import KINDS_OF_ROLE
from registry.households.commands.reconciliations import open_reconciliation
from registry.households.commands.surveys import SurveyImport
from registry.organisations.models import OrganisationKind
from tests.builders import campaigns, certification, marketplace, payouts, places
from tests.builders import registry as build
from tests.builders.registered import share_something
from tests.conftest import Client

FILLED = (
    "applications", "benefit_links", "certificates", "cold_chain_facilities", "documents",
    "households", "notices", "organisations", "regions",
)  # fmt: skip
"""The lists in which something stands."""
FORMATS: tuple[Format, ...] = ("xlsx", "csv")
LIVE = re.compile(r"[=+\-@\t\r＝＋－＠](?!\d+(\.\d+)?$)")
"""What a program takes for a formula; a number below zero is a number."""
ASKED = {
    "region": build.WUJIANG, "year": "2026", "party": f"county:{build.WUJIANG}",
    "since_on": "2026-01-01", "until_on": "2027-01-01",
}  # fmt: skip


@dataclass(frozen=True)
class Given:
    """A list as its door gives it: page by page, and as a file."""

    exported: Exported
    path: str

    @property
    def sheet(self) -> Sheet:
        """Give its columns."""
        return self.exported.sheet

    @property
    def asked(self) -> str:
        """Give the parameters without which it is not given."""
        wanted = self.exported.question.fields.items()
        return "".join(f"&{name}={ASKED[name]}" for name, field in wanted if field.required)


def _given(app: Flask, known: Mapping[str, str]) -> Iterator[Given]:
    """Give every list that goes out, with its path; `known` are the things that it may be of."""
    with app.app_context():
        lists = {id(one): one for one in exported_lists().values()}
    for rule in app.url_map.iter_rules():
        found = getattr(app.view_functions[rule.endpoint], "exported", None)
        if id(found) in lists:
            path = re.sub(r"<uuid:(\w+)>", lambda name: known[name[1]], rule.rule)
            yield Given(lists[id(found)], path)


def _let_in(given: Given, clerk: str) -> str:
    """Give the token of the clerk, or of somebody whom the list's door lets in."""
    allow = given.exported.door.allow
    if allow is SIGNED_IN or Role.COUNTY_REVIEWER in allow:
        return clerk
    role = Role(min(allow))
    kind = next(one for one in OrganisationKind if one in KINDS_OF_ROLE[role])
    return build.token_of(build.user(build.organisation(kind), [role]))


def _cells(content: bytes, kind: Format) -> list[list[str]]:
    if kind == "csv":
        rows = list(csv.reader(StringIO(content.decode("utf-8-sig"))))
        return [[cell.removeprefix("'") for cell in row] for row in rows]
    found = load_workbook(BytesIO(content)).get_sheet_by_index(0).to_python()
    return [[_plain(cell) for cell in row] for row in found]


def _live(content: bytes, kind: Format) -> list[str]:
    """Give the cells that a program would work out (X5)."""
    if kind == "csv":
        rows = csv.reader(StringIO(content.decode("utf-8-sig")))
        return [cell for row in rows for cell in row if LIVE.match(cell)]
    with ZipFile(BytesIO(content)) as book:
        pages = [book.read(one).decode() for one in book.namelist() if "worksheets/sheet" in one]
    return [cell for page in pages for cell in re.findall(r"<f[ >].*?</f>", page)]


def _plain(cell: Any) -> str:
    return str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell)


def _answers(client: Client, path: str, token: str, asked: str) -> list[Any]:
    rows: list[Any] = []
    cursor = ""
    while True:
        page: Any = client.get(f"{path}?limit=2{asked}{cursor}", token=token).json
        rows += page["items"]
        if page["next_cursor"] is None:
            return rows
        cursor = f"&cursor={page['next_cursor']}"


@pytest.mark.parametrize("kind", FORMATS)
def test_every_file_says_what_its_list_says(app: Flask, client: Client, kind: Format) -> None:
    people = certification.cast()
    certification.granted(people)
    office = build.organisation(OrganisationKind.AUTHORITY)
    clerk = build.user(office, [Role.COUNTY_REVIEWER])
    build.benefit_link(build.household(head_name="何示二"), build.organisation(name="=1+1"))
    build.document(office, clerk, "=kind")
    places.facility(build.actor_of(clerk), name="=2+2")
    signed_in = build.token_of(clerk)
    payouts.paying()
    payouts.pay_something()
    known = {
        "donation_campaign_id": str(campaigns.campaign(marketplace.scene())),
        "surplus_run_id": str(db.session.scalars(select(SurplusRun.id)).one()),
        "reconciliation_id": _compared(clerk),
        "share_asset_id": _shared(clerk),
        "household_id": str(build.household().id),
        "organisation_id": str(office.id),
    }
    seen = {}
    for given in _given(app, known):
        token = _let_in(given, signed_in)
        asked = given.asked
        answers = _answers(client, given.path.removesuffix("/export"), token, asked)
        file = client.get(f"{given.path}?format={kind}{asked}", token=token)
        meant = [
            [str(show(value_at(one, column.name), column)) for column in given.sheet.columns]
            for one in answers
        ]
        if kind == "csv":
            meant = [[cell.removeprefix("'") for cell in row] for row in meant]
        assert _cells(file.data, kind)[1:] == meant, given.path
        assert _live(file.data, kind) == [], given.path
        seen[given.sheet.name] = len(answers)
    assert [name for name in FILLED if not seen.pop(name)] == []
    assert seen


def _compared(clerk: AppUser) -> str:
    """Compare the register with a survey that found nobody; gives the comparison."""
    by, now = build.actor_of(clerk), clock.now()
    compared = open_reconciliation(
        region_code=build.WUJIANG, survey="入户核查", surveyed_on=now.date(), by=by, now=now
    )
    SurveyImport(by=by, now=now, by_itself=False, subject_id=compared.id).finish()
    return str(compared.id)


def _shared(clerk: AppUser) -> str:
    """Let an asset stand as shares that a household holds; gives the asset."""
    by, operator = build.actor_of(clerk), build.organisation()
    return str(share_something(build.household(), operator.id, by=by, now=clock.now()))
