"""What households were given, by the village they live in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, func, select

from kernel.actor import Actor
from kernel.database import db
from kernel.money import Fen
from marketplace.attribution.models.postings import Attribution, AttributionShare, PartyKind
from registry.households.models.households import Household


def sum_given(actor: Actor, *, since: datetime, until: datetime) -> dict[str, tuple[int, Fen]]:
    """Count, by village, the households that shares of a period are left to, and add these up.

    What was reversed is taken off; a household with nothing left is not counted.
    """
    del actor  # what is made of it is for anybody
    signed = case(
        (Attribution.reverses_id.is_(None), AttributionShare.amount_fen),
        else_=-AttributionShare.amount_fen,
    )
    each = (
        select(Household.village_code, func.sum(signed).label("given"))
        .select_from(AttributionShare)
        .join(Attribution, Attribution.id == AttributionShare.attribution_id)
        .join(Household, Household.id == AttributionShare.party_id)
        .where(
            AttributionShare.party_kind == PartyKind.HOUSEHOLD,
            Attribution.posted_at >= since,
            Attribution.posted_at < until,
        )
        .group_by(Household.id)
        .having(func.sum(signed) != 0)
        .subquery("each")
    )
    rows = db.session.execute(
        select(each.c.village_code, func.count(), func.sum(each.c.given)).group_by(
            each.c.village_code
        )
    )
    return {code: (count, Fen(int(given))) for code, count, given in rows}
