"""How gunicorn serves the application: `gunicorn -c gunicorn_config.py wsgi:app`."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Protocol

from prometheus_client import multiprocess

from kernel.config import from_environment

# A bad setting must end the master with one sentence, not make its workers die in a loop.
_settings = from_environment()

# Requests wait for PostgreSQL most of the time. Threads were faster than more processes, than
# sync workers and than gevent on two cores (2 x 8: 439 reads a second, sync 299, gevent 179).
worker_class = "gthread"
workers = _settings.web_workers
threads = _settings.web_threads  # the connection pool of a worker is of the same size

# Engine, key ring and counters must be made after the fork, and HUP must load new code.
preload_app = False

# A worker that says nothing for a minute is stuck: lock_timeout is 3 s, statement_timeout 10 s.
timeout = 60
# Longer than the longest request, so that a deployment cuts nobody off.
graceful_timeout = 30
# Longer than a browser's pause between two clicks on a page; a proxy reuses the connection.
keepalive = 5
# Off: with gthread a worker that ends after so many requests resets connections.
max_requests = 0

# Cursors and filters fit in it; a longer line is an attack or a mistake.
limit_request_line = 4094
limit_request_fields = 100
limit_request_field_size = 8190

# X-Forwarded-* is believed from these addresses only, else anybody could claim https or an address.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")

# A heartbeat file on a disk that is busy writing looks like a stuck worker.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - memory, not /tmp

# The application writes one structured line per request, with its id; a second one says less.
accesslog = None
errorlog = "-"

# One more door, and two servers of one account would share its socket.
control_socket_disable = True


class _Worker(Protocol):
    pid: int


def child_exit(_server: object, worker: _Worker) -> None:
    """Fold a dead worker's live gauges away, so that /metrics does not count it for ever."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def post_worker_init(_worker: object) -> None:
    """Spare the collector what never goes away: modules, models, compiled statements."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
