"""Drive an operation from several processes at once and keep every latency."""

from __future__ import annotations

import multiprocessing
import time
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import ParamSpec, TypeVar, cast

Operation = Callable[[], bool]
Prepare = Callable[[int], Operation]

P = ParamSpec("P")
T = TypeVar("T")

FORK = multiprocessing.get_context("fork")
WARM_UP_SECONDS = 0.7
START_SECONDS = 120


@dataclass(frozen=True)
class Round:
    """What one round of so many clients did: latencies in seconds, and how many were refused."""

    clients: int
    seconds: float
    latencies: tuple[float, ...]
    refused: int

    @property
    def rate(self) -> float:
        """Operations per second that succeeded."""
        return (len(self.latencies) - self.refused) / self.seconds

    def percentile(self, share: float) -> float:
        """Latency in milliseconds below which this share of the operations ended."""
        ranked = sorted(self.latencies)
        return 1000 * ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else 0.0


def elsewhere(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function in a process forked for it; gives what it returns, raises what it raises."""
    reading, writing = FORK.Pipe(duplex=False)

    def report() -> None:
        try:
            writing.send((True, work(*args, **kwargs)))
        except BaseException as error:
            writing.send((False, error))
            raise

    child = FORK.Process(target=report, daemon=True)
    child.start()
    writing.close()
    returned, answer = reading.recv()
    child.join()
    if not returned:
        raise answer
    return cast("T", answer)


def drive(prepare: Prepare, *, clients: int, seconds: float) -> Round:
    """Run one process per client, all from one barrier, each its own operation in a closed loop.

    `prepare` runs in the child with the client's number: connections and request bytes are
    made there, before the clock starts. A warm-up runs before the barrier and is not counted.
    """
    barrier = FORK.Barrier(clients + 1)
    pipes = []
    children = []
    for number in range(clients):
        reading, writing = FORK.Pipe(duplex=False)
        child = FORK.Process(
            target=_client, args=(prepare, number, seconds, barrier, writing), daemon=True
        )
        child.start()
        writing.close()
        pipes.append(reading)
        children.append(child)
    barrier.wait(START_SECONDS)
    answers = [pipe.recv() for pipe in pipes]
    for child in children:
        child.join()
    latencies = array("d")
    for part, _, _ in answers:
        latencies.extend(part)
    return Round(
        clients=clients,
        seconds=sum(spent for _, _, spent in answers) / clients,
        latencies=tuple(latencies),
        refused=sum(refused for _, refused, _ in answers),
    )


def _client(
    prepare: Prepare, number: int, seconds: float, barrier: Barrier, answer: Connection
) -> None:
    try:
        operation = prepare(number)
        for _ in _until(time.perf_counter() + WARM_UP_SECONDS):
            operation()
        latencies = array("d")
        refused = 0
        barrier.wait(START_SECONDS)
    except BaseException:
        barrier.abort()
        raise
    begun = time.perf_counter()
    for start in _until(begun + seconds):
        refused += not operation()
        latencies.append(time.perf_counter() - start)
    answer.send((latencies, refused, time.perf_counter() - begun))


def _until(end: float) -> Iterator[float]:
    while (at := time.perf_counter()) < end:
        yield at
