"""What a page shows first, for nothing: who asks, who decides, and when it ends by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from certification.certificates.models.certificates import Certificate, CertificateStatus
from certification.errors.certificates import CertificateNotInForce
from kernel.actor import ANYONE, Actor
from kernel.audit import AuditRow
from kernel.database import db
from kernel.errors import Invalid, Refusal, SamePerson, WrongState
from marketplace.catalogue.commands.displays import SlotDecision, decide_slot, withdraw_slot
from marketplace.catalogue.commands.listings import delist_listing
from marketplace.catalogue.models.displays import SEATS, DisplaySlot, SlotStatus
from marketplace.catalogue.queries.displays import get_window
from marketplace.catalogue.rules.displays import (
    TRANSITIONS,
    check_days,
    check_move,
    check_place,
    free_seat,
)
from marketplace.errors.catalogue import DisplayAsked, DisplayFull, ListingNotListed
from marketplace.errors.constraints import CONSTRAINTS
from registry.accounts.models import Role
from registry.errors.regions import RegionUnfit
from tests.builders import certification, marketplace, registry
from tests.builders.marketplace import NOW, TODAY, Scene
from tests.builders.places import FRONT, slot
from tests.conftest import Client
from tests.constraints import AGAIN, constraints_of, refused_by
from tests.marketplace.doors import Door, json_of
from tests.transitions import bystanders, member, posting, walk

DAY = timedelta(days=1)
S = SlotStatus
GIVE = SlotDecision(give=True, opinion="应季，同意")
DECLINE = SlotDecision(give=False, opinion="已有同类产品")


@pytest.mark.parametrize(
    ("since", "until", "pointer"),
    [
        (0, 1, None),
        (0, 31, None),
        (366, 367, None),
        (-1, 1, "/since_on"),
        (367, 368, "/since_on"),
        (0, 0, "/until_on"),
        (0, 32, "/until_on"),
    ],
)
def test_days_begin_from_today_on_and_are_few(since: int, until: int, pointer: str | None) -> None:
    days = TODAY + since * DAY, TODAY + until * DAY
    if pointer is None:
        check_days(*days, today=TODAY)
        return
    with pytest.raises(Invalid) as refused:
        check_days(*days, today=TODAY)
    assert refused.value.pointer == pointer


def test_a_page_is_the_front_or_a_regions_down_to_the_county() -> None:
    for code in (FRONT, "440000", "440200", "440203"):
        check_place(code)
    for code in (registry.LONGGUI, registry.VILLAGE):
        with pytest.raises(RegionUnfit):
            check_place(code)


def test_the_first_free_seat_is_given_until_there_is_none() -> None:
    assert [free_seat([]), free_seat([1, 3]), free_seat(range(1, SEATS))] == [1, 2, SEATS]
    with pytest.raises(DisplayFull):
        free_seat(range(1, SEATS + 1))


@pytest.mark.parametrize("status", SlotStatus)
def test_every_way_that_is_not_drawn_is_refused_and_all_once_the_days_are_over(
    status: SlotStatus,
) -> None:
    one = DisplaySlot(status=status, until_on=TODAY + DAY)
    for to in SlotStatus:
        if to in TRANSITIONS[status]:
            check_move(one, to, today=TODAY)
        else:
            with pytest.raises(WrongState):
                check_move(one, to, today=TODAY)
        with pytest.raises(WrongState):
            check_move(one, to, today=TODAY + DAY)


def shown(place: str = FRONT, on: date = TODAY) -> list[str]:
    """Name what a page shows to everybody on a day."""
    db.session.flush()
    return [one.title for one in get_window(ANYONE, place_code=place, today=on).items]


def given(there: Scene, reviewer: Any, **said: Any) -> DisplaySlot:
    """Ask for a slot and give it."""
    asked = slot(there.by("clerk"), there.listing_id, **said)
    by = registry.actor_of(reviewer)
    return decide_slot(asked.id, GIVE, expected_version=None, by=by, now=NOW).slot


def refused(act: Callable[[], object]) -> type[Refusal]:
    """Give how an act is refused."""
    with pytest.raises(Refusal) as refusal, db.session.begin_nested():
        act()
    return type(refusal.value)


def test_a_slot_is_shown_to_everybody_on_its_days_while_its_goods_are_certified(
    client: Client, clerk: Door, there: Scene, written: Callable[[], list[AuditRow]]
) -> None:
    reviewer = certification.reviewer_of("county")
    body = {"listing_id": str(there.listing_id), "place_code": "440203", "reason": "应季",
            "since_on": str(TODAY), "until_on": str(TODAY + 7 * DAY)}  # fmt: skip
    asked = json_of(clerk.post("/display-slots", body), 201)
    assert (asked["status"], asked["seat"], asked["title"]) == ("asked", None, "演示丝苗米")
    assert shown("440203") == []
    office = Door(client, reviewer)
    assert [one["id"] for one in json_of(office.get("/display-slots"))["items"]] == [asked["id"]]
    path = f"/display-slots/{asked['id']}/decision"
    made = json_of(office.post(path, {"give": True, "opinion": "同意"}))
    assert (made["status"], made["seat"]) == ("given", 1)
    window = json_of(Door(client).get("/display-slots/shown", place="440203"))
    assert (window["seats"], window["items"][0]["id"]) == (SEATS, str(there.listing_id))
    assert [shown("440203", TODAY + n * DAY) != [] for n in (0, 6, 7)] == [True, True, False]
    assert shown(FRONT) == []
    for status, is_shown in ((CertificateStatus.SUSPENDED, False),
                             (CertificateStatus.IN_FORCE, True)):  # fmt: skip
        db.session.get_one(Certificate, there.certificate.id).status = status
        assert (shown("440203") != []) is is_shown
    delist_listing(there.listing_id, expected_version=None, by=there.by("clerk"), now=NOW)
    assert shown("440203") == []
    stranger = Door(client, marketplace.scene(stock="0").clerk)
    assert json_of(stranger.get("/display-slots"))["items"] == []
    actions = {row.action for row in written() if row.subject_kind == "display_slot"}
    assert actions == {"display_asked", "display_decided"}


@pytest.mark.usefixtures("db_session")
def test_what_may_not_be_asked_or_given_changes_nothing() -> None:
    there, reviewer = marketplace.scene(stock="0"), certification.reviewer_of("county")
    by = there.by("clerk")
    made = given(there, reviewer, place="440203")
    other = slot(by, there.listing_id, place="440200")
    office = registry.actor_of(certification.reviewer_of("city"))

    def decide(who: Actor) -> object:
        return decide_slot(other.id, GIVE, expected_version=None, by=who, now=NOW)

    assert refused(lambda: decide(replace(office, user_id=by.user_id))) is SamePerson
    there.certificate.status = CertificateStatus.SUSPENDED
    db.session.flush()
    assert refused(lambda: decide(office)) is CertificateNotInForce
    assert refused(lambda: slot(by, there.listing_id)) is CertificateNotInForce
    delist_listing(there.listing_id, expected_version=None, by=by, now=NOW)
    assert refused(lambda: decide(office)) is ListingNotListed
    db.session.expire_all()
    assert [made.status, other.status, other.seat] == [S.GIVEN, S.ASKED, None]


@pytest.mark.usefixtures("db_session")
def test_each_slot_of_a_day_has_its_seat_and_seats_are_free_again_afterwards() -> None:
    reviewer, there = certification.reviewer_of("county"), marketplace.scene(stock="0")
    second = marketplace.listing(there.certificate, by=there.by("clerk"))
    other, later = replace(there, listing_id=second), TODAY + 7 * DAY
    assert given(there, reviewer, place="440203").seat == 1
    assert given(other, reviewer, place="440203", since_on=TODAY + 6 * DAY).seat == 2
    assert given(there, reviewer, place="440203", since_on=later).seat == 1
    assert given(there, certification.reviewer_of("city"), place="440200").seat == 1
    days = [len(shown("440203", TODAY + n * DAY)) for n in (5, 6, 12, 13)]
    assert days == [1, 2, 2, 1]


@pytest.mark.parametrize("state", SlotStatus)
def test_everybody_does_to_a_slot_what_the_table_says(
    client: Client, there: Scene, state: SlotStatus
) -> None:
    people = bystanders() | {
        "seller": registry.token_of(there.clerk),
        "elsewhere county_reviewer": member(Role.COUNTY_REVIEWER, registry.XINGGUO),
    }
    seller = there.by("clerk")
    key = slot(seller, there.listing_id, place="440203").id
    path = f"/api/v1/display-slots/{key}"
    by = registry.actor_of(certification.reviewer_of("county"))
    if state is S.WITHDRAWN:
        withdraw_slot(key, "已售罄", expected_version=None, by=seller, now=NOW)
    elif state is not S.ASKED:
        said = GIVE if state is S.GIVEN else DECLINE
        decide_slot(key, said, expected_version=None, by=by, now=NOW)

    def state_now() -> str:
        return db.session.get_one(DisplaySlot, key, populate_existing=True).status.value

    walk(
        client,
        "display_slot",
        state.value,
        people=people,
        acts={
            "give": posting(f"{path}/decision", {"give": True, "opinion": "同意"}),
            "decline": posting(f"{path}/decision", {"give": False, "opinion": "不同意"}),
            "withdraw": posting(f"{path}/withdraw", {"reason": "已售罄"}),
        },
        state_now=state_now,
        shown_in=("display_slot",),
    )


@pytest.mark.usefixtures("db_session")
def test_each_constraint_of_a_slot_speaks_by_its_own_name() -> None:
    there = marketplace.scene(stock="0")
    given(there, certification.reviewer_of("county"), place="440203")
    second = marketplace.listing(there.certificate, by=there.by("clerk"))
    elsewhere = AGAIN.format("display_slot", ", 'seat', 2")
    same_seat = AGAIN.format("display_slot", f", 'listing_id', '{second}'")
    cases = [
        ("UPDATE display_slot SET until_on = since_on", "ck_display_slot_period"),
        ("UPDATE display_slot SET until_on = since_on + 32", "ck_display_slot_period"),
        ("UPDATE display_slot SET seat = 9", "ck_display_slot_seat"),
        ("UPDATE display_slot SET seat = NULL", "ck_display_slot_seat"),
        ("UPDATE display_slot SET status = 'asked'", "ck_display_slot_decided"),
        ("UPDATE display_slot SET decided_at = NULL", "ck_display_slot_decided"),
        ("UPDATE display_slot SET decided_by = asked_by", "ck_display_slot_author"),
        ("UPDATE display_slot SET status = 'withdrawn'", "ck_display_slot_withdrawn"),
        ("UPDATE display_slot SET withdrawal = '已售罄'", "ck_display_slot_withdrawn"),
        (same_seat, "ex_display_slot_seat"),
        (elsewhere, "ex_display_slot_listing"),
    ]
    for statement, name in cases:
        assert refused_by(statement) == name, statement
    assert constraints_of(["display_slot"]) == {name for _, name in cases}
    spoken = [CONSTRAINTS[name] for name in ("ex_display_slot_seat", "ex_display_slot_listing")]
    assert spoken == [DisplayFull, DisplayAsked]
