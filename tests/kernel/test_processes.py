"""Nobody outlives the process that started them, and what dies is started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kernel.children import Child
from kernel.processes import Supervisor
from tests.kernel import trees
from tests.kernel.installation import PARTS, PATIENCE, Installation
from tests.kernel.supervised import REPOSITORY


@pytest.fixture
def installation() -> Iterator[Installation]:
    with trees.open_home() as home, Installation.running(home) as running:
        yield running


def living(processes: list[trees.Process]) -> list[trees.Process]:
    return [process for process in processes if process.lives]


def assert_all_end(processes: list[trees.Process]) -> None:
    trees.eventually(lambda: not living(processes), within=10)
    assert living(processes) == []


@pytest.mark.faults
def test_a_killed_parent_leaves_nobody_within_ten_seconds_and_starts_again(
    installation: Installation,
) -> None:
    family = installation.parts()
    os.kill(installation.process.pid, signal.SIGKILL)
    assert_all_end(family)
    installation.process.wait()

    with Installation.running(installation.home) as again:
        family = again.parts()
        trees.kill_tree(again.process.pid)  # everybody at once: nothing could be put in order
        assert_all_end(family)

    with Installation.running(installation.home) as third:
        assert third.works()
        family = third.parts()
        third.process.terminate()
        assert third.process.wait(timeout=60) == 0
        assert living(family) == []


def test_ctrl_c_on_the_terminal_stops_all_in_order(installation: Installation) -> None:
    family = installation.parts()
    os.killpg(installation.process.pid, signal.SIGINT)
    assert installation.process.wait(timeout=60) == 0
    assert living(family) == []
    log = installation.home / "log"
    assert "received fast shutdown request" in (log / "postgres.log").read_text()
    assert "Warm shutdown" in (log / "worker.log").read_text()
    assert "ended" not in installation.said


@pytest.mark.faults
def test_a_worker_killed_with_its_parent_takes_its_pool_along(installation: Installation) -> None:
    family = installation.parts()
    os.kill(installation.process.pid, signal.SIGSTOP)  # it must not tidy up
    os.kill(installation.part("worker -c 2").pid, signal.SIGKILL)
    os.kill(installation.process.pid, signal.SIGKILL)
    assert_all_end(family)


@pytest.mark.faults
def test_every_part_that_is_killed_is_started_again(installation: Installation) -> None:
    url = installation.url
    for words in PARTS:
        before = installation.part(words)
        left = trees.descendants(before.pid)
        os.kill(before.pid, signal.SIGKILL)
        assert trees.eventually(lambda old=before: not old.lives)  # type: ignore[misc]
        assert trees.eventually(installation.is_whole, within=PATIENCE), words
        assert installation.part(words).pid != before.pid
        assert living(left) == []
    assert installation.url == url
    assert installation.works()
    assert installation.said.count("ended; starting it again") >= len(PARTS)


STUBBORN = "trap '' TERM; echo begun; while true; do sleep 0.1; done"


Supervise = Callable[[str], subprocess.Popen[bytes]]


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Supervise]:
    """Run a shell script under a supervisor of another process, from when it says `begun`."""
    program = (
        "import sys; from pathlib import Path; from kernel.processes import Supervisor\n"
        "with Supervisor(Path(sys.argv[1])) as s:\n"
        " s.start('script', ['sh', '-c', sys.argv[2]], {'PATH': '/usr/bin:/bin'}, patience=60)\n"
        " s.wait()\n"
    )
    processes = []

    def start(script: str) -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-c", program, str(tmp_path), script]
        processes.append(subprocess.Popen(argv, cwd=REPOSITORY))  # noqa: S603
        log = tmp_path / "log" / "script.log"
        assert trees.eventually(lambda: log.exists() and "begun" in log.read_text())
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.wait()


def test_a_second_signal_does_not_wait_for_a_stubborn_program(supervise: Supervise) -> None:
    process = supervise(STUBBORN)
    family = trees.descendants(process.pid)
    process.terminate()
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=1)
    process.terminate()
    assert process.wait(timeout=5) == 0
    assert living(family) == []


def test_a_stubborn_program_dies_with_its_killed_parent(supervise: Supervise) -> None:
    process = supervise(STUBBORN)
    family = [p for p in trees.descendants(process.pid) if p.words.startswith("sh")]
    process.kill()
    assert_all_end(family)
    process.wait()


SLEEPER = ["sleep", "60"]
PATHS = {"PATH": os.defpath}


def test_grandchildren_die_with_the_killed_parent_of_their_killed_parent(
    supervise: Supervise,
) -> None:
    process = supervise("sleep 1000 & sleep 1001 & echo begun; wait")
    sleepers = {"sleep 1000 ", "sleep 1001 "}  # each is a shell for a moment
    assert trees.eventually(lambda: sleepers <= {p.words for p in trees.descendants(process.pid)})
    family = trees.descendants(process.pid)
    shell = next(p for p in family if p.words.startswith("sh -c sleep"))
    process.send_signal(signal.SIGSTOP)  # it must not tidy up
    os.kill(shell.pid, signal.SIGKILL)
    process.kill()
    assert_all_end(family)


def test_a_signal_outside_of_wait_leaves_the_block_and_stops_all(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)

    def work() -> None:
        with supervisor:
            supervisor.start("sleeper", SLEEPER, PATHS)
            assert supervisor.is_running("sleeper")
            os.kill(os.getpid(), signal.SIGTERM)
            trees.eventually(lambda: False, within=5)

    with pytest.raises(SystemExit) as left:
        work()
    assert left.value.code == 128 + signal.SIGTERM
    assert not supervisor.is_running("sleeper")
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_program_that_does_not_exist_stops_what_was_started(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)

    def work() -> None:
        with supervisor:
            supervisor.start("sleeper", SLEEPER, PATHS)
            supervisor.start("missing", [str(tmp_path / "missing")], {})

    with pytest.raises(FileNotFoundError):
        work()
    assert not supervisor.is_running("sleeper")


def test_a_child_is_not_started_from_a_thread_it_would_die_with(tmp_path: Path) -> None:
    refused: list[str] = []

    def start() -> None:
        try:
            Child(["sleep", "60"], env={}, log=tmp_path / "log")
        except RuntimeError as error:
            refused.append(str(error))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert refused == ["start children from the main thread: they end with their thread"]


def test_a_log_that_grew_too_large_is_put_aside(tmp_path: Path) -> None:
    log = tmp_path / "talker.log"
    log.write_bytes(b"x" * (16 * 1024 * 1024 + 1))
    child = Child(["echo", "fresh"], env={"PATH": os.defpath}, log=log)
    assert child.wait() == 0
    assert child.output == "fresh"
    assert log.read_text() == "fresh\n"
    assert (tmp_path / "talker.log.1").stat().st_size == 16 * 1024 * 1024 + 1
