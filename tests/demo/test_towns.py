"""The town table of the Wujiang document, with the figures the document prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.towns import TABLE, TableDoesNotAddUp, read_towns


def test_towns_add_up_to_755_households_1788_people_and_7_villages() -> None:
    towns = read_towns()
    assert [town.figures for town in towns] == [
        (299, 690, 2),
        (94, 252, 2),
        (266, 673, 3),
        (69, 127, 0),
        (27, 46, 0),
    ]
    assert sum(town.households for town in towns) == 755
    assert sum(town.people for town in towns) == 1788
    assert sum(town.villages for town in towns) == 7


@pytest.mark.parametrize(
    ("printed", "altered"),
    [
        pytest.param("龙归镇,299,690,2", "龙归镇,298,690,2", id="a household is missing"),
        pytest.param("合计,755,1788,7", "合计,755,1788,8", id="the total row is wrong"),
        pytest.param("西联镇,27,46,0\n", "", id="a town is missing"),
    ],
)
def test_a_table_that_does_not_add_up_is_refused(
    tmp_path: Path, printed: str, altered: str
) -> None:
    table = tmp_path / "towns.csv"
    content = TABLE.read_text(encoding="utf-8")
    assert printed in content
    table.write_text(content.replace(printed, altered), encoding="utf-8")
    with pytest.raises(TableDoesNotAddUp):
        read_towns(table)


def test_towns_and_total_changed_alike_still_differ_from_the_text(tmp_path: Path) -> None:
    table = tmp_path / "towns.csv"
    content = TABLE.read_text(encoding="utf-8")
    content = content.replace("龙归镇,299,", "龙归镇,300,").replace("合计,755,", "合计,756,")
    table.write_text(content, encoding="utf-8")
    with pytest.raises(TableDoesNotAddUp):
        read_towns(table)
