"""Which approval threshold holds for a unit on a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, ScalarSelect, Uuid, any_, cast, func, or_, select

from kernel.actor import Actor
from kernel.database import db
from kernel.money import Fen
from kernel.paging import Page, page
from kernel.rows import locked
from procurement.approvals.models import ApprovalDelegation, ApprovalThreshold, DelegationId
from registry.accounts.models import AppUser, Membership, Role, UserId
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


def find_delegator(
    actor: Actor, *, unit_id: OrganisationId, apart_from: UserId, on: date
) -> UserId | None:
    """Find the approver of a unit, or of one above it, for whom the actor may approve on a day.

    Who delegates must be an approver themselves, so what was delegated is not handed on; the
    order's author gives nobody leave to approve it. The nearest to the unit comes first.
    """
    above = select(Organisation.lineage).where(Organisation.id == unit_id).scalar_subquery()
    return db.session.scalar(
        select(ApprovalDelegation.delegator_id)
        .join(Organisation, Organisation.id == ApprovalDelegation.unit_id)
        .join(AppUser, AppUser.id == ApprovalDelegation.delegator_id)
        .join(
            Membership,
            (Membership.user_id == AppUser.id)
            & (Membership.organisation_id == Organisation.id)
            & (Membership.role == Role.UNIT_APPROVER),
        )
        .where(
            ApprovalDelegation.delegate_id == actor.user_id,
            ApprovalDelegation.unit_id == actor.organisation_id,
            ApprovalDelegation.delegator_id != apart_from,
            ApprovalDelegation.revoked_at.is_(None),
            ApprovalDelegation.from_on <= on,
            ApprovalDelegation.until_on > on,
            AppUser.closed_at.is_(None),
            func.starts_with(above, Organisation.lineage),
        )
        .order_by(func.length(Organisation.lineage).desc(), ApprovalDelegation.id)
        .limit(1)
    )


def find_user(actor: Actor, user_id: UserId) -> AppUser | None:
    """Find an account of an organisation in the actor's sight."""
    return db.session.scalar(
        select(AppUser)
        .join(Organisation, Organisation.id == AppUser.organisation_id)
        .where(AppUser.id == user_id, visible(actor))
    )


def lock_delegation(actor: Actor, delegation_id: DelegationId) -> ApprovalDelegation:
    """Get a delegation that the actor gave, locked (NotFound)."""
    return locked(
        select(ApprovalDelegation).where(
            ApprovalDelegation.id == delegation_id,
            ApprovalDelegation.delegator_id == actor.user_id,
        )
    )


def list_delegations(actor: Actor, *, limit: int, cursor: str | None) -> Page[ApprovalDelegation]:
    """List the delegations in units in the actor's sight, revoked ones too, the newest first."""
    return page(
        select(ApprovalDelegation)
        .join(Organisation, Organisation.id == ApprovalDelegation.unit_id)
        .where(visible(actor)),
        keys=[(ApprovalDelegation.id, True)],
        limit=limit,
        cursor=cursor,
        filters={},
    )
