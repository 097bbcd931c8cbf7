"""Which roles are offered to who is invited; which orders a line of a statement may pay."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

UNIT = (
    "unit_admin", "canteen_buyer", "contractor_buyer", "unit_approver", "unit_finance",
    "union_officer",
)  # fmt: skip
SELLER = ("coop_clerk", "coop_manager")


def roles_offered(own: Collection[str], *, known: Iterable[str]) -> list[str]:
    """Give the roles that these roles may hand out; the platform's hand out all that are known."""
    if "platform_admin" in own:
        return list(known)
    offered = {"unit_admin": UNIT, "coop_manager": SELLER}
    return [role for giver, roles in offered.items() if giver in own for role in roles]


JOINTS = re.compile(r"[\s\W_]+")
MOST_SUGGESTED = 5


@dataclass(frozen=True)
class Suggestion:
    """An order that a line may pay, how much of it, and what speaks for it."""

    order: Mapping[str, Any]
    amount_fen: int
    named: bool
    same_amount: bool
    same_payer: bool

    @property
    def score(self) -> int:
        """Say how much speaks for it; its number in the remark most."""
        return 4 * self.named + 2 * self.same_amount + self.same_payer


def suggest(
    line: Mapping[str, Any], orders: Sequence[Mapping[str, Any]], *, names: Mapping[str, str]
) -> list[Suggestion]:
    """Give the orders that something speaks for, the best first; `names` are those of buyers."""
    remark = _bare(line["remark"])
    found = []
    for order in orders:
        due = order["total_fen"] - order["paid_fen"]
        if due <= 0:
            continue
        payers = {names.get(order[key], "") for key in ("buyer_id", "bound_unit_id")}
        one = Suggestion(
            order=order,
            amount_fen=min(due, line["left_fen"]),
            named=_bare(order["number"]) in remark,
            same_amount=due == line["left_fen"],
            same_payer=line["payer_name"] in payers - {""},
        )
        found += [one] if one.score else []
    return sorted(found, key=lambda one: (-one.score, one.order["number"]))[:MOST_SUGGESTED]


def _bare(text: str | None) -> str:
    return JOINTS.sub("", text or "").upper()
