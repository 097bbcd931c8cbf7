"""What the tables of promises refuse by themselves, whatever the code above them does."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from kernel.database import constraint_of, db
from kernel.errors import SamePerson
from kernel.identity import new_id
from procurement.errors.constraints import CONSTRAINTS
from procurement.errors.filings import FilingExists, ReservedAboveCeiling, RevisionOpen
from procurement.filings.commands import revisions
from procurement.filings.models import Filing, FilingReminder, FilingStep
from tests.builders import procurement, registry
from tests.builders.procurement import NOW, Cast, contents


@pytest.fixture
def people(db_session: Any) -> Cast:
    del db_session
    made = procurement.cast_of()
    procurement.confirmed(made, contents())
    return made


def refused(statement: Any) -> str:
    with pytest.raises(IntegrityError) as caught, db.session.begin_nested():
        db.session.execute(statement)
    return str(constraint_of(caught.value))


def again(people: Cast, **fields: Any) -> str:
    """Insert the unit's promise once more, with some fields otherwise."""
    row = db.session.scalars(
        select(Filing).where(Filing.unit_id == people.unit.id, Filing.revision == 1)
    ).one()
    values = {name: getattr(row, name) for name in Filing.__table__.columns.keys()}  # noqa: SIM118
    other = {"id": new_id(), "number": "other", "revision": 9}
    return refused(insert(Filing).values(values | other | fields))


def test_a_units_year_has_one_promise_in_force_and_one_open(people: Cast) -> None:
    assert again(people) == "uq_filing_in_force"
    assert again(people, revision=1, status="superseded") == "uq_filing_unit_year"
    assert again(people, number=db.session.scalar(select(Filing.number)), status="superseded") == (
        "uq_filing_number"
    )
    unit = registry.actor_of(people.admin)
    current = db.session.scalars(select(Filing).where(Filing.unit_id == people.unit.id)).one()
    revisions.revise_filing(current.id, reason="增", changes={}, by=unit, now=NOW)
    assert again(people, status="draft", confirmed_at=None) == "uq_filing_open"
    wanted = {
        "uq_filing_unit_year": FilingExists,
        "uq_filing_in_force": FilingExists,
        "uq_filing_open": RevisionOpen,
    }
    assert {name: CONSTRAINTS[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("fields", "constraint", "refusal"),
    [
        ({"superior_by": "author"}, "ck_filing_superior_apart", SamePerson),
        ({"finance_by": "author"}, "ck_filing_finance_apart", SamePerson),
        ({"finance_by": "superior"}, "ck_filing_finance_apart", SamePerson),
        ({"reserved_fen": 10**9}, "ck_filing_reserved", ReservedAboveCeiling),
        ({"revision_reason": "x"}, "ck_filing_supersedes", None),
        ({"union_heads": 0}, "ck_filing_heads", None),
        ({"revision": 0}, "ck_filing_revision", None),
        ({"confirmed_at": None}, "ck_filing_confirmed", None),
        ({"situation": "shared"}, "ck_filing_representative", None),
        ({"canteen_total_fen": -1}, "ck_filing_amounts", None),
        (
            {"union_total_fen": 1, "union_ceiling_fen": 1, "union_reserved_fen": 2},
            "ck_filing_union_reserved",
            None,
        ),
    ],
)
def test_a_promise_that_cannot_be_is_refused_by_name(
    people: Cast, fields: dict[str, Any], constraint: str, refusal: Any
) -> None:
    persons = {"author": people.admin.id, "superior": people.superior_admin.id}
    values = {name: persons.get(value, value) for name, value in fields.items()}
    change = update(Filing).where(Filing.unit_id == people.unit.id).values(values)
    assert refused(change.execution_options(synchronize_session=False)) == constraint
    assert CONSTRAINTS.get(constraint) is refusal


def test_a_unit_is_reminded_of_a_step_once(people: Cast) -> None:
    def remind(**fields: Any) -> Any:
        values = {
            "id": new_id(),
            "unit_id": people.unit.id,
            "year": 2026,
            "deadline_on": NOW.date(),
            "days_left": 7,
            "told_at": NOW,
        }
        return insert(FilingReminder).values(values | fields)

    db.session.execute(remind())
    assert refused(remind()) == "uq_filing_reminder_unit"
    assert refused(remind(days_left=-1)) == "ck_filing_reminder_days_left"


def test_steps_are_kept_for_good(people: Cast) -> None:
    assert people.unit
    change = update(FilingStep).values(reason="x").execution_options(synchronize_session=False)
    with pytest.raises(DBAPIError, match="append"), db.session.begin_nested():
        db.session.execute(change)
