"""Every refusal of registry.households about pairings, shares and bases."""

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


class SharesExhausted(Conflict):
    """The pool holds fewer shares than are to be issued."""

    zh = "未配股份只有 {free} 股，不足 {wanted} 股。"
    en = "{wanted} shares are wanted, {free} are left to issue."


class SharesShort(Conflict):
    """The holder has fewer shares than are to leave it."""

    zh = "该持有人只有 {held} 股，不足 {wanted} 股。"
    en = "{wanted} shares are to leave a holder of {held}."


class ShareMoveUnfit(Unacceptable):
    """The move names a giver or taker that it has not, or twice the same."""

    zh = "{kind} 的转出方或转入方有误。"
    en = "A move of kind {kind} has another giver or taker."


class OperatorUnknown(Unacceptable):
    """There is no such organisation, or it is none that runs an asset or a base."""

    zh = "经营单位不存在、已撤并，或不是经营主体。"
    en = "There is no such operating organisation, or it is none that operates."


class BaseClosed(Conflict):
    """A base closes once."""

    zh = "该基地已于 {until_on} 停办。"
    en = "The base was closed on {until_on}."


CONSTRAINTS: Mapping[str, type[Refusal]] = MappingProxyType(
    {
        "ex_pairing_period": PairingOverlaps,
        "ex_industry_pairing_period": PairingOverlaps,
    }
)
"""Which refusal a constraint speaks when two requests meet between rule and row."""
