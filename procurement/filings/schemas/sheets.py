"""Promises as sheets: the list that a supervising unit hands in, and the list as it stands."""

from __future__ import annotations

from kernel.fields import CreditCode
from kernel.sheets.columns import Column, Kind, Sheet, labels_of
from procurement.filings.commands.imports import FilingRow
from procurement.filings.models import FilingStatus, UnionSituation
from procurement.filings.schemas.filings import FilingFields
from procurement.policies.models import Situation

SITUATIONS = labels_of(
    Situation,
    own=("自营食堂", "own canteen"),
    outsourced=("外包食堂", "outsourced canteen"),
    shared=("共用食堂", "shared canteen"),
    none=("无食堂", "no canteen"),
)
UNION_SITUATIONS = labels_of(
    UnionSituation,
    own_funds=("有独立工会经费", "own union funds"),
    no_union_funds=("无独立工会经费", "no union funds"),
)
STATUSES = labels_of(
    FilingStatus,
    draft=("草稿", "draft"),
    submitted=("已提交", "submitted"),
    superior_confirmed=("主管单位已确认", "confirmed by superior"),
    confirmed=("已生效", "in force"),
    returned=("已退回", "returned"),
    superseded=("已被修订取代", "superseded"),
    withdrawn=("已撤回", "withdrawn"),
    lapsed=("已失效", "lapsed"),
)

YEAR = Column("year", "年度", "Year", Kind.WHOLE, width=8)
FIGURES = (
    Column("situation", "食堂情形", "Canteen", Kind.CHOICE, labels=SITUATIONS),
    Column("canteen_total_fen", "食堂食材采购总额（元）", "Canteen total (yuan)", Kind.YUAN),
    Column("reserved_fen", "预留金额（元）", "Reserved (yuan)", Kind.YUAN),
    Column("ceiling_fen", "采购额度（元）", "Ceiling (yuan)", Kind.YUAN),
    Column("union_situation", "工会经费情形", "Union", Kind.CHOICE, labels=UNION_SITUATIONS),
    Column("union_total_fen", "工会采购总额（元）", "Union total (yuan)", Kind.YUAN),
    Column("union_reserved_fen", "工会预留金额（元）", "Union reserved (yuan)", Kind.YUAN),
    Column("union_ceiling_fen", "工会采购额度（元）", "Union ceiling (yuan)", Kind.YUAN),
    Column("union_heads", "工会会员人数", "Union members", Kind.WHOLE),
    Column("farm_produce_total_fen", "农副产品采购总额（元）", "Farm produce (yuan)", Kind.YUAN),
    Column("canteen_subsidised", "食堂使用财政补助", "Subsidised canteen", Kind.FLAG),
    Column("central_unit", "中央预算单位", "Central unit", Kind.FLAG),
    Column("contract_clause", "外包合同已写明责任", "Contract states duty", Kind.FLAG),
    Column("note", "备注", "Note", width=40),
)


class FilingRowIn(FilingFields):
    """A promise as a list names it: units by their credit codes."""

    makes = FilingRow

    credit_code = CreditCode(required=True)
    representative_code = CreditCode(load_default=None, allow_none=True)


CODE = Column("credit_code", "统一社会信用代码", "Credit code", Kind.IDENTITY, width=22)
REPRESENTATIVE = Column(
    "representative_code",
    "共用食堂填报单位信用代码",
    "Representative's credit code",
    Kind.IDENTITY,
    width=26,
)

FILINGS = Sheet(
    name="filings",
    zh="预留份额填报",
    en="Filings",
    columns=(CODE, YEAR, *FIGURES, REPRESENTATIVE),
    schema=FilingRowIn(),
    unique=("credit_code", "year"),
)

FILINGS_SHOWN = Sheet(
    name="filings",
    zh="预留份额填报",
    en="Filings",
    columns=(
        Column("number", "填报编号", "Number", width=26),
        Column("unit_id", "单位标识", "Unit", width=38),
        YEAR,
        Column("revision", "修订次数", "Revision", Kind.WHOLE, width=8),
        *FIGURES,
        Column("floor_fen", "应预留金额（元）", "Floor (yuan)", Kind.YUAN),
        Column("status", "状态", "Status", Kind.CHOICE, labels=STATUSES),
    ),
)
