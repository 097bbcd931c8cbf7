"""The doors of payouts to sellers by bank list."""

from __future__ import annotations

from dataclasses import asdict
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Response

from kernel import clock
from kernel.errors import WrongState
from kernel.exports.lists import download
from kernel.http import Blueprint, current_actor, endpoint, expected_version
from kernel.paging import Page, PageQuery, page_schema
from kernel.sheets.writing import write
from marketplace.settlement.commands import remittances as commands
from marketplace.settlement.models.remittances import (
    RemittanceId,
    RemittanceLineId,
    RemittanceStatus,
    SellerFunds,
)
from marketplace.settlement.queries import remittances as queries
from marketplace.settlement.queries.remittances import RemittanceView
from marketplace.settlement.schemas.remittances import (
    BANK_LIST,
    RemittanceFailedIn,
    RemittanceIn,
    RemittanceOut,
    RemittancePaidIn,
    SellerFundsOut,
)
from registry.accounts.models import Role

remittances = Blueprint("remittances", __name__, url_prefix="/api/v1")

PAYS_OUT = frozenset({Role.PLATFORM_ADMIN})
SEES_PAYOUTS = frozenset({Role.PLATFORM_ADMIN, Role.AUDITOR, Role.COOP_MANAGER})


@remittances.get("/seller-funds")
@endpoint(
    remittances,
    allow=SEES_PAYOUTS,
    accepts=PageQuery(),
    location="query",
    returns=page_schema(SellerFundsOut),
)
def index_funds(query: dict[str, Any]) -> Page[SellerFunds]:
    """List what the platform collected for sellers, and what of it may be paid out."""
    return queries.list_funds(current_actor(), **query)


@remittances.post("/remittances")
@endpoint(
    remittances,
    allow=PAYS_OUT,
    accepts=RemittanceIn(),
    returns=RemittanceOut(),
    status=201,
    idempotent=True,
)
def draw_up(body: dict[str, Any]) -> RemittanceView:
    """Draw up a list of payouts; its money is taken at once."""
    return commands.draw_up(body["supplier_ids"], by=current_actor(), now=clock.now())


@remittances.get("/remittances")
@endpoint(
    remittances,
    allow=SEES_PAYOUTS,
    accepts=PageQuery(),
    location="query",
    returns=page_schema(RemittanceOut),
)
def index_remittances(query: dict[str, Any]) -> Page[RemittanceView]:
    """List the lists of payouts, the newest first; sellers see their own lines."""
    return queries.list_remittances(current_actor(), **query)


@remittances.get("/remittances/<uuid:remittance_id>")
@endpoint(remittances, allow=SEES_PAYOUTS, returns=RemittanceOut())
def show_remittance(remittance_id: UUID) -> RemittanceView:
    """Show a list of payouts; sellers see their own lines."""
    return queries.get_remittance_view(current_actor(), RemittanceId(remittance_id))


@remittances.get("/remittances/<uuid:remittance_id>/bank-list")
@endpoint(remittances, allow=PAYS_OUT, reveals=True)
def bank_list(remittance_id: UUID) -> Response:
    """Give a released list as the bank wants it, with accounts in full, as XLSX."""
    actor = current_actor()
    view = queries.get_remittance_view(actor, RemittanceId(remittance_id))
    if view.remittance.status is not RemittanceStatus.RELEASED:
        raise WrongState(state=view.remittance.status, wanted=RemittanceStatus.RELEASED)
    file = BytesIO()
    rows = [asdict(one) for one in queries.list_for_bank(actor, view.remittance)]
    write(file, BANK_LIST, rows, format="xlsx")
    return download(iter([file.getvalue()]), BANK_LIST, file_format="xlsx")


@remittances.post("/remittances/<uuid:remittance_id>/release")
@endpoint(remittances, allow=PAYS_OUT, returns=RemittanceOut())
def release(remittance_id: UUID) -> RemittanceView:
    """Let a list go to the bank; not by who drew it up."""
    return commands.release(
        RemittanceId(remittance_id),
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@remittances.post("/remittances/<uuid:remittance_id>/cancel")
@endpoint(remittances, allow=PAYS_OUT, returns=RemittanceOut())
def cancel(remittance_id: UUID) -> RemittanceView:
    """Take a list back that did not go to the bank."""
    return commands.cancel_remittance(
        RemittanceId(remittance_id),
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@remittances.post("/remittance-lines/<uuid:remittance_line_id>/confirm")
@endpoint(remittances, allow=PAYS_OUT, accepts=RemittancePaidIn(), returns=RemittanceOut())
def confirm_line(body: dict[str, str], remittance_line_id: UUID) -> RemittanceView:
    """Say that a seller got its money, with the bank's reference."""
    return commands.confirm_line(
        RemittanceLineId(remittance_line_id), **body, by=current_actor(), now=clock.now()
    )


@remittances.post("/remittance-lines/<uuid:remittance_line_id>/fail")
@endpoint(remittances, allow=PAYS_OUT, accepts=RemittanceFailedIn(), returns=RemittanceOut())
def fail_line(body: dict[str, str], remittance_line_id: UUID) -> RemittanceView:
    """Say that the bank could not pay a seller; the money lies there again."""
    return commands.fail_line(
        RemittanceLineId(remittance_line_id), **body, by=current_actor(), now=clock.now()
    )
