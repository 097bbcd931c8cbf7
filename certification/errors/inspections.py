"""Every refusal of certification.inspections."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.errors import Conflict, Forbidden, OwnOrganisation, Refusal, SamePerson, Unacceptable


class PublicValuePending(Conflict):
    """The value that is mixed into the seed is not published yet."""

    zh = "公开数值将于 {public_value_on} 公布，在此之前不能抽取。"
    en = "The public value is published on {public_value_on}; nothing is drawn before."


class NoInspectionTerms(Conflict):
    """No terms of inspections are in force for this place."""

    zh = "当地没有生效的检查规则。"
    en = "No terms of inspections are in force for this place."


class InspectorUnfit(Unacceptable):
    """This person is no reviewer of an office around the place."""

    zh = "该人员不是当地审核机构的审核人员。"
    en = "This person is not a reviewer of an office around the place."


class InspectorCertified(Forbidden):
    """Who certified a product does not inspect it."""

    zh = "参与过该产品认定的人员不能检查该产品。"
    en = "Who took part in certifying the product does not inspect it."


class TaskExists(Conflict):
    """The certificate is in this draw already."""

    zh = "该证书已在本次抽查中。"
    en = "The certificate is in this draw already."


CONSTRAINTS: Mapping[str, type[Refusal]] = MappingProxyType(
    {
        "ck_draw_plan_author": SamePerson,
        "ck_inspection_task_own_organisation": OwnOrganisation,
        "ck_inspection_task_office": OwnOrganisation,
        "uq_inspection_task_drawn": TaskExists,
        "ck_consequence_revoker": SamePerson,
        "ck_finding_closer": SamePerson,
        "ck_complaint_author": SamePerson,
        "ck_complaint_own_organisation": OwnOrganisation,
    }
)
"""Which refusal a constraint speaks when two requests meet between rule and row."""
