"""Cooled goods on their way: which degrees they share, and when the alarm is raised."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from kernel.actor import Actor
from kernel.audit import AuditRow
from kernel.database import constraint_of, db
from kernel.errors import NotFound
from kernel.events import EventRow
from kernel.identity import new_id
from marketplace.catalogue.models.listings import StorageBand
from marketplace.deliveries.commands.measuring import NewReadings, record_temperatures
from marketplace.deliveries.models.goods import (
    ColdChain,
    ColdChainId,
    Shipment,
    ShipmentId,
    TemperatureReading,
)
from marketplace.deliveries.queries.goods import list_shipments, list_temperatures
from marketplace.deliveries.rules.cold_chain import (
    Kept,
    Reading,
    bands_of,
    chain_of,
    check_instant,
    first_breach,
    is_outside,
)
from marketplace.errors.constraints import CONSTRAINTS
from marketplace.errors.deliveries import BandsApart, NotCooled, ReadingKnown, ReadingOutOfTime
from tests.builders.marketplace import NOW, Scene, confirmed, counts, scene, ship
from tests.builders.offers import set_terms

CHILLED, FROZEN = StorageBand.CHILLED, StorageBand.FROZEN
MINUTE = timedelta(minutes=1)


def chain(band: StorageBand = CHILLED, low: int = 0, high: int = 4) -> ColdChain:
    return ColdChain(
        id=ColdChainId(new_id()),
        shipment_id=ShipmentId(new_id()),
        storage_band=band,
        min_c=low,
        max_c=high,
        breached_at=None,
    )


def test_goods_of_a_band_travel_at_degrees_all_of_them_keep_at() -> None:
    goods = [
        Kept(CHILLED, 0, 8),
        Kept(CHILLED, 2, 10),
        Kept(FROZEN, -25, -18),
        Kept(StorageBand.AMBIENT, None, None),
        Kept(StorageBand.COOL, 10, 15),
    ]
    assert bands_of(goods) == {CHILLED: (2, 8), FROZEN: (-25, -18)}
    assert bands_of([]) == {}
    assert bands_of([Kept(CHILLED, 0, 2), Kept(CHILLED, 2, 4)]) == {CHILLED: (2, 2)}


def test_goods_without_a_common_degree_travel_apart() -> None:
    with pytest.raises(BandsApart):
        bands_of([Kept(CHILLED, 0, 2), Kept(CHILLED, 3, 4)])


@pytest.mark.parametrize(
    ("tenths", "outside"), [(-1, True), (0, False), (25, False), (40, False), (41, True)]
)
def test_the_bounds_lie_inside(tenths: int, outside: bool) -> None:  # noqa: FBT001
    assert is_outside(tenths, chain()) is outside


def test_a_reading_names_its_band_where_there_are_several() -> None:
    cold, frozen = chain(), chain(FROZEN, -25, -18)
    plain, named = Reading("T1", NOW, 20), Reading("T1", NOW, -200, FROZEN)
    assert chain_of(plain, [cold], position=0) is cold
    assert chain_of(named, [cold, frozen], position=0) is frozen
    for reading, chains in ((plain, [cold, frozen]), (named, [cold]), (plain, [])):
        with pytest.raises(NotCooled):
            chain_of(reading, chains, position=0)


@pytest.mark.parametrize("offset", [timedelta(days=-1), timedelta(0), MINUTE])
def test_readings_lie_between_a_day_before_leaving_and_now(offset: timedelta) -> None:
    check_instant(NOW + offset, shipped_at=NOW, now=NOW + MINUTE, position=0)
    for outside in (timedelta(days=-1, microseconds=-1), MINUTE + timedelta(microseconds=1)):
        with pytest.raises(ReadingOutOfTime):
            check_instant(NOW + outside, shipped_at=NOW, now=NOW + MINUTE, position=0)


def test_the_first_breach_is_the_earliest() -> None:
    one = chain()
    assert first_breach(one, []) is None
    assert first_breach(one, [NOW, NOW - MINUTE]) == NOW - MINUTE
    one.breached_at = NOW
    assert first_breach(one, [NOW + MINUTE]) == NOW
    assert first_breach(one, [NOW - MINUTE]) == NOW - MINUTE


def cooled() -> tuple[Scene, Shipment]:
    """Let chilled goods leave."""
    there = scene()
    set_terms(there, storage_band=CHILLED, storage_min_c=0, storage_max_c=4)
    order_id = confirmed(there, "10").order.id
    ship(there, order_id, "4")
    [view] = list_shipments(there.by("buyer"), order_id, limit=9, cursor=None).items
    assert [(one.min_c, one.max_c) for one in view.cold_chains] == [(0, 4)]
    return there, view.shipment


def read_out(shipment: Shipment, by: Actor, *tenths: int, device: str = "T1") -> list[ColdChain]:
    """Hand in a reading for each minute since the shipment."""
    readings = [Reading(device, NOW + n * MINUTE, said) for n, said in enumerate(tenths)]
    later = NOW + timedelta(hours=1)
    return record_temperatures(NewReadings(readings), shipment_id=shipment.id, by=by, now=later)


def alarms(written: Callable[[], list[AuditRow]]) -> int:
    written()
    kinds = db.session.scalars(select(EventRow.kind).where(EventRow.kind == "ColdChainBroken"))
    return len(list(kinds))


@pytest.mark.usefixtures("db_session")
def test_the_first_reading_outside_raises_the_alarm_once(
    written: Callable[[], list[AuditRow]],
) -> None:
    there, shipment = cooled()
    [fine] = read_out(shipment, there.by("clerk"), 10, 40, 0)
    assert (fine.breached_at, alarms(written)) == (None, 0)
    [broken] = read_out(shipment, there.by("clerk"), 30, 41, 55, device="T2")
    assert (broken.breached_at, alarms(written)) == (NOW + MINUTE, 1)
    [earlier] = read_out(shipment, there.by("buyer"), 80, device="门口")
    assert (earlier.breached_at, alarms(written)) == (NOW, 1)
    kept = list_temperatures(there.by("buyer"), shipment.id, limit=9, cursor=None).items
    assert [one.tenths_c for one in kept if one.device == "T2"] == [30, 41, 55]


@pytest.mark.usefixtures("db_session")
def test_a_batch_is_kept_whole_or_not_at_all() -> None:
    there, shipment = cooled()
    read_out(shipment, there.by("clerk"), 10)
    before = counts(TemperatureReading)
    with pytest.raises(IntegrityError) as refused, db.session.begin_nested():
        read_out(shipment, there.by("clerk"), 10, 20)
    assert CONSTRAINTS[constraint_of(refused.value) or ""] is ReadingKnown
    assert counts(TemperatureReading) == before


@pytest.mark.usefixtures("db_session")
def test_strangers_and_goods_that_are_not_cooled_are_refused() -> None:
    _, shipment = cooled()
    warm = scene()
    stranger = warm.by("clerk")
    with pytest.raises(NotFound):
        read_out(shipment, stranger, 10)
    with pytest.raises(NotFound):
        list_temperatures(stranger, shipment.id, limit=9, cursor=None)
    order_id = confirmed(warm, "10").order.id
    ship(warm, order_id, "4")
    [view] = list_shipments(warm.by("clerk"), order_id, limit=9, cursor=None).items
    with pytest.raises(NotCooled):
        read_out(view.shipment, warm.by("clerk"), 10)
