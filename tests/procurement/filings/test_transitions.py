"""Every state × every role × every act, against the table in `docs/rules/filings.md`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from kernel.actor import Actor
from kernel.database import db
from kernel.errors import Refusal
from procurement.filings.commands import chain, filings, revisions
from procurement.filings.models import Filing, FilingStatus
from procurement.quotas.commands.opening import confirm_filing
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import procurement, registry
from tests.builders.procurement import NOW, Cast, contents

S = FilingStatus
WHO = ("unit", "superior", "finance", "stranger", *(role.value for role in Role))
ACTS = ("edit", "submit", "confirm", "return", "withdraw", "revise")

MOVES: Mapping[tuple[str, str, str], S] = {
    ("draft", "edit", "unit"): S.DRAFT,
    ("returned", "edit", "unit"): S.RETURNED,
    ("draft", "submit", "unit"): S.SUBMITTED,
    ("returned", "submit", "unit"): S.SUBMITTED,
    ("submitted", "confirm", "superior"): S.SUPERIOR_CONFIRMED,
    ("superior_confirmed", "confirm", "finance"): S.CONFIRMED,
    ("submitted", "return", "superior"): S.RETURNED,
    ("superior_confirmed", "return", "finance"): S.RETURNED,
    ("draft", "withdraw", "unit"): S.WITHDRAWN,
    ("returned", "withdraw", "unit"): S.WITHDRAWN,
    ("submitted", "withdraw", "unit"): S.WITHDRAWN,
    ("confirmed", "revise", "unit"): S.DRAFT,
}
"""What moves, by whom, and what the answer says; what is not here changes nothing."""


def in_state(state: FilingStatus, people: Cast) -> Filing:
    """Bring a promise into a state by the way people take, as far as there is one."""
    unit, superior, finance = (
        registry.actor_of(one) for one in (people.admin, people.superior_admin, people.supervisor)
    )
    made = filings.draft_filing(contents(), by=unit, now=NOW)
    if state is S.DRAFT:
        return made
    if state is S.WITHDRAWN:
        return filings.withdraw_filing(made.id, by=unit, now=NOW)
    filings.submit_filing(made.id, by=unit, now=NOW)
    if state is S.RETURNED:
        return chain.return_filing(made.id, reason="有误", by=superior, now=NOW)
    if state is S.LAPSED:
        made.status = S.LAPSED
        db.session.flush()
    if state in {S.SUPERIOR_CONFIRMED, S.CONFIRMED, S.SUPERSEDED}:
        confirm_filing(made.id, by=superior, now=NOW)
    if state in {S.CONFIRMED, S.SUPERSEDED}:
        confirm_filing(made.id, by=finance, now=NOW)
    if state is S.SUPERSEDED:
        new = revisions.revise_filing(made.id, reason="增", changes={}, by=unit, now=NOW)
        filings.submit_filing(new.id, by=unit, now=NOW)
        confirm_filing(new.id, by=superior, now=NOW)
        confirm_filing(new.id, by=finance, now=NOW)
    return made


def actor_of(who: str, people: Cast) -> Actor:
    """Give somebody of the chain, another unit's administrator, or any role of another place."""
    known = {
        "unit": people.admin,
        "superior": people.superior_admin,
        "finance": people.supervisor,
    }
    if who in known:
        return registry.actor_of(known[who])
    role = Role.UNIT_ADMIN if who == "stranger" else Role(who)
    kind = OrganisationKind.BUDGET_UNIT if who == "stranger" else OrganisationKind.AUTHORITY
    office = registry.organisation(kind, registry.XINGGUO if who != "stranger" else "440203")
    return registry.actor_of(registry.user(office, [role]))


def act_of(act: str) -> Callable[[Filing, Actor], Filing]:
    """Give the deed."""
    return {
        "edit": lambda made, by: filings.edit_filing(
            made.id, changes={"note": "x"}, expected_version=None, by=by, now=NOW
        ),
        "submit": lambda made, by: filings.submit_filing(made.id, by=by, now=NOW),
        "confirm": lambda made, by: confirm_filing(made.id, by=by, now=NOW).filing,
        "return": lambda made, by: chain.return_filing(made.id, reason="x", by=by, now=NOW),
        "withdraw": lambda made, by: filings.withdraw_filing(made.id, by=by, now=NOW),
        "revise": lambda made, by: revisions.revise_filing(
            made.id, reason="x", changes={}, by=by, now=NOW
        ),
    }[act]


@pytest.mark.usefixtures("db_session")
@pytest.mark.parametrize("state", S)
def test_a_promise_moves_only_by_who_may_move_it(state: FilingStatus) -> None:
    people = procurement.cast_of()
    made = in_state(state, people)
    assert made.status is state
    actors = {who: actor_of(who, people) for who in WHO}
    for act in ACTS:
        for who, actor in actors.items():
            wanted = MOVES.get((state.value, act, who))
            before = made.version
            with db.session.begin_nested() as point:
                if wanted is None:
                    with pytest.raises(Refusal):
                        act_of(act)(made, actor)
                else:
                    assert act_of(act)(made, actor).status is wanted, (state, act, who)
                point.rollback()
            db.session.expire_all()
            assert (made.status, made.version) == (state, before), (state, act, who)
