"""Who may record, confirm and withdraw a mark, and how long it may last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from certification.certificates.models.certificates import UNENDED, Certificate
from certification.certificates.models.marks import MarkKind, MarkStatus, ProductMark
from certification.errors.applications import PaperLapsed
from certification.errors.certificates import MarkOutlivesPaper, PaperUnneeded
from kernel.actor import Actor
from kernel.errors import Invalid, NotAllowed, OwnOrganisation, SamePerson, WrongState
from registry.documents.models import Document, DocumentId
from registry.regions.rules import check_reach

_S = MarkStatus
TRANSITIONS: Mapping[MarkStatus, frozenset[MarkStatus]] = MappingProxyType(
    {
        _S.RECORDED: frozenset({_S.CONFIRMED, _S.LAPSED, _S.WITHDRAWN}),
        _S.CONFIRMED: frozenset({_S.LAPSED, _S.WITHDRAWN}),
        _S.LAPSED: frozenset(),
        _S.WITHDRAWN: frozenset(),
    }
)


@dataclass(frozen=True)
class NewMark:
    """A mark as its paper shows it; `issuer` granted it, or owns the brand."""

    kind: MarkKind
    number: str
    issuer: str
    valid_from_on: date
    document_id: DocumentId
    valid_until_on: date | None = None


def check_recording(certificate: Certificate, *, by: Actor, today: date) -> None:
    """Let only the holder record marks, of a certificate that has not ended."""
    if certificate.holder_id != by.organisation_id:
        raise NotAllowed
    state = certificate.status_on(today)
    if state not in UNENDED:
        raise WrongState(state=state, wanted=MarkStatus.RECORDED)


def check_validity(new: NewMark, paper: Document, *, today: date) -> None:
    """Refuse a mark that is over, or that its paper does not bear out.

    Refuses Invalid, PaperLapsed, MarkOutlivesPaper.
    """
    if new.valid_until_on is not None and new.valid_until_on <= max(new.valid_from_on, today):
        reason = "有效期已过，或止期不晚于起期 / it is over, or ends before it begins"
        raise Invalid(reason=reason, pointer="/valid_until_on")
    paper_ends = paper.valid_until_on
    if paper_ends is None:
        return
    if paper_ends <= today:
        raise PaperLapsed(pointer="/document_id", valid_until_on=paper_ends)
    if new.valid_until_on is None or new.valid_until_on > paper_ends:
        raise MarkOutlivesPaper(pointer="/valid_until_on", valid_until_on=paper_ends)


def check_paper(paper: Document, *, certificate: Certificate) -> None:
    """Want the holder's own paper (PaperUnneeded)."""
    if paper.organisation_id != certificate.holder_id:
        raise PaperUnneeded(pointer="/document_id", kinds=paper.kind)


def check_confirmation(
    mark: ProductMark, *, region_code: str, is_member: bool, by: Actor, today: date
) -> None:
    """Let a reviewer of the place confirm what waits, never of the own house nor the own record."""
    _check_foreign(mark, is_member=is_member, by=by)
    check_reach(region_code, by=by)
    if mark.recorded_by_id == by.user_id:
        raise SamePerson
    check_move(mark, MarkStatus.CONFIRMED, today=today)


def check_withdrawal(
    mark: ProductMark, *, region_code: str, is_member: bool, by: Actor, today: date
) -> None:
    """Let the holder take back what it recorded, and a reviewer of the place what is not so."""
    if by.organisation_id != mark.holder_id:
        _check_foreign(mark, is_member=is_member, by=by)
        check_reach(region_code, by=by)
    check_move(mark, MarkStatus.WITHDRAWN, today=today)


def check_move(mark: ProductMark, wanted: MarkStatus, *, today: date) -> None:
    """Refuse a way that is not drawn (WrongState); what is over by its day has lapsed."""
    state = mark.status_on(today)
    if wanted not in TRANSITIONS[state]:
        raise WrongState(state=state, wanted=wanted)


def _check_foreign(mark: ProductMark, *, is_member: bool, by: Actor) -> None:
    if is_member or by.organisation_id == mark.holder_id:
        raise OwnOrganisation
