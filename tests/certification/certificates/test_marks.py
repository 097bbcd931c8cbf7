"""Marks of products: who says so, for how long, and who sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from certification.certificates.commands.marks import (
    confirm_mark,
    lapse_marks,
    record_mark,
    warn_of_marks,
    withdraw_mark,
)
from certification.certificates.models.certificates import Certificate
from certification.certificates.models.marks import MarkStatus, ProductMark
from certification.certificates.rules.marks import NewMark
from certification.certificates.tasks import lapse_due_marks
from certification.errors.applications import PaperLapsed
from certification.errors.certificates import MarkExists, MarkOutlivesPaper, PaperUnneeded
from kernel import clock
from kernel.actor import Actor
from kernel.audit import AuditRow
from kernel.database import db
from kernel.errors import Invalid, NotAllowed, OwnOrganisation
from kernel.events import EventRow
from registry.accounts.models import Role
from registry.organisations.models import Organisation, OrganisationKind
from tests.builders import certification as build
from tests.builders import registry
from tests.builders.certification import NOTICE_OVER as NOW
from tests.builders.marks import holder_of, mark
from tests.conftest import Client
from tests.constraints import refused_by
from tests.transitions import Token, also_of, bystanders, member, posting, walk

TODAY = date(2026, 11, 13)
OVER = NOW + timedelta(days=200)


@pytest.fixture
def made(client: Client) -> Iterator[Certificate]:
    del client
    with clock.stopped(NOW):
        yield build.certificate(granted_on=date(2026, 11, 1))


def county() -> Actor:
    return registry.actor_of(build.reviewer_of("county"))


def said(made: Certificate, until_on: date | None, paper_until_on: date | None) -> NewMark:
    paper = registry.document(*holder_of(made), "mark", paper_until_on)
    one = mark(made, NOW)
    return NewMark(one.kind, f"{one.number}-2", one.issuer, TODAY, paper.id, until_on)


def in_state(made: Certificate, state: str) -> ProductMark:
    one = mark(made, NOW)
    if state == "withdrawn":
        clerk = registry.actor_of(holder_of(made)[1])
        return withdraw_mark(one.id, reason="误登", by=clerk, now=NOW)
    if state != "recorded":
        confirm_mark(one.id, by=county(), now=NOW)
    if state == "lapsed":
        lapse_marks(now=OVER)
    return one


@pytest.mark.parametrize("state", ["recorded", "confirmed", "lapsed", "withdrawn", "over"])
def test_a_mark_moves_only_as_its_table_says(client: Client, made: Certificate, state: str) -> None:
    one = in_state(made, state)
    holder, clerk = holder_of(made)
    office = registry.organisation(OrganisationKind.AUTHORITY)
    author, insider = (registry.user(office, [Role.COUNTY_REVIEWER]) for _ in range(2))
    also_of(holder, insider)
    names = {"author": author, "insider": insider, "holder clerk": clerk}
    people: dict[str, Token] = {
        "elsewhere county_reviewer": member(Role.COUNTY_REVIEWER, registry.XINGGUO),
        **bystanders(),
        **{name: registry.token_of(user) for name, user in names.items()},
    }
    one.recorded_by_id = author.id
    db.session.flush()
    one_id = one.id
    acts = {
        "confirm": posting(f"/api/v1/marks/{one_id}/confirm"),
        "withdraw": posting(f"/api/v1/marks/{one_id}/withdraw", {"reason": "不实"}),
    }

    def state_now() -> str:
        found = db.session.get_one(ProductMark, one_id, populate_existing=True)
        over = found.status_on(clock.now().date()) is not found.status
        return "over" if over else found.status.value

    with clock.stopped(OVER if state == "over" else NOW):
        walk(
            client, "mark", state, people=people, acts=acts, state_now=state_now,
            shown_in=("product_mark",),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("until_on", "paper_until_on", "refusal"),
    [
        (TODAY, None, Invalid),
        (TODAY + timedelta(days=9), TODAY, PaperLapsed),
        (TODAY + timedelta(days=9), TODAY + timedelta(days=8), MarkOutlivesPaper),
        (None, TODAY + timedelta(days=8), MarkOutlivesPaper),
    ],
)
def test_a_mark_lasts_no_longer_than_its_paper(
    made: Certificate, until_on: date | None, paper_until_on: date | None, refusal: type[Exception]
) -> None:
    new, by = said(made, until_on, paper_until_on), registry.actor_of(holder_of(made)[1])
    with pytest.raises(refusal):
        record_mark(made.id, new, by=by, now=NOW)
    fits = replace(new, valid_until_on=TODAY + timedelta(days=7))
    if refusal is not PaperLapsed:
        assert record_mark(made.id, fits, by=by, now=NOW).status is MarkStatus.RECORDED


def test_only_the_holder_records_with_a_paper_of_its_own_and_once(made: Certificate) -> None:
    new, by = said(made, None, None), registry.actor_of(holder_of(made)[1])
    other = registry.organisation()
    stranger = registry.user(other, [Role.COOP_CLERK])
    with pytest.raises(NotAllowed):
        record_mark(made.id, new, by=registry.actor_of(stranger), now=NOW)
    foreign = registry.document(other, holder_of(made)[1])
    with pytest.raises(PaperUnneeded):
        record_mark(made.id, replace(new, document_id=foreign.id), by=by, now=NOW)
    record_mark(made.id, new, by=by, now=NOW)
    again = refused_by(
        "INSERT INTO product_mark SELECT (json_populate_record(m,"
        " json_build_object('id', gen_random_uuid()))).* FROM product_mark m"
    )
    assert again == "uq_product_mark_live"
    assert MarkExists.__name__ == "MarkExists"


def test_nobody_confirms_the_own_record_or_of_the_own_house(made: Certificate) -> None:
    one, by = mark(made, NOW), county()
    with pytest.raises(OwnOrganisation):
        confirm_mark(one.id, by=replace(by, organisation_id=made.holder_id), now=NOW)
    assert one.status is MarkStatus.RECORDED
    confirm_mark(one.id, by=by, now=NOW)
    for change, name in (
        ("recorded_by_id = confirmed_by_id", "author"),
        ("confirmed_for_id = holder_id", "own_organisation"),
        ("confirmed_at = NULL", "confirmed"),
        ("valid_until_on = valid_from_on", "period"),
        ("status = 'lapsed'", "ended"),
        ("reason = 'x'", "withdrawn"),
    ):
        refused = refused_by(f"UPDATE product_mark SET {change} WHERE status = 'confirmed'")  # noqa: S608
        assert refused == f"ck_product_mark_{name}"


def shown(client: Client, made: Certificate) -> list[Any]:
    answer = client.get(f"/api/v1/certificates/{made.number}").json
    assert answer is not None
    return [one["number"] for one in answer["marks"]]


def test_the_public_sees_a_confirmed_mark_until_its_day_and_its_successor_bears_it(
    client: Client, made: Certificate
) -> None:
    one = mark(made, NOW)
    later = build.certificate(db.session.get_one(Organisation, made.holder_id))
    later.renews_id = made.id
    db.session.flush()
    assert shown(client, made) == []
    confirm_mark(one.id, by=county(), now=NOW)
    assert shown(client, made) == shown(client, later) == [one.number]
    assert one.valid_until_on is not None
    last = datetime.combine(one.valid_until_on, NOW.time(), tzinfo=NOW.tzinfo)
    with clock.stopped(last - timedelta(days=1)):
        assert shown(client, made) == [one.number]
    with clock.stopped(last):
        assert shown(client, made) == []
        lapse_due_marks()
        assert db.session.get_one(ProductMark, one.id, populate_existing=True).status == "lapsed"


def test_time_warns_once_and_lets_lapse_once(
    db_session: Session, made: Certificate, written: Callable[[], list[AuditRow]]
) -> None:
    one = mark(made, NOW)
    confirm_mark(one.id, by=county(), now=NOW)
    soon = NOW + timedelta(days=150)
    assert [warn_of_marks(now=NOW), lapse_marks(now=soon)] == [0, 0]
    assert [warn_of_marks(now=soon), warn_of_marks(now=soon)] == [1, 0]
    assert [lapse_marks(now=OVER), lapse_marks(now=OVER)] == [1, 0]
    assert one.status is MarkStatus.LAPSED
    told = [row.action for row in written() if row.subject_id == str(one.id)]
    assert told == ["record_mark", "confirm_mark", "warn_of_mark", "lapse_mark"]
    news = list(db_session.scalars(select(EventRow.kind)))
    assert [news.count(kind) for kind in ("MarkExpiring", "MarkLapsed")] == [1, 1]


def test_a_list_gives_what_is_in_sight_by_the_state_of_the_day(
    client: Client, made: Certificate
) -> None:
    one, other = mark(made, NOW), mark(made, NOW, valid_until_on=None)
    confirm_mark(one.id, by=county(), now=NOW)
    clerk = registry.token_of(holder_of(made)[1])
    stranger = registry.token_of(registry.user(registry.organisation(), [Role.COOP_CLERK]))

    def listed(asked: str, token: str = clerk) -> list[str]:
        answer = client.get(f"/api/v1/marks?{asked}", token=token).json
        assert answer is not None
        return [row["number"] for row in answer["items"]]

    assert listed("") == [other.number, one.number]
    assert listed("", stranger) == []
    assert client.get(f"/api/v1/marks/{one.id}", token=stranger).status_code == 404
    assert listed("status=confirmed") == [one.number]
    assert listed(f"certificate_id={made.id}&kind=organic") == []
    assert listed("expiring=true") == []
    with clock.stopped(NOW + timedelta(days=150)):
        assert listed("expiring=true") == [one.number]
    with clock.stopped(OVER):
        assert (listed("status=lapsed"), listed("status=confirmed")) == ([one.number], [])
        assert db.session.scalar(text("SELECT count(*) FROM product_mark")) == 2
