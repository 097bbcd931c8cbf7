"""Regions and designations in JSON."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import Day, EnumField, Flag, Key, RegionCode, Schema, Text
from kernel.paging import PageQuery
from kernel.sheets.columns import Column, Kind, Sheet, labels_of
from registry.regions.commands.lists import ListedPlace
from registry.regions.commands.regions import NewDesignation, NewSuccessor, NewVillage
from registry.regions.models import DesignationKind, RegionLevel
from registry.regions.rules import NATION


class RegionsQuery(PageQuery):
    """The regions directly inside one; without a parent, the provinces."""

    parent = RegionCode(load_default=NATION)


class VillageIn(Schema):
    """A village to add under the town of its first nine digits."""

    makes = NewVillage

    code = RegionCode(required=True)
    name = Text(required=True, max=60)


class DesignationIn(Schema):
    """A place to put on a list of helped places."""

    makes = NewDesignation

    kind = EnumField(DesignationKind, required=True)
    region_code = RegionCode(required=True)
    valid_from_on = Day(required=True)
    valid_until_on = Day(load_default=None, allow_none=True)
    name_at_listing = Text(load_default=None, allow_none=True, max=60)
    partner_code = RegionCode(load_default=None, allow_none=True)
    source = Text(required=True, max=300)


class DesignationOut(Schema):
    """A place on a list of helped places."""

    id = Key(required=True)
    kind = EnumField(DesignationKind, required=True)
    region_code = RegionCode(required=True)
    name_at_listing = fields.String(required=True)
    valid_from_on = Day(required=True)
    valid_until_on = Day(required=True, allow_none=True)
    partner_code = RegionCode(required=True, allow_none=True)
    source = fields.String(required=True)


class RegionOut(Schema):
    """A region with its own designations in force today."""

    code = RegionCode(required=True)
    name = fields.String(required=True)
    level = EnumField(RegionLevel, required=True)
    parent_code = RegionCode(required=True, allow_none=True)
    valid_from_on = Day(required=True, allow_none=True)
    valid_until_on = Day(required=True, allow_none=True)
    successor_code = RegionCode(required=True, allow_none=True)
    designations = fields.List(fields.Nested(DesignationOut), required=True)


class DayQuery(Schema):
    """The day that is asked about; without one, today."""

    on = Day(load_default=None)


class PlaceOut(Schema):
    """A region by code and name."""

    code = RegionCode(required=True)
    name = fields.String(required=True)
    level = EnumField(RegionLevel, required=True)


class RegionResolutionOut(Schema):
    """What a code stands for on a day; several where it was split, none where nobody knows."""

    code = RegionCode(required=True)
    on = Day(required=True)
    in_force = Flag(required=True)
    items = fields.List(fields.Nested(PlaceOut), required=True)


class SuccessorIn(Schema):
    """One of several codes that a code went into."""

    makes = NewSuccessor

    code = RegionCode(required=True)
    successor_code = RegionCode(required=True)
    since_on = Day(required=True)
    source = Text(required=True, max=300)


class SuccessorOut(Schema):
    """One of several codes that a code went into."""

    code = RegionCode(required=True)
    successor_code = RegionCode(required=True)
    since_on = Day(required=True)
    source = fields.String(required=True)


class ListedPlaceIn(Schema):
    """A row of a list of helped places, by the code and the name of its time."""

    makes = ListedPlace

    kind = EnumField(DesignationKind, required=True)
    region_code = RegionCode(required=True)
    name_at_listing = Text(required=True, max=60)
    name_confirmed = Flag(load_default=False)
    valid_from_on = Day(required=True)
    valid_until_on = Day(load_default=None)
    partner_code = RegionCode(load_default=None)
    source = Text(required=True, max=300)


DESIGNATION_KINDS = labels_of(
    DesignationKind,
    national_832=("832个脱贫县", "national 832"),
    provincial_village=("省定贫困村", "provincial village"),
    paired_region=("对口帮扶地区", "paired region"),
    key_county=("乡村振兴重点帮扶县", "key county"),
)
LEVELS = labels_of(
    RegionLevel,
    nation=("国家", "nation"),
    province=("省", "province"),
    city=("市", "city"),
    county=("县", "county"),
    town=("乡镇", "town"),
    village=("村", "village"),
)

DESIGNATIONS = Sheet(
    name="designations",
    zh="帮扶地区名单",
    en="Designations",
    columns=(
        Column("kind", "名单", "List", Kind.CHOICE, labels=DESIGNATION_KINDS),
        Column("region_code", "地区代码", "Region code", Kind.CODE),
        Column("name_at_listing", "列入时名称", "Name at listing"),
        Column("name_confirmed", "名称已核对", "Name confirmed", Kind.FLAG, width=12),
        Column("valid_from_on", "起始日期", "From", Kind.DAY),
        Column("valid_until_on", "终止日期", "Until", Kind.DAY),
        Column("partner_code", "帮扶方代码", "Partner", Kind.CODE),
        Column("source", "依据", "Source", width=40),
    ),
    schema=ListedPlaceIn(),
    unique=("kind", "region_code", "name_at_listing"),
)

VILLAGES = Sheet(
    name="villages",
    zh="村名录",
    en="Villages",
    columns=(
        Column("code", "村代码", "Village code", Kind.CODE),
        Column("name", "村名", "Name", width=24),
    ),
    schema=VillageIn(),
    unique=("code",),
)

REGIONS = Sheet(
    name="regions",
    zh="行政区划",
    en="Regions",
    columns=(
        Column("code", "代码", "Code"),
        Column("name", "名称", "Name", width=24),
        Column("level", "级别", "Level", Kind.CHOICE, labels=LEVELS),
        Column("parent_code", "上级代码", "Inside"),
        Column("valid_from_on", "启用日期", "From", Kind.DAY),
        Column("valid_until_on", "废止日期", "Until", Kind.DAY),
        Column("successor_code", "继任代码", "Successor"),
    ),
)
