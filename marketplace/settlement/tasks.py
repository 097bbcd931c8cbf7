"""The timers that ask Stripe whatever is due, holding nothing meanwhile, and reconcile a day."""

from __future__ import annotations

import time

import structlog

from kernel import clock
from kernel.jobs import task
from kernel.unit_of_work import run
from marketplace.settlement.commands import errands
from marketplace.settlement.commands.reports import make_report
from marketplace.settlement.gateway import Declined, Gateway, Unanswered, find_gateway
from marketplace.settlement.rules.stripe import Errand

SECONDS = 60.0
log = structlog.get_logger()


@task(name="marketplace.ask_stripe")
def ask_stripe() -> int:
    """Run errands until none is due or the time is up; give how many were answered."""
    gateway = find_gateway()
    until, answered = time.monotonic() + SECONDS, 0
    while gateway is not None and time.monotonic() < until:
        errand = run(lambda: errands.take_errand(now=clock.now()))
        if errand is None:
            break
        answered += ask(gateway, errand)
    return answered


@task(name="marketplace.report_money")
def report_money() -> None:
    """Reconcile the day's money, once a day."""
    run(lambda: make_report(now=clock.now()))


def ask(gateway: Gateway, errand: Errand) -> bool:
    """Ask once and keep the answer; without one the errand falls due again."""
    try:
        answer = gateway.ask(errand)
    except Unanswered:
        log.warning("stripe did not answer", kind=errand.kind.value)
        return False
    except Declined as declined:
        code = declined.code
        run(lambda: errands.keep_refusal(errand, code=code, now=clock.now()))
        return True
    run(lambda: errands.keep_answer(errand, answer, now=clock.now()))
    return True
