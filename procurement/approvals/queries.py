"""Which approval threshold holds for a unit on a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, ScalarSelect, Uuid, any_, cast, func, or_, select

from kernel.actor import Actor
from kernel.database import db
from kernel.money import Fen
from kernel.paging import Page, page
from procurement.approvals.models import ApprovalThreshold
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import visible

_LINEAGE = cast(
    func.string_to_array(func.btrim(Organisation.lineage, "/"), "/"), ARRAY(Uuid(as_uuid=True))
)
_DEPTH = func.array_position(_LINEAGE, ApprovalThreshold.unit_id)


def threshold_in_force(on: date | ColumnElement[date]) -> ScalarSelect[Any]:
    """Say, of `Organisation` in the statement around it, what `find_threshold` gives for it."""
    return (
        select(ApprovalThreshold.amount_fen)
        .where(
            or_(ApprovalThreshold.unit_id.is_(None), ApprovalThreshold.unit_id == any_(_LINEAGE)),
            ApprovalThreshold.from_on <= on,
        )
        .order_by(
            _DEPTH.desc().nulls_last(),
            ApprovalThreshold.from_on.desc(),
            ApprovalThreshold.id.desc(),
        )
        .limit(1)
        .correlate(Organisation)
        .scalar_subquery()
    )


def find_threshold(actor: Actor, *, unit_id: OrganisationId, on: date) -> Fen | None:
    """Give the amount strictly above which an order of the unit waits for somebody else (fen).

    The unit's own newest row that has begun, else that of the nearest unit above it, else the
    platform's; None where not even that exists, then nothing waits. One statement.
    """
    del actor
    return db.session.execute(
        select(threshold_in_force(on)).where(Organisation.id == unit_id)
    ).scalar_one_or_none()


def list_thresholds(
    actor: Actor, *, unit_id: OrganisationId | None, limit: int, cursor: str | None
) -> Page[ApprovalThreshold]:
    """List the thresholds of units in the actor's sight and the platform's, the newest first."""
    statement = (
        select(ApprovalThreshold)
        .outerjoin(Organisation, Organisation.id == ApprovalThreshold.unit_id)
        .where(or_(ApprovalThreshold.unit_id.is_(None), visible(actor)))
    )
    if unit_id is not None:
        statement = statement.where(ApprovalThreshold.unit_id == unit_id)
    return page(
        statement,
        keys=[(ApprovalThreshold.id, True)],
        limit=limit,
        cursor=cursor,
        filters={"unit": unit_id},
    )
