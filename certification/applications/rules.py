"""What an application must bring, how it moves, and who may decide on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from certification.applications.models import (
    Application,
    ApplicationReview,
    ApplicationStatus,
    Decision,
)
from certification.criteria.models import ReviewLevel, Scheme
from certification.errors.applications import (
    BenefitLinkMissing,
    HolderNotAdmitted,
    ObjectionUpheld,
    OriginNotAdmitted,
    OriginTooWide,
    PaperLapsed,
    PapersMissing,
    PledgeMissing,
)
from kernel.actor import Actor
from kernel.errors import Invalid, NotAllowed, OwnOrganisation, SamePerson, WrongState
from kernel.money import Fen
from kernel.quantity import Unit, check_quantity
from registry.accounts.models import Role
from registry.documents.models import Document
from registry.households.models.links import BenefitLink
from registry.notices.models import Objection
from registry.organisations.models import OrganisationId
from registry.regions.models import OriginKind
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


def check_holder(scheme: Scheme, *, kind: str) -> None:
    """Refuse an organisation of a kind that the scheme does not certify."""
    if kind not in scheme.holder_kinds:
        raise HolderNotAdmitted(kind=kind)


def check_origin(scheme: Scheme, *, region_code: str, origin_kind: OriginKind) -> None:
    """Refuse an origin of a kind not admitted, or above the chain's first level."""
    pointer = "/origin_region_code"
    if origin_kind not in scheme.origin_kinds:
        raise OriginNotAdmitted(pointer=pointer, region_code=region_code, origin_kind=origin_kind)
    within = {level_of(code).value for code in ancestor_codes(region_code)}
    for level in scheme.levels:
        if level.value not in within:
            raise OriginTooWide(pointer=pointer, region_code=region_code, level=level)


def check_goods(quantity: Decimal, *, unit: Unit, goods_value: Fen, unit_price: Fen) -> None:
    """Refuse a quantity the unit does not have, and amounts that are not above zero (fen)."""
    check_quantity(quantity, unit, pointer="/yearly_quantity")
    amounts: dict[str, Decimal | int] = {
        "/yearly_quantity": quantity,
        "/goods_value_fen": goods_value,
        "/unit_price_fen": unit_price,
    }
    for pointer, amount in amounts.items():
        if amount <= 0:
            raise Invalid(pointer=pointer, reason="必须大于零 / must be above zero")


def check_lapses(papers: Sequence[Document], *, today: date) -> None:
    """Refuse papers that have lapsed by today (a Shanghai day)."""
    for position, paper in enumerate(papers):
        if paper.valid_until_on is not None and paper.valid_until_on <= today:
            raise PaperLapsed(
                pointer=f"/document_ids/{position}", valid_until_on=paper.valid_until_on
            )


def check_papers(scheme: Scheme, papers: Sequence[Document]) -> None:
    """Refuse where a kind of paper that the scheme requires is not there."""
    missing = [kind for kind in scheme.paper_kinds if kind not in {one.kind for one in papers}]
    if missing:
        raise PapersMissing(pointer="/document_ids", kinds=", ".join(missing))


def check_benefit_links(
    links: Sequence[BenefitLink | None], *, holder_id: OrganisationId, today: date
) -> None:
    """Want at least one link, and each to be the holder's and in force today.

    None stands for a link that is named and out of sight.
    """
    if not links:
        raise BenefitLinkMissing(pointer="/benefit_link_ids")
    for position, link in enumerate(links):
        if link is None or link.organisation_id != holder_id or not _holds(link, today):
            raise BenefitLinkMissing(pointer=f"/benefit_link_ids/{position}")


def _holds(link: BenefitLink, today: date) -> bool:
    return link.since_on <= today and (link.until_on is None or today < link.until_on)


def check_pledge(*, pledge: bool) -> None:
    """Want the holder's word that papers and benefits are true."""
    if not pledge:
        raise PledgeMissing(pointer="/pledge")


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
