"""Warnings once per due day, signals once per crossing, and renewals where the old one ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.applications.commands.applications import submit_application
from certification.applications.models import Application
from certification.certificates.commands import capacities, changes, renewals, scope
from certification.certificates.commands.capacities import CapacityMove, CapacityWant
from certification.certificates.commands.grants import grant_certificate
from certification.certificates.commands.terms import signal_capacities, warn_of_expiry
from certification.certificates.models.capacities import CapacitySignal
from certification.certificates.models.certificates import Certificate, ChangeKind
from certification.certificates.queries.certificates import get_view
from certification.certificates.queries.directory import list_expiring, list_nearing
from certification.certificates.rules.scope import Scope
from certification.errors.certificates import RenewalExists, RenewalNotDue, RenewalUnfit
from certification.wiring import INVARIANTS
from kernel.actor import ANYONE
from kernel.audit import AuditRow
from kernel.errors import NotAllowed, WrongState
from kernel.events import EventRow
from kernel.identity import new_id
from kernel.quantity import Unit
from registry.accounts.models import Role
from tests.builders import certification as build
from tests.builders import registry
from tests.builders.certification import LEVELS, NOTICE_OVER, Cast
from tests.promises import broken

UNTIL = date(2027, 11, 13)
Written = Callable[[], list[AuditRow]]


@pytest.fixture
def people(db_session: Session) -> Cast:
    del db_session  # it brings the transaction
    return build.cast()


@pytest.fixture
def granted(people: Cast) -> Certificate:
    return build.granted(people)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(4), tzinfo=UTC)


def before_end(days: int) -> datetime:
    return noon(UNTIL - timedelta(days=days))


def kinds(session: Session, written: Written) -> list[str]:
    written()
    return list(session.scalars(select(EventRow.kind).order_by(EventRow.position)))


def hold(made: Certificate, quantity: str) -> UUID:
    line = new_id()
    want = CapacityWant(line, made.id, Decimal(quantity))
    capacities.hold_capacity([want], expires_at=None, now=NOTICE_OVER)
    return line


def release(made: Certificate, line: UUID) -> None:
    move = CapacityMove(line, build.capacity_of(made).id)
    capacities.release_capacity([move], now=NOTICE_OVER)


def signals(session: Session) -> list[tuple[int, Decimal]]:
    rows = session.scalars(select(CapacitySignal).order_by(CapacitySignal.id))
    return [(row.level, row.used) for row in rows]


@pytest.mark.usefixtures("granted")
def test_a_certificate_is_warned_of_once_on_each_due_day(
    db_session: Session, written: Written
) -> None:
    served = {}
    for days in range(95, -3, -1):
        found = warn_of_expiry(now=before_end(days))
        assert warn_of_expiry(now=before_end(days)) == 0
        if found:
            served[days] = found
    assert served == {90: 1, 60: 1, 30: 1, 7: 1}
    assert kinds(db_session, written).count("CertificateExpiring") == 4
    assert [row.action for row in written()].count("warn_of_expiry") == 4


def test_what_has_ended_is_not_warned_of(
    granted: Certificate, people: Cast, db_session: Session, written: Written
) -> None:
    changes.change_certificate(
        granted.id,
        ChangeKind.REVOKED,
        reason="虚假材料",
        by=people.reviewer("county"),
        now=NOTICE_OVER,
    )
    assert warn_of_expiry(now=before_end(5)) == 4
    assert "CertificateExpiring" not in kinds(db_session, written)


def test_a_capacity_signals_once_a_crossing_and_again_after_it_fell(
    granted: Certificate, db_session: Session, written: Written
) -> None:
    hold(granted, "799.999")
    assert signals(db_session) == []
    crossing = hold(granted, "0.001")
    assert signals(db_session) == [(1, Decimal(800))]
    hold(granted, "100")
    assert len(signals(db_session)) == 1
    last = hold(granted, "50")
    assert signals(db_session)[1:] == [(2, Decimal(950))]
    release(granted, last)
    release(granted, crossing)
    assert len(signals(db_session)) == 2
    hold(granted, "100")
    assert signals(db_session)[2:] == [(2, Decimal("999.999"))]
    assert signal_capacities(now=NOTICE_OVER) == 3
    assert signal_capacities(now=NOTICE_OVER) == 0
    assert kinds(db_session, written).count("CapacityNearing") == 3
    assert broken(INVARIANTS) == []


def test_a_capacity_signals_again_after_falling_below_the_first_threshold(
    granted: Certificate, db_session: Session
) -> None:
    for _ in range(3):
        release(granted, hold(granted, "800"))
    assert signals(db_session) == [(1, Decimal(800))] * 3


def test_a_cut_of_scope_crosses_as_selling_does(
    granted: Certificate, people: Cast, db_session: Session
) -> None:
    hold(granted, "500")
    wanted = Scope(granted.product_name, granted.specification, Decimal(600))
    wish = scope.request_scope_change(
        granted.id, wanted, reason="减产", by=people.by, now=NOTICE_OVER
    )
    by = people.reviewer("county")
    scope.decide_scope_change(wish.id, accept=True, opinion="属实", by=by, now=NOTICE_OVER)
    assert signals(db_session) == [(1, Decimal(500))]


def test_what_ends_or_runs_out_is_listed_for_who_looks_after_it(
    granted: Certificate, people: Cast
) -> None:
    other = registry.person(Role.COOP_CLERK)
    on = UNTIL - timedelta(days=30)
    hold(granted, "800")
    for actor, count in ((people.by, 1), (people.reviewer("city"), 1), (other, 0), (ANYONE, 0)):
        ending = list_expiring(actor, days=30, on=on, limit=10, cursor=None).items
        nearing = list_nearing(actor, on=on, limit=10, cursor=None).items
        assert [len(ending), len(nearing)] == [count, count]
    assert not list_expiring(people.by, days=29, on=on, limit=10, cursor=None).items


def renewal(made: Certificate, people: Cast, now: datetime, **said: Any) -> Application:
    return renewals.draft_renewal(made.id, build.contents(people, **said), by=people.by, now=now)


def renewed(made: Certificate, people: Cast, drafted_at: datetime, now: datetime) -> Certificate:
    application = renewal(made, people, drafted_at)
    submit_application(application.id, by=people.by, now=drafted_at)
    for level in LEVELS:
        build.review(application.id, people.reviewer(level), now=drafted_at)
    return grant_certificate(application.id, by=people.reviewer("province"), now=now)


def test_a_renewal_begins_where_the_old_one_ends(
    granted: Certificate, people: Cast, db_session: Session, written: Written
) -> None:
    new = renewed(granted, people, before_end(60), before_end(20))
    assert (new.valid_from_on, new.valid_until_on) == (UNTIL, date(2028, 11, 13))
    assert build.capacity_of(new).from_on == UNTIL
    assert f'"renews":"{granted.number}"' in new.payload
    assert (get_view(ANYONE, granted.id, on=UNTIL).renewed_by, granted.status) == (
        new.number,
        "in_force",
    )
    assert get_view(ANYONE, new.id, on=UNTIL).renews == granted.number
    told = kinds(db_session, written)
    assert told[-2:] == ["CertificateGranted", "CertificateRenewed"]
    assert warn_of_expiry(now=before_end(5)) == 4
    assert "CertificateExpiring" not in kinds(db_session, written)
    with pytest.raises(RenewalExists):
        renewal(granted, people, before_end(10))
    assert broken(INVARIANTS) == []


def test_a_late_renewal_begins_with_its_grant(granted: Certificate, people: Cast) -> None:
    changes.expire_certificates(now=before_end(0))
    new = renewed(granted, people, noon(date(2027, 11, 15)), noon(date(2027, 12, 1)))
    assert (new.valid_from_on, new.valid_until_on) == (date(2027, 12, 1), date(2028, 12, 1))


def test_a_renewal_is_asked_for_in_its_time(granted: Certificate, people: Cast) -> None:
    for days in (91, -90):
        with pytest.raises(RenewalNotDue) as caught:
            renewal(granted, people, before_end(days))
        assert caught.value.figures == {
            "opens_on": date(2027, 8, 15),
            "closes_on": date(2028, 2, 11),
        }
    assert renewal(granted, people, before_end(90)).renews_certificate_id == granted.id
    assert renewal(granted, people, before_end(-89)).renews_certificate_id == granted.id


def test_a_renewal_is_of_the_same_product_by_the_same_holder(
    granted: Certificate, people: Cast
) -> None:
    now = before_end(60)
    for said in ({"unit": Unit.JIN}, {"category_code": "meat"}):
        with pytest.raises(RenewalUnfit):
            renewal(granted, people, now, **said)
    stranger = registry.person(Role.COOP_CLERK)
    with pytest.raises(NotAllowed):
        renewals.draft_renewal(granted.id, build.contents(people), by=stranger, now=now)


def test_nobody_escapes_by_renewing(granted: Certificate, people: Cast) -> None:
    county, now = people.reviewer("county"), before_end(20)
    new = renewed(granted, people, before_end(60), now)
    for kind, status in (("suspended", "suspended"), ("reinstated", "in_force"),
                         ("revoked", "revoked")):  # fmt: skip
        changes.change_certificate(granted.id, ChangeKind(kind), reason="抽检", by=county, now=now)
        assert (granted.status, new.status) == (status, status)
        assert build.capacity_of(new).is_open is (status == "in_force")


def test_what_was_stopped_meanwhile_is_not_renewed(granted: Certificate, people: Cast) -> None:
    application = renewal(granted, people, before_end(60))
    submit_application(application.id, by=people.by, now=before_end(60))
    for level in LEVELS:
        build.review(application.id, people.reviewer(level), now=before_end(60))
    changes.change_certificate(
        granted.id,
        ChangeKind.SUSPENDED,
        reason="抽检",
        by=people.reviewer("county"),
        now=before_end(30),
    )
    with pytest.raises(WrongState):
        grant_certificate(application.id, by=people.reviewer("province"), now=before_end(20))
