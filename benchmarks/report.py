"""Figures with their machine, their spread and their ratio, as Markdown."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import product
from pathlib import Path
from statistics import median

from benchmarks.clients import Round
from benchmarks.stand import Stand

MEBIBYTE_IN_KILOBYTES = 1024


@dataclass(frozen=True)
class Result:
    """The rounds of one subject under one load."""

    subject: str
    rounds: tuple[Round, ...]

    @property
    def rate(self) -> float:
        """Median operations per second."""
        return median(one.rate for one in self.rounds)

    @property
    def spread(self) -> str:
        """The lowest and the highest round."""
        rates = [one.rate for one in self.rounds]
        return f"{min(rates):,.0f}–{max(rates):,.0f}"

    @property
    def refused(self) -> int:
        """Operations that did not succeed."""
        return sum(one.refused for one in self.rounds)

    def percentile(self, share: float) -> float:
        """Median over the rounds of a latency percentile, in milliseconds."""
        return median(one.percentile(share) for one in self.rounds)


def alternating(
    subjects: Mapping[str, Callable[[int], Round]],
    *,
    clients: Sequence[int],
    rounds: int,
    load: str,
) -> dict[tuple[str, int], list[Result]]:
    """Run every subject with every number of clients in turn, so many times over.

    What the machine does meanwhile, all of them feel. Gives the results by load and clients.
    """
    found: dict[tuple[int, str], list[Round]] = {}
    for number, several in product(range(1, rounds + 1), clients):
        for name, subject in subjects.items():
            print(f"{load}, {several} clients, {name}, round {number}", file=sys.stderr, flush=True)
            found.setdefault((several, name), []).append(subject(several))
    return {
        (load, several): [Result(name, tuple(found[several, name])) for name in subjects]
        for several in clients
    }


def machine(stand: Stand) -> str:
    """Say what the figures were measured on."""
    shown = ("server_version", "fsync", "synchronous_commit")
    postgres, *settings = (f"{name}={stand.query(f'SHOW {name}')[0][0]}" for name in shown)
    cpus = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.split(":")[1].strip() for line in cpus if line.startswith("model name")]
    memory = Path("/proc/meminfo").read_text(encoding="utf-8").split()[1]
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    lines = [
        f"- Machine: {os.cpu_count()} × {names[0] if names else platform.machine()}",
        f"- Memory {int(memory) // MEBIBYTE_IN_KILOBYTES:,} MiB, load at the end {load}",
        f"- PostgreSQL {postgres}, {', '.join(settings)}",
        f"- Python {platform.python_version()}, gunicorn {version('gunicorn')} gthread",
    ]
    return "\n".join(lines)


def table(results: Mapping[tuple[str, int], Sequence[Result]], *, floors: Sequence[str]) -> str:
    """Lay out the results by load, each subject with its ratio to every floor."""
    heads = ["load", "clients", "what", "per second", "spread", "p50 ms", "p95 ms", "refused"]
    heads += [f"to {floor}" for floor in floors]
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * 3 + " --: |" * (len(heads) - 3)]
    for (load, clients), subjects in results.items():
        by_name = {one.subject: one for one in subjects}
        for one in subjects:
            ratios = [
                f"{one.rate / by_name[floor].rate:.2f}" if floor in by_name else "–"
                for floor in floors
            ]
            cells = [load, str(clients), one.subject, f"{one.rate:,.0f}", one.spread]
            cells += [f"{one.percentile(0.5):.1f}", f"{one.percentile(0.95):.1f}"]
            lines.append("| " + " | ".join([*cells, str(one.refused), *ratios]) + " |")
    return "\n".join(lines)


def check(results: Mapping[tuple[str, int], Sequence[Result]]) -> None:
    """End with status 1 where an operation did not succeed: such a rate means nothing."""
    if any(one.refused for subjects in results.values() for one in subjects):
        sys.exit("some operations were refused")
