"""One run of `supervised` and the processes under it."""

from __future__ import annotations

import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.kernel import trees
from tests.kernel.supervised import REPOSITORY, queue

PATIENCE = 120  # ten processes start, and the machine may be busy
PARTS = ("postgres -D", "valkey-server", "worker -c 2", "beat -s", "supervised:web")


@dataclass
class Installation:
    """One run of `supervised`, by its own process, with all that it started."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]

    @classmethod
    @contextmanager
    def running(cls, home: Path) -> Iterator[Installation]:
        """Start it on a home, wait until all of it answers, and kill what is left."""
        (home / "ready").unlink(missing_ok=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        argv = [sys.executable, "-m", "tests.kernel.supervised", str(home), str(port)]
        with (home / "said").open("wb") as said:
            process = subprocess.Popen(argv, cwd=REPOSITORY, stderr=said, start_new_session=True)  # noqa: S603
        installation = cls(home, port, process)
        try:
            assert trees.eventually(installation.answers, within=PATIENCE), installation.said
            yield installation
        finally:
            if process.poll() is None:
                trees.kill_tree(process.pid)
            process.wait()

    @property
    def said(self) -> str:
        """What its supervisor wrote."""
        return (self.home / "said").read_text()

    def answers(self) -> bool:
        """Whether the web answers and both processes of the worker's pool are there."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=2) as answer:
                return answer.status == 200 and len(self.pool()) == 2
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def works(self) -> bool:
        """Whether the worker does what is put into the queue."""
        mark = self.home / "mark"
        mark.unlink(missing_ok=True)
        with queue.connection_for_write(self.url) as connection:
            queue.send_task(
                "tests.kernel.supervised.leave", args=[str(mark)], connection=connection
            )
        return trees.eventually(mark.exists, within=20)

    @property
    def url(self) -> str:
        """The address of its Valkey."""
        return (self.home / "ready").read_text()

    def part(self, words: str) -> trees.Process:
        """Find the main process whose command line has these words."""
        mains = [p for p in trees.descendants(self.process.pid) if p.parent == self.process.pid]
        found = [p for p in mains if words in p.words]
        assert len(found) == 1, words
        return found[0]

    def pool(self) -> list[trees.Process]:
        """List the processes of the worker's pool."""
        return trees.descendants(self.part("worker -c 2").pid)

    def parts(self) -> list[trees.Process]:
        """All processes; fails when a part is missing."""
        found = trees.descendants(self.process.pid)
        assert [w for w in PARTS if not any(w in p.words for p in found)] == []
        return found

    def is_whole(self) -> bool:
        """Whether every part has its process again, and the web answers."""
        try:
            return self.answers() and all(self.part(words).lives for words in PARTS)
        except AssertionError:
            return False
