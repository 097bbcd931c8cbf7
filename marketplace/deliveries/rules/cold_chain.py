"""Between which degrees cooled goods travel, and which readings lie outside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from marketplace.catalogue.models.listings import StorageBand
from marketplace.deliveries.models.goods import ColdChain
from marketplace.deliveries.models.places import ColdChainFacility
from marketplace.errors.deliveries import (
    BandsApart,
    FacilityUnfit,
    NotCooled,
    ReadingOutOfTime,
)

COOLED: Mapping[StorageBand, str] = MappingProxyType(
    {StorageBand.CHILLED: "冷藏 / chilled", StorageBand.FROZEN: "冷冻 / frozen"}
)
BEFORE = timedelta(days=1)
"""How long before the shipment was written down a reading may lie: vehicles are cooled first."""


@dataclass(frozen=True)
class Kept:
    """How goods are kept: their band, and between which degrees."""

    band: StorageBand
    min_c: int | None
    max_c: int | None


@dataclass(frozen=True)
class Reading:
    """What a thermometer said, in tenths of a degree; the band where a shipment has several."""

    device: str
    read_at: datetime
    tenths_c: int
    storage_band: StorageBand | None = None


def bands_of(goods: Iterable[Kept]) -> dict[StorageBand, tuple[int, int]]:
    """Give, by band of cooled goods, the degrees at which all of them keep (BandsApart)."""
    ranges: dict[StorageBand, list[tuple[int, int]]] = defaultdict(list)
    for one in goods:
        if one.band in COOLED and one.min_c is not None and one.max_c is not None:
            ranges[one.band].append((one.min_c, one.max_c))
    shared = {}
    for band, degrees in ranges.items():
        coldest, warmest = max(low for low, _ in degrees), min(high for _, high in degrees)
        if coldest > warmest:
            raise BandsApart(band=COOLED[band], pointer="/lines")
        shared[band] = (coldest, warmest)
    return shared


def check_facility(facility: ColdChainFacility, chains: Sequence[ColdChain]) -> None:
    """Refuse a cold store that does not keep all cooled goods of a shipment as they need it.

    Its band is theirs and its degrees lie within theirs. Refuses NotCooled, FacilityUnfit.
    """
    if not chains:
        raise NotCooled(pointer="/facility_id")
    for chain in chains:
        within = chain.min_c <= facility.min_c and facility.max_c <= chain.max_c
        if facility.storage_band is not chain.storage_band or not within:
            raise FacilityUnfit(
                facility_min=facility.min_c,
                facility_max=facility.max_c,
                facility_band=COOLED[facility.storage_band],
                min_c=chain.min_c,
                max_c=chain.max_c,
                band=COOLED[chain.storage_band],
                pointer="/facility_id",
            )


def chain_of(reading: Reading, chains: Sequence[ColdChain], *, position: int) -> ColdChain:
    """Find the goods that a reading was taken beside (NotCooled); a lone chain needs no name."""
    band = reading.storage_band
    fitting = [one for one in chains if band in (None, one.storage_band)]
    if len(fitting) != 1:
        raise NotCooled(pointer=f"/readings/{position}/storage_band")
    return fitting[0]


def check_instant(read_at: datetime, *, shipped_at: datetime, now: datetime, position: int) -> None:
    """Refuse readings of the future, or of long before the goods left (ReadingOutOfTime)."""
    if not shipped_at - BEFORE <= read_at <= now:
        raise ReadingOutOfTime(pointer=f"/readings/{position}/read_at")


def is_outside(tenths_c: int, chain: ColdChain) -> bool:
    """Say whether a reading lies outside what the goods keep at; the bounds lie inside."""
    return not chain.min_c * 10 <= tenths_c <= chain.max_c * 10


def first_breach(chain: ColdChain, instants: Iterable[datetime]) -> datetime | None:
    """Give the earliest instant outside, of those known and those that came."""
    known = [] if chain.breached_at is None else [chain.breached_at]
    return min([*known, *instants], default=None)
