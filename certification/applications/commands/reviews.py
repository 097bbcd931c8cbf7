"""Deciding on applications, one by one or many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from uuid import UUID

from certification.applications.commands.turns import become, leave_trace
from certification.applications.models import (
    Application,
    ApplicationReview,
    ApplicationStatus,
    Decision,
    ReviewId,
)
from certification.applications.queries.applications import (
    get_application,
    list_objections,
    list_reviews,
)
from certification.applications.queries.contents import ApplicationContents, get_scheme_of
from certification.applications.rules import chain as rules
from certification.criteria.models import ReviewLevel, Scheme
from certification.errors.applications import BatchRefused
from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import Busy, Refusal, WrongState
from kernel.identity import new_id
from registry.accounts.models import UserId
from registry.accounts.queries.accounts import is_member
from registry.documents.rules import check_clear_of_identity
from registry.notices.commands.notices import close_matter, open_notice
from registry.notices.queries import lock_notice

FIELDS = frozenset(one.name for one in fields(ApplicationContents))


@dataclass(frozen=True)
class Reason:
    """Why an application comes back: a JSON pointer into it, and what is wrong there."""

    pointer: str
    text: str


@dataclass(frozen=True)
class Verdict:
    """What a reviewer says: the decision, the opinion, and the reasons of a return."""

    decision: Decision
    opinion: str
    reasons: Sequence[Reason] = ()


@dataclass(frozen=True)
class BatchItem:
    """A verdict on one application of many."""

    application_id: UUID
    decision: Decision
    opinion: str
    reasons: Sequence[Reason] = ()


@dataclass(frozen=True)
class BatchOutcome:
    """What became of one item: its status now, or the refusal that left it as it was."""

    application_id: UUID
    status: ApplicationStatus | None = None
    refusal: Refusal | None = field(default=None)


def review_application(
    application_id: UUID, *, verdict: Verdict, by: Actor, now: datetime
) -> Application:
    """Decide at the level whose turn it is; the last level's pass opens the public notice.

    All is checked before anything is written, so that a refused item of a batch left no trace.
    """
    _check_words(verdict)
    application = get_application(by, application_id, lock=True)
    scheme = get_scheme_of(by, application)
    speaks_for = check_reviewer(application, chain=scheme.levels, by=by)
    decision = verdict.decision
    level = rules.check_review(
        application.status, chain=scheme.levels, level=speaks_for, decision=decision
    )
    status = rules.status_after(decision, level=level)
    rules.check_transition(application.status, status)
    if level is ReviewLevel.NOTICE:
        _decide_in_notice(application, status, by=by, now=now)
    opens = decision is Decision.PASS and level is scheme.levels[-1]
    if not opens:
        become(application, status, now=now)
    db.session.add(_review_row(application, level, status, verdict, by=by, now=now))
    if opens:
        _open_notice(application, scheme, by=by, now=now)
    leave_trace("review_application", application, by=by, now=now)
    return application


def review_batch(
    items: Sequence[BatchItem], *, atomic: bool, by: Actor, now: datetime
) -> list[BatchOutcome]:
    """Decide on many applications, each by its own verdict and the same gates.

    `atomic`: all or none (BatchRefused names each item and why). Otherwise each stands for
    itself. Applications are locked in the order of their keys; outcomes come as asked.
    """
    found: dict[int, BatchOutcome] = {}
    order = sorted(range(len(items)), key=lambda position: items[position].application_id)
    for position in order:
        found[position] = _judge(items[position], atomic=atomic, by=by, now=now)
    outcomes = [found[position] for position in range(len(items))]
    refused = {
        position: one.refusal for position, one in enumerate(outcomes) if one.refusal is not None
    }
    if atomic and refused:
        raise BatchRefused(refused=refused)
    return outcomes


def _judge(item: BatchItem, *, atomic: bool, by: Actor, now: datetime) -> BatchOutcome:
    verdict = Verdict(item.decision, item.opinion, item.reasons)
    try:
        made = review_application(item.application_id, verdict=verdict, by=by, now=now)
    except Busy:
        raise
    except Refusal as refusal:
        if not atomic:
            _audit_refusal(item, refusal, by=by, now=now)
        return BatchOutcome(item.application_id, refusal=refusal)
    return BatchOutcome(item.application_id, made.status)


def _audit_refusal(item: BatchItem, refusal: Refusal, *, by: Actor, now: datetime) -> None:
    audit.write(
        "review_application",
        subject=("application", item.application_id),
        by=by,
        now=now,
        outcome=refusal.code,
    )


def check_reviewer(
    application: Application, *, chain: Sequence[ReviewLevel], by: Actor
) -> ReviewLevel:
    """Tell for which level the actor may speak on an application, after all that was decided."""
    return rules.check_reviewer(
        application,
        chain=chain,
        reviews=list_reviews(by, application),
        is_member=is_member(by, organisation_id=application.holder_id),
        by=by,
    )


def _check_words(verdict: Verdict) -> None:
    check_clear_of_identity(verdict.opinion, pointer="/opinion")
    pointers = [reason.pointer for reason in verdict.reasons]
    rules.check_reasons(verdict.decision, pointers, known=FIELDS)
    for position, reason in enumerate(verdict.reasons):
        check_clear_of_identity(reason.text, pointer=f"/reasons/{position}/text")


def _decide_in_notice(
    application: Application, status: ApplicationStatus, *, by: Actor, now: datetime
) -> None:
    """Let the last level return or reject after the notice, and keep that in its archive."""
    if application.notice_id is None:
        raise WrongState(state=application.status)
    notice = lock_notice(SYSTEM, application.notice_id)
    objections = list_objections(SYSTEM, application)
    today: date = shanghai_day(now)
    rules.check_notice_decision(notice, objections, today=today)
    close_matter(notice.id, outcome=status.value, by=by, now=now)


def _review_row(
    application: Application,
    level: ReviewLevel,
    status: ApplicationStatus,
    verdict: Verdict,
    *,
    by: Actor,
    now: datetime,
) -> ApplicationReview:
    reasons: list[Mapping[str, str]] = [asdict(reason) for reason in verdict.reasons]
    return ApplicationReview(
        id=ReviewId(new_id()),
        application_id=application.id,
        author_id=application.author_id,
        holder_id=application.holder_id,
        round=application.round,
        level=level,
        reviewer_id=UserId(by.user_id),
        organisation_id=by.organisation_id,
        decision=verdict.decision,
        opinion=verdict.opinion,
        reasons=reasons,
        status=status,
        at=now,
    )


def _open_notice(application: Application, scheme: Scheme, *, by: Actor, now: datetime) -> None:
    notice = open_notice(
        subject=("application", application.id),
        region_code=application.origin_region_code,
        working_days=scheme.notice_working_days,
        rule_source=scheme.notice_source,
        deciding_level=scheme.levels[-1].value,
        party_id=application.holder_id,
        by=by,
        now=now,
    )
    application.notice_id = notice.id
    become(application, ApplicationStatus.IN_NOTICE, now=now)
