"""The word to grant, once the notice is over, and what it takes of the holder's production."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from certification.applications.commands.applications import production_key
from certification.applications.commands.productions import certify_production
from certification.applications.commands.reviews import check_reviewer
from certification.applications.commands.turns import become, leave_trace
from certification.applications.models import Application, ApplicationStatus
from certification.applications.queries.applications import get_application, list_objections
from certification.applications.queries.contents import get_scheme_of
from certification.applications.rules import chain as rules
from certification.applications.rules.findings import in_production_unit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day, shanghai_year
from kernel.errors import WrongState
from registry.notices.commands.notices import close_matter
from registry.notices.queries import lock_notice
from registry.notices.rules import check_notice_over
from registry.organisations.commands.keeping import keep_organisation


def grant_application(application_id: UUID, *, by: Actor, now: datetime) -> Application:
    """Close an application as granted, for the certificate that its caller issues with it.

    By the last level of the chain, who may have passed it; refuses while the notice runs
    (NoticeRunning), an objection waits (ObjectionOpen) or one was found right (ObjectionUpheld),
    to a holder that has ended (OrganisationEnded), and beyond what the holder declared for the
    year (ProductionExceeded).
    """
    application = get_application(by, application_id, lock=True)
    chain = get_scheme_of(by, application).levels
    level = check_reviewer(application, chain=chain, by=by)
    rules.check_grant_level(level, chain=chain)
    rules.check_transition(application.status, ApplicationStatus.GRANTED)
    keep_organisation(application.holder_id)
    _close_notice(application, by=by, now=now)
    certify_production(
        production_key(application, year=shanghai_year(now)),
        application_id=application.id,
        quantity=in_production_unit(application.yearly_quantity, application.unit),
        now=now,
    )
    become(application, ApplicationStatus.GRANTED, now=now)
    leave_trace("grant_application", application, by=by, now=now)
    return application


def _close_notice(application: Application, *, by: Actor, now: datetime) -> None:
    if application.notice_id is None:
        raise WrongState(state=application.status)
    notice = lock_notice(SYSTEM, application.notice_id)
    objections = list_objections(SYSTEM, application)
    rules.check_no_objection_upheld(objections)
    check_notice_over(notice, objections, today=shanghai_day(now))
    close_matter(notice.id, outcome=ApplicationStatus.GRANTED.value, by=by, now=now)
