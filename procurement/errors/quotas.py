"""Refusals of quotas."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import Conflict, Refusal


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


CONSTRAINTS: Mapping[str, type[Refusal]] = {
    "ck_quota_ceiling": QuotaExceeded,
    "ck_quota_hold_accepted": AcceptedTwice,
}
