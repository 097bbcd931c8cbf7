"""The supervisor of `bangfu up`: starts parts in order, starts again what dies, leaves nobody."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Protocol, Self

from kernel.children import Child

TICK = 0.2
HEALTHY_SECONDS = 60.0
LONGEST_BACKOFF = 30.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
KEEPER = ("sh", "-c", "read -r _; kill -KILL 0")


class Part(Protocol):
    """What a supervisor looks after: a program of ours, or a database server."""

    @property
    def name(self) -> str: ...  # noqa: D102 - a protocol
    @property
    def alive(self) -> bool: ...  # noqa: D102
    @property
    def output(self) -> str: ...  # noqa: D102
    def start(self) -> str: ...  # noqa: D102
    def stop(self) -> None: ...  # noqa: D102


class Program:
    """A named program that can be started again: gunicorn, a worker, beat.

    Its children may have children that nothing ties to us (Celery ties its pool, but a moment
    late). So a keeper leads the group: when our end of its pipe closes, it kills the whole group.
    """

    def __init__(
        self, name: str, *, argv: Sequence[str], env: Mapping[str, str], log: Path, patience: float
    ) -> None:
        self.name = name
        self._argv = argv
        self._env = env
        self._log = log
        self._patience = patience
        self._keeper: subprocess.Popen[bytes] | None = None
        self._child: Child | None = None

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._child is not None and not self._child.ended

    @property
    def output(self) -> str:
        """The last lines it wrote."""
        return self._child.output if self._child else ""

    def start(self) -> str:
        """Start it, after clearing away what a former run left; returns its name."""
        self.kill()
        self._dismiss()
        self._keeper = subprocess.Popen(  # noqa: S603 - argv is ours
            KEEPER, stdin=subprocess.PIPE, process_group=0
        )
        group = self._keeper.pid
        self._child = Child(self._argv, env=self._env, log=self._log, group=group)
        return self.name

    def stop(self) -> None:
        """Ask it to end, then kill it and its children."""
        if self._child:
            self._child.stop((signal.SIGTERM, self._patience))
        self._dismiss()

    def kill(self) -> None:
        """End it and its children without asking."""
        if self._child:
            self._child.kill()

    def _dismiss(self) -> None:
        if self._child:
            self._child.wait()
        if self._keeper and self._keeper.stdin:
            self._keeper.stdin.close()
            self._keeper.wait()


@dataclass
class _Watch:
    part: Part
    started_at: float
    failures: int = 0
    due_at: float | None = None


class AskedToStop(SystemExit):
    """Somebody sent SIGINT, SIGTERM or SIGHUP."""


class Supervisor:
    """Starts parts in order, starts again what dies, stops all in the reverse order.

    Start what others need first: postgres, valkey, worker, beat, web. A signal to stop leaves the
    `with` block as `AskedToStop`, or ends `wait()`; a second one kills the programs without
    waiting for them.
    """

    def __init__(self, home: Path) -> None:
        self._logs = home.absolute() / "log"
        self._watches: list[_Watch] = []
        self._handlers: dict[signal.Signals, Callable[[int, FrameType | None], object] | int] = {}
        self._stopping = False

    def __enter__(self) -> Self:
        for number in STOP_SIGNALS:
            self._handlers[number] = signal.signal(number, self._on_signal) or signal.SIG_DFL
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping = True
        for watch in reversed(self._watches):
            watch.part.stop()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def start(
        self, name: str, argv: Sequence[str], env: Mapping[str, str], *, patience: float = 35.0
    ) -> None:
        """Start a program; it gets SIGTERM at the end, and SIGKILL `patience` seconds later."""
        log = self._logs / f"{name}.log"
        self.attach(Program(name, argv=argv, env=env, log=log, patience=patience))

    def attach(self, part: Part) -> str:
        """Start a part and look after it from now on; returns what its start returns."""
        self._watches.append(_Watch(part, started_at=time.monotonic()))
        return part.start()

    def is_running(self, name: str) -> bool:
        """Tell whether the part of this name runs now."""
        return any(watch.part.name == name and watch.part.alive for watch in self._watches)

    def wait(self) -> None:
        """Look after all parts until somebody asks to stop."""
        with contextlib.suppress(AskedToStop):
            while True:
                for watch in self._watches:
                    self._look_after(watch)
                time.sleep(TICK)

    def _look_after(self, watch: _Watch) -> None:
        now = time.monotonic()
        if watch.due_at is None and not watch.part.alive:
            watch.failures = 0 if now - watch.started_at > HEALTHY_SECONDS else watch.failures + 1
            self._put_off(watch, said=watch.part.output)
        elif watch.due_at is not None and now >= watch.due_at:
            watch.due_at = None
            watch.started_at = now
            try:
                watch.part.start()
            except Exception as error:  # noqa: BLE001 - whatever it is, we try again
                watch.failures += 1
                self._put_off(watch, said=str(error))

    def _put_off(self, watch: _Watch, *, said: str) -> None:
        pause = min(LONGEST_BACKOFF, 0.5 * 2**watch.failures)
        watch.due_at = time.monotonic() + pause
        lines = [*said.splitlines()[-20:], f"ended; starting it again in {pause:g} s"]
        sys.stderr.writelines(f"{watch.part.name} | {line}\n" for line in lines)
        sys.stderr.flush()

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        if not self._stopping:
            self._stopping = True
            raise AskedToStop(128 + number)
        for watch in self._watches:
            if isinstance(watch.part, Program):
                watch.part.kill()
