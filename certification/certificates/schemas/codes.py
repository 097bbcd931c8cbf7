"""Certificates as codes to scan: a QR code of the address where a certificate is verified."""

from __future__ import annotations

import io

import segno

BORDER, SCALE = 4, 6


def draw_svg(address: str) -> bytes:
    """Draw the QR code of an address as SVG.

    Error correction M, or better where that makes the code no larger; quiet zone of four.
    """
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", border=BORDER, scale=SCALE, light="#fff", xmldecl=False
    )
    return out.getvalue()


def draw_png(address: str) -> bytes:
    """Draw the QR code of an address as PNG, with the same correction."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="png", border=BORDER, scale=SCALE)
    return out.getvalue()
