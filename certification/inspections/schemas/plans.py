"""Draw plans in JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from certification.inspections.commands.plans import NewPlan
from certification.inspections.models.plans import PlanStatus, Stratification
from kernel.fields import Code, Day, EnumField, Instant, Key, RegionCode, Schema, Text
from kernel.paging import PageQuery
from kernel.sheets.columns import Column, Kind, Sheet
from registry.regions.rules import NATION

MAX_STRATA, MAX_SIZE = 200, 10_000


class InspectionStratumIn(Schema):
    """How many of a stratum: a category's code, a county's six digits, or `all`."""

    code = Code(required=True)
    size = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=MAX_SIZE))


class PlanIn(Schema):
    """A draw to announce; `public_source` says where the value of `public_value_on` is found."""

    title = Text(max=200, required=True)
    region_code = RegionCode(required=True)
    category_code = Code(load_default=None)
    as_of_on = Day(required=True)
    stratification = EnumField(Stratification, required=True)
    strata = fields.List(
        fields.Nested(InspectionStratumIn),
        required=True,
        validate=validate.Length(min=1, max=MAX_STRATA),
    )
    public_source = Text(max=500, required=True)
    public_value_on = Day(required=True)

    @post_load
    def _make_plan(self, data: dict[str, Any], **_: Any) -> NewPlan:
        strata = data.pop("strata")
        return NewPlan(**data, sizes={one["code"]: one["size"] for one in strata})


class DrawIn(Schema):
    """The value that the public source published, as it was published."""

    public_value = Text(max=200, required=True)


class PlanQuery(PageQuery):
    """Which plans to list."""

    region = RegionCode(load_default=NATION)
    status = EnumField(PlanStatus, load_default=None)


class PlanItemOut(Schema):
    """A plan in a list."""

    id = Key(required=True)
    number = Code(required=True)
    title = Text(required=True)
    region_code = RegionCode(required=True)
    category_code = Code(required=True, allow_none=True)
    status = EnumField(PlanStatus, required=True)
    as_of_on = Day(required=True)
    stratification = EnumField(Stratification, required=True)
    public_source = Text(max=500, required=True)
    public_value_on = Day(required=True)
    public_value = Text(required=True, allow_none=True)
    commitment = fields.String(required=True)
    frame_sha256 = fields.String(required=True, allow_none=True)
    frame_size = fields.Integer(required=True, allow_none=True)
    announced_at = Instant(required=True)
    drawn_at = Instant(required=True, allow_none=True)
    revealed_at = Instant(required=True, allow_none=True)


class InspectionStratumOut(Schema):
    """A stratum: drawn `size` of `frame_size`, all where there are fewer."""

    code = Code(required=True)
    size = fields.Integer(required=True)
    frame_size = fields.Integer(required=True, allow_none=True)


class InspectionLedgerOut(Schema):
    """How far a plan is; findings opened = closed + open."""

    tasks = fields.Integer(required=True)
    started = fields.Integer(required=True)
    findings_opened = fields.Integer(required=True)
    findings_closed = fields.Integer(required=True)
    findings_open = fields.Integer(required=True)


class PlanOut(Schema):
    """A plan; `secret` and `sample` are null until nothing of the draw is hidden."""

    plan = fields.Nested(PlanItemOut, required=True)
    strata = fields.List(fields.Nested(InspectionStratumOut), required=True)
    ledger = fields.Nested(InspectionLedgerOut, required=True)
    secret = fields.String(required=True, allow_none=True)
    sample = fields.List(Code(), required=True, allow_none=True)


PLANS = Sheet(
    name="inspection_plans",
    zh="抽查计划清单",
    en="Draws",
    columns=(
        Column("number", "编号", "Number", width=28),
        Column("title", "名称", "Title", width=30),
        Column("region_code", "地区代码", "Region", Kind.CODE),
        Column("category_code", "类别", "Category"),
        Column("status", "状态", "Status"),
        Column("as_of_on", "基准日", "As of", Kind.DAY),
        Column("public_source", "公开随机源", "Public source", width=30),
        Column("public_value_on", "公开日期", "Published on", Kind.DAY),
        Column("public_value", "公开值", "Public value", width=30),
        Column("frame_sha256", "抽样框摘要", "Hash of the frame", width=66),
        Column("frame_size", "抽样框数量", "Size of the frame", Kind.WHOLE),
    ),
)
