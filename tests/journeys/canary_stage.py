"""Households whose every mark is known, on a register that every role may ask about."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import count, product
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from stdnum import luhn

from kernel import clock
from kernel.database import db
from kernel.exports.commands import advance_export
from kernel.exports.lists import exported_lists
from kernel.sheets.writing import write
from kernel.unit_of_work import run
from registry.accounts.models import Role
from registry.accounts.rules.roles import KINDS_OF_ROLE, LEVEL_OF_ROLE
from registry.households.schemas.sheets import HOUSEHOLDS as LIST
from registry.organisations.models import OrganisationKind
from tests.builders import registry as build
from tests.journeys.canary_ears import Ears
from tests.journeys.conftest import TABLES

REGION_OF_LEVEL = {"town": "440203103", "county": "440203", "city": "440200", "province": "440000"}
HOUSES, IMPORTS, EXPORTS = "/api/v1/households", "/api/v1/imports", "/api/v1/exports"
NOT_ALLOWED = 403
SHUT = frozenset({401, NOT_ALLOWED})
ASKED = {
    "region": "440203", "year": "2026", "party": f"county:{build.WUJIANG}",
    "since_on": "2026-01-01", "until_on": "2027-01-01",
}  # fmt: skip
"""What lists ask for that are of one place or of some time."""
SEE_MOST = ("county_reviewer", "monitor", "auditor")
PURPOSE = {"purpose": "入户核查"}
BY_LIST = 8
"""So many come in by a list, the others one by one."""
MARK = "鸢"
CONTACT = "13912345678"
STEMS = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥金木水火土日月星"
_serials = count(1)


@dataclass(frozen=True)
class Canary:
    """A household that was put on the register, with everything that names it."""

    id: str
    code: str
    values: dict[str, str]


@dataclass(frozen=True)
class Stage:
    """An application with canaries on its register, and one person for each role."""

    app: Flask
    tokens: dict[str, str]
    canaries: list[Canary] = field(default_factory=list)

    def send(self, method: str, path: str, role: str | None, body: Any = None, **more: Any) -> Any:
        """Send a request as somebody, with all that any door may ask for."""
        headers = {"If-Match": '"1"', "Idempotency-Key": f"canary-{next(_serials)}"}
        if role is not None:
            headers["Authorization"] = f"Bearer {self.tokens[role]}"
        return FlaskClient(self.app).open(path, method=method, json=body, headers=headers, **more)

    def hand_in(self, content: bytes) -> Any:
        """Hand in a list of households."""
        return self.send(
            "POST",
            IMPORTS,
            "county_reviewer",
            data={"list": LIST.name, "file": (BytesIO(content), "list.bin")},
            content_type="multipart/form-data",
        )

    @property
    def secrets(self) -> list[str]:
        """Give everything that is to be heard nowhere."""
        return [*(value for one in self.canaries for value in one.values.values()), CONTACT]

    @property
    def ears(self) -> Ears:
        """Give what hears them."""
        return Ears(self.secrets, mark=MARK)


def values_of(number: int) -> dict[str, str]:
    """Give what names a household, like nobody else."""
    card = f"622848{number:012d}"
    return {
        "head_name": f"何{STEMS[0][number % 10]}{STEMS[1][number // 10]}{MARK}",
        "id_number": build.id_number(build.VILLAGE),
        "phone": f"137{number:04d}{7919 * number % 10_000:04d}",
        "bank_card": card + luhn.calc_check_digit(card),
    }


def body_of(values: dict[str, str]) -> dict[str, Any]:
    """Give what registers it."""
    row = {**values, "village_code": build.VILLAGE, "members": 3, "able_labour": 1}
    return {**row, "class": "registered"}


def sheet_of(rows: list[dict[str, Any]]) -> bytes:
    """Give a list of households as XLSX."""
    into = BytesIO()
    write(into, LIST, [{"willing": True, **row} for row in rows], format="xlsx")
    return into.getvalue()


def plant(app: Flask, *, households: int) -> Stage:
    """Plant the canaries through the doors that clerks use, and one objection with its contact."""
    with app.app_context():
        build.village()
        stage = Stage(app, _people())
        notice = build.notice()
        db.session.commit()
    for number in range(households - BY_LIST):
        values = values_of(number)
        answer = stage.send("POST", HOUSES, "village_cadre", body_of(values))
        assert answer.status_code == 201, answer.text
        stage.canaries.append(Canary(answer.json["id"], answer.json["code"], values))
    _plant_by_list(stage, range(households - BY_LIST, households))
    said = {"text": "产地存疑", "contact": CONTACT}
    path = f"/api/v1/notices/{notice.id}/objections"
    assert stage.send("POST", path, None, said).status_code == 201
    with app.app_context():
        link = build.household(head_name="何示一")
        build.benefit_link(link, build.organisation())
        db.session.commit()
    return stage


def _plant_by_list(stage: Stage, numbers: range) -> None:
    planted = [values_of(number) for number in numbers]
    made = stage.hand_in(sheet_of([body_of(values) for values in planted]))
    assert made.json["state"] == "checked", made.json
    path = f"{IMPORTS}/{made.json['id']}/commit"
    assert stage.send("POST", path, "county_reviewer").json["state"] == "committed"
    with stage.app.app_context():
        rows = db.session.execute(
            text("SELECT id, code FROM household ORDER BY code DESC LIMIT :n"),
            {"n": len(planted)},
        ).all()
    for (key, code), values in zip(reversed(rows), planted, strict=True):
        stage.canaries.append(Canary(str(key), str(code), values))


def _people() -> dict[str, str]:
    made = {}
    for role in Role:
        kind = next(one for one in OrganisationKind if one in KINDS_OF_ROLE[role])
        level = LEVEL_OF_ROLE.get(role)
        region = REGION_OF_LEVEL[level.value] if level else "440203"
        made[role.value] = build.token_of(build.user(build.organisation(kind, region), {role}))
    return made


def addresses(stage: Stage, *, few: bool) -> Iterator[str]:
    """Give the address of every route that reads, of things that are there where one knows any.

    Where `few` are wanted, each is asked bare and for what is most.
    """
    first = stage.canaries[0]
    known: dict[str, Any] = {}
    with stage.app.app_context():
        for name, table in TABLES.items():
            known[name] = db.session.scalar(text(f"SELECT id FROM {table} LIMIT 1"))  # noqa: S608
        nowhere = db.session.scalar(text("SELECT id FROM notice LIMIT 1"))
    known = {name: key or nowhere for name, key in known.items()}
    known |= {"household_id": first.id, "code": build.WUJIANG}
    adapter = stage.app.url_map.bind("localhost")
    for rule in stage.app.url_map.iter_rules():
        is_page = hasattr(stage.app.view_functions[rule.endpoint], "allow")
        if is_page or "GET" not in (rule.methods or set()) or rule.rule.endswith("<path:name>"):
            continue  # a page gives what doors give
        unknown = dict.fromkeys(rule.arguments - known.keys(), nowhere)
        unknown |= dict.fromkeys({"number", "name"} & rule.arguments, "none-such")
        path = adapter.build(rule.endpoint, {**known, **unknown}, force_external=False)
        path = path.partition("?")[0]
        yield path
        yield f"{path}?region=440203&limit=100"
        if few:
            continue
        yield f"{path}?limit=2"
        if path.endswith("/export"):
            yield f"{path}?format=csv"
    yield f"{HOUSES}?code={first.code}"


def answers(
    stage: Stage, roles: Collection[str | None], *, few: bool, below: str
) -> Iterator[tuple[str, Any]]:
    """Give what everybody is answered at every address below.

    Where `few` are wanted, whoever is not let in is not sent again with another question.
    """
    shut: set[tuple[str, str | None]] = set()
    for path in dict.fromkeys(one for one in addresses(stage, few=few) if one.startswith(below)):
        bare = path.partition("?")[0]
        for role in roles:
            if few and (bare, role) in shut:
                continue
            answer = stage.send("GET", path, role)
            if answer.status_code in SHUT:
                shut.add((bare, role))
            yield f"GET {path} {role}", answer


def made_lists(stage: Stage, *, few: bool) -> Iterator[tuple[str, bytes]]:
    """Give every list as a task makes it for those who see most, in both formats or in one."""
    kinds = ("csv",) if few else ("csv", "xlsx")
    with stage.app.app_context():
        lists = [(name, one) for name, one in exported_lists().items() if not one.belongs_to]
    for (name, one), role, kind in product(lists, SEE_MOST, kinds):
        fields = one.question.fields.items()
        query = {field: ASKED[field] for field, how in fields if how.required}
        asked = stage.send("POST", EXPORTS, role, {"list": name, "format": kind, "query": query})
        if asked.status_code == NOT_ALLOWED:
            continue
        with stage.app.app_context():
            run(lambda: advance_export(now=clock.now()), snapshot=True)
        path = f"{EXPORTS}/{asked.json['id']}"
        assert stage.send("GET", path, role).json["state"] == "ready"
        yield f"made list {name} {role} {kind}", stage.send("GET", f"{path}/file", role).data
