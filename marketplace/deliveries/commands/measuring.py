"""Keeping what thermometers say beside cooled goods, and raising the alarm."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.events import record
from kernel.identity import new_id
from marketplace.catalogue.models.listings import ListingId
from marketplace.deliveries.models.goods import (
    ColdChain,
    ColdChainId,
    Shipment,
    ShipmentId,
    TemperatureReading,
)
from marketplace.deliveries.queries import goods as queries
from marketplace.deliveries.queries.places import find_facility
from marketplace.deliveries.rules import cold_chain as rules
from marketplace.deliveries.rules.cold_chain import Kept, Reading
from marketplace.deliveries.rules.places import is_open
from marketplace.errors.deliveries import FacilityUnknown
from marketplace.events import ColdChainBroken
from marketplace.orders.queries.finding import bought_by, sold_by
from registry.accounts.models import UserId


@dataclass(frozen=True)
class NewReadings:
    """What thermometers said, read out together."""

    readings: Sequence[Reading]


def begin_cold_chains(shipment: Shipment, listing_ids: Collection[ListingId]) -> list[ColdChain]:
    """Write down between which degrees the cooled goods of a new shipment travel (BandsApart)."""
    kept = [
        Kept(one.storage_band, one.storage_min_c, one.storage_max_c)
        for one in queries.list_stored(SYSTEM, listing_ids)
    ]
    return [
        ColdChain(
            id=ColdChainId(new_id()),
            shipment_id=shipment.id,
            storage_band=band,
            min_c=low,
            max_c=high,
        )
        for band, (low, high) in sorted(rules.bands_of(kept).items())
    ]


def check_left_from(shipment: Shipment, chains: Sequence[ColdChain]) -> None:
    """Refuse a cold store that is not in use, or does not keep the shipment's goods as they need.

    Refuses FacilityUnknown, FacilityUnfit, NotCooled.
    """
    if shipment.facility_id is None:
        return
    facility = find_facility(SYSTEM, shipment.facility_id)
    if facility is None or not is_open(facility, on=shanghai_day(shipment.shipped_at)):
        raise FacilityUnknown(pointer="/facility_id")
    rules.check_facility(facility, chains)


def record_temperatures(
    new: NewReadings, *, shipment_id: ShipmentId, by: Actor, now: datetime
) -> list[ColdChain]:
    """Keep readings beside the cooled goods of a shipment, from either side of its order.

    The first one outside raises the alarm. Refuses NotCooled, ReadingOutOfTime, ReadingKnown:
    all of a batch or nothing.
    """
    side = or_(bought_by(by), sold_by(by))
    shipment = queries.lock_shipment(by, shipment_id, side)
    chains = queries.list_cold_chains(by, shipment.id)
    outside: dict[ColdChainId, list[datetime]] = defaultdict(list)
    for position, reading in enumerate(new.readings):
        rules.check_instant(
            reading.read_at, shipped_at=shipment.shipped_at, now=now, position=position
        )
        chain = rules.chain_of(reading, chains, position=position)
        if rules.is_outside(reading.tenths_c, chain):
            outside[chain.id].append(reading.read_at)
        db.session.add(_row(reading, chain, by=by, now=now))
    broken = [one for one in chains if one.breached_at is None and outside[one.id]]
    for chain in chains:
        chain.breached_at = rules.first_breach(chain, outside[chain.id])
    db.session.flush()
    after = {"readings": len(new.readings), "outside": sum(map(len, outside.values()))}
    subject = ("shipment", shipment.id)
    audit.write("temperatures_recorded", subject=subject, by=by, now=now, after=after)
    if broken:
        record(ColdChainBroken(order_id=shipment.order_id, shipment_id=shipment.id), now=now)
    return chains


def _row(reading: Reading, chain: ColdChain, *, by: Actor, now: datetime) -> TemperatureReading:
    return TemperatureReading(
        id=new_id(),
        cold_chain_id=chain.id,
        device=reading.device,
        read_at=reading.read_at,
        tenths_c=reading.tenths_c,
        recorded_at=now,
        recorded_by=UserId(by.user_id),
    )
