"""Whose turn it is to confirm a promise, and who may never."""

from __future__ import annotations

from uuid import UUID

import pytest

from kernel.actor import Actor, Sight
from kernel.errors import NotAllowed, OwnOrganisation, SamePerson, WrongState
from kernel.identity import new_id
from procurement.filings.models import Filing, FilingStatus
from procurement.filings.rules import chain as rules
from procurement.filings.rules.chain import Turn
from registry.accounts.models import Role, UserId
from registry.organisations.models import Organisation, OrganisationId, OrganisationKind

SUPERIOR, UNIT_ID, BUREAU = (OrganisationId(new_id()) for _ in range(3))
UNIT = Organisation(id=UNIT_ID, supervising_id=SUPERIOR, region_code="440203")
AUTHOR = new_id()


def person(
    organisation_id: OrganisationId,
    role: Role,
    *,
    user_id: UUID | None = None,
    prefix: str = "4402",
) -> Actor:
    kind = (
        OrganisationKind.FINANCE_BUREAU
        if role is Role.FINANCE_SUPERVISOR
        else OrganisationKind.BUDGET_UNIT
    )
    return Actor(
        user_id=user_id or new_id(),
        organisation_id=organisation_id,
        organisation_kind=kind,
        region_prefix=prefix,
        roles=frozenset({role}),
        sight=Sight.ORGANISATION,
    )


SUPERIOR_ADMIN = person(SUPERIOR, Role.UNIT_ADMIN)
SUPERVISOR = person(BUREAU, Role.FINANCE_SUPERVISOR)


def filing(status: FilingStatus, *, superior_by: UUID | None = None) -> Filing:
    return Filing(
        unit_id=UNIT_ID, status=status, superior_by=UserId(superior_by) if superior_by else None
    )


def decide(status: FilingStatus, by: Actor, *, superior: bool = True) -> Turn:
    return rules.check_decider(filing(status), unit=UNIT, superior=superior, hands={AUTHOR}, by=by)


def test_the_superior_confirms_first_and_finance_last() -> None:
    assert decide(FilingStatus.SUBMITTED, SUPERIOR_ADMIN) is Turn.SUPERIOR
    assert decide(FilingStatus.SUPERIOR_CONFIRMED, SUPERVISOR) is Turn.FINANCE
    assert rules.status_after(Turn.SUPERIOR) is FilingStatus.SUPERIOR_CONFIRMED
    assert rules.status_after(Turn.FINANCE) is FilingStatus.CONFIRMED


def test_without_a_superior_finance_confirms_what_was_submitted() -> None:
    assert decide(FilingStatus.SUBMITTED, SUPERVISOR, superior=False) is Turn.FINANCE


@pytest.mark.parametrize(
    ("status", "by"),
    [
        (FilingStatus.SUBMITTED, SUPERVISOR),
        (FilingStatus.SUPERIOR_CONFIRMED, SUPERIOR_ADMIN),
        (FilingStatus.DRAFT, SUPERIOR_ADMIN),
        (FilingStatus.RETURNED, SUPERIOR_ADMIN),
        (FilingStatus.CONFIRMED, SUPERVISOR),
    ],
)
def test_nobody_confirms_out_of_turn(status: FilingStatus, by: Actor) -> None:
    with pytest.raises(WrongState) as refusal:
        decide(status, by)
    assert refusal.value.figures["state"] == status


def test_who_prepared_a_promise_does_not_confirm_it() -> None:
    as_superior = person(SUPERIOR, Role.UNIT_ADMIN, user_id=AUTHOR)
    with pytest.raises(SamePerson):
        decide(FilingStatus.SUBMITTED, as_superior)


def test_the_superior_s_person_does_not_confirm_for_finance_too() -> None:
    with pytest.raises(SamePerson):
        rules.check_decider(
            filing(FilingStatus.SUPERIOR_CONFIRMED, superior_by=SUPERVISOR.user_id),
            unit=UNIT,
            superior=True,
            hands={AUTHOR, SUPERVISOR.user_id},
            by=SUPERVISOR,
        )


def test_a_colleague_does_not_confirm_for_the_own_unit() -> None:
    with pytest.raises(OwnOrganisation):
        decide(FilingStatus.SUBMITTED, person(UNIT_ID, Role.UNIT_ADMIN))


@pytest.mark.parametrize(
    "by",
    [
        person(OrganisationId(new_id()), Role.UNIT_ADMIN),
        person(SUPERIOR, Role.CANTEEN_BUYER),
        person(BUREAU, Role.FINANCE_SUPERVISOR, prefix="4403"),
        Actor(
            user_id=new_id(),
            organisation_id=BUREAU,
            organisation_kind=OrganisationKind.AUTHORITY,
            region_prefix="44",
            roles=frozenset({Role.FINANCE_SUPERVISOR}),
        ),
    ],
    ids=["another unit", "no administrator", "another city", "no finance bureau"],
)
def test_only_the_superior_and_finance_over_the_place_confirm(by: Actor) -> None:
    with pytest.raises(NotAllowed):
        decide(FilingStatus.SUBMITTED, by)


@pytest.mark.parametrize(
    ("kind", "confirms"),
    [
        (OrganisationKind.BUDGET_UNIT, True),
        (OrganisationKind.STATE_ENTERPRISE, True),
        (OrganisationKind.AUTHORITY, False),
    ],
)
def test_an_office_without_unit_administrators_is_passed_over(
    kind: OrganisationKind, *, confirms: bool
) -> None:
    assert rules.has_superior(Organisation(kind=kind)) is confirms
    assert rules.has_superior(None) is False


@pytest.mark.parametrize("status", FilingStatus)
def test_only_drafts_and_returned_promises_change(status: FilingStatus) -> None:
    if status in {FilingStatus.DRAFT, FilingStatus.RETURNED}:
        rules.check_editable(status)
        return
    with pytest.raises(WrongState):
        rules.check_editable(status)


def test_nobody_writes_in_another_unit_s_promise() -> None:
    mine = filing(FilingStatus.DRAFT)
    rules.check_own(mine, by=person(UNIT_ID, Role.UNIT_ADMIN))
    with pytest.raises(NotAllowed):
        rules.check_own(mine, by=SUPERIOR_ADMIN)
