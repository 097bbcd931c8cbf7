"""Every refusal of the register, on one page.

Refusal
├── Forbidden
│   └── RoleOutOfReach         who may enrol does not hand out every role
├── Conflict
│   ├── RegionCodeTaken · DesignationExists
│   ├── CreditCodeTaken
│   ├── UsernameTaken
│   ├── NoticeRunning · NoticeClosed · NoticeExists
│   ├── ObjectionOpen · ObjectionAnswered
│   └── IdNumberTaken · BenefitLinkInForce · BenefitLinkEnded
└── Unacceptable
    ├── RegionUnknown · RegionUnfit
    ├── SupervisionUnfit
    ├── RoleUnfit · RolesExclusive · PasswordWeak
    ├── DocumentUnknown
    ├── IdentityInText
    └── LinkPartyUnfit · LabourAboveMembers · PeriodBackwards
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.errors import Conflict, Forbidden, Refusal, Unacceptable


class RoleOutOfReach(Forbidden):
    """The actor's own role does not hand out this role, or not in this organisation."""

    zh = "您的角色不能在该单位授予角色 {role}。"
    en = "Your role does not hand out the role {role} there."


class RegionCodeTaken(Conflict):
    """A region with this code stands in the register."""

    zh = "该区划代码已登记。"
    en = "A region with this code is already registered."


class DesignationExists(Conflict):
    """The same designation stands in the register."""

    zh = "该地区已有相同的认定名称。"
    en = "The region already has this designation."


class CreditCodeTaken(Conflict):
    """An organisation with this credit code stands in the register."""

    zh = "该统一社会信用代码已登记。"
    en = "An organisation with this credit code is already registered."


class UsernameTaken(Conflict):
    """Somebody signs in under this name."""

    zh = "该用户名已被使用。"
    en = "This username is taken."


class NoticeRunning(Conflict):
    """The notice's working days are not over."""

    zh = "公示尚未期满：{closes_on} 起方可作出决定。"
    en = "The notice is still running: no decision before {closes_on}."


class NoticeClosed(Conflict):
    """The notice's working days are over; objections are no longer taken."""

    zh = "公示已于 {closes_on} 期满，不再受理异议。"
    en = "The notice closed on {closes_on}; objections are no longer taken."


class NoticeExists(Conflict):
    """The subject is on notice already."""

    zh = "该事项已在公示中。"
    en = "This matter is already on public notice."


class ObjectionOpen(Conflict):
    """Somebody objected and has no answer yet."""

    zh = "尚有 {count} 项异议未答复，不能作出决定。"
    en = "{count} objections wait for a reply; no decision before that."


class ObjectionAnswered(Conflict):
    """An objection is answered once."""

    zh = "该异议已答复。"
    en = "This objection has already been answered."


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


class RegionUnknown(Unacceptable):
    """No region in force has this code."""

    zh = "区划代码 {region_code} 不存在或已停用。"
    en = "There is no region {region_code} in force."


class RegionUnfit(Unacceptable):
    """The region is of another level than this needs."""

    zh = "此处需要 {wanted} 级区划，所给为 {level} 级。"
    en = "A region of level {wanted} is needed here, not {level}."


class SupervisionUnfit(Unacceptable):
    """An organisation of this kind does not stand under one of that kind."""

    zh = "{kind} 类单位不能隶属于 {supervisor_kind} 类单位。"
    en = "An organisation of kind {kind} does not stand under one of kind {supervisor_kind}."


class RoleUnfit(Unacceptable):
    """The role does not exist in an organisation of this kind or level."""

    zh = "角色 {role} 不适用于该单位（{kind}，{level}）。"
    en = "The role {role} does not fit the organisation ({kind}, {level})."


class RolesExclusive(Unacceptable):
    """The roles may not be held by one person."""

    zh = "角色 {role} 不能与其他角色兼任。"
    en = "The role {role} cannot be held together with others."


class PasswordWeak(Unacceptable):
    """The password is too short, too long or contains the username."""

    zh = "密码须为 {shortest} 至 {longest} 个字符，且不得包含用户名。"
    en = "A password has {shortest} to {longest} characters and does not contain the username."


class DocumentUnknown(Unacceptable):
    """A paper that is named does not exist in the actor's sight."""

    zh = "所列材料不存在。"
    en = "A document that is named does not exist."


class IdentityInText(Unacceptable):
    """A text carries an identity number or a bank card number in clear."""

    zh = "文本中不得出现身份证号或银行卡号。"
    en = "The text must not carry an identity number or a bank card number."


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


CONSTRAINTS: Mapping[str, type[Refusal]] = MappingProxyType(
    {
        "pk_region": RegionCodeTaken,
        "uq_designation_member": DesignationExists,
        "uq_organisation_credit_code": CreditCodeTaken,
        "uq_app_user_username": UsernameTaken,
        "uq_notice_subject": NoticeExists,
        "uq_household_id_number_index": IdNumberTaken,
        "uq_benefit_link_in_force": BenefitLinkInForce,
    }
)
"""What the database refuses, said as the rule would have said it."""
