"""How a matter moves, and who may move it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from kernel.actor import Actor, Sight
from kernel.errors import NotAllowed, OwnOrganisation, SamePerson, WrongState
from procurement.supervision.models.matters import Cause, Matter, MatterAct, MatterStatus
from registry.accounts.models import Role, UserId
from registry.organisations.models import Organisation

_S, _A = MatterStatus, MatterAct
MOVES: Mapping[MatterStatus, Mapping[MatterAct, MatterStatus]] = MappingProxyType(
    {
        _S.PROPOSED: {_A.OPEN: _S.OPEN, _A.DISMISS: _S.DISMISSED},
        _S.OPEN: {
            _A.REMIND: _S.OPEN,
            _A.CALL: _S.OPEN,
            _A.TALK: _S.OPEN,
            _A.REPORT: _S.REPORTED,
            _A.OVERDUE: _S.OPEN,
        },
        _S.REPORTED: {_A.RETURN: _S.OPEN, _A.CLOSE: _S.CLOSED},
        _S.CLOSED: {},
        _S.DISMISSED: {},
    }
)
"""What each act makes of a matter; an act that is not there is refused."""
OF_THE_UNIT = frozenset({MatterAct.REPORT})
"""What the unit itself does; everything else is done by who raised the matter."""


def move(status: MatterStatus, act: MatterAct) -> MatterStatus:
    """Give the state after an act. Raises WrongState."""
    if act not in MOVES[status]:
        raise WrongState(state=status, wanted=act)
    return MOVES[status][act]


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """How many matters of a cause are in a state."""

    cause: Cause
    status: MatterStatus
    number: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """The matters of a year, and how many are left to put right."""

    lines: Sequence[LedgerLine]

    @property
    def left(self) -> int:
        """Give how many are neither closed nor dismissed."""
        return sum(one.number for one in self.lines if MOVES[one.status])

    @property
    def settled(self) -> bool:
        """Say whether none is left."""
        return self.left == 0


def check_supervisor(unit: Organisation, *, by: Actor) -> None:
    """Let finance watch over the units of its region, and a superior over what is under it.

    Refuses OwnOrganisation, NotAllowed.
    """
    if unit.id == by.organisation_id:
        raise OwnOrganisation
    finance = by.has(Role.FINANCE_SUPERVISOR) and by.sight in {Sight.REGION, Sight.ALL}
    superior = by.has(Role.UNIT_ADMIN) and unit.lineage.startswith(by.lineage)
    if not (finance or superior):
        raise NotAllowed


def check_actor(
    matter: Matter, act: MatterAct, *, by: Actor, hands: Collection[UserId] = frozenset()
) -> None:
    """Let the unit report, and only who raised the matter do the rest (NotAllowed, SamePerson).

    `hands` are all accounts of who reported.
    """
    wanted = matter.unit_id if act in OF_THE_UNIT else matter.by_organisation_id
    if by.organisation_id != wanted:
        raise NotAllowed
    if act is MatterAct.CLOSE and by.user_id in {matter.reported_by, *hands}:
        raise SamePerson
