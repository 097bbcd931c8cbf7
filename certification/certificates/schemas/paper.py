"""A certificate on paper: one page of A4 in Chinese, with the QR code that verifies it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType

from certification.certificates.models.certificates import CertificateStatus
from certification.certificates.queries.certificates import CertificateView
from certification.certificates.schemas.codes import draw_png
from kernel.printing import FONT, chinese_page
from kernel.quantity import UNIT_LABELS

KEPT_PAPERS = 200
"""Papers kept in memory; one is some 10 kB, and drawing one embeds a font."""
TITLE = "消费帮扶产品认定证书"
LEFT, WIDE, LINE, LABEL = 25, 160, 9, 38
CODE_MM = 38

STATUS: Mapping[CertificateStatus, str] = MappingProxyType(
    {
        CertificateStatus.IN_FORCE: "有效",
        CertificateStatus.SUSPENDED: "暂停",
        CertificateStatus.REVOKED: "已撤销",
        CertificateStatus.EXPIRED: "已到期",
    }
)


def fingerprint(signature: bytes) -> str:
    """Shorten a signature to what people can compare: 16 hex digits of its SHA-256."""
    return hashlib.sha256(signature).hexdigest()[:16]


def print_certificate(view: CertificateView, *, issuer: str, address: str) -> bytes:
    """Print a certificate as it stands today; `address` is where anyone verifies it."""
    one = view.certificate
    unit = UNIT_LABELS[one.unit][0]
    rows = (
        ("证书编号", one.number),
        ("持证主体", view.holder.name),
        ("统一社会信用代码", view.holder.credit_code),
        ("产品名称", one.product_name),
        ("规格", one.specification),
        ("年供应量", f"{one.yearly_quantity:.3f} {unit}"),
        ("产地", f"{view.origin.name}（{view.origin.region_code}）"),
        ("有效期", f"{one.valid_from_on} 至 {one.valid_until_on}（不含当日）"),
        ("证书状态", STATUS[view.status]),
        ("发证单位", issuer),
        ("签名指纹", f"{fingerprint(one.signature)}（密钥 {one.key_id}，第 {one.revision} 版）"),
    )
    return _draw(rows, address, one.granted_at.astimezone(UTC))


@lru_cache(maxsize=KEPT_PAPERS)
def _draw(rows: tuple[tuple[str, str], ...], address: str, made_at: datetime) -> bytes:
    """Draw the page; the same words give the same bytes."""
    paper = chinese_page(TITLE, margin=LEFT, made_at=made_at)
    paper.set_font(FONT, size=24)
    paper.cell(WIDE, 20, TITLE, align="C", new_x="LMARGIN", new_y="NEXT")
    paper.ln(8)
    paper.set_font(FONT, size=12)
    for label, said in rows:
        paper.set_x(LEFT)
        paper.cell(LABEL, LINE, label)
        paper.multi_cell(WIDE - LABEL, LINE, said, align="L", new_x="LMARGIN", new_y="NEXT")
    paper.ln(6)
    top = paper.get_y()
    paper.image(draw_png(address), x=LEFT, y=top, w=CODE_MM)
    paper.set_xy(LEFT + CODE_MM + 6, top + 8)
    paper.set_font(FONT, size=10)
    words = f"扫码或访问以下地址核验证书的当前状态；以核验结果为准。\n{address}"
    paper.multi_cell(WIDE - CODE_MM - 6, 7, words, align="L")
    return bytes(paper.output())
