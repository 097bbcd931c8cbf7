"""A file as an answer: to be saved, never shown by the browser from here, and kept by nobody."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response


def attachment(content: bytes | Iterable[bytes], *, name: str, media_type: str) -> Response:
    """Answer with a file; `name` is made here, of letters that need no quoting."""
    return Response(
        content,
        content_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )
