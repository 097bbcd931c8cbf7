"""Red flags over whatever trade there is."""

from __future__ import annotations

from kernel import clock
from marketplace.oversight.commands.searching import look_for
from marketplace.oversight.models import FlagRule


def flag_something() -> dict[FlagRule, int]:
    """Look for the flags of every rule; give how many each found."""
    return {rule: look_for(rule, now=clock.now()) for rule in FlagRule}
