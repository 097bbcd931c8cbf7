"""Doors through which a household reads its own statement and asks about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from kernel import clock
from kernel.exports.lists import export_door
from kernel.http import PUBLIC, Blueprint, current_actor, endpoint
from kernel.paging import Page
from kernel.problems import refused
from marketplace.attribution.api.payouts import HANDS_OUT, guesses_from_one_address
from marketplace.attribution.commands import inquiries as commands
from marketplace.attribution.commands.codes import HandedCode
from marketplace.attribution.models.codes import HouseholdQuestionId
from marketplace.attribution.queries import inquiries as queries
from marketplace.attribution.queries.inquiries import HouseholdYear, QuestionView
from marketplace.attribution.schemas.inquiries import (
    HOUSEHOLD_QUESTION_PAGE,
    HOUSEHOLD_QUESTIONS,
    HouseholdAnswerIn,
    HouseholdQuestionOut,
    HouseholdQuestionQuery,
    HouseholdStatementIn,
    HouseholdStatementOut,
)
from marketplace.attribution.schemas.payouts import HandedCodeOut
from marketplace.errors.attribution import StatementCodeWrong
from registry.accounts.models import REVIEWERS
from registry.households.models.households import HouseholdId

READS_QUESTIONS = REVIEWERS | HANDS_OUT

inquiries = Blueprint("inquiries", __name__, url_prefix="/api/v1/attribution")


@inquiries.post("/households/<uuid:household_id>/statement-code")
@endpoint(inquiries, allow=HANDS_OUT, returns=HandedCodeOut(), status=201)
def hand_out(household_id: UUID) -> HandedCode:
    """Make the code with which a household reads its statement; older ones end."""
    return commands.hand_out_statement_code(
        HouseholdId(household_id), by=current_actor(), now=clock.now()
    )


@inquiries.post("/household-statements")
@endpoint(
    inquiries,
    allow=PUBLIC,
    accepts=HouseholdStatementIn(),
    returns=HouseholdStatementOut(),
    rate=guesses_from_one_address,
)
def read(body: dict[str, Any]) -> HouseholdYear | Response:
    """Give a household its year, and take what it asks; the no is an answer, so it is counted."""
    found = commands.read_statement(**body, now=clock.now())
    return found or refused(StatementCodeWrong())


@inquiries.get("/household-questions")
@endpoint(
    inquiries,
    allow=READS_QUESTIONS,
    accepts=HouseholdQuestionQuery(),
    location="query",
    returns=HOUSEHOLD_QUESTION_PAGE,
)
def list_questions(query: dict[str, Any]) -> Page[QuestionView]:
    """List what the households of the own region asked, the newest first."""
    return queries.list_questions(current_actor(), **query)


@inquiries.get("/household-questions/<uuid:question_id>")
@endpoint(inquiries, allow=READS_QUESTIONS, returns=HouseholdQuestionOut())
def get_question(question_id: UUID) -> QuestionView:
    """Show what a household asked, and the answer."""
    return queries.get_question(current_actor(), HouseholdQuestionId(question_id))


@inquiries.post("/household-questions/<uuid:question_id>/answer")
@endpoint(inquiries, allow=HANDS_OUT, accepts=HouseholdAnswerIn(), returns=HouseholdQuestionOut())
def answer(body: dict[str, str], question_id: UUID) -> QuestionView:
    """Answer a household; it reads the answer on its statement."""
    return commands.answer_question(
        HouseholdQuestionId(question_id), **body, by=current_actor(), now=clock.now()
    )


export_door(inquiries, "/household-questions/export", of=list_questions, sheet=HOUSEHOLD_QUESTIONS)
