"""The papers a certificate rests on: until when they last, and what a lapse stops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy.orm import Session

from certification.certificates.commands import capacities
from certification.certificates.commands.capacities import CAPACITY_GATE, CapacityWant
from certification.certificates.commands.papers import add_paper, lapse_papers
from certification.certificates.models.certificates import Certificate
from certification.certificates.rules.papers import lapse_of
from certification.errors.applications import PaperLapsed
from certification.errors.certificates import CertificatePapersLapsed, PaperUnneeded
from certification.wiring import INVARIANTS
from kernel.actor import Actor
from kernel.audit import AuditRow
from kernel.errors import NotAllowed, NotFound
from kernel.identity import new_id
from registry.accounts.models import Role
from registry.documents.models import Document
from tests.builders import certification as build
from tests.builders import registry
from tests.builders.certification import NOTICE_OVER as NOW
from tests.builders.marks import holder_of, rest_on
from tests.promises import broken

LAST = date(2026, 12, 1)
AFTER = NOW.replace(month=12, day=1)
LATER = date(2027, 12, 1)
DEMANDS = [["licence"], ["report", "pledge"]]


def paper(kind: str, until_on: date | None) -> Document:
    return cast("Document", SimpleNamespace(kind=kind, valid_until_on=until_on))


@pytest.mark.parametrize(
    ("papers", "lapses"),
    [
        ([], None),
        ([("licence", None), ("report", LAST)], LAST),
        ([("licence", LATER), ("report", LAST)], LAST),
        ([("licence", LAST), ("licence", LATER), ("report", LATER)], LATER),
        ([("licence", LAST), ("licence", None)], None),
        ([("report", LAST), ("pledge", LATER)], LATER),
        ([("photo", LAST)], None),
    ],
)
def test_a_demand_lasts_as_long_as_the_best_paper_that_meets_it(
    papers: list[tuple[str, date | None]], lapses: date | None
) -> None:
    assert lapse_of(DEMANDS, [paper(*one) for one in papers]) == lapses


@pytest.fixture
def made(db_session: Session) -> Certificate:
    del db_session  # it brings the transaction
    one = build.certificate()
    rest_on(one, business_licence=None, test_report=LAST)
    return one


def by_clerk(made: Certificate) -> Actor:
    return registry.actor_of(holder_of(made)[1])


def new_paper(made: Certificate, kind: str, until_on: date | None) -> Document:
    return registry.document(*holder_of(made), kind, until_on)


def hold(made: Certificate, now: Any) -> None:
    wants = [CapacityWant(new_id(), made.id, Decimal(1))]
    capacities.hold_capacity(wants, expires_at=None, now=now)


def test_nothing_is_held_from_the_day_on_and_everything_again_with_another_paper(
    made: Certificate,
) -> None:
    assert (made.papers_until_on, build.capacity_of(made).papers_until_on) == (LAST, LAST)
    hold(made, AFTER - timedelta(days=1))
    with pytest.raises(CertificatePapersLapsed) as refused:
        hold(made, AFTER)
    assert refused.value.figures == {"number": made.number, "papers_until_on": LAST}
    by = by_clerk(made)
    other = new_paper(made, "test_report", LATER)
    add_paper(made.id, document_id=other.id, by=by, now=AFTER)
    assert made.papers_until_on == LATER
    hold(made, AFTER)
    assert build.capacity_of(made).held == 2
    assert broken(INVARIANTS) == []


def test_negative_control_a_gate_without_papers_takes_it(
    made: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = replace(CAPACITY_GATE, when=CAPACITY_GATE.when.split(" AND (c.papers")[0])
    monkeypatch.setattr(capacities, "CAPACITY_GATE", bare)
    hold(made, AFTER)
    assert build.capacity_of(made).held == 1


def test_a_lapse_is_told_once_and_again_of_the_next(
    made: Certificate, written: Callable[[], list[AuditRow]]
) -> None:
    assert lapse_papers(now=AFTER - timedelta(days=1)) == []
    assert [lapse_papers(now=AFTER), lapse_papers(now=AFTER)] == [[made.id], []]
    by = by_clerk(made)
    other = new_paper(made, "test_report", date(2027, 1, 1))
    for _ in range(2):
        add_paper(made.id, document_id=other.id, by=by, now=AFTER)
    assert made.papers_lapsed_at is None
    assert lapse_papers(now=NOW.replace(year=2027, month=1, day=1)) == [made.id]
    told = [row.action for row in written() if row.subject_id == str(made.id)]
    lapsed = "certificate_papers_lapsed"
    assert told == [lapsed, "add_certificate_paper", lapsed]


def test_only_own_papers_that_last_and_are_asked_for_are_added(made: Certificate) -> None:
    by = by_clerk(made)
    good = new_paper(made, "test_report", LATER)
    stranger = registry.user(registry.organisation(), [Role.COOP_CLERK])
    with pytest.raises(NotFound):
        add_paper(made.id, document_id=good.id, by=registry.actor_of(stranger), now=NOW)
    theirs = registry.document(registry.organisation(), stranger, "test_report")
    with pytest.raises(NotAllowed):
        add_paper(made.id, document_id=theirs.id, by=registry.actor_of(stranger), now=NOW)
    with pytest.raises(PaperUnneeded):
        add_paper(made.id, document_id=new_paper(made, "photo", None).id, by=by, now=NOW)
    over = new_paper(made, "test_report", NOW.date())
    with pytest.raises(PaperLapsed):
        add_paper(made.id, document_id=over.id, by=by, now=NOW)
    assert made.papers_until_on == LAST


def test_a_grant_says_until_when_its_papers_last(db_session: Session) -> None:
    del db_session
    people = build.cast()
    papers = [
        registry.document(people.holder, people.clerk, kind, until_on).id
        for kind, until_on in (("business_licence", LATER), ("test_report", LAST))
    ]
    made = build.granted(people, document_ids=papers)
    assert (made.papers_until_on, build.capacity_of(made).papers_until_on) == (LAST, LAST)
