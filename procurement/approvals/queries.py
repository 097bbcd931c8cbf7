"""Which bands hold for a unit on a day, who decides for whom, and what was decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    ScalarSelect,
    Select,
    Text,
    Uuid,
    any_,
    cast,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from kernel import terms
from kernel.actor import Actor
from kernel.database import db
from kernel.paging import Page, page
from kernel.rows import locked
from procurement.approvals.models import (
    ApprovalDelegation,
    ApprovalStep,
    ApprovalTerm,
    ApprovalThreshold,
    DelegationId,
    SplitOrder,
    SplitSignal,
    TermCode,
)
from registry.accounts.models import AppUser, Membership, Role, UserId
from registry.accounts.queries.people import list_accounts_of
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import visible

_LINEAGE = cast(
    func.string_to_array(func.btrim(Organisation.lineage, "/"), "/"), ARRAY(Uuid(as_uuid=True))
)
_DEPTH = func.array_position(_LINEAGE, ApprovalThreshold.unit_id)


def bands_in_force(on: date | ColumnElement[date]) -> ScalarSelect[Any]:
    """Say, of `Organisation` in the statement around it, which bands hold for it.

    For each fund, category and number of approvers: the unit's own newest row that has begun,
    else that of the nearest unit above it, else the platform's. A map of what `Band` is made of;
    of equal keys in a map the last one stays.
    """
    one = ApprovalThreshold
    heading = func.concat_ws("/", func.coalesce(one.fund.cast(Text), ""),
        func.coalesce(one.category_code, ""), one.approvers)  # fmt: skip
    what = func.jsonb_build_array(
        one.id, one.fund, one.category_code, one.approvers, one.amount_fen
    )
    order = (_DEPTH.asc().nulls_first(), one.from_on.asc(), one.id.asc())
    return (
        select(func.jsonb_object_agg(heading, aggregate_order_by(what, *order)))
        .where(or_(one.unit_id.is_(None), one.unit_id == any_(_LINEAGE)), one.from_on <= on)
        .correlate(Organisation)
        .scalar_subquery()
    )


def find_bands(actor: Actor, *, unit_id: OrganisationId, on: date) -> Mapping[str, list[Any]]:
    """Give what the bands of a unit on a day are made of; one statement."""
    del actor
    found = db.session.scalar(select(bands_in_force(on)).where(Organisation.id == unit_id))
    return found or {}


def find_term(actor: Actor, code: TermCode, *, on: date) -> int:
    """Give the number of a kind that holds on a day."""
    del actor  # the same for everybody
    return terms.find_term(ApprovalTerm, code, on=on)


def list_terms(actor: Actor, *, limit: int, cursor: str | None) -> Page[ApprovalTerm]:
    """List all numbers, those to come and those of the past as well, the last to begin first."""
    del actor  # the same for everybody
    return terms.list_terms(ApprovalTerm, limit=limit, cursor=cursor)


def list_steps(actor: Actor, order_id: UUID) -> list[ApprovalStep]:
    """List what was decided on an order, in its order."""
    del actor  # the order that asks was found in the actor's sight
    query = select(ApprovalStep).where(ApprovalStep.order_id == order_id)
    return list(db.session.scalars(query.order_by(ApprovalStep.position)))


def list_hands(actor: Actor, order_id: UUID) -> set[UserId]:
    """Name who decided on an order, and in whose right, by all the accounts they have."""
    steps = list_steps(actor, order_id)
    return list_accounts_of(
        actor, {one for step in steps for one in (step.by_user_id, step.right_of)}
    )


def list_thresholds(
    actor: Actor, *, unit_id: OrganisationId | None, limit: int, cursor: str | None
) -> Page[ApprovalThreshold]:
    """List the bands of units in the actor's sight and the platform's, the newest first."""
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


def _delegations_to(actor: Actor, *, on: date) -> Select[*tuple[Any, ...]]:
    """Select who lets the actor approve on a day, and the place in the tree they approve for.

    Who delegates must be an approver themselves, so what was delegated is not handed on.
    """
    return (
        select(ApprovalDelegation.delegator_id, Organisation.lineage)
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
            ApprovalDelegation.revoked_at.is_(None),
            ApprovalDelegation.from_on <= on,
            ApprovalDelegation.until_on > on,
            AppUser.closed_at.is_(None),
        )
    )


def list_delegators(actor: Actor, *, on: date) -> list[tuple[UserId, str]]:
    """List who lets the actor approve on a day, with the lineage of their unit."""
    return [
        (user_id, lineage) for user_id, lineage in db.session.execute(_delegations_to(actor, on=on))
    ]


def find_delegator(
    actor: Actor, *, unit_id: OrganisationId, apart_from: Collection[UserId], on: date
) -> UserId | None:
    """Find the approver of a unit, or of one above it, for whom the actor may approve on a day.

    The order's author gives nobody leave to approve it, nor does who has decided on it. The
    nearest to the unit comes first.
    """
    above = select(Organisation.lineage).where(Organisation.id == unit_id).scalar_subquery()
    found: UserId | None = db.session.scalar(
        _delegations_to(actor, on=on)
        .where(
            ApprovalDelegation.delegator_id.not_in(apart_from),
            func.starts_with(above, Organisation.lineage),
        )
        .order_by(func.length(Organisation.lineage).desc(), ApprovalDelegation.id)
        .limit(1)
    )
    return found


def find_user(actor: Actor, user_id: UserId) -> AppUser | None:
    """Find an account of an organisation in the actor's sight."""
    return db.session.scalar(
        select(AppUser)
        .join(Organisation, Organisation.id == AppUser.organisation_id)
        .where(AppUser.id == user_id, visible(actor))
    )


def list_colleagues(actor: Actor, *, limit: int, cursor: str | None) -> Page[AppUser]:
    """List the open accounts of the actor's own organisation, by which name they sign in."""
    return page(
        select(AppUser).where(
            AppUser.organisation_id == actor.organisation_id, AppUser.closed_at.is_(None)
        ),
        keys=[(AppUser.username, False)],
        limit=limit,
        cursor=cursor,
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


@dataclass(frozen=True, slots=True)
class SplitView:
    """A signal with the orders behind it."""

    signal: SplitSignal
    orders: Sequence[SplitOrder]


def list_signalled(actor: Actor, order_ids: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """Give which of these orders stand behind a signal of which band: (threshold, order)."""
    del actor  # only the reaction to an order asks
    one = SplitOrder
    query = select(one.threshold_id, one.order_id).where(one.order_id.in_(order_ids))
    return {(threshold_id, order_id) for threshold_id, order_id in db.session.execute(query)}


def list_splits(
    actor: Actor, *, unit_id: OrganisationId | None, limit: int, cursor: str | None
) -> Page[SplitView]:
    """List the signals about units in the actor's sight with their orders, the newest first."""
    statement = (
        select(SplitSignal)
        .join(Organisation, Organisation.id == SplitSignal.unit_id)
        .where(visible(actor))
    )
    if unit_id is not None:
        statement = statement.where(SplitSignal.unit_id == unit_id)
    keys, asked = [(SplitSignal.id, True)], {"unit": unit_id}
    found = page(statement, keys=keys, limit=limit, cursor=cursor, filters=asked)
    behind: dict[UUID, list[SplitOrder]] = {one.id: [] for one in found.items}
    query = select(SplitOrder).where(SplitOrder.signal_id.in_(behind)).order_by(SplitOrder.order_id)
    for part in db.session.scalars(query):
        behind[part.signal_id].append(part)
    return Page([SplitView(one, behind[one.id]) for one in found.items], found.next_cursor)
