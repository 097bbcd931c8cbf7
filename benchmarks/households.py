"""The register's lists at 100,000 and a million households: `python -m benchmarks.households`."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from benchmarks import flat, register
from benchmarks.actors import office, seller
from benchmarks.flat import LIMIT, Query, Question, behind
from benchmarks.register import BUSY, LAST_YEAR, LOW_FEN
from kernel import clock
from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.money import Fen
from registry.households.commands import gaps
from registry.households.models.households import HouseholdClass, HouseholdId, HouseholdState
from registry.households.models.links import BenefitWay
from registry.households.queries import cases, coverage, evaluations, incomes, links, pairings
from registry.households.queries import households as queries
from registry.households.queries.leaders import list_leaders
from registry.households.queries.members import list_priorities

FEW, ENOUGH_LEADERS = 5, 3
THIS_YEAR, NEXT_YEAR = date(2026, 1, 1), date(2027, 1, 1)
LARGE = ("busy county", "nation")
"""Places with lists long enough that one can begin far down."""


def questions(query: Query, *, today: date) -> list[Question]:
    """Give what cadres, reviewers, cooperatives and a national monitor ask of the register."""
    village, quiet = (str(query(register.code_of(v))[0][0]) for v in (5, 6))
    cooperative = str(query(register.asked_key(register.COOPERATIVE, "5"))[0][0])
    household, head = query(
        "SELECT id, id_number_index FROM household WHERE village_code LIKE '360732%' LIMIT 1"
    )[0]
    places = {
        "village": office(village),
        "busy county": office(BUSY),
        "quiet county": office(quiet[:6]),
        "nation": office(""),
    }
    return [
        *(
            one
            for name, actor in places.items()
            for one in _of_a_place(name, actor, today=today)
            if not one.behind or name in LARGE
        ),
        *_of_one(HouseholdId(UUID(str(household))), bytes(head)),
        *_of_a_cooperative(seller(cooperative, village), today=today),
    ]


def _of_a_place(name: str, actor: Actor, *, today: date) -> list[Question]:
    prefix = actor.region_prefix
    page: dict[str, Any] = {"limit": LIMIT}
    seen = f"village_code LIKE '{prefix}%'"

    def listed(
        cursor: str | None,
        household_class: HouseholdClass | None = None,
        state: HouseholdState | None = None,
    ) -> object:
        return queries.list_households(
            actor,
            code=None,
            village_prefix="",
            household_class=household_class,
            state=state,
            cursor=cursor,
            **page,
        )

    marginal, observed = HouseholdClass.MARGINAL, HouseholdState.OBSERVED
    jobs = BenefitWay.JOBS
    reach: dict[str, Any] = {"region_prefix": prefix, "on": today}
    found = [
        Question("households", listed),
        Question(
            "households, deep", listed, behind("household", "village_code", "code", where=seen)
        ),
        Question("households of a class", lambda c: listed(c, household_class=marginal)),
        Question(
            "households of a class, deep",
            lambda c: listed(c, household_class=marginal),
            behind("household", "village_code", "code", where=f"{seen} AND class = 'marginal'"),
        ),
        Question("households in a state", lambda c: listed(c, state=observed)),
        Question(
            "households of a class in a state",
            lambda c: listed(c, household_class=HouseholdClass.REGISTERED, state=observed),
        ),
        Question(
            "without a link",
            lambda c: coverage.list_uncovered(actor, way=None, cursor=c, **reach, **page),
        ),
        Question(
            "without a link, deep",
            lambda c: coverage.list_uncovered(actor, way=None, cursor=c, **reach, **page),
            behind("household", "village_code", "code", where=seen),
        ),
        Question(
            "without work",
            lambda c: coverage.list_uncovered(actor, way=jobs, cursor=c, **reach, **page),
        ),
        Question(
            "villages with few leaders",
            lambda c: coverage.list_leader_gaps(
                actor, least=ENOUGH_LEADERS, cursor=c, **reach, **page
            ),
        ),
        Question(
            "helpers with too many",
            lambda c: pairings.list_loads(actor, above=FEW, cursor=c, **reach, **page),
        ),
        Question(
            "pairings",
            lambda c: pairings.list_pairings(
                actor, village_prefix="", helper_id=None, kind=None, cursor=c, **page
            ),
        ),
        Question(
            "gaps in pairing",
            lambda c: gaps.list_gaps(
                actor,
                region_prefix=prefix,
                since_on=THIS_YEAR,
                until_on=NEXT_YEAR,
                cursor=c,
                **page,
            ),
        ),
        Question("pairings by action", lambda _: pairings.count_by_kind(actor, on=today)),
        Question("leaders", lambda c: list_leaders(actor, region_prefix="", cursor=c, **page)),
        Question(
            "benefit links",
            lambda c: links.list_links_in_sight(
                actor, household_id=None, organisation_id=None, cursor=c, **page
            ),
        ),
        Question(
            "double counts",
            lambda c: links.list_double_counts(
                actor, organisation_id=None, cursor=c, **reach, **page
            ),
        ),
        Question(
            "evaluations",
            lambda c: evaluations.list_evaluations(
                actor, year=LAST_YEAR, organisation_id=None, cursor=c, **page
            ),
        ),
        Question(
            "relapse warnings",
            lambda c: incomes.list_low_years(
                actor,
                year=LAST_YEAR,
                below_fen=Fen(LOW_FEN + 1),
                region_prefix=prefix,
                cursor=c,
                **page,
            ),
        ),
        Question(
            "order of asset income",
            lambda c: list_priorities(actor, region_prefix=prefix, cursor=c, **page),
        ),
        Question("cases", lambda c: _cases(actor, c)),
        Question("cases by their due day", lambda c: _cases(actor, c, due_before_on=today)),
        Question(
            "cases on notice", lambda c: cases.list_posted_cases(actor, cursor=c, **reach, **page)
        ),
    ]
    return [Question(f"{name}: {one.name}", one.ask, one.behind) for one in found]


def _cases(actor: Actor, cursor: str | None, due_before_on: date | None = None) -> object:
    return cases.list_cases(
        actor,
        household_id=None,
        kind=None,
        status=None,
        due_before_on=due_before_on,
        region_prefix="",
        limit=LIMIT,
        cursor=cursor,
    )


def _of_one(household: HouseholdId, head: bytes) -> list[Question]:
    actor = office(BUSY)
    return [
        Question("by identity number", lambda _: queries.find_household_by_id_number(actor, head)),
        Question(
            "incomes of a household",
            lambda c: incomes.list_incomes(actor, household, year=None, limit=LIMIT, cursor=c),
        ),
        Question(
            "a household's year", lambda _: incomes.get_year(actor, household, year=LAST_YEAR)
        ),
        Question(
            "links of a household",
            lambda c: links.list_links_in_sight(
                actor, household_id=household, organisation_id=None, limit=LIMIT, cursor=c
            ),
        ),
    ]


def _of_a_cooperative(actor: Actor, *, today: date) -> list[Question]:
    def listed(cursor: str | None, code: str | None = None) -> object:
        return queries.list_households(
            actor, code=code, village_prefix="", household_class=None, limit=LIMIT, cursor=cursor
        )

    return [
        Question("cooperative: its households", listed),
        Question("cooperative: by exact code", lambda c: listed(c, f"BF-H-2026-{BUSY}-0000006")),
        Question(
            "cooperative: its links",
            lambda c: links.list_links_in_sight(
                actor, household_id=None, organisation_id=None, limit=LIMIT, cursor=c
            ),
        ),
        Question(
            "cooperative: its double counts",
            lambda c: links.list_double_counts(
                actor, organisation_id=None, region_prefix="", on=today, limit=LIMIT, cursor=c
            ),
        ),
        Question(
            "cooperative: its year",
            lambda c: evaluations.list_evaluations(
                actor, year=LAST_YEAR, organisation_id=None, limit=LIMIT, cursor=c
            ),
        ),
    ]


def main() -> None:
    """Measure and print the table; status 1 where something more than doubles."""
    today = shanghai_day(clock.now())
    flat.grow(
        "The register's lists, p95 in milliseconds",
        sizes=(100_000, 1_000_000),
        runs=100,
        fill=register.fill,
        questions=partial(questions, today=today),
    )


if __name__ == "__main__":
    main()
