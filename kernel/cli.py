"""The commands that every installation has: migrate, audit, invariants, openapi, up."""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from kernel import clock, demo_clock, operations, schema, seals, timers
from kernel.database import db
from kernel.homes import environment_of, keep_environment, secrets_of
from kernel.processes import Supervisor
from kernel.servers import PostgresServer, ValkeyServer, create_database
from kernel.unit_of_work import run, unit_of_work

DATABASE = "bangfu"
WORKERS = "2"
READY_SECONDS = 90


def use_home(home: Path) -> None:
    """Use the environment of a home that `up` left, where none is given from outside."""
    if not os.environ.get("DATABASE_URL"):
        os.environ.update(environment_of(home))


def migrate_database(*, is_demo: bool = False) -> None:
    """Bring schema and reference data to the newest state; a new database becomes what it is."""
    schema.upgrade(db.engine, current_app.extensions["bangfu.migrations"])
    now = clock.now()
    run(lambda: demo_clock.create_installation(is_demo=is_demo, now=now))
    schema.load_reference_data(current_app.extensions["bangfu.packages"], now=now)


@click.command()
@with_appcontext
def migrate() -> None:
    """Bring the schema and the reference data to the newest state."""
    migrate_database()
    click.echo(current_app.extensions["bangfu.head"])


@click.group()
def audit() -> None:
    """Prove what was done."""


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def verify(*, as_json: bool) -> None:
    """Prove the audit chain again; status 1 where it does not hold."""
    timers.seal_audit.run()
    with unit_of_work(snapshot=True):
        faults = list(seals.find_tampering(timers.read_heads()))
        rows, sealed = seals.count_rows()
    if as_json:
        click.echo(json.dumps({"rows": rows, "sealed": sealed, "faults": faults}))
    else:
        click.echo(f"{rows} rows, {sealed} sealed, {len(faults)} faults")
        for fault in faults:
            click.echo(f"  {fault}")
    sys.exit(1 if faults else 0)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def invariants(*, as_json: bool) -> None:
    """Judge every invariant in one snapshot; status 1 where one does not hold."""
    findings = _judge()
    if as_json:
        click.echo(json.dumps([asdict(one) for one in findings]))
    for one in findings if not as_json else ():
        mark = "ok  " if one.holds else "FAIL"
        click.echo(f"{mark} {one.code:24} {one.name} ({one.milliseconds} ms)")
        for row in one.rows:
            click.echo(f"       {row}")
    sys.exit(0 if all(one.holds for one in findings) else 1)


@click.command()
@with_appcontext
def openapi() -> None:
    """Print the OpenAPI document."""
    apis: dict[str, Any] = current_app.extensions["flask-smorest"]["apis"]
    click.echo(json.dumps(apis[""]["ext_obj"].spec.to_dict(), ensure_ascii=False, indent=1))


@click.group()
def keys() -> None:
    """Look after the keys of personal data."""


@keys.command()
@click.option("--batch", type=click.IntRange(1, 10_000), default=500, show_default=True)
@with_appcontext
def rotate(*, batch: int) -> None:
    """Encrypt personal data with the newest key; status 1 where some rows are left."""
    left = 0
    for one in schema.rotate_keys(batch=batch):
        click.echo(f"{one.column}: {one.rewritten} rewritten, {one.left} left")
        left += one.left
    sys.exit(1 if left else 0)


COMMANDS: tuple[click.Command, ...] = (migrate, audit, invariants, openapi, keys)


def all_invariants_hold() -> bool:
    """Judge every invariant of the running house and say on standard error what does not hold."""
    findings = _judge()
    for one in findings:
        if not one.holds:
            click.echo(f"FAIL {one.code} {one.name}: {one.violations}", err=True)
    return all(one.holds for one in findings)


def _judge() -> list[operations.Finding]:
    with unit_of_work(snapshot=True):
        return operations.judge(current_app.extensions["bangfu.invariants"])


@contextmanager
def running(home: Path, *, port: int, prepare: Callable[[], None]) -> Iterator[Supervisor]:
    """Run the whole house below `home` and stop all of it at the end.

    Servers are ours unless DATABASE_URL and REDIS_URL name others. `prepare` runs in this
    process once the servers answer and before the first request can come in.
    """
    home = home.absolute()
    home.mkdir(parents=True, exist_ok=True)
    with Supervisor(home) as supervisor:
        os.environ.update(_environment(home, supervisor))
        prepare()
        env = dict(os.environ)
        celery = [sys.executable, "-m", "celery", "--app", "wsgi:celery"]
        supervisor.start(
            "worker", [*celery, "worker", "--concurrency", WORKERS, "--loglevel", "warning"], env
        )
        supervisor.start("beat", [*celery, "beat", "--schedule", str(home / "beat")], env)
        address = f"127.0.0.1:{port}"
        web = ["-m", "gunicorn", "-c", _gunicorn_config(), "--bind", address, "wsgi:app"]
        supervisor.start("web", [sys.executable, *web], env)
        _await_ready(f"http://{address}/readyz", supervisor)
        yield supervisor


def _environment(home: Path, supervisor: Supervisor) -> dict[str, str]:
    metrics = home / "metrics"
    metrics.mkdir(exist_ok=True)
    for stale in metrics.glob("*.db"):
        stale.unlink()
    given = {
        "BANGFU_HOME": str(home),
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        **secrets_of(home),
        "DATABASE_URL": os.environ.get("DATABASE_URL") or "",
        "REDIS_URL": os.environ.get("REDIS_URL") or "",
    }
    if not given["DATABASE_URL"]:
        url = supervisor.attach(PostgresServer(home))
        given["DATABASE_URL"] = create_database(url, name=DATABASE)
    if not given["REDIS_URL"]:
        given["REDIS_URL"] = supervisor.attach(ValkeyServer(home))
    keep_environment(home, given)
    return given


def _gunicorn_config() -> str:
    return str(Path(__file__).resolve().parent.parent / "gunicorn_config.py")


def _await_ready(url: str, supervisor: Supervisor) -> None:
    """Wait until the web process answers, or say what it said instead."""
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
                if answer.status == HTTPStatus.OK:
                    return
        except OSError:
            time.sleep(0.2)
        if not supervisor.is_running("web"):
            break
    raise click.ClickException("the web process did not become ready; see the log folder")
