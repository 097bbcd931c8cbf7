"""The story of the design's first page, told through the HTTP API from the field to the figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from demo.accounts import open_accounts, write_accounts
from demo.api import Api, Credentials
from demo.buying import buy
from demo.certifying import certify, offer
from demo.figures import summarise, write_summary
from demo.promising import promise
from demo.stage import Stage, Tell
from demo.summary import Summary
from demo.towns import read_towns
from demo.villages import found_villages
from demo.ways import open_ways

STEPS = 34
"""How many times a chapter tells of a step; the bar's whole length."""


def say_nothing(_: str) -> None:
    """Take no notice of a step."""


@contextmanager
def progress_bar(console: Console) -> Iterator[Tell]:
    """Show a bar that every step of the story moves on."""
    columns = (
        SpinnerColumn(),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("演示开始 / the story begins", total=STEPS)

        def tell(step: str) -> None:
            progress.update(task, advance=1, description=step)

        yield tell
        progress.update(task, completed=STEPS, description="演示完成 / the story is told")


def run(
    base_url: str,
    *,
    admin: Credentials,
    home: Path,
    travel: Callable[[timedelta], None],
    progress: Tell = say_nothing,
    transport: httpx.BaseTransport | None = None,
    stripe: bool = False,
) -> Summary:
    """Tell the whole story on an empty server and write its accounts and figures to `home`.

    `travel` moves the server's clock forward; all of it happens before the first filing, so
    that filing, ordering and paying fall in one year. Raises StoryStopped with the server's
    own words where a step is refused. `transport` leads to another server than the network's.
    With `stripe`, a double of it stands beside the server, and one order is paid by Alipay.
    """
    towns = read_towns()
    api = Api(base_url, transport=transport)
    try:
        platform = api.sign_in(admin)
        stage = Stage(
            anybody=api.anybody(),
            admin=platform,
            accounts=open_accounts(api, admin=platform),
            travel=travel,
            tell=progress,
            stripe=stripe,
        )
        found_villages(stage, towns)
        certify(stage)
        policy = promise(stage)
        offer(stage)
        open_ways(stage)
        buy(stage)
        summary = summarise(stage, towns=towns, policy=policy)
    finally:
        api.close()
    write_summary(summary, home=home)
    write_accounts(summary.accounts, home=home)
    return summary
