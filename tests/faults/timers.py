"""Celery as the product starts it: a worker with a pool of two, and beat."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.stand import SOURCE, Stand
from kernel.processes import Program

POOL = 2


def start_worker(
    stand: Stand, *, module: str = "wsgi", environ: Mapping[str, str] | None = None
) -> Program:
    """Start a worker that runs deliveries and timers."""
    return stand.program(
        "worker",
        *("celery", "--workdir", str(SOURCE), "-A", f"{module}:celery"),
        *("worker", "--concurrency", str(POOL), "--loglevel", "WARNING"),
        *("--without-gossip", "--without-mingle"),
        environ=environ,
    )


def start_beat(stand: Stand, *, environ: Mapping[str, str] | None = None) -> Program:
    """Start beat, which rings the timers."""
    return stand.program(
        "beat",
        *("celery", "--workdir", str(SOURCE), "-A", "wsgi:celery"),
        *("beat", "--schedule", str(stand.home / "beat"), "--loglevel", "WARNING"),
        environ=environ,
    )
