"""Refusals of promises."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import Conflict, Refusal, SamePerson, Unacceptable


class FilingClosed(Conflict):
    """The last day for filing the year is over; only what was returned may still be corrected."""

    zh = "{year} 年度填报已于 {deadline_on} 截止。"
    en = "Filing for {year} closed on {deadline_on}."


class FilingExists(Conflict):
    """A unit files once a year."""

    zh = "本单位该年度已有填报，请修改原填报。"
    en = "The unit has already filed for that year; edit that filing."


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


CONSTRAINTS: Mapping[str, type[Refusal]] = {
    "uq_filing_unit_year": FilingExists,
    "ck_filing_superior_apart": SamePerson,
    "ck_filing_finance_apart": SamePerson,
    "ck_filing_reserved": ReservedAboveCeiling,
}
