"""Every refusal of registry.households about pairings."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.errors import Conflict, Refusal, Unacceptable


class PairingOverlaps(Conflict):
    """The same two are paired already in these days."""

    zh = "该结对关系在此期间已存在。"
    en = "The same two are paired already in these days."


class PairingEnded(Conflict):
    """The pairing has its end."""

    zh = "该结对关系已于 {until_on} 结束。"
    en = "The pairing ended on {until_on}."


class PairingPartiesUnfit(Unacceptable):
    """The action does not pair these two, or the household is not of the village."""

    zh = "{kind} 行动不适用于此类帮扶单位（{helper_kind}）与该对象。"
    en = "The action {kind} does not pair such a helper ({helper_kind}) with this."


class HelperUnknown(Unacceptable):
    """There is no such helper, or the person is not of the helping organisation."""

    zh = "帮扶单位不存在、已撤并，或责任人不属于该单位。"
    en = "There is no such helper, or the person is not of the helping organisation."


CONSTRAINTS: Mapping[str, type[Refusal]] = MappingProxyType(
    {
        "ex_pairing_period": PairingOverlaps,
        "ex_industry_pairing_period": PairingOverlaps,
    }
)
"""Which refusal a constraint speaks when two requests meet between rule and row."""
