"""Which roles an account's keeper has to choose among when somebody is invited."""

from __future__ import annotations

from collections.abc import Collection, Iterable

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
