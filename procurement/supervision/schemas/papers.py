"""A circular on paper and in a workbook: the same contents are the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]
from fpdf import FPDF
from fpdf.enums import TableBordersLayout

from kernel.printing import FONT, chinese_page
from kernel.sheets.writing import MADE, OPTIONS
from procurement.supervision.models.circulars import CircularStatus, Drawn
from procurement.supervision.models.standings import Standing
from procurement.supervision.rules.circulars import figure, named
from procurement.supervision.schemas.words import STANDINGS, period, rate, share, title, yuan

MARGIN, LINE = 22, 7
UNKNOWN = "—"
"""What a circular does not say that was frozen before the house asked."""
MOST_RANKED = 200
"""So many units are ranked on paper; the workbook has all."""
NAMED = (
    Standing.NOT_ACTIVATED,
    Standing.NOT_FILED,
    Standing.RETURNED,
    Standing.BOUGHT_NOTHING,
    Standing.BEHIND,
    Standing.UNMET,
)
REGION_HEAD = ("地区", "单位数", "预留（元）", "计入完成（元）", "完成率")
UNIT_HEAD = ("名次", "单位", "预留（元）", "计入完成（元）", "完成率", "状况")
DELAY_HEAD = (
    "单位",
    "逾期金额（元）",
    "其中超最长账期（元）",
    "订单数",
    "最长逾期（天）",
    "应计利息（元）",
)
Row = Sequence[str]


def print_circular(circular: Drawn) -> bytes:
    """Print a circular in Chinese on A4."""
    contents = circular.contents
    paper = chinese_page(title(contents), margin=MARGIN, made_at=circular.as_of)
    paper.set_auto_page_break(auto=True, margin=MARGIN)
    paper.set_font(FONT, size=16)
    paper.multi_cell(0, 10, title(contents), align="C", new_x="LMARGIN", new_y="NEXT")
    paper.set_font(FONT, size=10)
    paper.multi_cell(0, LINE, _mark(circular), align="C", new_x="LMARGIN", new_y="NEXT")
    paper.set_font(FONT, size=11)
    for said in _sentences(contents):
        paper.multi_cell(0, LINE, said, new_x="LMARGIN", new_y="NEXT")
    _table(paper, "一、各地情况", REGION_HEAD, _region_rows(contents))
    units = list(_unit_rows(contents))
    _table(paper, "二、单位排名", UNIT_HEAD, units[:MOST_RANKED])
    if len(units) > MOST_RANKED:
        paper.multi_cell(0, LINE, f"共 {len(units)} 个单位，其余见附表。", new_x="LMARGIN")
    _table(paper, "三、逾期未付货款", DELAY_HEAD, _delay_rows(contents))
    paper.set_font(FONT, size=8)
    paper.multi_cell(0, 5, _questions(circular), new_x="LMARGIN", new_y="NEXT")
    return bytes(paper.output())


def write_workbook(circular: Drawn) -> bytes:
    """Write a circular as XLSX: summary, regions, every unit, late payments, questions."""
    contents = circular.contents
    into = BytesIO()
    book = xlsxwriter.Workbook(into, {**OPTIONS, "constant_memory": False, "in_memory": True})
    book.set_properties({"title": title(contents), "created": MADE})
    bold = book.add_format({"bold": True, "bottom": 1})
    summary = [[one["zh"], _value(one)] for one in contents["figures"]]
    questions = [[name, path] for name, path in contents["questions"].items()]
    for name, head, rows in (
        ("总体", ("指标", "数值"), summary),
        ("各地", REGION_HEAD, _region_rows(contents)),
        ("单位", UNIT_HEAD, _unit_rows(contents)),
        ("逾期未付", DELAY_HEAD, _delay_rows(contents)),
        ("查询依据", ("名称", "查询"), questions),
    ):
        page = book.add_worksheet(name)
        page.freeze_panes(1, 0)
        page.set_column(0, len(head) - 1, 24)
        for number, row in enumerate([head, *rows]):
            for index, cell in enumerate(row):
                page.write_string(number, index, cell, bold if number == 0 else None)
    book.close()
    return into.getvalue()


def _mark(circular: Drawn) -> str:
    said = {
        CircularStatus.DRAFT: "（草稿，未印发）",
        CircularStatus.ISSUED: f"编号 {circular.number}",
        CircularStatus.WITHDRAWN: f"编号 {circular.number}（已撤回）",
    }[circular.status]
    return f"{said}　统计范围：{period(circular.contents)}　内容摘要 {circular.digest.hex()[:16]}"


def _sentences(contents: Mapping[str, Any]) -> list[str]:
    units, active, filed = (figure(contents, code) for code in ("units", "activated", "filed"))
    whole = {one["code"]: one["value"] for one in contents["figures"]}
    said = [
        (
            f"截至统计期末，共有预算单位 {units} 家，已激活 {active} 家（{share(active, units)}），"
            f"已填报 {filed} 家（{share(filed, units)}）。"
        ),
        (
            f"预留采购金额 {yuan(whole['reserved_fen'])} 元，"
            f"已计入完成 {yuan(whole['counted_fen'])} 元，"
            f"完成率 {rate(whole)}；已支付 {yuan(whole['paid_fen'])} 元，"
            f"尚欠 {yuan(whole['owed_fen'])} 元。"
        ),
    ]
    for standing in NAMED:
        names = named(contents, standing)
        if names:
            said.append(f"{STANDINGS[standing]}单位 {len(names)} 家：{'、'.join(names)}。")
    return said


def _region_rows(contents: Mapping[str, Any]) -> Iterable[Row]:
    for one in contents["regions"]:
        amounts = yuan(one["reserved_fen"]), yuan(one["counted_fen"])
        yield one["name"], str(one["units"]), *amounts, rate(one)


def _unit_rows(contents: Mapping[str, Any]) -> Iterable[Row]:
    for one in contents["units"]:
        place = "—" if one["place"] is None else str(one["place"])
        amounts = yuan(one["reserved_fen"]), yuan(one["counted_fen"])
        yield place, one["name"], *amounts, rate(one), STANDINGS[Standing(one["standing"])]


def _delay_rows(contents: Mapping[str, Any]) -> Iterable[Row]:
    for one in contents["delays"]:
        counts = str(one["orders"]), str(one["longest_days"])
        beyond = yuan(one["beyond_fen"]) if "beyond_fen" in one else UNKNOWN
        yield one["name"], yuan(one["overdue_fen"]), beyond, *counts, yuan(one["interest_fen"])


def _value(one: Mapping[str, Any]) -> str:
    return f"{yuan(one['value'])} 元" if one["code"].endswith("_fen") else str(one["value"])


def _questions(circular: Drawn) -> str:
    paths = "\n".join(circular.contents["questions"].values())
    digest = f"完整摘要（SHA-256）{circular.digest.hex()}"
    return f"各项数据可由以下查询按统计期末重新得出：\n{paths}\n{digest}"


def _table(paper: FPDF, name: str, head: Row, rows: Iterable[Row]) -> None:
    found = list(rows)
    paper.ln(3)
    paper.set_font(FONT, size=12)
    paper.multi_cell(0, LINE, name if found else f"{name}：无", new_x="LMARGIN", new_y="NEXT")
    if not found:
        return
    paper.set_font(FONT, size=9)
    with paper.table(
        borders_layout=TableBordersLayout.SINGLE_TOP_LINE, first_row_as_headings=False
    ) as table:
        for row in [head, *found]:
            line = table.row()
            for cell in row:
                line.cell(cell)
