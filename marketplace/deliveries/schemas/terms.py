"""The numbers of deliveries in JSON."""

from __future__ import annotations

from kernel.fields import EnumField
from kernel.paging import page_schema
from kernel.terms import TermIn, TermOut
from marketplace.deliveries.models.goods import TermCode


class DeliveryTermIn(TermIn):
    """A number that holds for deliveries from a day on, and what it rests on."""

    code = EnumField(TermCode, required=True)


class DeliveryTermOut(TermOut):
    """A number that holds for deliveries, and where it comes from."""

    code = EnumField(TermCode, required=True)


DELIVERY_TERM_PAGE = page_schema(DeliveryTermOut)
