"""What every chapter of the story shares: the people, the places, and the server's clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from demo.accounts import Accounts
from demo.api import Answer, Person, StoryStopped

CLOCK_SETTLES_SECONDS = 1.5
"""Every process reads the moved clock again within this time."""
PATIENCE_SECONDS = 90.0
PAUSE_SECONDS = 0.3

Tell = Callable[[str], None]


@dataclass
class Stage:
    """The running story: who is in it and what came to be so far."""

    anybody: Person
    admin: Person
    accounts: Accounts
    travel: Callable[[timedelta], None]
    tell: Tell
    stripe: bool = False
    """Whether a double of Stripe stands beside the server."""
    year: int = 0
    today: str = ""
    """The story's Shanghai day once all travelling is done."""
    household_codes: dict[str, list[str]] = field(default_factory=dict)
    household_ids: dict[str, list[str]] = field(default_factory=dict)
    certificates: dict[str, Answer] = field(default_factory=dict)
    listings: dict[str, Answer] = field(default_factory=dict)
    orders: dict[str, Answer] = field(default_factory=dict)
    payments: dict[str, Answer] = field(default_factory=dict)

    def person(self, username: str) -> Person:
        """Give somebody of the cast, signed in."""
        return self.accounts.person(username)

    def organisation(self, key: str) -> str:
        """Give the id of an organisation of the cast."""
        return self.accounts.organisations[key]

    def move_clock(self, by: timedelta) -> None:
        """Move the server's clock and wait until every process has seen it."""
        self.travel(by)
        time.sleep(CLOCK_SETTLES_SECONDS)
        self.accounts.sign_out()


def wait_until(ask: Callable[[], Answer], *, holds: Callable[[Answer], bool]) -> Answer:
    """Ask again until the answer is as it must be; news travels within seconds."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds(answer := ask()):
        if time.monotonic() > end:
            raise StoryStopped(f"waited {PATIENCE_SECONDS:g} s in vain; the answer was {answer}")
        time.sleep(PAUSE_SECONDS)
    return answer
