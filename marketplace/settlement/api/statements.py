"""The doors of bank accounts, their statements, and the queue of lines that wait for people."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.exports.lists import export_door
from kernel.http import Blueprint, current_actor, endpoint, expected_version
from kernel.paging import Page, PageQuery, page_schema
from kernel.sheets.importing import ListImport
from marketplace.settlement.commands import accounts, matching, waiting
from marketplace.settlement.commands.accounts import NewBankAccount
from marketplace.settlement.commands.matching import LinePart
from marketplace.settlement.commands.statements import StatementImport, check_account_open
from marketplace.settlement.models.statements import BankAccount, BankAccountId, BankLineId
from marketplace.settlement.queries import statements as queries
from marketplace.settlement.queries.statements import LineView
from marketplace.settlement.schemas.statements import (
    BANK_LINE_PAGE,
    BANK_LINES,
    BANK_STATEMENT,
    BankAccountIn,
    BankAccountOut,
    BankLineOut,
    BankLineQuery,
    LineMatchIn,
    LineReasonIn,
    LineReversalIn,
)
from registry.accounts.models import Role

statements = Blueprint("bank_statements", __name__, url_prefix="/api/v1")

KEEPS_ACCOUNTS = frozenset({Role.COOP_MANAGER, Role.PLATFORM_ADMIN})
SEES_ACCOUNTS = KEEPS_ACCOUNTS | {Role.AUDITOR}


@statements.post("/bank-accounts")
@endpoint(
    statements,
    allow=KEEPS_ACCOUNTS,
    accepts=BankAccountIn(),
    returns=BankAccountOut(),
    status=201,
    idempotent=True,
)
def open_account(body: NewBankAccount) -> BankAccount:
    """Register an account of the own organisation; the platform's collects for sellers."""
    return accounts.open_account(body, by=current_actor(), now=clock.now())


@statements.get("/bank-accounts")
@endpoint(
    statements,
    allow=SEES_ACCOUNTS,
    accepts=PageQuery(),
    location="query",
    returns=page_schema(BankAccountOut),
)
def index_accounts(query: dict[str, Any]) -> Page[BankAccount]:
    """List the own organisation's accounts, the newest first."""
    return queries.list_accounts(current_actor(), **query)


@statements.get("/bank-accounts/<uuid:account_id>")
@endpoint(statements, allow=SEES_ACCOUNTS, returns=BankAccountOut())
def show_account(account_id: UUID) -> BankAccount:
    """Show an account; of its number only the end."""
    return queries.get_account(current_actor(), BankAccountId(account_id))


@statements.post("/bank-accounts/<uuid:account_id>/close")
@endpoint(statements, allow=KEEPS_ACCOUNTS, returns=BankAccountOut(), winds_up=True)
def close_account(account_id: UUID) -> BankAccount:
    """Close an account: its statements are no longer read."""
    return accounts.close_account(
        BankAccountId(account_id),
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@statements.get("/bank-lines")
@endpoint(
    statements,
    allow=SEES_ACCOUNTS,
    accepts=BankLineQuery(),
    location="query",
    returns=BANK_LINE_PAGE,
)
def index_lines(query: dict[str, Any]) -> Page[LineView]:
    """List the lines of the own accounts' statements; `state=open` is the queue."""
    return queries.list_lines_of(current_actor(), **query)


@statements.get("/bank-lines/<uuid:line_id>")
@endpoint(statements, allow=SEES_ACCOUNTS, returns=BankLineOut())
def show_line(line_id: UUID) -> LineView:
    """Show a line with the payments it confirmed."""
    return queries.get_line_view(current_actor(), BankLineId(line_id))


@statements.post("/bank-lines/<uuid:line_id>/match")
@endpoint(
    statements,
    allow=KEEPS_ACCOUNTS,
    accepts=LineMatchIn(),
    returns=BankLineOut(),
    idempotent=True,
    winds_up=True,
)
def match(body: dict[str, list[LinePart]], line_id: UUID) -> LineView:
    """Say which orders a line pays; several split it."""
    return matching.match_by_hand(
        BankLineId(line_id),
        body["parts"],
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@statements.post("/bank-lines/<uuid:line_id>/park")
@endpoint(statements, allow=KEEPS_ACCOUNTS, accepts=LineReasonIn(), returns=BankLineOut())
def park(body: dict[str, str], line_id: UUID) -> LineView:
    """Set a line aside with a reason."""
    return waiting.park_line(
        BankLineId(line_id),
        reason=body["reason"],
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@statements.post("/bank-lines/<uuid:line_id>/resume")
@endpoint(statements, allow=KEEPS_ACCOUNTS, returns=BankLineOut())
def resume(line_id: UUID) -> LineView:
    """Take a parked line up again."""
    return waiting.resume_line(
        BankLineId(line_id),
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@statements.post("/bank-lines/<uuid:line_id>/return")
@endpoint(
    statements, allow=KEEPS_ACCOUNTS, accepts=LineReasonIn(), returns=BankLineOut(), winds_up=True
)
def send_back(body: dict[str, str], line_id: UUID) -> LineView:
    """Say that what is left of a line was sent back to who paid it."""
    return waiting.return_line(
        BankLineId(line_id),
        reason=body["reason"],
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@statements.post("/bank-lines/<uuid:line_id>/reverse")
@endpoint(
    statements,
    allow=KEEPS_ACCOUNTS,
    accepts=LineReversalIn(),
    returns=BankLineOut(),
    winds_up=True,
)
def reverse(body: dict[str, UUID], line_id: UUID) -> LineView:
    """Pair a reversal with the line that it takes back."""
    return waiting.reverse_line(
        BankLineId(line_id),
        reverses_id=BankLineId(body["reverses_id"]),
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


export_door(statements, "/bank-lines/export", of=index_lines, sheet=BANK_LINES)

STATEMENT_IMPORT = ListImport(
    BANK_STATEMENT, KEEPS_ACCOUNTS, StatementImport, about=check_account_open
)
