"""The house rules of `style.md` that a linter does not know."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint, text
from sqlalchemy.orm import configure_mappers

from bootstrap import PACKAGES
from kernel.database import Base, db
from kernel.errors import Refusal
from kernel.unit_of_work import unit_of_work

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("registry", "certification", "procurement", "marketplace", "console")
CODE = ("kernel", *ROOMS, "demo", "tests", "benchmarks")
LONGEST_FILE = 300
COMMITS = re.compile(r"\.(commit|rollback)\b")


def _files(*folders: str) -> Iterator[Path]:
    yield ROOT / "bootstrap.py"
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def _named(name: str) -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).glob(f"*/{name}.py"))]


def _modules(name: str) -> list[str]:
    return [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in _named(name)]


def _refusals(kind: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for child in kind.__subclasses__():
        if child.__module__.split(".")[0] != "tests":
            yield child
            yield from _refusals(child)


def test_no_file_is_longer_than_the_wall() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in _files(*CODE)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_only_the_unit_of_work_commits_and_rolls_back() -> None:
    calls = {
        str(path.relative_to(ROOT))
        for path in _files("kernel", *ROOMS)
        if COMMITS.search(said := path.read_text(encoding="utf-8"))
        for node in ast.walk(ast.parse(said))
        if isinstance(node, ast.Attribute)
        and node.attr in {"commit", "rollback"}
        and ast.unparse(node.value).endswith("session")
    }
    assert calls == {"kernel/unit_of_work.py"}


def test_an_init_holds_its_docstring_and_nothing_else() -> None:
    for path in _files("kernel", *ROOMS):
        if path.name == "__init__.py":
            body = ast.parse(path.read_text(encoding="utf-8")).body
            assert len(body) == 1, path
            assert isinstance(body[0], ast.Expr), path


def test_every_constraint_is_named(app: Flask) -> None:
    del app
    for table in Base.metadata.sorted_tables:
        for constraint in table.constraints:
            if isinstance(constraint, CheckConstraint | UniqueConstraint | ForeignKeyConstraint):
                assert constraint.name, f"{table.name}: {constraint}"


def test_the_database_has_the_constraints_of_the_models(fresh: Flask) -> None:
    with fresh.app_context(), unit_of_work():
        found = db.session.execute(
            text("SELECT conname FROM pg_constraint WHERE contype IN ('c', 'u', 'f')")
        )
        there = set(found.scalars())
    said = {
        str(constraint.name)
        for table in Base.metadata.sorted_tables
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint | UniqueConstraint | ForeignKeyConstraint)
    }
    assert said - there == set()


def test_relationships_are_one_way_and_raising(app: Flask) -> None:
    del app
    configure_mappers()
    for mapper in Base.registry.mappers:
        for relationship in mapper.relationships:
            assert relationship.lazy in {"raise", "raise_on_sql"}, relationship
            assert not relationship.back_populates, relationship
            assert not relationship.backref, relationship


@pytest.mark.parametrize("module", [*_modules("queries"), *_modules("queries/*")])
def test_every_query_takes_the_actor_first(module: str) -> None:
    for name, function in inspect.getmembers(import_module(module), inspect.isfunction):
        if function.__module__ != module or name.startswith("_") or name in UNSEEN_QUERIES:
            continue
        if PARTS_OF_QUESTIONS.search(str(function.__annotations__["return"])):
            continue
        assert re.match(r"(get|find|list|has|is|count|lock|sum)_", name), name
        first = next(iter(inspect.signature(function).parameters), "")
        assert first == "actor", f"{module}.{name}"


PARTS_OF_QUESTIONS = re.compile(r"ColumnElement|Select\b|Shape\b|dict\[str, (Any|str)\]")
"""What stands in a statement, or is bound to it: not a question yet."""

UNSEEN_QUERIES = {"authenticate", "digest_of", "sight_of", "sum_of", "view_of"}
"""They run before anybody is known, or shape what was already found in somebody's sight."""


@pytest.mark.parametrize("module", _modules("tasks"))
def test_tasks_are_named_and_take_keywords_only(module: str) -> None:
    for _, task in inspect.getmembers(import_module(module)):
        if not hasattr(task, "apply_async"):
            continue
        assert task.name.startswith(module.split(".", maxsplit=1)[0]), task.name
        parameters = inspect.signature(task.run).parameters.values()
        assert all(one.kind is inspect.Parameter.KEYWORD_ONLY for one in parameters), task.name


def test_every_refusal_speaks_chinese_and_english() -> None:
    for kind in _refusals():
        assert re.search(r"[一-鿿]", kind.zh), kind
        assert not re.search(r"[一-鿿]", kind.en), kind
        assert kind.__doc__, kind
        names = re.findall(r"\{(\w+)", kind.zh)
        assert set(names) == set(re.findall(r"\{(\w+)", kind.en)), kind


def test_the_codes_of_refusals_are_their_own() -> None:
    codes = [kind.code for kind in dict.fromkeys(_refusals()) if not kind.__subclasses__()]
    assert sorted(codes) == sorted(set(codes))


def test_every_refusal_of_a_constraint_names_a_constraint_that_exists(app: Flask) -> None:
    del app
    known = {
        str(getattr(item, "name", None))
        for table in Base.metadata.sorted_tables
        for item in (*table.constraints, *table.indexes)
    }
    for package in PACKAGES:
        assert set(package.constraints) <= known, package.name


def test_handlers_are_only_plugged_in_by_wiring() -> None:
    for package in PACKAGES:
        for one in package.subscriptions:
            assert one.handler.__module__.endswith(".handlers"), one.name


def test_nothing_names_the_machine_it_was_written_on() -> None:
    pattern = re.compile(r"(^|[^A-Za-z0-9_.])/(work|root|home/[a-z]+)/")
    tracked = [*_files(*CODE), *ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "Makefile"]
    assert [str(p) for p in tracked if pattern.search(p.read_text(encoding="utf-8"))] == []
