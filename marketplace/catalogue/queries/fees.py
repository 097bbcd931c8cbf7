"""What suppliers were charged for."""

from __future__ import annotations

from sqlalchemy import Select, select

from kernel.actor import Actor
from kernel.paging import Page, page
from kernel.rows import locked
from marketplace.catalogue.models.fees import FeeReport, FeeReportId
from registry.organisations.models import Organisation
from registry.organisations.queries import visible


def list_fee_reports(
    actor: Actor, *, is_error: bool | None, is_open: bool | None, limit: int, cursor: str | None
) -> Page[FeeReport]:
    """List what was charged to the suppliers in the actor's sight, the newest first."""
    statement = _in_sight(actor)
    if is_error is not None:
        statement = statement.where(FeeReport.is_error == is_error)
    if is_open is not None:
        empty = FeeReport.resolved_at.is_(None)
        statement = statement.where(empty if is_open else ~empty)
    asked = {"is_error": is_error, "is_open": is_open}
    return page(statement, keys=[(FeeReport.id, True)], limit=limit, cursor=cursor, filters=asked)


def lock_fee_report(actor: Actor, report_id: FeeReportId) -> FeeReport:
    """Lock a report of a supplier in the actor's sight (NotFound)."""
    return locked(_in_sight(actor).where(FeeReport.id == report_id), of=FeeReport)


def _in_sight(actor: Actor) -> Select[FeeReport]:
    return (
        select(FeeReport)
        .join(Organisation, Organisation.id == FeeReport.supplier_id)
        .where(visible(actor))
    )
