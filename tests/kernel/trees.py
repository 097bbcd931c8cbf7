"""Process trees as /proc shows them, to tell whether a kill left anybody behind."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from kernel.places import POINTER


class Process(NamedTuple):
    """One process; the start time tells it from a later one of the same number."""

    pid: int
    started: str
    parent: int
    state: str
    words: str

    @property
    def lives(self) -> bool:
        """Whether it runs now; a zombie does not."""
        now = look(self.pid)
        return now is not None and now.started == self.started and now.state not in "ZX"


def look(pid: int) -> Process | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
        words = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return Process(pid, started=stat[19], parent=int(stat[1]), state=stat[0], words=words)


def descendants(pid: int) -> list[Process]:
    """All processes under this one, itself left out."""
    numbers = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    seen = [process for number in numbers if (process := look(number))]
    found: list[Process] = []
    wanted = {pid}
    while new := [p for p in seen if p.parent in wanted and p not in found]:
        found += new
        wanted = {process.pid for process in new}
    return found


def kill_child(pid: int) -> bool:
    """Kill a process; False where it has ended by itself."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def kill_tree(pid: int) -> None:
    """Kill it, then what was under it; some of that ends by itself once the first is gone."""
    under = descendants(pid)
    os.kill(pid, signal.SIGKILL)
    for process in under:
        kill_child(process.pid)


def eventually(true: Callable[[], object], *, within: float = 10.0) -> bool:
    """Wait until it is true; tell whether it was so in time."""
    deadline = time.monotonic() + within
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def open_home(mode: int = 0o755) -> Iterator[Path]:
    """Make a folder that every account can enter, as pytest's own is not, for a while."""
    home = Path(tempfile.mkdtemp(prefix="bangfu-test-"))
    home.chmod(mode)
    try:
        yield home
    finally:
        if (home / POINTER).exists():
            shutil.rmtree((home / POINTER).read_text().strip(), ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)
