"""What waits for somebody's approval as JSON."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import EnumField, Instant, Key
from kernel.paging import page_schema
from marketplace.orders.queries.approvals import Standing, Waiting
from marketplace.orders.schemas.orders import OrderItemOut


class WaitingOut(OrderItemOut):
    """An order that waits: since when and how long, and why it is shown to the one who asks."""

    approvals_wanted = fields.Integer(required=True)
    approvals_given = fields.Integer(required=True)
    approval_due_at = Instant(required=True)
    escalated_at = Instant(required=True, allow_none=True)
    standing = EnumField(Standing, required=True)
    stands_in_for = Key(required=True, allow_none=True)

    def get_attribute(self, obj: Waiting, attr: str, default: object) -> object:
        """Read what is the order's own from the order inside the row."""
        own = {"approvals_given", "standing", "stands_in_for"}
        return super().get_attribute(obj if attr in own else obj.order, attr, default)


WAITING_PAGE = page_schema(WaitingOut)
