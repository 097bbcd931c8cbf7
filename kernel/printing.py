"""A page of A4 in Chinese to print on; the same words are the same bytes."""

from __future__ import annotations

from datetime import UTC, datetime

import pylopdf_fonts_zh_cn as fonts
from fpdf import FPDF

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
