"""Every refusal of registry.households: people, cases, incomes, links."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.errors import Conflict, Refusal, SamePerson, Unacceptable


class IdNumberTaken(Conflict):
    """A household under this identity number stands in the register."""

    zh = "该身份证件号码已登记。"
    en = "A household under this identity number is already registered."


class BenefitLinkInForce(Conflict):
    """Household and organisation are linked in this way already."""

    zh = "该户与该单位以此方式的利益联结仍在有效期内。"
    en = "The household and the organisation are already linked in this way."


class BenefitLinkEnded(Conflict):
    """A benefit link ends once."""

    zh = "该利益联结已于 {until_on} 终止。"
    en = "This benefit link ended on {until_on}."


class LinkPartyUnfit(Unacceptable):
    """An organisation of this kind does not link households."""

    zh = "{kind} 类单位不能与农户建立利益联结。"
    en = "An organisation of kind {kind} does not link households."


class LabourAboveMembers(Unacceptable):
    """There are more able workers than members."""

    zh = "劳动力人数 {able_labour} 不能超过家庭人口 {members}。"
    en = "{able_labour} able workers in a household of {members}."


class PeriodBackwards(Unacceptable):
    """A period ends before it begins, or begins after today."""

    zh = "日期先后有误：{from_on} 至 {until_on}。"
    en = "The dates are out of order: {from_on} to {until_on}."


class ConsentInForce(Conflict):
    """The household's consent is recorded already."""

    zh = "该户对该单位的同意已登记。"
    en = "The household's consent to this organisation is already recorded."


class HouseholdNotListed(Conflict):
    """The household is not, or no longer, on the register."""

    zh = "该户当前状态为 {state}，不在册。"
    en = "The household is {state}, not on the register."


class TermsIncomplete(Unacceptable):
    """A quantity needs its product and unit."""

    zh = "约定数量须同时写明产品和计量单位。"
    en = "A yearly quantity needs its product and its unit."


class ResultOutsideLink(Unacceptable):
    """A result belongs to a year in which the link held."""

    zh = "{year} 年该利益联结未生效。"
    en = "The link did not hold in {year}."


class CaseOpen(Conflict):
    """A household has one open case."""

    zh = "该户已有正在办理的事项。"
    en = "The household already has an open case."


class StepTaken(Conflict):
    """A step of a case is taken once."""

    zh = "该步骤已办理，不能重复办理。"
    en = "This step has already been taken."


class CaseObjectionUpheld(Conflict):
    """An objection to the notice was found right."""

    zh = "公示异议成立，不能通过，只能退回或不予通过。"
    en = "An objection was upheld: the case can be returned or rejected, not passed."


class NoIncomeLineInForce(Conflict):
    """There is no income line to compare with."""

    zh = "{region_code} {year} 年没有生效的收入线，不能判定。"
    en = "No income line is in force for {region_code} in {year}; nothing can be said."


class IncomeBelowLine(Conflict):
    """A household below the line does not leave the register."""

    zh = "人均收入 {per_head_fen:yuan} 元，低于收入线 {line_fen:yuan} 元，不能消除风险。"
    en = "{per_head_fen:yuan} yuan a head is below the line of {line_fen:yuan} yuan."


class GuaranteesUnsafe(Conflict):
    """The visit did not find the guarantees safe."""

    zh = "入户核实“两不愁三保障”未稳定落实，不能消除风险。"
    en = "The visit did not find the basic guarantees safe."


class NobodyAbleToWork(Conflict):
    """A household without labour keeps its place on the register."""

    zh = "该户无劳动能力，不能消除风险。"
    en = "Nobody of the household can work; it stays on the register."


class SettingMissing(Conflict):
    """A figure that the step needs is not in force."""

    zh = "{region_code} 没有生效的参数 {name}。"
    en = "No setting {name} is in force for {region_code}."


class IncomeReversed(Conflict):
    """An income is taken back once, and a reversal never."""

    zh = "该收入记录已冲销，或本身为冲销记录。"
    en = "This income was already reversed, or is a reversal itself."


class IncomeRecorded(Conflict):
    """A fact becomes income once."""

    zh = "该来源的收入已登记。"
    en = "The income of this source is already recorded."


class YearNotBegun(Unacceptable):
    """A year is recorded from its first day on."""

    zh = "{year} 年尚未开始。"
    en = "The year {year} has not begun."


class MemberPresent(Conflict):
    """A person belongs to one household at a time."""

    zh = "该证件号码的成员已在册。"
    en = "A member under this document number is already in a household."


class HeadPresent(Conflict):
    """A household has one head."""

    zh = "该户已登记户主。"
    en = "The household already has a head among its members."


class MemberLeft(Conflict):
    """A member leaves once."""

    zh = "该成员已于 {left_on} 离户。"
    en = "The member left on {left_on}."


class SexMismatch(Unacceptable):
    """The sex does not fit the document number or the relation to the head."""

    zh = "性别与证件号码或与户主关系不符。"
    en = "The sex does not fit the document number or the relation to the head."


class DisabilityIncomplete(Unacceptable):
    """Who is disabled has a grade, and nobody else."""

    zh = "残疾人须填写残疾等级，其他成员不得填写。"
    en = "A disabled member has a grade, and nobody else has."


class ConsentWithdrawn(Conflict):
    """A consent is taken back once."""

    zh = "该同意已于 {until_on} 撤回。"
    en = "This consent was taken back on {until_on}."


class SameVillage(Conflict):
    """A household moves to another village than its own."""

    zh = "该户已在村 {village_code}。"
    en = "The household lives in {village_code} already."


class SplitUnfit(Unacceptable):
    """A split has one new head, members of the household, and leaves the old head and somebody."""

    zh = "分户名单有误：须有一名新户主，均为该户在册成员，原户主不随分，两户人口与劳动力相符。"
    en = "A split names one new head and present members, leaves the old head, and adds up."


class LeaderInOffice(Conflict):
    """Somebody leads a village once at a time."""

    zh = "该带头人已在该村登记。"
    en = "This leader is already registered for the village."


class LeaderLeft(Conflict):
    """A leader's time ends once."""

    zh = "该带头人任期已于 {until_on} 结束。"
    en = "The leader's time ended on {until_on}."


CONSTRAINTS: Mapping[str, type[Refusal]] = MappingProxyType(
    {
        "uq_household_id_number_index": IdNumberTaken,
        "uq_benefit_link_in_force": BenefitLinkInForce,
        "uq_household_consent_in_force": ConsentInForce,
        "uq_household_case_open": CaseOpen,
        "uq_household_case_step_once": StepTaken,
        "uq_household_case_step_person": SamePerson,
        "ck_household_case_step_author": SamePerson,
        "uq_household_income_source": IncomeRecorded,
        "uq_household_income_reverses_id": IncomeReversed,
        "uq_household_member_present": MemberPresent,
        "uq_household_member_head": HeadPresent,
        "uq_village_leader_in_office": LeaderInOffice,
        "ck_reconciliation_difference_author": SamePerson,
    }
)
"""Which refusal a constraint speaks when two requests meet between rule and row."""
