"""How an application moves, and who may decide on it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from types import MappingProxyType

from certification.applications.models import (
    Application,
    ApplicationReview,
    ApplicationStatus,
    Decision,
)
from certification.criteria.models import ReviewLevel, Scheme
from certification.errors.applications import (
    ObjectionUpheld,
    ReasonUnfit,
)
from kernel.actor import Actor
from kernel.calendar import ONE_DAY, closing_day
from kernel.errors import NotAllowed, OwnOrganisation, SamePerson, WrongState
from registry.accounts.models import Role
from registry.notices.models import Notice, Objection
from registry.notices.rules import check_answered, check_notice_over
from registry.regions.rules import ancestor_codes, level_of, subtree_prefix

_S = ApplicationStatus
_AWAY = frozenset({_S.RETURNED, _S.REJECTED, _S.WITHDRAWN})

TRANSITIONS: Mapping[ApplicationStatus, frozenset[ApplicationStatus]] = MappingProxyType(
    {
        _S.DRAFT: frozenset({_S.SUBMITTED, _S.WITHDRAWN}),
        _S.SUBMITTED: _AWAY
        | {_S.TOWN_CHECKED, _S.COUNTY_CHECKED, _S.CITY_CHECKED, _S.PROVINCE_CHECKED},
        _S.TOWN_CHECKED: _AWAY
        | {_S.COUNTY_CHECKED, _S.CITY_CHECKED, _S.PROVINCE_CHECKED, _S.IN_NOTICE},
        _S.COUNTY_CHECKED: _AWAY | {_S.CITY_CHECKED, _S.PROVINCE_CHECKED, _S.IN_NOTICE},
        _S.CITY_CHECKED: _AWAY | {_S.PROVINCE_CHECKED, _S.IN_NOTICE},
        _S.PROVINCE_CHECKED: _AWAY | {_S.IN_NOTICE},
        _S.IN_NOTICE: _AWAY | {_S.GRANTED},
        _S.GRANTED: frozenset(),
        _S.RETURNED: frozenset({_S.SUBMITTED, _S.WITHDRAWN}),
        _S.REJECTED: frozenset(),
        _S.WITHDRAWN: frozenset(),
    }
)
"""Every move any chain can make; which of them comes next is the scheme's chain."""

DEFAULT_WORKING_DAYS = 5
"""For a level that the scheme's version names no days for."""

EDITABLE = frozenset({_S.DRAFT, _S.RETURNED})

CHECKED: Mapping[ReviewLevel, ApplicationStatus] = MappingProxyType(
    {
        ReviewLevel.TOWN: _S.TOWN_CHECKED,
        ReviewLevel.COUNTY: _S.COUNTY_CHECKED,
        ReviewLevel.CITY: _S.CITY_CHECKED,
        ReviewLevel.PROVINCE: _S.PROVINCE_CHECKED,
    }
)
REVIEWERS: Mapping[ReviewLevel, Role] = MappingProxyType(
    {
        ReviewLevel.TOWN: Role.TOWN_CHECKER,
        ReviewLevel.COUNTY: Role.COUNTY_REVIEWER,
        ReviewLevel.CITY: Role.CITY_REVIEWER,
        ReviewLevel.PROVINCE: Role.PROVINCE_REVIEWER,
    }
)


def check_transition(state: ApplicationStatus, wanted: ApplicationStatus) -> None:
    """Refuse a move that no chain makes (WrongState)."""
    if wanted not in TRANSITIONS[state]:
        raise WrongState(state=state, wanted=wanted)


def check_editable(state: ApplicationStatus) -> None:
    """Refuse to change what reviewers are looking at or have decided (WrongState)."""
    if state not in EDITABLE:
        raise WrongState(state=state, wanted=_S.DRAFT)


def check_own(application: Application, *, by: Actor) -> None:
    """Let only the holder's own people act for it (NotAllowed)."""
    if by.organisation_id != application.holder_id:
        raise NotAllowed


def next_level(state: ApplicationStatus, chain: Sequence[ReviewLevel]) -> ReviewLevel | None:
    """Tell whose turn it is; None where nobody's is."""
    if state is _S.SUBMITTED:
        return chain[0]
    if state is _S.IN_NOTICE:
        return ReviewLevel.NOTICE
    passed = [CHECKED[level] for level in chain]
    if state in passed[:-1]:
        return chain[passed.index(state) + 1]
    return None


def level_of_reviewer(
    chain: Sequence[ReviewLevel], *, origin_region_code: str, by: Actor
) -> ReviewLevel:
    """Tell for which level the actor speaks: by role and by a region above the origin's.

    Raises NotAllowed where the actor speaks for none.
    """
    above = {subtree_prefix(code) for code in ancestor_codes(origin_region_code)}
    if by.region_code and subtree_prefix(by.region_code) in above:
        for level in chain:
            if by.has(REVIEWERS[level]) and level_of(by.region_code).value == level.value:
                return level
    raise NotAllowed


def check_reviewer(
    application: Application,
    *,
    chain: Sequence[ReviewLevel],
    reviews: Sequence[ApplicationReview],
    is_member: bool,
    by: Actor,
) -> ReviewLevel:
    """Tell for which level the actor may speak on this application.

    Refuses the holder's people, whoever they act for now (`is_member`; OwnOrganisation), people
    of no level of it (NotAllowed), and its author, its submitter and whoever passed another
    level (SamePerson).
    """
    if is_member or by.organisation_id == application.holder_id:
        raise OwnOrganisation
    level = level_of_reviewer(chain, origin_region_code=application.origin_region_code, by=by)
    if by.user_id in {application.author_id, application.submitted_by_id}:
        raise SamePerson
    for review in reviews:
        elsewhere = review.level not in {level, ReviewLevel.NOTICE}
        if review.reviewer_id == by.user_id and elsewhere and review.decision is Decision.PASS:
            raise SamePerson
    return level


def check_review(
    state: ApplicationStatus,
    *,
    chain: Sequence[ReviewLevel],
    level: ReviewLevel,
    decision: Decision,
) -> ReviewLevel:
    """Tell at which level this decision counts (WrongState where it is not its turn).

    While the notice runs, the last level may still return or reject; passing is the grant.
    """
    due = next_level(state, chain)
    if due is ReviewLevel.NOTICE and level is chain[-1] and decision is not Decision.PASS:
        return due
    if due is not level:
        raise WrongState(state=state, level=level)
    return due


def status_after(decision: Decision, *, level: ReviewLevel) -> ApplicationStatus:
    """Tell what an application becomes by a decision."""
    if decision is Decision.RETURN:
        return _S.RETURNED
    if decision is Decision.REJECT:
        return _S.REJECTED
    return CHECKED[level]


def check_grant_level(level: ReviewLevel, *, chain: Sequence[ReviewLevel]) -> None:
    """Let only the last level of the chain grant (NotAllowed)."""
    if level is not chain[-1]:
        raise NotAllowed


def check_no_objection_upheld(objections: Sequence[Objection]) -> None:
    """Refuse to grant against an objection that was found right."""
    if any(objection.upheld for objection in objections):
        raise ObjectionUpheld


def check_notice_decision(notice: Notice, objections: Sequence[Objection], *, today: date) -> None:
    """Refuse to return or reject in the notice before its time.

    Every objection is answered first (ObjectionOpen). One that was found right is ground enough;
    without one the notice runs to its end (NoticeRunning).
    """
    check_answered(objections)
    if not any(objection.upheld for objection in objections):
        check_notice_over(notice, objections, today=today)


def waiting_place(
    state: ApplicationStatus, chain: Sequence[ReviewLevel], *, origin_region_code: str
) -> str | None:
    """Tell the place whose office must act now; None where nobody's turn it is."""
    due = next_level(state, chain)
    if due is None:
        return None
    level = chain[-1] if due is ReviewLevel.NOTICE else due
    places = {level_of(code).value: code for code in ancestor_codes(origin_region_code)}
    return places.get(level.value)


def due_day(
    scheme: Scheme, level: ReviewLevel, *, since: date, overrides: Mapping[date, bool]
) -> date:
    """Tell the day by whose end a level must have acted: its working days after `since`."""
    days = int(scheme.review_working_days.get(level.value, DEFAULT_WORKING_DAYS))
    return closing_day(since, working_days=days, overrides=overrides) - ONE_DAY


def check_reasons(decision: Decision, pointers: Sequence[str], *, known: Collection[str]) -> None:
    """Want reasons per field of a return only, and of fields that an application has."""
    for position, pointer in enumerate(pointers):
        field = pointer.removeprefix("/").split("/", maxsplit=1)[0]
        if decision is not Decision.RETURN or not pointer.startswith("/") or field not in known:
            raise ReasonUnfit(pointer=f"/reasons/{position}/pointer", field=pointer)
