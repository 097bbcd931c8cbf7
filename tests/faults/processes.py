"""Which processes stand under a program, and whether they are the ones to kill."""

from __future__ import annotations

from pathlib import Path

from kernel.processes import Program


def pid_of(program: Program) -> int:
    """Give the id of a program's main process, by the log it writes to."""
    child = program._child  # noqa: SLF001 - a test may look
    if child is None:
        raise RuntimeError(f"{program.name} was not started")
    return child.pid


def children_of(program: Program) -> list[int]:
    """List the processes right under a program: gunicorn's workers, Celery's pool."""
    parent = pid_of(program)
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii")
    return [int(child) for child in listed.split()]
