"""Papers of the story: one page that says what it stands for, and that it is no real paper."""

from __future__ import annotations

import pylopdf_fonts_zh_cn as fonts
from fpdf import FPDF

FONT = "noto"


def print_paper(title: str, about: str) -> bytes:
    """Print a page with a title and what it is about."""
    paper = FPDF(format="A4")
    paper.add_page()
    paper.add_font(FONT, fname=fonts.sans_path())
    paper.set_font(FONT, size=20)
    paper.cell(0, 20, title, align="C", new_x="LMARGIN", new_y="NEXT")
    paper.set_font(FONT, size=12)
    paper.multi_cell(0, 10, f"{about}\n演示材料，不具效力 / for demonstration only")
    return bytes(paper.output())
