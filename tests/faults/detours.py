"""Proxies between a program and what its settings name: PostgreSQL, Valkey, Stripe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from benchmarks import http_load
from tests.faults.cutting_proxy import CuttingProxy

DATABASE, QUEUE, STRIPE = "DATABASE_URL", "REDIS_URL", "STRIPE_API_URL"


@contextmanager
def before(
    environ: Mapping[str, str], name: str, *, speaks_postgres: bool = False
) -> Iterator[CuttingProxy]:
    """Run a proxy before what a setting names."""
    address = urlsplit(environ[name])
    upstream = (str(address.hostname), int(address.port or 0))
    proxy = CuttingProxy(upstream, speaks_postgres=speaks_postgres)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()


def through(environ: Mapping[str, str], proxies: Mapping[str, CuttingProxy]) -> dict[str, str]:
    """Give the settings that send a program's connections through these proxies."""
    return {name: _detour(environ[name], proxy) for name, proxy in proxies.items()}


def _detour(url: str, proxy: CuttingProxy) -> str:
    address = urlsplit(url)
    user, at, _ = address.netloc.rpartition("@")
    return address._replace(netloc=f"{user}{at}{http_load.HOST}:{proxy.port}").geturl()
