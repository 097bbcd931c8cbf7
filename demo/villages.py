"""The invented villages of the story: as many in Wujiang's towns as the document counts."""

from __future__ import annotations

from demo.api import Answer, StoryStopped
from demo.cast import LIANJIANG, WUJIANG
from demo.stage import Stage
from demo.towns import Town

NUMERALS = "一二三"
XINGGUO_VILLAGES = 3
LISTED_ON = "2016-05-01"
SOURCE = "演示数据：仿《广东省相对贫困村》名单 / demo data, after the provincial list"


def found_villages(stage: Stage, towns: tuple[Town, ...]) -> None:
    """Add the villages, and name those of Wujiang as helped by the province.

    Refuses a town of the document that is not among the county's regions.
    """
    answer: Answer = stage.anybody.get("/regions", parent=WUJIANG, limit=100)
    codes = {region["name"]: region["code"] for region in answer["items"]}
    if missing := {town.name for town in towns} - codes.keys():
        raise StoryStopped(f"{WUJIANG} has no {', '.join(sorted(missing))}")
    for town in towns:
        for code in _add(stage, codes[town.name], name=town.name, count=town.villages):
            _designate(stage, region_code=code)
    _add(stage, LIANJIANG, name="潋江镇", count=XINGGUO_VILLAGES)
    villages = sum(town.villages for town in towns)
    stage.tell(f"武江区五镇核对一致，登记 {villages} 个演示村 / towns agree, villages added")


def _add(stage: Stage, town_code: str, *, name: str, count: int) -> list[str]:
    codes = [f"{town_code}80{number}" for number in range(1, count + 1)]
    for code, numeral in zip(codes, NUMERALS, strict=False):
        stage.admin.post("/regions", {"code": code, "name": f"{name}演示{numeral}村"})
    return codes


def _designate(stage: Stage, *, region_code: str) -> None:
    stage.admin.post(
        "/designations",
        {
            "kind": "provincial_village",
            "region_code": region_code,
            "valid_from_on": LISTED_ON,
            "source": SOURCE,
        },
    )
