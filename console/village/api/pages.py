"""Pages of a village: its households and cases, their incomes, the money that reaches them."""

from __future__ import annotations

from console.village.api.answers import answers
from console.village.api.cases import cases
from console.village.api.households import households
from console.village.api.incomes import incomes
from console.village.api.pairings import pairings
from console.village.api.payouts import payouts
from console.village.api.questions import questions
from console.village.api.today import today

VILLAGE = (today, households, incomes, cases, payouts, questions, pairings, answers)
"""In the order of the menu."""
