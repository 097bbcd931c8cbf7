"""Child processes that end with the process that started them, and a supervisor of such children.

Linux only: its kernel signals a child when the *thread* that started it ends, so children are
started from the main thread.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import NamedTuple, Protocol, Self

PR_SET_PDEATHSIG = 1
LARGEST_LOG = 16 * 1024 * 1024
TAIL_BYTES = 4000
TICK = 0.2
HEALTHY_SECONDS = 60.0
LONGEST_BACKOFF = 30.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LIBC = ctypes.CDLL(None)


class Account(NamedTuple):
    """The system account a child runs as."""

    uid: int
    gid: int


class Child:
    """One running program, in a process group of its own, its output appended to a file."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        log: Path,
        death_signal: signal.Signals = signal.SIGKILL,
        account: Account | None = None,
        keep: Sequence[int] = (),
    ) -> None:
        """Start it; `death_signal` is what it gets when this process dies, however it dies."""
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("start children from the main thread: they end with their thread")
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
        self._log = log
        with log.open("ab") as output:
            self._log_start = output.tell()
            self._popen = subprocess.Popen(  # noqa: S603 - argv is ours
                argv,
                env=dict(env),
                cwd="/" if account else None,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,  # the terminal's Ctrl-C must not reach it before its turn
                pass_fds=keep,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                preexec_fn=_tie_to_parent(death_signal),  # noqa: PLW1509 - one main thread
            )

    @property
    def pid(self) -> int:
        """The process id, also of the process group."""
        return self._popen.pid

    @property
    def ended(self) -> bool:
        """Whether it has ended; it is not reaped, so that its id cannot be somebody else's yet."""
        if self._popen.returncode is not None:
            return True
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.pid, options) is not None

    @property
    def output(self) -> str:
        """The last lines this run wrote."""
        with self._log.open("rb") as log:
            log.seek(max(self._log_start, log.seek(0, os.SEEK_END) - TAIL_BYTES))
            return log.read().decode(errors="replace").strip()

    def wait(self) -> int:
        """Wait until it ends by itself; returns the exit code."""
        return self._popen.wait()

    def stop(self, *steps: tuple[signal.Signals, float]) -> int:
        """Send each signal in turn and wait so many seconds after it; kill what is left.

        The whole group is killed at the end, so children of a killed child go with it.
        Returns the exit code.
        """
        for number, patience in steps:
            if self.ended:
                break
            os.kill(self.pid, number)
            deadline = time.monotonic() + patience
            while not self.ended and time.monotonic() < deadline:
                time.sleep(0.02)
        self.kill()
        return self._popen.wait()

    def kill(self) -> None:
        """Kill the process group at once."""
        if self._popen.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)


def _tie_to_parent(death_signal: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def tie() -> None:
        # Runs after setuid, which would clear it. The parent may have died just before.
        _LIBC.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return tie


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
    def kill(self) -> None: ...  # noqa: D102


class Program:
    """A named program that can be started again: gunicorn, a worker, beat."""

    def __init__(
        self, name: str, *, argv: Sequence[str], env: Mapping[str, str], log: Path, patience: float
    ) -> None:
        self.name = name
        self._argv = argv
        self._env = env
        self._log = log
        self._patience = patience
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
        if self._child:
            self._child.stop()
        self._child = Child(self._argv, env=self._env, log=self._log)
        return self.name

    def stop(self) -> None:
        """Ask it to end, then kill it and its children."""
        if self._child:
            self._child.stop((signal.SIGTERM, self._patience))

    def kill(self) -> None:
        """End it and its children without asking."""
        if self._child:
            self._child.kill()


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
