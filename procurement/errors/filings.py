"""Refusals of promises."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

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


class BelowLastYear(Unacceptable):
    """Where the policy says so, a promise is not below last year's."""

    zh = "预留金额 {reserved_fen:yuan} 低于上年预留金额 {last_fen:yuan}。"
    en = "The reserved amount {reserved_fen:yuan} is below last year's {last_fen:yuan}."


class ContractClauseMissing(Unacceptable):
    """The contract of an outsourced canteen states the contractor's duty."""

    zh = "外包食堂须在合同中写明承包方的预留份额责任。"
    en = "The contract of an outsourced canteen must state the duty to buy the share."


class UnionBelowFloor(Unacceptable):
    """The union reserves less than its rule demands."""

    zh = "工会预留金额 {reserved_fen:yuan} 低于应预留金额 {floor_fen:yuan}。"
    en = "The union's reserved amount {reserved_fen:yuan} is below the required {floor_fen:yuan}."


class UnionAboveCap(Unacceptable):
    """The union reserves more than it may spend a head."""

    zh = "工会预留金额 {reserved_fen:yuan} 超过按人数计算的上限 {cap_fen:yuan}。"
    en = "The union's reserved amount {reserved_fen:yuan} is above the cap a head, {cap_fen:yuan}."


class RevisionOpen(Conflict):
    """A revision of the promise is under way; one at a time."""

    zh = "该填报已有一份修订正在办理。"
    en = "A revision of that filing is under way."


class FilingYearOver(Conflict):
    """A promise is revised while its year runs."""

    zh = "{year} 年度已结束，不能再修订填报。"
    en = "The year {year} is over; its filing cannot be revised."


class ReturnReasonUnfit(Unacceptable):
    """A reason of a return names a field of the filing."""

    zh = "退回原因须指向填报中的字段，{field} 不是。"
    en = "A reason of a return names a field of the filing; {field} is none."


class FilingBatchRefused(Conflict):
    """Some items of an all-or-nothing batch were refused, so none was decided."""

    zh = "{count} 项不能办理，整批未生效。"
    en = "{count} items cannot be decided; nothing of the batch took effect."

    def __init__(self, *, refused: Mapping[int, Refusal] = MappingProxyType({})) -> None:
        self.refused = refused
        super().__init__(count=len(refused))

    @property
    def field_errors(self) -> list[Mapping[str, Any]]:
        """Name each refused item, or the field of it at fault."""
        return [
            {"pointer": f"/items/{position}{refusal.pointer or ''}", "code": refusal.code}
            for position, refusal in self.refused.items()
        ]


CONSTRAINTS: Mapping[str, type[Refusal]] = {
    "uq_filing_unit_year": FilingExists,
    "uq_filing_in_force": FilingExists,
    "uq_filing_open": RevisionOpen,
    "ck_filing_superior_apart": SamePerson,
    "ck_filing_finance_apart": SamePerson,
    "ck_filing_reserved": ReservedAboveCeiling,
}
