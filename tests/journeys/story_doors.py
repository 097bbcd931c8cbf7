"""What people do at the doors themselves: the same order sent again under the same key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.actor import SYSTEM
from kernel.unit_of_work import run
from marketplace.orders.models.orders import OrderId
from marketplace.orders.queries.showing import get_order_view
from tests.builders.marketplace import body_of
from tests.journeys.story_cards import Cards
from tests.journeys.story_stage import Answer


@dataclass
class Doors(Cards):
    """All acts so far, and those over HTTP."""

    sent: list[tuple[str, dict[str, Any], Answer]] = field(default_factory=list)
    """By key, what was placed and how that was answered."""
    keys: int = 0

    def send(self, wishes: Mapping[int, Decimal], *, goods_first: bool, times: int) -> None:
        """Send an order so many times: it is placed once, or refused each time."""
        self.keys += 1
        body = body_of(self.order_for(wishes, goods_first=goods_first))
        refusal = self.refuses_order(wishes)
        key = f"k{self.keys}"
        answers = [self._place(key, body) for _ in range(times)]
        assert {one.code for one in answers} == {refusal}
        self.fired[f"sent {refusal or 'done'}"] += 1
        if refusal is None:
            first, *again = answers
            assert not first.is_replayed
            assert all(one == replace(first, is_replayed=True) for one in again)
            made = OrderId(UUID(first.said["id"]))
            view = run(lambda: get_order_view(SYSTEM, made))
            self.write([view], wishes, goods_first=goods_first)
            self.sent.append((key, body, first))
            self.fired["sent twice"] += times > 1

    def retry(self, pick: int, *, changed: bool) -> None:
        """Send what was placed long ago once more, or something else under its key."""
        key, body, first = self.sent[pick % len(self.sent)]
        if changed:
            other = {**body, "delivery": {"address": "演示路2号"}}
            assert self._place(key, other).code == "idempotency_key_reused"
            self.fired["key reused"] += 1
        else:
            assert self._place(key, body) == replace(first, is_replayed=True)
            self.fired["retried"] += 1

    def _place(self, key: str, body: dict[str, Any]) -> Answer:
        headers = {"Idempotency-Key": key}
        token = self.there.token
        return self.there.post("orders", now=self.now, token=token, json=body, headers=headers)
