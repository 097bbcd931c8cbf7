"""From packages to an application: the one place where everything is plugged in."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from kernel import (
    clock,
    crypto,
    cursors,
    files,
    jobs,
    logs,
    openapi,
    operations,
    problems,
    relay,
    schema,
    timers,
)
from kernel.config import Settings
from kernel.database import REPLICA, db, engine_options
from kernel.demo_clock import OffsetReader
from kernel.errors import Refusal
from kernel.events import Subscriptions
from kernel.exports import timers as export_timers
from kernel.exports.doors import exports
from kernel.files import Bucket
from kernel.imports import timers as import_timers
from kernel.imports.doors import imports
from kernel.package import Authenticate, House, KeepAlive, Package, Schedule
from kernel.trails import trails
from kernel.visits import LIMITS_STORE, limiter

_serves: dict[int, tuple[object, ...]] = {}
"""By process id, for a fork may serve another, what tells one installation from another."""


def assemble(settings: Settings, packages: Sequence[Package], *, migrations: Path) -> Flask:
    """Make the Flask application of these packages and this folder of migrations.

    Keys, files and rate limits belong to the process: it serves one installation in its life.
    Raises RuntimeError for a second one.
    """
    _claim_process(settings)
    logs.configure(settings.log_level)
    crypto.use_keys(
        field_keys=settings.field_keys,
        index_key=settings.blind_index_key,
        signing_keys=settings.signing_keys,
    )
    crypto.use_argon2(settings.argon2_profile)
    cursors.use_secret(settings.secret_key)
    _keep_files(settings)
    app = Flask("bangfu", static_folder=None)
    if settings.proxies:
        believed = settings.proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=believed, x_proto=believed
        )
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=settings.max_upload_bytes,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(pool_size=settings.web_threads),
        RATELIMIT_STORAGE_URI=settings.redis_url,
        RATELIMIT_STORAGE_OPTIONS=LIMITS_STORE,
    )
    if settings.read_database_url:
        app.config["SQLALCHEMY_BINDS"] = {REPLICA: settings.read_database_url}
    app.extensions["bangfu"] = House(*_authentication(packages), constraints=_constraints(packages))
    app.extensions["bangfu.settings"] = settings
    app.extensions["bangfu.packages"] = tuple(packages)
    app.extensions["bangfu.subscriptions"] = Subscriptions(
        one for package in packages for one in package.subscriptions
    )
    app.extensions["bangfu.migrations"] = migrations
    app.extensions["bangfu.head"] = schema.newest(migrations)
    app.extensions["bangfu.invariants"] = (
        *operations.INVARIANTS,
        *(one for package in packages for one in package.invariants),
    )
    db.init_app(app)
    limiter.init_app(app)
    problems.answer_errors(app)
    operations.observe(app)
    _follow_demo_clock(app)
    _open_doors(app, packages)
    jobs.make_celery(app, redis_url=settings.redis_url, schedule=_schedule(packages))
    return app


def _claim_process(settings: Settings) -> None:
    """Refuse settings under which what another application of this process wrote is unreadable."""
    wanted = (
        settings.secret_key,
        settings.blind_index_key,
        settings.redis_url,
        settings.files_url or settings.files,
    )
    if _serves.setdefault(os.getpid(), wanted) != wanted:
        raise RuntimeError("this process serves another installation; use a process of its own")


def _keep_files(settings: Settings) -> None:
    """Keep papers in the bucket of the setting, else in the folder."""
    if settings.files_url is None:
        files.use_folder(settings.files)
        return
    files.use_bucket(
        Bucket(
            url=settings.files_url,
            endpoint=settings.files_endpoint,
            region=settings.files_region,
            access_key=settings.files_access_key,
            secret_key=settings.files_secret_key,
        )
    )


def _open_doors(app: Flask, packages: Sequence[Package]) -> None:
    api = openapi.configure(app)
    api.register_blueprint(operations.operations)
    api.register_blueprint(imports)
    api.register_blueprint(exports)
    api.register_blueprint(trails)
    for package in packages:
        for blueprint in package.blueprints:
            api.register_blueprint(blueprint)
        for pages in package.pages:
            app.register_blueprint(pages)
    app.register_blueprint(operations.health)


def _authentication(packages: Sequence[Package]) -> tuple[Authenticate, KeepAlive]:
    found = [
        (package.authenticate, package.keep_alive)
        for package in packages
        if package.authenticate is not None
    ]
    if len(found) != 1:
        raise TypeError("exactly one package says who asks")
    return found[0]


def _constraints(packages: Sequence[Package]) -> Mapping[str, type[Refusal]]:
    return {name: kind for package in packages for name, kind in package.constraints.items()}


def _schedule(packages: Sequence[Package]) -> Mapping[str, Schedule]:
    own = (relay.SCHEDULE, timers.SCHEDULE, import_timers.SCHEDULE, export_timers.SCHEDULE)
    schedule = {name: one for part in own for name, one in part.items()}
    for package in packages:
        schedule.update(package.schedule)
    return schedule


def _follow_demo_clock(app: Flask) -> None:
    """Read the offset on an own connection, and only where the database is a demo."""
    readers: dict[int, OffsetReader] = {}

    def read() -> object:
        with app.app_context():
            engine = db.engine
        return readers.setdefault(id(engine), OffsetReader(engine))()

    clock.follow_offset(read)  # type: ignore[arg-type]
