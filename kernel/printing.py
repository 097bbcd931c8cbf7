"""A page of A4 in Chinese to print on; the same words are the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import pylopdf_fonts_zh_cn as fonts
from fpdf import FPDF
from fpdf.enums import TableBordersLayout

FONT = "noto"


def chinese_page(title: str, *, margin: int, made_at: datetime | None = None) -> FPDF:
    """Give an empty page with its font ready as FONT; `margin` in mm, left, right and on top.

    Without `made_at` the paper says when it was drawn.
    """
    paper = FPDF(format="A4")
    if made_at is not None:
        paper.set_creation_date(made_at.astimezone(UTC))
    paper.set_title(title)
    paper.set_lang("zh-CN")
    paper.set_margins(margin, margin)
    paper.add_page()
    paper.add_font(FONT, fname=fonts.sans_path())
    return paper


def print_sheet(
    title: str,
    said: Iterable[str],
    table: tuple[Sequence[str], Sequence[Sequence[str]]],
    *,
    after: Iterable[str],
    made_at: datetime,
    margin: int = 15,
) -> bytes:
    """Print a title, sentences, a table (its head and its rows), and sentences behind it."""
    head, rows = table
    paper = chinese_page(title, margin=margin, made_at=made_at)
    paper.set_auto_page_break(auto=True, margin=margin)
    paper.set_font(FONT, size=16)
    paper.multi_cell(0, 10, title, align="C", new_x="LMARGIN", new_y="NEXT")
    _say(paper, said)
    paper.ln(2)
    paper.set_font(FONT, size=8)
    layout = TableBordersLayout.SINGLE_TOP_LINE
    with paper.table(borders_layout=layout, first_row_as_headings=False) as drawn:
        for row in (head, *rows):
            drawn.row(row)
    paper.ln(2)
    _say(paper, after)
    return bytes(paper.output())


def _say(paper: FPDF, sentences: Iterable[str]) -> None:
    paper.set_font(FONT, size=10)
    for sentence in filter(None, sentences):
        paper.multi_cell(0, 6, sentence, new_x="LMARGIN", new_y="NEXT")
