"""What becomes of an answer: nobody keeps a file, anybody keeps what stands for a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus

from flask import Response, request

from kernel.calendar import shanghai_day, start_of_day

SETTLING = timedelta(minutes=5)
"""So long after midnight the day before may still be written to: what began in it ends by then."""


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


def standing(give: Callable[[], Response], *, now: datetime) -> Response:
    """Answer what stands from one Shanghai midnight to the next; anybody may keep it until then.

    Who says that they have it still is told so, and nothing is asked.
    """
    today = shanghai_day(now)
    if now - start_of_day(today) < SETTLING:
        return give()
    tag = sha256(f"{request.full_path}\0{today}".encode()).hexdigest()[:32]
    if request.if_none_match.contains(tag):
        answer = Response(status=HTTPStatus.NOT_MODIFIED)
    else:
        answer = give()
    left = start_of_day(today + timedelta(days=1)) - now
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = f"public, max-age={int(left.total_seconds())}"
    return answer
