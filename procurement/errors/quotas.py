"""Refusals of quotas."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import Conflict, Refusal, Unacceptable


class QuotaExceeded(Conflict):
    """The unit's approved money would be passed."""

    zh = "超出采购额度：可用 {available_fen:yuan}，本次需要 {wanted_fen:yuan}。"
    en = "Over the quota: {available_fen:yuan} available, {wanted_fen:yuan} wanted."


class QuotaMissing(Conflict):
    """The unit has no confirmed filing, so no approved money, for that year and fund."""

    zh = "该单位没有此年度和经费的采购额度，请先完成填报确认。"
    en = "The unit has no quota for that year and fund; its filing must be confirmed first."


class AcceptedTwice(Conflict):
    """More would be accepted than was ordered."""

    zh = "验收金额超过订购金额。"
    en = "More would be accepted than was ordered."


class YearClosed(Conflict):
    """The year of the quota is over or closed; only what it still holds is served."""

    zh = "{year} 年度额度已结转关闭，不能再调整。"
    en = "The quota of {year} is closed; it cannot be moved any more."


class YearRunning(Conflict):
    """A year is closed after its last day, not before."""

    zh = "{year} 年度尚未结束，不能关闭。"
    en = "The year {year} is not over; it cannot be closed."


class AllocationUnfit(Unacceptable):
    """Money is allocated down the tree: to a living unit that stands under the one that gives."""

    zh = "只能分配给本单位下属且存续的采购单位。"
    en = "Only a living purchasing unit under the one that gives can be allocated to."


class AllocationExceeded(Conflict):
    """No more can be taken back than was allocated."""

    zh = "收回金额超过已分配金额：已分配 {allocated_fen:yuan}，本次收回 {wanted_fen:yuan}。"
    en = "{allocated_fen:yuan} was allocated; {wanted_fen:yuan} cannot be taken back."


class FloorShort(Conflict):
    """More of the promised share would leave than the quota has."""

    zh = "预留份额不足：现有 {floor_fen:yuan}，本次需要 {wanted_fen:yuan}。"
    en = "The promised share is {floor_fen:yuan}; {wanted_fen:yuan} cannot leave it."


class SettingBackdated(Unacceptable):
    """A setting begins today or later; what was decided under the old one stands."""

    zh = "额度参数不能早于今日（{today}）生效。"
    en = "A setting of quotas cannot begin before today ({today})."


CONSTRAINTS: Mapping[str, type[Refusal]] = {
    "ck_quota_ceiling": QuotaExceeded,
    "ck_quota_hold_accepted": AcceptedTwice,
}
