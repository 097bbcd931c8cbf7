"""Tasks and timers: Celery as a doorbell, the database as the record."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import structlog
from celery import Celery, Task, shared_task
from flask import Flask

from kernel.package import Schedule
from kernel.unit_of_work import run

log = structlog.get_logger()
View = TypeVar("View", bound=Callable[..., Any])

VISIBILITY_TIMEOUT = 600
"""Seconds after which an unacknowledged message is delivered again; above every time limit."""
BROKER = {
    "visibility_timeout": VISIBILITY_TIMEOUT,
    # kombu 5.7 restores unacknowledged messages this often instead of every 100 seconds
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
    # a broker that is away must not keep a task or a request waiting
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
}


def task(*, name: str, time_limit: int = 120) -> Callable[[View], Any]:
    """Make a task of a function: keyword arguments only, acknowledged late, sent again if lost."""

    def decorate(function: View) -> Any:
        return shared_task(
            name=name,
            acks_late=True,
            reject_on_worker_lost=True,
            ignore_result=True,
            time_limit=time_limit,
        )(function)

    return decorate


def make_celery(app: Flask, *, redis_url: str, schedule: Mapping[str, Schedule]) -> Celery:
    """Make the Celery application that runs tasks inside the Flask application's context."""

    class ContextTask(Task):  # type: ignore[misc]
        """A task with the database session of its own context."""

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            with app.app_context():
                return self.run(*args, **kwargs)

    celery = Celery(app.name, task_cls=ContextTask, broker=redis_url)
    celery.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_soft_shutdown_timeout=20,
        # on a busy machine a process of the pool takes longer than 4 s to come up; then it would
        # be killed and made again, and again
        worker_proc_alive_timeout=30,
        worker_max_tasks_per_child=20_000,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options=BROKER,
        timezone="UTC",
        beat_schedule={
            name: {
                "task": one.task.name,
                "schedule": one.every,
                # a timer that was not served before the next rings again is not needed any more
                "options": {"expires": max(one.every * 2, 10)},
            }
            for name, one in schedule.items()
        },
    )
    celery.set_default()
    app.extensions["celery"] = celery
    return celery


def in_batches(batch: Callable[[], int], *, seconds: float = 60, snapshot: bool = False) -> int:
    """Run a unit of work again and again until it finds nothing left or the time is up.

    `batch` gives how many rows it served; each batch is its own transaction, of one instant
    where it is a `snapshot`.
    """
    until, served = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        found = run(batch, snapshot=snapshot)
        if not found:
            break
        served += found
    return served
