"""Which processes stand under a program, and whether they are the ones to kill."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from pathlib import Path

from kernel.places import is_alive
from kernel.processes import Program
from tests.kernel.trees import kill_child

SOON_SECONDS = 0.05


def pid_of(program: Program) -> int:
    """Give the id of a program's main process, by the log it writes to."""
    child = program._child  # noqa: SLF001 - a test may look
    if child is None:
        raise RuntimeError(f"{program.name} was not started")
    return child.pid


def children_of(program: Program) -> list[int]:
    """List the living processes right under a program: gunicorn's workers, Celery's pool."""
    parent = pid_of(program)
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii")
    return [child for child in map(int, listed.split()) if is_alive(child)]


def serving(program: Program) -> list[int]:
    """List the children of gunicorn that serve: each request thread shows that it began to."""
    return [child for child in children_of(program) if _threads(child) > 1]


def _threads(pid: int) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        return len(list(Path(f"/proc/{pid}/task").iterdir()))
    return 0


def kill_serving(web: Program, *, workers: int, seconds: float) -> bool:
    """Kill one of gunicorn's workers once so many serve; False where they never do in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = serving(web)
        if len(found) < workers:
            time.sleep(SOON_SECONDS)
        elif kill_child(random.choice(found)):
            return True
    return False


def kill_one(program: Program) -> int:
    """Kill one living process under a program; gives how many were killed, one or none."""
    for child in random.sample(children := children_of(program), len(children)):
        if kill_child(child):
            return 1
    return 0


def kill_at_work(program: Program, *, tree: bool) -> None:
    """Kill Celery's pool, which it replaces itself, or the whole worker, and start that again."""
    if tree or not program.alive:
        program.kill()
        program.start()
        return
    for child in children_of(program):
        kill_child(child)
