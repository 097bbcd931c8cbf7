"""Organisations in JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from kernel.fields import (
    CreditCode,
    Day,
    EnumField,
    Instant,
    Key,
    Money,
    RegionCode,
    Schema,
    Text,
)
from kernel.paging import PageQuery
from kernel.sheets.columns import Column, Kind, Sheet, labels_of
from registry.organisations.commands.credit import NewCreditEntry
from registry.organisations.commands.endings import NewEnding, NewName
from registry.organisations.commands.imports import ListedOrganisation
from registry.organisations.commands.organisations import Amendment, NewOrganisation
from registry.organisations.models import (
    ChangeKind,
    Consequence,
    CreditKind,
    Ending,
    OrganisationKind,
)


class OrganisationsQuery(PageQuery):
    """Which organisations to list; `name` is a part of it."""

    kind = EnumField(OrganisationKind, load_default=None)
    name = Text(load_default=None, max=120)


class OrganisationIn(Schema):
    """An organisation to register."""

    makes = NewOrganisation

    credit_code = CreditCode(required=True)
    name = Text(required=True, max=120)
    kind = EnumField(OrganisationKind, required=True)
    region_code = RegionCode(required=True)
    supervising_id = Key(load_default=None, allow_none=True)


class ListedOrganisationIn(Schema):
    """An organisation as a clerk lists it, its supervising one by code or by name and region."""

    makes = ListedOrganisation

    credit_code = CreditCode(required=True)
    name = Text(required=True, max=120)
    kind = EnumField(OrganisationKind, required=True)
    region_code = RegionCode(required=True)
    supervising_credit_code = CreditCode(load_default=None)
    supervising_name = Text(load_default=None, max=120)
    supervising_region_code = RegionCode(load_default=None)
    supervising_id = Key(load_default=None)


class AmendmentIn(Schema):
    """What to change; what is absent stays."""

    makes = Amendment

    name = Text(max=120)
    region_code = RegionCode()
    member_count = fields.Integer(strict=True, validate=ma.validate.Range(min=1, max=1_000_000))
    capital_fen = Money()


class OrganisationOut(Schema):
    """An organisation."""

    id = Key(required=True)
    credit_code = fields.String(required=True)
    name = fields.String(required=True)
    kind = EnumField(OrganisationKind, required=True)
    region_code = RegionCode(required=True)
    supervising_id = Key(required=True, allow_none=True)
    ended_on = Day(required=True, allow_none=True)
    ending = EnumField(Ending, required=True, allow_none=True)
    successor_id = Key(required=True, allow_none=True)
    member_count = fields.Integer(required=True, allow_none=True)
    capital_fen = Money(required=True, allow_none=True)
    created_at = Instant(required=True)
    version = fields.Integer(required=True)


class NameIn(Schema):
    """A new name, the day it holds from, and the document that says so."""

    makes = NewName

    name = Text(required=True, max=120)
    effective_on = Day(required=True)
    source = Text(required=True, max=300)


class MergerIn(Schema):
    """The organisation that takes the place of one that ends."""

    makes = NewEnding

    successor_id = Key(required=True)
    effective_on = Day(required=True)
    source = Text(required=True, max=300)


class AbolitionIn(Schema):
    """The end of an organisation, with or without one that takes its place."""

    makes = NewEnding

    successor_id = Key(load_default=None, allow_none=True)
    effective_on = Day(required=True)
    source = Text(required=True, max=300)


class FormerNameOut(Schema):
    """What an organisation was called, for `[since_on, until_on)`."""

    name = fields.String(required=True)
    since_on = Day(required=True, allow_none=True)
    until_on = Day(required=True)
    source = fields.String(required=True)


class OrganisationChangeOut(Schema):
    """What happened to an organisation."""

    kind = EnumField(ChangeKind, required=True)
    effective_on = Day(required=True)
    from_id = Key(required=True, allow_none=True)
    to_id = Key(required=True, allow_none=True)
    source = fields.String(required=True)
    recorded_at = Instant(required=True)


class OrganisationHistoryOut(Schema):
    """An organisation's former names and what happened to it, the oldest first."""

    names = fields.List(fields.Nested(FormerNameOut), required=True)
    changes = fields.List(fields.Nested(OrganisationChangeOut), required=True)


class CreditEntryIn(Schema):
    """What to put on a credit record."""

    makes = NewCreditEntry

    kind = EnumField(CreditKind, required=True)
    source = Text(required=True, max=300)
    document_id = Key(load_default=None, allow_none=True)
    since_on = Day(required=True)
    until_on = Day(load_default=None, allow_none=True)
    consequences = fields.List(
        EnumField(Consequence),
        load_default=list,
        validate=ma.validate.Length(max=len(Consequence)),
    )


class WithdrawalIn(Schema):
    """Why an entry is withdrawn."""

    reason = Text(required=True, max=300)


class CreditEntryOut(Schema):
    """An entry of a credit record."""

    id = Key(required=True)
    organisation_id = Key(required=True)
    kind = EnumField(CreditKind, required=True)
    source = fields.String(required=True)
    document_id = Key(required=True, allow_none=True)
    recorded_on = Day(required=True)
    since_on = Day(required=True)
    until_on = Day(required=True, allow_none=True)
    consequences = fields.List(fields.String(), required=True)
    withdrawn_at = Instant(required=True, allow_none=True)
    withdrawal_reason = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class ConsequencesQuery(Schema):
    """On which day."""

    on = Day(load_default=None)


class ConsequencesOut(Schema):
    """What a credit record leads to on a Shanghai day, each once."""

    organisation_id = Key(required=True)
    on = Day(required=True)
    consequences = fields.List(EnumField(Consequence), required=True)


KINDS = labels_of(
    OrganisationKind,
    budget_unit=("预算单位", "budget unit"),
    state_enterprise=("国有企业", "state enterprise"),
    trade_union=("工会", "trade union"),
    private_enterprise=("民营企业", "private enterprise"),
    social_organisation=("社会组织", "social organisation"),
    canteen_contractor=("食堂承包单位", "canteen contractor"),
    cooperative=("专业合作社", "cooperative"),
    leading_enterprise=("龙头企业", "leading enterprise"),
    family_farm=("家庭农场", "family farm"),
    village_collective=("村集体", "village collective"),
    trading_agent=("经销代理商", "trading agent"),
    authority=("主管部门", "authority"),
    finance_bureau=("财政部门", "finance bureau"),
    platform=("平台", "platform"),
)

LISTED = (
    Column("credit_code", "统一社会信用代码", "Credit code", Kind.IDENTITY, width=22),
    Column("name", "单位名称", "Name", width=30),
    Column("kind", "单位类型", "Kind", Kind.CHOICE, labels=KINDS),
    Column("region_code", "所在地代码", "Region code", Kind.CODE),
)
SUPERVISING_ID = Column("supervising_id", "主管单位标识", "Supervising organisation", width=38)

ORGANISATIONS = Sheet(
    name="organisations",
    zh="单位名录",
    en="Organisations",
    columns=(
        *LISTED,
        Column(
            "supervising_credit_code",
            "主管单位统一社会信用代码",
            "Credit code of the supervising organisation",
            Kind.IDENTITY,
            width=26,
        ),
        Column("supervising_name", "主管单位名称", "Supervising organisation's name", width=30),
        Column(
            "supervising_region_code",
            "主管单位所在地代码",
            "Supervising organisation's region",
            Kind.CODE,
        ),
        SUPERVISING_ID,
    ),
    schema=ListedOrganisationIn(),
    unique=("credit_code",),
)
"""The import: the supervising organisation by code, by name and region, or as the export has it."""

ORGANISATIONS_SHOWN = Sheet(
    name="organisations",
    zh="单位名录",
    en="Organisations",
    columns=(*LISTED, SUPERVISING_ID),
)
"""The export; it may be handed in as it is."""

CREDIT_KINDS = labels_of(
    CreditKind,
    commendation=("表彰", "commendation"),
    warning=("警告", "warning"),
    penalty=("处罚", "penalty"),
    dishonest=("失信", "dishonest"),
)
CREDIT_ENTRIES = Sheet(
    name="credit_entries",
    zh="信用记录",
    en="Credit record",
    columns=(
        Column("id", "记录标识", "Entry", width=38),
        Column("kind", "类别", "Kind", Kind.CHOICE, labels=CREDIT_KINDS),
        Column("source", "依据", "Source", width=40),
        Column("recorded_on", "记录日期", "Recorded", Kind.DAY),
        Column("since_on", "起始日期", "Since", Kind.DAY),
        Column("until_on", "终止日期", "Until", Kind.DAY),
        Column("withdrawn_at", "撤销时间", "Withdrawn", width=24),
        Column("withdrawal_reason", "撤销理由", "Reason", width=40),
    ),
)
