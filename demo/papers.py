"""Papers of the story: one page that says what it stands for, and that it is no real paper."""

from __future__ import annotations

from kernel.printing import FONT, chinese_page

MARGIN = 10


def print_paper(title: str, about: str) -> bytes:
    """Print a page with a title and what it is about."""
    paper = chinese_page(title, margin=MARGIN)
    paper.set_font(FONT, size=20)
    paper.cell(0, 20, title, align="C", new_x="LMARGIN", new_y="NEXT")
    paper.set_font(FONT, size=12)
    paper.multi_cell(0, 10, f"{about}\n演示材料，不具效力 / for demonstration only")
    return bytes(paper.output())
