"""The story's first three parts on the pages: certified, put on sale, and promised."""

from __future__ import annotations

import re
import time
from datetime import UTC, date, datetime, timedelta

from playwright.sync_api import expect

from demo.papers import print_paper
from kernel import clock
from kernel.calendar import shanghai_day
from tests.console.acting import Actor, Cast, File, Option, Values

HONEY, WEIGHED = "红岭土蜂蜜", "每瓶净重500克"
TITLE = f"{HONEY} {WEIGHED}"
COOPERATIVE = "兴国县红岭农产品专业合作社（演示）"
SCHOOL = "高埗镇示范小学（演示）"
PAPERS = (("营业执照", "YY-01"), ("检验报告", "JY-01"), ("小作坊登记", "XZF-01"))
PRICE, FARM_PRICE = 58, 40
OWN, FIRST, SECOND = 200, 600, 400
"""Bottles of the lot: the cooperative's own, and those of two households."""


def hand_in(clerk: Actor, kind: str, number: str) -> None:
    """Hand in a paper."""
    clerk.open("/cooperative/documents")
    paper = File("paper.pdf", print_paper(kind, number))
    values: Values = {"文件": paper, "材料类别": Option(kind), "编号": number}
    clerk.send("上传", values, said="材料已上传。")


def apply_for(people: Cast) -> tuple[str, str]:
    """Draft an application with papers and links, and hand it in; gives the households' codes."""
    clerk = people("xingguo.clerk")
    for kind, number in PAPERS:
        hand_in(clerk, kind, number)
    clerk.open("/cooperative/applications")
    clerk.follow("新的认定申请")
    links, papers = (boxes(clerk, legend) for legend in ("联农带农", "证照材料"))
    ticked = [*links[:2], *papers[: len(PAPERS)]]
    clerk.send("保存", {
        "适用方案": Option("消费帮扶产品认定（镇、县、市、省四级）"), "产品名称": HONEY,
        "品类": Option("蜂产品"), ("产品", "规格"): "500克", ("产品", "单位"): Option("瓶", "unit"),
        "产地": Option("潋江镇演示一村"), "年产量": "3000",
        "商品价值量": "174,000.00", ("数量与价格", "单价"): "58",
        "承诺所填内容真实，产品来自所列产地和农户，价格不高于市场同类。": True,
        **dict.fromkeys(ticked, True),
    }, said="草稿已保存，核对后再提交。")  # fmt: skip
    clerk.sees("174,000.00 元", "58.00 元 / 瓶", "联结农户 2 户")
    clerk.follow("提交申请")
    clerk.send("提交申请", said="申请已提交。")
    first, second = (one.partition(" ")[0] for one in links[:2])
    return first, second


def boxes(clerk: Actor, legend: str) -> list[str]:
    """Read what may be ticked."""
    group = clerk.main.get_by_role("group", name=re.compile(legend))
    return [one.strip() for one in group.locator("label").all_inner_texts()]


def decide(people: Cast, level: str, button: str, values: Values) -> None:
    """Open the first of the work list and decide on it."""
    reviewer = people(f"xingguo.{level}")
    reviewer.open("/reviewer")
    reviewer.follow(HONEY)
    reviewer.send(button, values, said="已办理：")


def pass_on(people: Cast) -> None:
    """Check it level by level; the county sends it back once, for one field."""
    passing = {"意见": "材料齐全，现场核实属实"}
    decide(people, "town", "通过", passing)
    part = "要改的第 1 处"
    decide(people, "county", "退回补正", {
        "意见": "规格不明", (part, "项目"): Option("规格"), (part, "怎样改"): "写明每瓶净重",
    })  # fmt: skip
    clerk = people("xingguo.clerk")
    clerk.open("/cooperative/applications?status=returned")
    clerk.enter(clerk.row(HONEY))
    clerk.follow("修改申请")
    specification = clerk.field(("产品", "规格"), clerk.form("保存"))
    expect(specification).to_have_accessible_description("退回原因：写明每瓶净重")
    clerk.send("保存", {("产品", "规格"): WEIGHED}, said="已保存，核对后再提交。")
    clerk.follow("提交申请")
    clerk.send("提交申请", said="申请已提交。")
    for level in ("town", "county", "city", "province"):
        decide(people, level, "通过", passing)


def object_and_reply(people: Cast) -> date:
    """Object as anybody, be answered; gives the day on which the notice closes."""
    anybody = people("")
    anybody.open("/notices")
    anybody.enter(anybody.row("公示中"))
    anybody.send("提交异议", {"异议内容": "蜂场是否真在本村？", "联系方式": "demo@example.org"},
                 said="异议已提交，答复会写在本页。")  # fmt: skip
    province = people("xingguo.province")
    province.open("/reviewer/objections?open=true")
    province.follow("蜂场是否真在本村？")
    province.send("提交答复", {"答复": "已到村核实：蜂场在本村。"}, said="异议已答复。")
    ask_for_grant(province)
    expect(province.main.get_by_role("alert")).to_contain_text("公示尚未期满：")
    anybody.page.reload()
    anybody.sees("异议不成立：已到村核实：蜂场在本村。")
    *_, closes = re.findall(r"(\d+)年(\d+)月(\d+)日", anybody.fact("公示期"))
    return date(*(int(one) for one in closes))


def move_clock(day: date) -> None:
    """Let the house's clock reach a day."""
    by = clock.now() - datetime.fromtimestamp(time.time(), UTC)
    by += day - shanghai_day(clock.now()) + timedelta(minutes=1)
    clock.follow_offset(lambda: by)


def ask_for_grant(province: Actor) -> None:
    """Press for the certificate."""
    province.open("/reviewer/applications?status=in_notice")
    province.enter(province.row(HONEY))
    province.follow("核发证书")
    province.press("核发证书")


def grant(people: Cast) -> str:
    """Grant what nobody objects to any more; anybody checks the number."""
    province = people("xingguo.province")
    ask_for_grant(province)
    province.sees("证书已核发。")
    anybody = people("")
    anybody.open("/directory")
    number: str = re.findall(r"BF-C-[0-9-]+", anybody.row(HONEY).inner_text())[0]
    anybody.open("/v")
    anybody.fill({"证书编号": number.lower()}, anybody.form("查验"))
    anybody.press("查验")
    assert anybody.page.url.endswith(f"/v/{number}")
    anybody.sees("证书真实有效。", HONEY, COOPERATIVE, WEIGHED, "3,000 瓶", "58.00 元")
    return number


def offer(people: Cast, number: str, codes: tuple[str, str]) -> None:
    """List what is certified, record its lot with what each household brought, put it on sale."""
    clerk = people("xingguo.clerk")
    clerk.open("/cooperative/listings")
    clerk.follow("新增商品")
    clerk.send("保存", {
        "认定证书": Option(f"{TITLE} · {number}"), "商品名称": TITLE, "单位": Option("瓶", "unit"),
        "起订与步长": "1", ("商品与价格", "单价"): str(PRICE),
    }, said="商品已保存为草稿。")  # fmt: skip
    listing = clerk.page.url
    clerk.open("/cooperative/lots/new")
    brought = {code: str(count) for code, count in zip(codes, (FIRST, SECOND), strict=True)}
    clerk.send("登记", {
        "产品": Option(TITLE), "采收日期": today(), "单位": Option("瓶", "unit"),
        "自产数量": str(OWN),
        **{f"数量 {code}": count for code, count in brought.items()},
        **{f"收购单价 {code}": str(FARM_PRICE) for code in codes},
    }, said="批次已登记。")  # fmt: skip
    assert clerk.figure("总量").inner_text() == "1,200 瓶"
    assert [clerk.cell(code, "数量") for code in codes] == [f"{FIRST} 瓶", f"{SECOND} 瓶"]
    clerk.open(listing)
    clerk.follow("上架")
    clerk.send("上架", said="商品已上架。")


def today() -> str:
    """Give the day of the house's clock."""
    return shanghai_day(clock.now()).isoformat()


def promise(people: Cast) -> None:
    """Revise the school's share; its superior and the finance bureau confirm it."""
    admin = people("primary.admin")
    admin.open("/canteen/filings")
    admin.enter(admin.row(SCHOOL))
    admin.follow("修订")
    admin.send("生成修订草稿", {
        "修订理由": "本年增加帮扶采购", "预留份额": "60000", "额度上限": "120000",
    }, said="修订草稿已生成，原填报在确认前继续有效。")  # fmt: skip
    admin.send("保存草稿", said="已保存，请核对后提交。")
    admin.sees("预留份额 60,000.00 元，占食堂食材采购总额 150,000.00 元 的 40.00%。")
    admin.send("提交填报", said="已提交。")
    for username, status in (
        ("supervising.admin", "submitted"),
        ("finance.supervisor", "superior_confirmed"),
    ):
        confirmer = people(username)
        confirmer.open(f"/canteen/confirmations?status={status}")
        confirmer.enter(confirmer.row(SCHOOL))
        confirmer.sees("与原填报相比", "90,000.00 元", "120,000.00 元")
        confirmer.send("确认填报", said="已办理：")
    admin.open("/canteen/quotas")
    admin.sees("120,000.00 元", "60,000.00 元")
