"""Every refusal of certification.certificates."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.errors import Conflict, OwnOrganisation, Refusal, SamePerson, Unacceptable, WrongState


class CertificateNotInForce(Conflict):
    """Nothing may be sold under this certificate today."""

    zh = "认定证书 {number} 当前不在有效状态（{status}）。"
    en = "Certificate {number} is not in force ({status})."


class CapacityExceeded(Conflict):
    """The certificate's year has not that much left."""

    zh = "超出认定证书年度供应量：可用 {available} {unit}，本次需要 {wanted} {unit}。"
    en = "Over the certificate's yearly capacity: {available} {unit} left, {wanted} {unit} wanted."


class RenewalNotDue(Conflict):
    """The time in which this certificate may be renewed has not begun, or is over."""

    zh = "该证书可在 {opens_on} 至 {closes_on}（不含）期间申请续期。"
    en = "The certificate may be renewed from {opens_on} until before {closes_on}."


class RenewalExists(Conflict):
    """The certificate has its successor already."""

    zh = "该证书已有续期证书。"
    en = "The certificate has a successor already."


class RenewalUnfit(Unacceptable):
    """A renewal is for the same product of the same holder from the same place."""

    zh = "续期须为同一主体、类别、单位和产地：原为 {before}，现为 {after}。"
    en = "A renewal keeps holder, category, unit and origin: it was {before}, it is {after}."


class ScopeUnchanged(Unacceptable):
    """What is asked for is what is certified."""

    zh = "变更内容与现有认定范围相同。"
    en = "The scope asked for is the one certified."


class ScopeTooWide(Unacceptable):
    """So much more is a new application's matter."""

    zh = "年供应量最多可增至 {most} {unit}，申请为 {wanted} {unit}；超出部分须重新申报。"
    en = "At most {most} {unit} a year may be asked for, not {wanted} {unit}; more needs review."


class ScopeBelowSold(Conflict):
    """A year's capacity cannot fall below what is sold and held of it."""

    zh = "{from_on} 起的年度已售和占用 {used} {unit}，供应量不能降至 {wanted} {unit}。"
    en = "In the year from {from_on}, {used} {unit} are sold or held, above {wanted} {unit}."


class ScopeRequestOpen(Conflict):
    """One wish at a time."""

    zh = "该证书已有待决定的变更申请。"
    en = "A change of this certificate already waits for a decision."


class CertificatePapersLapsed(Conflict):
    """A paper that the certificate rests on has lapsed, and none took its place."""

    zh = "认定证书 {number} 所依据的证照已于 {papers_until_on} 到期，补交有效证照后恢复销售。"
    en = "A paper of certificate {number} lapsed on {papers_until_on}; a valid one brings it back."


class PaperUnneeded(Unacceptable):
    """Only own papers of the kinds that the scheme asks for keep a certificate selling."""

    zh = "须为本单位的材料，类别为：{kinds}。"
    en = "It has to be one of the own papers, of the kinds {kinds}."


class MarkExists(Conflict):
    """The product bears this mark already."""

    zh = "该产品已登记同一类别和编号的标识。"
    en = "The product has a mark of this kind and number already."


class MarkOutlivesPaper(Unacceptable):
    """A mark is worth no longer than the paper that proves it."""

    zh = "标识有效期不得晚于证明材料的有效期（{valid_until_on}）。"
    en = "A mark lasts no longer than its paper ({valid_until_on})."


CONSTRAINTS: Mapping[str, type[Refusal]] = MappingProxyType(
    {
        "uq_certificate_application": WrongState,
        "ck_certificate_author": SamePerson,
        "ck_capacity_ceiling": CapacityExceeded,
        "uq_certificate_renews_id": RenewalExists,
        "uq_scope_change_open": ScopeRequestOpen,
        "ck_scope_change_author": SamePerson,
        "uq_product_mark_live": MarkExists,
        "ck_product_mark_author": SamePerson,
        "ck_product_mark_own_organisation": OwnOrganisation,
    }
)
"""Which refusal a constraint speaks when two requests meet between rule and row."""
