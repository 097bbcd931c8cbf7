"""The invented villages of the story: as many in Wujiang's towns as the document counts."""

from __future__ import annotations

from demo.api import Answer, StoryStopped
from demo.cast import GAOBU, LIANJIANG, WUJIANG
from demo.stage import Stage
from demo.towns import Town

NUMERALS = "一二三"
XINGGUO_VILLAGES = 3
LISTED_ON = "2016-05-01"
SOURCE = "演示数据：仿《广东省相对贫困村》名单 / demo data, after the provincial list"
PAIRING = "演示数据：高埗镇与武江区结对帮扶 / demo data, the paired town"


def found_villages(stage: Stage, towns: tuple[Town, ...]) -> None:
    """Add the villages, name those of Wujiang as helped, and pair the county with its helper.

    Refuses a town of the document that is not among the county's regions.
    """
    answer: Answer = stage.anybody.get("/regions", parent=WUJIANG, limit=100)
    codes = {region["name"]: region["code"] for region in answer["items"]}
    if missing := {town.name for town in towns} - codes.keys():
        raise StoryStopped(f"{WUJIANG} has no {', '.join(sorted(missing))}")
    for town in towns:
        for code in _add(stage, codes[town.name], name=town.name, count=town.villages):
            _designate(stage, "provincial_village", region_code=code, source=SOURCE)
    _designate(stage, "paired_region", region_code=WUJIANG, source=PAIRING, partner_code=GAOBU)
    _add(stage, LIANJIANG, name="潋江镇", count=XINGGUO_VILLAGES)
    villages = sum(town.villages for town in towns)
    stage.tell(f"武江区五镇核对一致，登记 {villages} 个演示村 / towns agree, villages added")


def _add(stage: Stage, town_code: str, *, name: str, count: int) -> list[str]:
    codes = [f"{town_code}80{number}" for number in range(1, count + 1)]
    for code, numeral in zip(codes, NUMERALS, strict=False):
        stage.admin.post("/regions", {"code": code, "name": f"{name}演示{numeral}村"})
    return codes


def _designate(stage: Stage, kind: str, *, region_code: str, source: str, **partner: str) -> None:
    body = {"kind": kind, "region_code": region_code, "valid_from_on": LISTED_ON, "source": source}
    stage.admin.post("/designations", {**body, **partner})
