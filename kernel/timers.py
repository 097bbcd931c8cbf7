"""The kernel's own timers: sealing the audit, dropping old keys."""

from __future__ import annotations

from datetime import datetime

import orjson

from kernel import clock, files, idempotency, seals
from kernel.jobs import task
from kernel.package import Schedule
from kernel.seals import Head
from kernel.unit_of_work import run

HEADS = "audit-heads"


@task(name="kernel.seal_audit")
def seal_audit() -> None:
    """Close the finished audit rows and keep the end of the chain outside the database."""
    now = clock.now()
    while head := run(lambda: seals.seal(now=now)):
        keep_head(head, now=now)


def keep_head(head: Head, *, now: datetime) -> None:
    """Keep the end of the chain where the database cannot reach it."""
    content = {"number": head.number, "chain": head.chain.hex(), "sealed_at": now}
    files.put(f"{HEADS}/{head.number:012d}.json", orjson.dumps(content))


def read_heads() -> list[Head]:
    """Give the ends of the chain that were kept outside."""
    found = (orjson.loads(content) for _, content in files.list_files(HEADS))
    return [Head(one["number"], bytes.fromhex(one["chain"])) for one in found]


@task(name="kernel.forget_keys")
def forget_keys() -> None:
    """Drop idempotency keys after the days they are kept."""
    run(lambda: idempotency.forget(now=clock.now()))


SCHEDULE = {
    "seal the audit": Schedule(task=seal_audit, every=60.0),
    "forget old keys": Schedule(task=forget_keys, every=3600.0),
}
