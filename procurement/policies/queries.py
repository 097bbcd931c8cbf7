"""Which share policies there are."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select

from kernel.actor import Actor
from kernel.database import db
from kernel.paging import Page, page
from procurement.policies.models import PolicyId, SharePolicy


def list_policies(
    actor: Actor, *, region_code: str | None, limit: int, cursor: str | None
) -> Page[SharePolicy]:
    """List the policies, of one region or all, by their codes; policies are public."""
    del actor
    statement = select(SharePolicy)
    if region_code is not None:
        statement = statement.where(SharePolicy.region_code == region_code)
    return page(
        statement,
        keys=[(SharePolicy.code, False)],
        limit=limit,
        cursor=cursor,
        filters={"region": region_code},
    )


def list_policies_of(actor: Actor, region_codes: Collection[str]) -> Sequence[SharePolicy]:
    """Give every policy of these regions, of all years, by code."""
    del actor
    return (
        db.session.execute(
            select(SharePolicy)
            .where(SharePolicy.region_code.in_(region_codes))
            .order_by(SharePolicy.code)
        )
        .scalars()
        .all()
    )


def get_policies(actor: Actor, ids: Collection[PolicyId]) -> dict[PolicyId, SharePolicy]:
    """Give policies by id."""
    del actor
    rows = db.session.execute(select(SharePolicy).where(SharePolicy.id.in_(ids))).scalars()
    return {one.id: one for one in rows}
