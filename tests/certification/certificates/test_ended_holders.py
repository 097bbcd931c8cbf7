"""A holder ends: nothing is granted to it, and what it has in force is suspended, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.applications.commands.applications import submit_application
from certification.applications.models import Application, ApplicationStatus
from certification.certificates.commands import scope
from certification.certificates.commands.changes import change_certificate, suspend_certificates
from certification.certificates.commands.grants import grant_certificate
from certification.certificates.handlers import suspend_certificates as hear
from certification.certificates.models.certificates import (
    Certificate,
    CertificateChange,
    ChangeKind,
)
from certification.certificates.rules.scope import scope_of
from certification.wiring import INVARIANTS
from kernel.audit import AuditRow
from kernel.events import EventRow
from registry.errors.organisations import OrganisationEnded
from registry.events import OrganisationAbolished, OrganisationMerged
from registry.organisations.models import Ending, Organisation
from tests.builders import certification as build
from tests.builders import registry
from tests.builders.certification import NOTICE_OVER, NOW, Cast
from tests.promises import broken

DAY = NOTICE_OVER.date()


@pytest.fixture
def people(db_session: Session) -> Cast:
    del db_session  # it brings the transaction
    return build.cast()


def end(session: Session, one: Organisation) -> None:
    one.ended_on, one.ending = DAY, Ending.ABOLISHED
    session.flush()


def changes_of(session: Session, made: Certificate) -> list[tuple[str, bool]]:
    query = select(CertificateChange).where(CertificateChange.certificate_id == made.id)
    rows = session.scalars(query.order_by(CertificateChange.position))
    return [(row.kind, row.by_id is None) for row in rows]


def test_nothing_is_begun_or_handed_in_for_it(db_session: Session, people: Cast) -> None:
    draft = build.draft(people)
    end(db_session, people.holder)
    with pytest.raises(OrganisationEnded) as refused:
        build.draft(people)
    assert refused.value.figures == {"ended_on": DAY}
    with pytest.raises(OrganisationEnded):
        submit_application(draft.id, by=people.by, now=NOW)
    found = db_session.scalars(select(Application)).all()
    assert [one.status for one in found] == [ApplicationStatus.DRAFT]


def test_nothing_is_granted_to_it(db_session: Session, people: Cast) -> None:
    waiting = build.in_notice(people)
    end(db_session, people.holder)
    with pytest.raises(OrganisationEnded):
        grant_certificate(waiting.id, by=people.reviewer("province"), now=NOTICE_OVER)
    assert waiting.status is ApplicationStatus.IN_NOTICE
    assert db_session.scalars(select(Certificate)).all() == []


def test_its_scope_is_not_changed_any_more(db_session: Session, people: Cast) -> None:
    made, county = build.granted(people), people.reviewer("county")
    wanted = replace(scope_of(made), specification="一级，袋装")
    wish = scope.request_scope_change(
        made.id, wanted, reason="换包装", by=people.by, now=NOTICE_OVER
    )
    end(db_session, people.holder)
    decide = partial(scope.decide_scope_change, wish.id, opinion="已核", by=county, now=NOTICE_OVER)
    with pytest.raises(OrganisationEnded):
        decide(accept=True)
    assert (wish.status, made.revision) == ("requested", 1)
    assert decide(accept=False).status == "refused"


@pytest.mark.parametrize("kind", [OrganisationMerged, OrganisationAbolished])
def test_what_it_has_in_force_is_suspended_once_and_for_good(
    db_session: Session,
    people: Cast,
    written: Callable[[], list[AuditRow]],
    kind: type[OrganisationMerged | OrganisationAbolished],
) -> None:
    made, other = build.granted(people), build.certificate()
    end(db_session, people.holder)
    heir = {"successor_id": registry.organisation().id} if kind is OrganisationMerged else {}
    for _ in range(2):
        hear(kind(organisation_id=people.holder.id, **heir), now=NOTICE_OVER)
    assert (made.status, other.status) == ("suspended", "in_force")
    assert build.capacity_of(made).is_open is False
    assert changes_of(db_session, made) == [("granted", False), ("suspended", True)]
    assert [row.action for row in written()].count("certificate_suspended") == 1
    news = db_session.scalars(select(EventRow.kind)).all()
    assert list(news).count("CertificateSuspended") == 1
    county = people.reviewer("county")
    with pytest.raises(OrganisationEnded):
        change_certificate(
            made.id, ChangeKind.REINSTATED, reason="复核", by=county, now=NOTICE_OVER
        )
    assert made.status == "suspended"
    change_certificate(made.id, ChangeKind.REVOKED, reason="灭失", by=county, now=NOTICE_OVER)
    assert broken(INVARIANTS) == []


def test_what_was_stopped_or_is_over_stays_what_it_is(db_session: Session, people: Cast) -> None:
    made = build.granted(people)
    county = people.reviewer("county")
    change_certificate(made.id, ChangeKind.REVOKED, reason="失实", by=county, now=NOTICE_OVER)
    lapsed = build.certificate(people.holder)
    end(db_session, people.holder)
    later = NOTICE_OVER.replace(year=2027)
    assert suspend_certificates(people.holder.id, now=later) == 0
    assert (made.status, lapsed.status) == ("revoked", "in_force")
    assert changes_of(db_session, lapsed) == [("granted", False)]


def test_the_suspended_certificate_of_a_living_holder_comes_back(people: Cast) -> None:
    made, county = build.granted(people), people.reviewer("county")
    for change in (ChangeKind.SUSPENDED, ChangeKind.REINSTATED):
        change_certificate(made.id, change, reason="抽检", by=county, now=NOTICE_OVER)
    assert made.status == "in_force"
