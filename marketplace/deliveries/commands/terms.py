"""Loading what holds for deliveries: dated rows with their source."""

from __future__ import annotations

from datetime import date, datetime
from typing import cast

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from kernel import audit
from kernel.actor import SYSTEM
from kernel.database import db
from kernel.identity import new_id
from marketplace.deliveries.models.goods import DeliveryTerm, TermCode

DEFAULT = {
    "code": TermCode.WEIGHT_TOLERANCE_BP,
    "value": 100,
    "from_on": date(2021, 1, 1),
    "source": "系统默认配置 / configured default",
}
"""One part in a hundred: a default of this program, to be set by what the parties agree on."""


def load_delivery_terms(now: datetime) -> None:
    """Load the tolerance of the scale where none is there yet; changes nothing twice."""
    statement = (
        insert(cast("Table", DeliveryTerm.__table__))
        .values({"id": new_id(), **DEFAULT})
        .on_conflict_do_nothing(constraint="uq_delivery_term_code_from_on")
        .returning(DeliveryTerm.id)
    )
    added = db.session.scalar(statement)
    if added is not None:
        after = {"code": DEFAULT["code"], "value": DEFAULT["value"]}
        subject = ("delivery_term", added)
        audit.write("load_delivery_terms", subject=subject, by=SYSTEM, now=now, after=after)
