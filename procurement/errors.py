"""Every refusal of the reserved share, on one page.

Refusal
├── Conflict
│   ├── NoPolicyInForce · FilingClosed · FilingExists
│   └── QuotaExceeded · QuotaMissing · AcceptedTwice
└── Unacceptable
    ├── BelowFloor · ReservedAboveCeiling
    ├── ZeroFilingOnly · TotalMissing
    ├── RepresentativeUnfit · UnionFiguresUnfit
    ├── NotAPurchaser
    └── ThresholdBackdated
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.errors import Conflict, Refusal, SamePerson, Unacceptable


class NoPolicyInForce(Conflict):
    """No share rule holds there and then; that is a state of its own, not a floor of zero."""

    zh = "{region_code} 地区 {year} 年没有生效的预留份额政策。"
    en = "No reserved-share policy is in force for {region_code} in {year}."


class FilingClosed(Conflict):
    """The last day for filing the year is over; only what was returned may still be corrected."""

    zh = "{year} 年度填报已于 {deadline_on} 截止。"
    en = "Filing for {year} closed on {deadline_on}."


class FilingExists(Conflict):
    """A unit files once a year."""

    zh = "本单位该年度已有填报，请修改原填报。"
    en = "The unit has already filed for that year; edit that filing."


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


class BelowFloor(Unacceptable):
    """The promise is below the share that the policy in force demands."""

    zh = "预留金额 {reserved_fen:yuan} 低于应预留金额 {floor_fen:yuan}。"
    en = "The reserved amount {reserved_fen:yuan} is below the required {floor_fen:yuan}."


class ReservedAboveCeiling(Unacceptable):
    """A unit cannot promise more than it may spend."""

    zh = "预留金额 {reserved_fen:yuan} 超过采购额度 {ceiling_fen:yuan}。"
    en = "The reserved amount {reserved_fen:yuan} is above the ceiling {ceiling_fen:yuan}."


class ZeroFilingOnly(Unacceptable):
    """A unit without a canteen of its own files zero."""

    zh = "无食堂或由其他单位代填的共用食堂应零填报，此处填报了 {filed_fen:yuan}。"
    en = "Without a canteen of its own a unit files zero, not {filed_fen:yuan}."


class TotalMissing(Unacceptable):
    """A unit with a canteen files what it spends on food."""

    zh = "有食堂的单位应填报年度食堂食材采购总额。"
    en = "A unit with a canteen files its yearly canteen food spending."


class RepresentativeUnfit(Unacceptable):
    """Only a shared canteen has a representative, and it is a unit that files."""

    zh = "共用食堂须注明填报单位，其他情形不得填写，且填报单位须为采购单位。"
    en = "A shared canteen, and no other, names the purchasing unit that files for it."


class UnionFiguresUnfit(Unacceptable):
    """The union's figures do not fit its situation or each other."""

    zh = "工会经费填报有误：无独立工会经费的不得填报金额，填报预留金额的须填报总额或额度。"
    en = "No union funds, no figures; a union reservation needs the union's total or ceiling."


class NotAPurchaser(Unacceptable):
    """Producers, contractors, offices and the platform do not file a share."""

    zh = "{kind} 类单位不填报预留份额。"
    en = "An organisation of kind {kind} does not file a reserved share."


class ThresholdBackdated(Unacceptable):
    """A threshold begins today or later; what was decided under the old one stands."""

    zh = "审批限额不能早于今日（{today}）生效。"
    en = "An approval threshold cannot begin before today ({today})."


CONSTRAINTS: Mapping[str, type[Refusal]] = MappingProxyType(
    {
        "uq_filing_unit_year": FilingExists,
        "ck_filing_superior_apart": SamePerson,
        "ck_filing_finance_apart": SamePerson,
        "ck_filing_reserved": ReservedAboveCeiling,
        "ck_quota_ceiling": QuotaExceeded,
        "ck_quota_hold_accepted": AcceptedTwice,
    }
)
"""What the database refuses, said as the rule would have said it."""
