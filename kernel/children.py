"""Child processes that end when the process that started them ends, however it ends.

Linux only: its kernel signals a child when the *thread* that started it ends, so children are
started from the main thread.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

PR_SET_PDEATHSIG = 1
LARGEST_LOG = 16 * 1024 * 1024
TAIL_BYTES = 4000
_LIBC = ctypes.CDLL(None)


class Account(NamedTuple):
    """The system account a child runs as."""

    uid: int
    gid: int


class Child:
    """One running program, outside of the terminal's process group, its output kept in a file."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        log: Path,
        death_signal: signal.Signals = signal.SIGKILL,
        account: Account | None = None,
        keep: Sequence[int] = (),
        group: int = 0,
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
                process_group=group,  # the terminal's Ctrl-C must not reach it before its turn
                pass_fds=keep,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                preexec_fn=_tie_to_parent(death_signal),  # noqa: PLW1509 - one main thread
            )

        self._group = group or self._popen.pid

    @property
    def pid(self) -> int:
        """The process id."""
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
                os.killpg(self._group, signal.SIGKILL)


def _tie_to_parent(death_signal: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def tie() -> None:
        # Runs after setuid, which would clear it. The parent may have died just before.
        _LIBC.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return tie
