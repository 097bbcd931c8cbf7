"""Until when the papers last that a certificate rests on, and which may take their place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from certification.certificates.models.certificates import UNENDED, Certificate
from certification.errors.applications import PaperLapsed
from certification.errors.certificates import CertificatePapersLapsed, PaperUnneeded
from kernel.actor import Actor
from kernel.errors import NotAllowed, WrongState
from registry.documents.models import Document


def lapse_of(demands: Iterable[Sequence[str]], papers: Sequence[Document]) -> date | None:
    """Give the first Shanghai day on which a demanded paper is missing; None: it never is.

    A demand, any of its kinds, lasts as long as the longest-lasting paper that meets it; one that
    no paper ever met was not asked for when the certificate was granted.
    """
    ends = [_end_of([one for one in papers if one.kind in demand]) for demand in demands]
    return min((end for end in ends if end is not None), default=None)


def _end_of(papers: Sequence[Document]) -> date | None:
    days = [one.valid_until_on for one in papers if one.valid_until_on is not None]
    return max(days) if days and len(days) == len(papers) else None


def check_addition(
    certificate: Certificate,
    paper: Document,
    *,
    demands: Iterable[Sequence[str]],
    by: Actor,
    today: date,
) -> None:
    """Let the holder add papers of its own that last and that the scheme asks for, to what runs.

    Refuses NotAllowed, WrongState, PaperUnneeded, PaperLapsed.
    """
    if by.organisation_id != certificate.holder_id:
        raise NotAllowed
    state = certificate.status_on(today)
    if state not in UNENDED:
        raise WrongState(state=state, wanted="in_force")
    asked = sorted({kind for demand in demands for kind in demand})
    if paper.organisation_id != certificate.holder_id or paper.kind not in asked:
        raise PaperUnneeded(pointer="/document_id", kinds=", ".join(asked))
    if paper.valid_until_on is not None and paper.valid_until_on <= today:
        raise PaperLapsed(pointer="/document_id", valid_until_on=paper.valid_until_on)


def check_papers_last(certificate: Certificate, *, today: date) -> None:
    """Refuse to sell under a certificate one of whose papers has lapsed."""
    if certificate.lacks_papers_on(today):
        raise CertificatePapersLapsed(
            number=certificate.number, papers_until_on=certificate.papers_until_on
        )
