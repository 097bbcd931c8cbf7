"""The invented people, organisations, villages and households of the story."""

from __future__ import annotations

from dataclasses import dataclass

NATION = "000000"
GUANGDONG, SHAOGUAN, WUJIANG, LONGGUI = "440000", "440200", "440203", "440203103"
JIANGXI, GANZHOU, XINGGUO, LIANJIANG = "360000", "360700", "360732", "360732100"
DONGGUAN, GAOBU = "441900", "441900129"

GOVERNMENT, INSTITUTION, COOPERATIVE, PLATFORM = "11", "12", "93", "91"
"""Registering office and kind: the first two characters of a credit code."""


@dataclass(frozen=True)
class OrganisationPlan:
    """An organisation of the story; `key` is what the script calls it."""

    key: str
    name: str
    kind: str
    office: str
    region_code: str
    supervising: str | None = None


@dataclass(frozen=True)
class UserPlan:
    """Somebody with one role in one organisation of the story."""

    username: str
    role: str
    organisation: str


@dataclass(frozen=True)
class HouseholdPlan:
    """A household that delivers to a cooperative, in one of the invented villages."""

    village_code: str
    head: str
    born: str
    members: int
    able_labour: int
    contribution: int
    """Parts of a thousand of each lot."""


ORGANISATIONS = (
    OrganisationPlan(
        "supervising", "高埗镇教育管理中心（演示）", "budget_unit", INSTITUTION, GAOBU
    ),
    OrganisationPlan(
        "primary", "高埗镇示范小学（演示）", "budget_unit", INSTITUTION, GAOBU, "supervising"
    ),
    OrganisationPlan(
        "middle", "高埗镇示范中学（演示）", "budget_unit", INSTITUTION, GAOBU, "supervising"
    ),
    OrganisationPlan("finance", "东莞市财政局（演示）", "finance_bureau", GOVERNMENT, DONGGUAN),
    OrganisationPlan(
        "xingguo_coop", "兴国县红岭农产品专业合作社（演示）", "cooperative", COOPERATIVE, XINGGUO
    ),
    OrganisationPlan(
        "wujiang_coop", "武江区凤田种养专业合作社（演示）", "cooperative", COOPERATIVE, WUJIANG
    ),
    OrganisationPlan("lianjiang", "潋江镇产业办（演示）", "authority", GOVERNMENT, LIANJIANG),
    OrganisationPlan("xingguo", "兴国县农业农村局（演示）", "authority", GOVERNMENT, XINGGUO),
    OrganisationPlan("ganzhou", "赣州市农业农村局（演示）", "authority", GOVERNMENT, GANZHOU),
    OrganisationPlan("jiangxi", "江西省农业农村厅（演示）", "authority", GOVERNMENT, JIANGXI),
    OrganisationPlan("longgui", "龙归镇产业办（演示）", "authority", GOVERNMENT, LONGGUI),
    OrganisationPlan("wujiang", "武江区农业农村局（演示）", "authority", GOVERNMENT, WUJIANG),
    OrganisationPlan("shaoguan", "韶关市农业农村局（演示）", "authority", GOVERNMENT, SHAOGUAN),
    OrganisationPlan("guangdong", "广东省农业农村厅（演示）", "authority", GOVERNMENT, GUANGDONG),
    OrganisationPlan("audit", "东莞市审计局（演示）", "authority", GOVERNMENT, DONGGUAN),
)

USERS = (
    UserPlan("supervising.admin", "unit_admin", "supervising"),
    UserPlan("primary.admin", "unit_admin", "primary"),
    UserPlan("primary.buyer", "canteen_buyer", "primary"),
    UserPlan("primary.approver", "unit_approver", "primary"),
    UserPlan("primary.finance", "unit_finance", "primary"),
    UserPlan("primary.union", "union_officer", "primary"),
    UserPlan("middle.admin", "unit_admin", "middle"),
    UserPlan("middle.buyer", "canteen_buyer", "middle"),
    UserPlan("middle.approver", "unit_approver", "middle"),
    UserPlan("middle.finance", "unit_finance", "middle"),
    UserPlan("finance.supervisor", "finance_supervisor", "finance"),
    UserPlan("xingguo.clerk", "coop_clerk", "xingguo_coop"),
    UserPlan("xingguo.manager", "coop_manager", "xingguo_coop"),
    UserPlan("wujiang.clerk", "coop_clerk", "wujiang_coop"),
    UserPlan("wujiang.manager", "coop_manager", "wujiang_coop"),
    UserPlan("xingguo.cadre", "village_cadre", "lianjiang"),
    UserPlan("xingguo.town", "town_checker", "lianjiang"),
    UserPlan("xingguo.county", "county_reviewer", "xingguo"),
    UserPlan("xingguo.city", "city_reviewer", "ganzhou"),
    UserPlan("xingguo.province", "province_reviewer", "jiangxi"),
    UserPlan("wujiang.cadre", "village_cadre", "longgui"),
    UserPlan("wujiang.town", "town_checker", "longgui"),
    UserPlan("wujiang.county", "county_reviewer", "wujiang"),
    UserPlan("wujiang.city", "city_reviewer", "shaoguan"),
    UserPlan("wujiang.province", "province_reviewer", "guangdong"),
    UserPlan("monitor", "monitor", "guangdong"),
    UserPlan("auditor", "auditor", "audit"),
)

XINGGUO_HOUSEHOLDS = (
    HouseholdPlan("360732100801", "谢示一", "19680305", 4, 2, 160),
    HouseholdPlan("360732100801", "谢示二", "19750912", 3, 2, 140),
    HouseholdPlan("360732100802", "钟示三", "19600721", 2, 1, 70),
    HouseholdPlan("360732100802", "钟示四", "19711130", 5, 3, 190),
    HouseholdPlan("360732100803", "刘示五", "19660418", 3, 1, 90),
    HouseholdPlan("360732100803", "刘示六", "19801002", 4, 2, 150),
)
WUJIANG_HOUSEHOLDS = (
    HouseholdPlan("440203103801", "何示一", "19690214", 3, 2, 170),
    HouseholdPlan("440203103801", "何示二", "19730826", 2, 1, 110),
    HouseholdPlan("440203103802", "邓示三", "19620515", 2, 1, 80),
    HouseholdPlan("440203103802", "邓示四", "19770703", 4, 2, 180),
    HouseholdPlan("440203103802", "邓示五", "19840119", 5, 3, 210),
)
