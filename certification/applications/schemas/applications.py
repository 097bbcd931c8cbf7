"""Applications, their steps and their notice in JSON."""

from __future__ import annotations

from marshmallow import fields, validate

from certification.applications.models import ApplicationStatus, Decision
from certification.applications.queries.contents import (
    ApplicationContents,
    ComparisonPrice,
    HouseholdQuantity,
)
from certification.criteria.models import ReviewLevel
from kernel.fields import (
    Code,
    Day,
    EnumField,
    Flag,
    Instant,
    Key,
    PositiveMoney,
    QuantityField,
    RegionCode,
    Schema,
    Text,
)
from kernel.paging import PageQuery
from kernel.quantity import Unit
from kernel.sheets.columns import Column, Kind, Sheet
from registry.documents.schemas import DocumentOut

MAX_PAPERS = 50
MAX_LINKS = 500
MAX_PRICES = 30


class ComparisonPriceIn(Schema):
    """What a like product costs elsewhere, fen per unit, tax in, and where that was seen."""

    makes = ComparisonPrice

    source = Text(max=300, required=True)
    observed_on = Day(required=True)
    specification = Text(max=200, required=True)
    unit = EnumField(Unit, required=True)
    unit_price_fen = PositiveMoney(required=True)


class HouseholdQuantityIn(Schema):
    """What a linked household brings of the yearly quantity, in the application's unit."""

    makes = HouseholdQuantity

    benefit_link_id = Key(required=True)
    quantity = QuantityField(required=True)


class _ContentsIn(Schema):
    """What a holder says about the product."""

    scheme_code = Code(required=True)
    product_name = Text(max=100, required=True)
    category_code = Code(required=True)
    specification = Text(max=200, required=True)
    unit = EnumField(Unit, required=True)
    origin_region_code = RegionCode(required=True)
    yearly_quantity = QuantityField(required=True)
    goods_value_fen = PositiveMoney(required=True)
    unit_price_fen = PositiveMoney(required=True)
    document_ids = fields.List(Key(), required=True, validate=validate.Length(max=MAX_PAPERS))
    benefit_link_ids = fields.List(Key(), required=True, validate=validate.Length(max=MAX_LINKS))
    pledge = Flag(required=True)
    comparison_prices = fields.List(
        fields.Nested(ComparisonPriceIn), validate=validate.Length(max=MAX_PRICES)
    )
    household_quantities = fields.List(
        fields.Nested(HouseholdQuantityIn), validate=validate.Length(max=MAX_LINKS)
    )


class ApplicationIn(_ContentsIn):
    """A new application; the price has tax in and freight out."""

    makes = ApplicationContents


class ApplicationEdit(_ContentsIn):
    """Changes to an application; what is not named stays."""

    def __init__(self) -> None:
        super().__init__(partial=True)


class ApplicationQuery(PageQuery):
    """What to list."""

    status = EnumField(ApplicationStatus, load_default=None)


class ApplicationItemOut(Schema):
    """An application in a list."""

    id = Key(required=True)
    number = Code(required=True)
    status = EnumField(ApplicationStatus, required=True)
    round = fields.Integer(required=True)
    holder_id = Key(required=True)
    product_name = Text(required=True)
    category_code = Code(required=True)
    origin_region_code = RegionCode(required=True)
    submitted_at = Instant(required=True, allow_none=True)
    due_on = Day(required=True, allow_none=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)


class ApplicationReasonOut(Schema):
    """Why an application came back: a JSON pointer into it, and what is wrong there."""

    pointer = Text(required=True)
    text = Text(max=1000, required=True)


class ApplicationStepOut(Schema):
    """A decision of one level; `decision` is null where the chain still waits for it."""

    round = fields.Integer(required=True)
    level = EnumField(ReviewLevel, required=True)
    decision = EnumField(Decision, required=True, allow_none=True)
    status = EnumField(ApplicationStatus, required=True, allow_none=True)
    opinion = Text(required=True, allow_none=True)
    reviewer_id = Key(required=True, allow_none=True)
    organisation_id = Key(required=True, allow_none=True)
    at = Instant(required=True, allow_none=True)
    reasons = fields.List(fields.Nested(ApplicationReasonOut), required=True)


class ApplicationObjectionOut(Schema):
    """An objection without the person who made it; the holder reads only published words."""

    id = Key(required=True)
    text = Text(max=4000, required=True, allow_none=True)
    lodged_at = Instant(required=True)
    reply = Text(max=4000, required=True, allow_none=True)
    upheld = fields.Boolean(required=True, allow_none=True)
    replied_at = Instant(required=True, allow_none=True)


class ApplicationNoticeOut(Schema):
    """The public notice of an application; nothing is decided before `closes_on`."""

    id = Key(attribute="notice.id", required=True)
    number = Code(attribute="notice.number", required=True)
    region_code = RegionCode(attribute="notice.region_code", required=True)
    working_days = fields.Integer(attribute="notice.working_days", required=True)
    opens_on = Day(attribute="notice.opens_on", required=True)
    closes_on = Day(attribute="notice.closes_on", required=True)
    rule_source = Text(attribute="notice.rule_source", max=1000, required=True)
    objections = fields.List(fields.Nested(ApplicationObjectionOut), required=True)


class CertificateHolderOut(Schema):
    """The organisation that holds or wants a certificate."""

    id = Key(required=True)
    name = Text(required=True)
    credit_code = Code(required=True)


class ApplicationOut(Schema):
    """An application with everything that belongs to it."""

    id = Key(attribute="application.id", required=True)
    number = Code(attribute="application.number", required=True)
    status = EnumField(ApplicationStatus, attribute="application.status", required=True)
    round = fields.Integer(attribute="application.round", required=True)
    version = fields.Integer(attribute="application.version", required=True)
    scheme_code = Code(attribute="scheme.code", required=True)
    scheme_version = fields.Integer(attribute="scheme.version", required=True)
    review_chain = fields.List(EnumField(ReviewLevel), attribute="scheme.levels", required=True)
    holder = fields.Nested(CertificateHolderOut, required=True)
    author_id = Key(attribute="application.author_id", required=True)
    product_name = Text(attribute="application.product_name", required=True)
    category_code = Code(attribute="application.category_code", required=True)
    specification = Text(attribute="application.specification", required=True)
    unit = EnumField(Unit, attribute="application.unit", required=True)
    origin_region_code = RegionCode(attribute="application.origin_region_code", required=True)
    yearly_quantity = QuantityField(attribute="application.yearly_quantity", required=True)
    goods_value_fen = PositiveMoney(attribute="application.goods_value_fen", required=True)
    unit_price_fen = PositiveMoney(attribute="application.unit_price_fen", required=True)
    document_ids = fields.List(Key(), required=True)
    benefit_link_ids = fields.List(Key(), required=True)
    comparison_prices = fields.List(fields.Nested(ComparisonPriceIn), required=True)
    household_quantities = fields.List(fields.Nested(HouseholdQuantityIn), required=True)
    pledge = fields.Boolean(attribute="application.pledge", required=True)
    due_on = Day(attribute="application.due_on", required=True, allow_none=True)
    submitted_at = Instant(attribute="application.submitted_at", required=True, allow_none=True)
    created_at = Instant(attribute="application.created_at", required=True)
    updated_at = Instant(attribute="application.updated_at", required=True)
    steps = fields.List(fields.Nested(ApplicationStepOut), required=True)
    notice = fields.Nested(ApplicationNoticeOut, required=True, allow_none=True)


APPLICATIONS = Sheet(
    name="applications",
    zh="认定申报清单",
    en="Applications",
    columns=(
        Column("number", "申报编号", "Number", width=28),
        Column("status", "状态", "Status"),
        Column("round", "轮次", "Round", Kind.WHOLE),
        Column("holder_id", "申报单位标识", "Holder", width=38),
        Column("product_name", "产品名称", "Product", width=24),
        Column("category_code", "类别", "Category"),
        Column("origin_region_code", "产地代码", "Origin"),
        Column("submitted_at", "提交时间", "Submitted", width=24),
        Column("due_on", "办理期限", "Due", Kind.DAY),
    ),
)


class ApplicationDocumentListOut(Schema):
    """The papers of an application, in its order."""

    items = fields.List(fields.Nested(DocumentOut), required=True)
