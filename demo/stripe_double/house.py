"""The double beside a demo: the house is given its keys, and its events come to the house."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from demo.stripe_double.server import running
from demo.stripe_double.state import State, new_key

HOOK = "/api/v1/webhooks/stripe"


@contextmanager
def beside(port: int) -> Iterator[bool]:
    """Let a double listen for the house on this port; say whether one does.

    A house that has Stripe's keys of its own needs none.
    """
    if os.environ.get("STRIPE_SECRET_KEY"):
        yield False
        return
    state = State(
        secret_key=new_key("sk_test"),
        webhook_secret=new_key("whsec"),
        webhook_url=f"http://127.0.0.1:{port}{HOOK}",
    )
    with running(state) as double:
        os.environ.update(
            STRIPE_SECRET_KEY=state.secret_key,
            STRIPE_WEBHOOK_SECRET=state.webhook_secret,
            STRIPE_API_URL=double.url,
        )
        yield True
