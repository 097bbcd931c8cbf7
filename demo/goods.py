"""What the two cooperatives of the story grow, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass

from demo.cast import WUJIANG_HOUSEHOLDS, XINGGUO_HOUSEHOLDS, HouseholdPlan


@dataclass(frozen=True)
class Product:
    """A product to be certified, with its price at the gate and at the farm, in fen a unit."""

    key: str
    side: str
    """Whose cooperative, cadre and reviewers: `xingguo` or `wujiang`."""
    name: str
    category_code: str
    specification: str
    unit: str
    origin_region_code: str
    yearly_quantity: int
    unit_price_fen: int
    farm_price_fen: int
    lot_quantity: int
    own_parts: int
    """Parts of a thousand of a lot that the cooperative grew itself."""

    @property
    def goods_value_fen(self) -> int:
        """What a year's goods are worth at the price."""
        return self.yearly_quantity * self.unit_price_fen


RICE = Product(
    key="rice",
    side="xingguo",
    name="红岭富硒大米",
    category_code="grain",
    specification="一级籼米，散装",
    unit="kg",
    origin_region_code="360732100801",
    yearly_quantity=120_000,
    unit_price_fen=680,
    farm_price_fen=460,
    lot_quantity=20_000,
    own_parts=200,
)
OIL = Product(
    key="oil",
    side="xingguo",
    name="红岭山茶油",
    category_code="edible_oil",
    specification="压榨一级，每瓶1升",
    unit="bottle",
    origin_region_code="360732100803",
    yearly_quantity=9_000,
    unit_price_fen=9_800,
    farm_price_fen=6_200,
    lot_quantity=1_000,
    own_parts=200,
)
TARO = Product(
    key="taro",
    side="wujiang",
    name="凤田香芋",
    category_code="vegetable",
    specification="单个0.5千克以上",
    unit="kg",
    origin_region_code="440203103801",
    yearly_quantity=70_000,
    unit_price_fen=960,
    farm_price_fen=600,
    lot_quantity=4_000,
    own_parts=250,
)
PRODUCTS = (RICE, OIL, TARO)

HOUSEHOLDS: dict[str, tuple[HouseholdPlan, ...]] = {
    "xingguo": XINGGUO_HOUSEHOLDS,
    "wujiang": WUJIANG_HOUSEHOLDS,
}
