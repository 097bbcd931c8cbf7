"""Let a household read its statement by a code, ask about it, and be answered."""

from __future__ import annotations

from datetime import datetime

from kernel import audit
from kernel.actor import ANYONE, SYSTEM, Actor
from kernel.calendar import shanghai_year
from kernel.database import db
from kernel.errors import WrongState
from kernel.identity import new_id
from marketplace.attribution.commands.codes import HandedCode, opens, renew_code
from marketplace.attribution.models.codes import (
    HouseholdQuestion,
    HouseholdQuestionId,
    StatementCode,
)
from marketplace.attribution.queries import inquiries as queries
from marketplace.attribution.queries.inquiries import HouseholdYear, QuestionView
from marketplace.attribution.rules.codes import STATEMENT_LIVES, is_alive
from marketplace.errors.attribution import QuestionOpen
from registry.accounts.models import UserId
from registry.households.models.households import HouseholdId
from registry.households.queries.households import lock_household
from registry.regions.rules import check_reach

HAND_OUT, READ, ASK, ANSWER = (
    f"{act}_household_statement" for act in ("hand_out", "read", "ask_about", "answer_about")
)


def hand_out_statement_code(household_id: HouseholdId, *, by: Actor, now: datetime) -> HandedCode:
    """Make the code with which a household of the own village reads its statement.

    The one before ends. Refuses NotFound, NotAllowed (another region).
    """
    household = lock_household(by, household_id)
    check_reach(household.village_code, by=by)
    handed_by = UserId(by.user_id)
    found = queries.lock_code_of(by, household_id)
    if found is None:
        found = StatementCode(id=new_id(), household_id=household_id, failed_attempts=0)
        db.session.add(found)
    found.handed_by, found.handed_at = handed_by, now
    handed = renew_code(found, household.code, lives=STATEMENT_LIVES, now=now)
    audit.write(HAND_OUT, subject=("household", household_id), by=by, now=now)
    return handed


def read_statement(
    number: str, *, code: str, year: int | None, question: str | None, now: datetime
) -> HouseholdYear | None:
    """Give a household its year, and take what it asks; None where number and code do not go.

    None, not a refusal, so that the count is kept when the door says no. An unknown number, a
    wrong code and one that is used up look the same. Raises QuestionOpen.
    """
    found = queries.lock_statement_code(ANYONE, number)
    alive = found is not None and is_alive(found, now=now)
    if not opens(found, number, code, alive=alive) or found is None:
        who = ("household", "unknown" if found is None else found.household_id)
        audit.write(READ, subject=who, by=ANYONE, now=now, outcome="code_wrong")
        return None
    found.failed_attempts = 0
    if question is not None:
        _ask(found.household_id, question, now=now)
    subject = ("household", found.household_id)
    audit.write(READ if question is None else ASK, subject=subject, by=ANYONE, now=now)
    return queries.get_household_year(SYSTEM, found.household_id, year=year or shanghai_year(now))


def answer_question(
    question_id: HouseholdQuestionId, *, answer: str, by: Actor, now: datetime
) -> QuestionView:
    """Answer what a household of the own village asked; it reads it on its statement.

    Refuses NotFound, NotAllowed (another region), WrongState (answered already).
    """
    question, household = queries.lock_question(by, question_id)
    check_reach(household.village_code, by=by)
    if question.answered_at is not None:
        raise WrongState(state="answered", wanted="answered")
    question.answer, question.answered_at = answer, now
    question.answered_by = UserId(by.user_id)
    db.session.flush()
    audit.write(ANSWER, subject=("household_question", question.id), by=by, now=now)
    return QuestionView(question, household.code, household.village_code)


def _ask(household_id: HouseholdId, question: str, *, now: datetime) -> None:
    if queries.has_open_question(ANYONE, household_id):
        raise QuestionOpen(pointer="/question")
    db.session.add(
        HouseholdQuestion(
            id=HouseholdQuestionId(new_id()),
            household_id=household_id,
            question=question,
            asked_at=now,
        )
    )
    db.session.flush()
