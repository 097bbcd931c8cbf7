"""What carries the load, to be killed at its work and kept alive: web, worker, beat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from benchmarks.stand import Stand
from kernel.processes import Program
from tests.faults.processes import kill_at_work, kill_serving
from tests.faults.timers import start_beat, start_worker

AT_WORK_SECONDS = 60.0
SERVING_SECONDS = 600.0
"""A worker of the web imports the whole program first, on a machine that others may be using."""
WORKERS = 2


@dataclass(frozen=True)
class Parts:
    """The web, the worker that relays facts, and the timers' beat."""

    stand: Stand
    web: Program
    worker: Program
    beat: Program

    @classmethod
    def start(cls, stand: Stand, port: int, *, environ: Mapping[str, str] | None = None) -> Self:
        """Start them, with settings of their own if any are given."""
        return cls(
            stand,
            stand.web(port, environ=environ),
            start_worker(stand, environ=environ),
            start_beat(stand, environ=environ),
        )

    def kill(self, kind: str) -> bool:
        """Kill a part and start it again; False where the web did not serve by all its workers."""
        if kind == "web":
            return kill_serving(self.web, workers=WORKERS, seconds=SERVING_SECONDS)
        if kind == "beat":
            self.beat.kill()
            self.beat.start()
        else:
            kill_at_work(self.worker, tree=kind == "worker")
        return True

    def keep_alive(self) -> None:
        """Start again what ended by itself, as the supervisor of the product does."""
        keep_alive(self.worker, self.beat)


def keep_alive(*programs: Program) -> None:
    """Start again what ended, as the supervisor of the product does."""
    for program in programs:
        if not program.alive:
            program.start()
