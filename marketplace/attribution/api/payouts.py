"""Doors to payout lists, their lines, and the word of the households."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from kernel import clock
from kernel.downloads import attachment
from kernel.exports.lists import export_door
from kernel.http import PUBLIC, Blueprint, current_actor, endpoint, expected_version
from kernel.paging import Page
from kernel.papers import PDF
from kernel.problems import refused
from marketplace.attribution.api.split_rules import READS_SHARES
from marketplace.attribution.commands import confirmations
from marketplace.attribution.commands import payouts as commands
from marketplace.attribution.commands.codes import HandedCode
from marketplace.attribution.commands.payouts import NewPayout
from marketplace.attribution.models.payouts import PayoutLineId, PayoutListId
from marketplace.attribution.queries import payouts as queries
from marketplace.attribution.queries.payouts import LineFilter, PayoutLineView, PayoutListView
from marketplace.attribution.schemas.papers import print_payout_list
from marketplace.attribution.schemas.payouts import (
    PAYOUT_LINE_PAGE,
    PAYOUT_LINES,
    PAYOUT_LIST_PAGE,
    HandedCodeOut,
    PayoutAccountsOut,
    PayoutAnswerIn,
    PayoutAnswerOut,
    PayoutCancelIn,
    PayoutIn,
    PayoutLineOut,
    PayoutLineQuery,
    PayoutListOut,
    PayoutListQuery,
)
from marketplace.errors.attribution import CodeWrong
from registry.accounts.models import Role
from registry.notices.schemas import PurposeIn

DRAWS_UP = frozenset({Role.COOP_CLERK})
ISSUES = frozenset({Role.COOP_MANAGER})
EITHER = DRAWS_UP | ISSUES
HANDS_OUT = frozenset({Role.VILLAGE_CADRE})
LIST = "/payout-lists/<uuid:payout_list_id>"
LINE = "/payout-lines/<uuid:payout_line_id>"

MOST_PRINTED = 1000
"""So many lines are printed; the sheet has all."""

payouts = Blueprint("payouts", __name__, url_prefix="/api/v1/attribution")


def guesses_from_one_address() -> str:
    """Say how often one address may give a wrong number or code."""
    return "10 per minute"


@payouts.post("/payout-lists")
@endpoint(payouts, allow=DRAWS_UP, returns=PayoutListOut(), status=201, idempotent=True)
def draw_up() -> PayoutListView:
    """Draw up a list of all that households have and that is on no list."""
    return commands.draw_up_list(by=current_actor(), now=clock.now())


@payouts.get("/payout-lists")
@endpoint(
    payouts,
    allow=READS_SHARES,
    accepts=PayoutListQuery(),
    location="query",
    returns=PAYOUT_LIST_PAGE,
)
def list_payout_lists(query: dict[str, Any]) -> Page[PayoutListView]:
    """List payout lists, the newest first."""
    return queries.list_payout_lists(current_actor(), **query)


@payouts.get(LIST)
@endpoint(payouts, allow=READS_SHARES, returns=PayoutListOut())
def get(payout_list_id: UUID) -> PayoutListView:
    """Get a list with what was paid out and confirmed."""
    return queries.get_payout_list(current_actor(), PayoutListId(payout_list_id))


@payouts.get(f"{LIST}/paper")
@endpoint(payouts, allow=READS_SHARES, snapshot=True)
def paper(payout_list_id: UUID) -> Response:
    """Print a list in Chinese on A4, with a place for each signature."""
    view = queries.get_payout_list(current_actor(), PayoutListId(payout_list_id))
    wanted = LineFilter(list_id=PayoutListId(payout_list_id))
    lines = queries.list_lines(current_actor(), wanted, limit=MOST_PRINTED, cursor=None)
    content = print_payout_list(view, lines.items, made_at=clock.now())
    return attachment(content, name=f"payout-{view.list.id}.pdf", media_type=PDF)


@payouts.post(f"{LIST}/issue")
@endpoint(payouts, allow=ISSUES, returns=PayoutListOut())
def issue(payout_list_id: UUID) -> PayoutListView:
    """Issue a list that somebody else drew up."""
    return commands.issue_list(
        PayoutListId(payout_list_id),
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@payouts.post(f"{LIST}/cancel")
@endpoint(payouts, allow=EITHER, accepts=PayoutCancelIn(), returns=PayoutListOut())
def cancel(body: dict[str, str], payout_list_id: UUID) -> PayoutListView:
    """Call a list off before it is issued."""
    return commands.cancel_list(
        PayoutListId(payout_list_id),
        reason=body["reason"],
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@payouts.post(f"{LIST}/payments")
@endpoint(
    payouts,
    allow=DRAWS_UP,
    accepts=PayoutIn(),
    returns=PayoutListOut(),
    status=201,
    idempotent=True,
)
def pay(body: NewPayout, payout_list_id: UUID) -> PayoutListView:
    """Write down that lines were paid, with the proof."""
    return commands.pay_lines(
        PayoutListId(payout_list_id), body, by=current_actor(), now=clock.now()
    )


@payouts.post(f"{LIST}/reveal")
@endpoint(payouts, allow=EITHER, accepts=PurposeIn(), returns=PayoutAccountsOut(), reveals=True)
def reveal(body: dict[str, str], payout_list_id: UUID) -> dict[str, Any]:
    """Give the accounts a list is still to be paid to, in clear, for a purpose that is kept."""
    found = commands.disclose_accounts(
        PayoutListId(payout_list_id), **body, by=current_actor(), now=clock.now()
    )
    return {"items": found}


@payouts.get("/payout-lines")
@endpoint(
    payouts,
    allow=READS_SHARES,
    accepts=PayoutLineQuery(),
    location="query",
    returns=PAYOUT_LINE_PAGE,
)
def list_payout_lines(query: dict[str, Any]) -> Page[PayoutLineView]:
    """List lines by number; the village sees those of its households."""
    wanted = LineFilter(query.pop("list_id"), query.pop("household_id"), query.pop("status"))
    return queries.list_lines(current_actor(), wanted, **query)


@payouts.post(f"{LINE}/return")
@endpoint(payouts, allow=EITHER, accepts=PayoutCancelIn(), returns=PayoutLineOut())
def give_back(body: dict[str, str], payout_line_id: UUID) -> PayoutLineView:
    """Take a line back whose money did not reach the household."""
    return commands.return_line(
        PayoutLineId(payout_line_id), **body, by=current_actor(), now=clock.now()
    )


@payouts.post(f"{LINE}/code")
@endpoint(payouts, allow=HANDS_OUT, returns=HandedCodeOut(), status=201)
def hand_out(payout_line_id: UUID) -> HandedCode:
    """Make the code with which a household says whether its money came; older codes end."""
    return confirmations.hand_out_code(
        PayoutLineId(payout_line_id), by=current_actor(), now=clock.now()
    )


@payouts.post("/payout-answers")
@endpoint(
    payouts,
    allow=PUBLIC,
    accepts=PayoutAnswerIn(),
    returns=PayoutAnswerOut(),
    rate=guesses_from_one_address,
)
def answer(body: dict[str, Any]) -> PayoutLineView | Response:
    """Take a household's word on its money; the no is an answer, so that it is counted."""
    return confirmations.answer_payout(**body, now=clock.now()) or refused(CodeWrong())


export_door(payouts, "/payout-lines/export", of=list_payout_lines, sheet=PAYOUT_LINES)
