"""What a household's statement says, and what households asked about theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from kernel.actor import Actor
from kernel.calendar import year_bounds
from kernel.database import db
from kernel.errors import NotFound
from kernel.money import Fen
from kernel.paging import Page, page
from kernel.rows import locked, one
from marketplace.attribution.models.codes import (
    HouseholdQuestion,
    HouseholdQuestionId,
    StatementCode,
)
from marketplace.attribution.models.payouts import PayoutLine, PayoutLineStatus
from marketplace.attribution.models.postings import Attribution, AttributionShare
from marketplace.attribution.models.surpluses import SurplusRun, SurplusShare, SurplusStatus
from marketplace.attribution.queries.figures import sum_figures
from marketplace.attribution.queries.payouts import PAID_OUT
from registry.households.models.households import Household, HouseholdId
from registry.households.queries.households import visible
from registry.households.queries.incomes import get_year


@dataclass(frozen=True)
class QuestionView:
    """A question with the household that asked it, by code."""

    question: HouseholdQuestion
    household_code: str
    village_code: str


@dataclass(frozen=True)
class HouseholdYear:
    """What a household sold and was paid in a year, what is still to come, what it asked last.

    `waiting_fen` is all that was ever attributed to it, dividends included, less what left for it.
    """

    household_code: str
    year: int
    orders: int
    attributed_fen: Fen
    paid_out_fen: Fen
    confirmed_fen: Fen
    waiting_fen: Fen
    income_fen: Fen
    last: PayoutLine | None
    question: HouseholdQuestion | None


def lock_statement_code(actor: Actor, household_code: str) -> StatementCode | None:
    """Find the code of the household that bears this number, locked."""
    del actor  # who has the number and the code is the household
    owner = select(Household.id).where(Household.code == household_code).scalar_subquery()
    return db.session.scalar(_code_of(StatementCode.household_id == owner))


def lock_code_of(actor: Actor, household_id: HouseholdId) -> StatementCode | None:
    """Find the code of a household that was locked in the actor's sight."""
    del actor
    return db.session.scalar(_code_of(StatementCode.household_id == household_id))


def get_household_year(actor: Actor, household_id: HouseholdId, *, year: int) -> HouseholdYear:
    """Add up a household's year, in the actor's sight (NotFound)."""
    household = one(select(Household).where(Household.id == household_id, visible(actor)))
    begins, ends = year_bounds(year)
    own = AttributionShare.party_id == household_id
    inside = (own, Attribution.posted_at >= begins, Attribution.posted_at < ends)
    ever = sum_figures(actor, own).attributed_fen + _sum_dividends(household_id)
    of_year = PayoutLine.paid_on.between(date(year, 1, 1), date(year, 12, 31))
    lines = [PayoutLine.household_id == household_id, PayoutLine.status.in_(PAID_OUT)]
    amount = func.sum(PayoutLine.amount_fen)
    said = PayoutLine.status == PayoutLineStatus.CONFIRMED
    sums = db.session.execute(
        select(amount, amount.filter(of_year), amount.filter(of_year, said)).where(*lines)
    ).one()
    left, paid, confirmed = (Fen(int(each or 0)) for each in sums)
    newest = (PayoutLine.paid_on.desc(), PayoutLine.id.desc())
    return HouseholdYear(
        household_code=household.code,
        year=year,
        orders=_count_orders(*inside),
        attributed_fen=sum_figures(actor, *inside).attributed_fen,
        paid_out_fen=paid,
        confirmed_fen=confirmed,
        waiting_fen=Fen(ever - left),
        income_fen=get_year(actor, household_id, year=year).total_fen,
        last=db.session.scalar(select(PayoutLine).where(*lines).order_by(*newest).limit(1)),
        question=db.session.scalar(_asked(household_id).limit(1)),
    )


def list_questions(
    actor: Actor, *, is_open: bool | None, limit: int, cursor: str | None
) -> Page[QuestionView]:
    """List what households in the actor's sight asked, the newest first."""
    statement = _seen(actor)
    if is_open is not None:
        statement = statement.where(HouseholdQuestion.answered_at.is_(None) == is_open)
    found = page(
        statement,
        keys=[(HouseholdQuestion.id, True)],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters={"open": is_open},
    )
    return Page([QuestionView(*row) for row in found.items], found.next_cursor)


def get_question(actor: Actor, question_id: HouseholdQuestionId) -> QuestionView:
    """Get a question of a household in the actor's sight (NotFound)."""
    row = db.session.execute(_seen(actor).where(HouseholdQuestion.id == question_id)).one_or_none()
    if row is None:
        raise NotFound
    return QuestionView(*row)


def lock_question(
    actor: Actor, question_id: HouseholdQuestionId
) -> tuple[HouseholdQuestion, Household]:
    """Get a question of a household in the actor's sight, locked (NotFound)."""
    seen = select(Household.id).where(visible(actor))
    found = locked(
        select(HouseholdQuestion).where(
            HouseholdQuestion.id == question_id, HouseholdQuestion.household_id.in_(seen)
        )
    )
    return found, one(select(Household).where(Household.id == found.household_id))


def has_open_question(actor: Actor, household_id: HouseholdId) -> bool:
    """Say whether something that the household asked waits for an answer."""
    del actor
    waits = _asked(household_id).where(HouseholdQuestion.answered_at.is_(None)).exists()
    return bool(db.session.scalar(select(waits)))


def _seen(actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(HouseholdQuestion, Household.code, Household.village_code)
        .join(Household, Household.id == HouseholdQuestion.household_id)
        .where(visible(actor))
    )


def _code_of(condition: Any) -> Select[StatementCode]:
    statement = select(StatementCode).where(condition).with_for_update()
    return statement.execution_options(populate_existing=True)


def _asked(household_id: HouseholdId) -> Select[HouseholdQuestion]:
    own = HouseholdQuestion.household_id == household_id
    return select(HouseholdQuestion).where(own).order_by(HouseholdQuestion.id.desc())


def _count_orders(*wanted: Any) -> int:
    """Count the orders whose money was split for a household."""
    first = Attribution.reverses_id.is_(None)
    statement = (
        select(func.count(Attribution.order_id.distinct()))
        .join(AttributionShare, AttributionShare.attribution_id == Attribution.id)
        .where(first, *wanted)
    )
    return db.session.scalar(statement) or 0


def _sum_dividends(household_id: HouseholdId) -> int:
    approved = SurplusRun.status == SurplusStatus.APPROVED
    statement = (
        select(func.coalesce(func.sum(SurplusShare.amount_fen), 0))
        .join(SurplusRun, SurplusRun.id == SurplusShare.run_id)
        .where(SurplusShare.household_id == household_id, approved)
    )
    return int(db.session.scalar(statement) or 0)
