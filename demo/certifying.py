"""Chapter one: households, papers, four levels of review, a notice, certificates, listings."""

from __future__ import annotations

from datetime import date
from typing import Any

from demo.api import Answer, StoryStopped
from demo.cast import HouseholdPlan
from demo.goods import HOUSEHOLDS, PRODUCTS, Product
from demo.identifiers import id_number
from demo.papers import print_paper
from demo.stage import Stage

SCHEME = "assistance-product"
LEVELS = ("town", "county", "city", "province")
PAPERS = (("business_licence", "营业执照"), ("test_report", "检测报告"))
LINKED_SINCE = "2024-03-01"


def certify(stage: Stage) -> None:
    """Take three products from the field to a certificate; the clock moves only here."""
    links = {side: _register_households(stage, side=side) for side in HOUSEHOLDS}
    applications = {
        product.key: _apply(stage, product, links=links[product.side]) for product in PRODUCTS
    }
    for product in PRODUCTS:
        _review(stage, product, application_id=applications[product.key])
    notices = [_see_notice(stage, product, applications[product.key]) for product in PRODUCTS]
    _object_and_reply(stage, notice=notices[-1], application_id=applications["taro"])
    _let_notices_run(stage, notices)
    for product in PRODUCTS:
        _grant(stage, product, application_id=applications[product.key])
    newest = max(stage.certificates.values(), key=lambda one: str(one["valid_from_on"]))
    stage.today = str(newest["valid_from_on"])
    stage.year = date.fromisoformat(stage.today).year


def _register_households(stage: Stage, *, side: str) -> list[str]:
    cadre = stage.person(f"{side}.cadre")
    clerk = stage.person(f"{side}.clerk")
    plans = HOUSEHOLDS[side]
    links = []
    for serial, plan in enumerate(plans, start=1):
        household = cadre.post("/households", _household(plan, serial=serial))
        stage.household_ids.setdefault(side, []).append(household["id"])
        stage.household_codes.setdefault(side, []).append(household["code"])
        link = {
            "household_id": household["id"],
            "organisation_id": stage.organisation(f"{side}_coop"),
            "way": "favourable_purchase",
            "since_on": LINKED_SINCE,
            "terms": "合作社按不低于约定价收购，货款在验收后结清",
        }
        links.append(str(clerk.post("/benefit-links", link)["id"]))
    stage.tell(f"登记 {len(plans)} 户及其利益联结 / households and links of {side}")
    return links


def _household(plan: HouseholdPlan, *, serial: int) -> dict[str, Any]:
    return {
        "village_code": plan.village_code,
        "head_name": plan.head,
        "id_number": id_number(region_code=plan.village_code, born=plan.born, serial=serial),
        "members": plan.members,
        "able_labour": plan.able_labour,
        "class": "registered",
    }


def _apply(stage: Stage, product: Product, *, links: list[str]) -> str:
    clerk = stage.person(f"{product.side}.clerk")
    papers = [
        clerk.upload(print_paper(name, product.name), name=f"{name}.pdf", kind=kind)
        for kind, name in PAPERS
    ]
    application = clerk.post(
        "/certification/applications",
        {
            "scheme_code": SCHEME,
            "product_name": product.name,
            "category_code": product.category_code,
            "specification": product.specification,
            "unit": product.unit,
            "origin_region_code": product.origin_region_code,
            "yearly_quantity": str(product.yearly_quantity),
            "goods_value_fen": product.goods_value_fen,
            "unit_price_fen": product.unit_price_fen,
            "document_ids": papers,
            "benefit_link_ids": links,
            "pledge": True,
        },
    )
    clerk.post(f"/certification/applications/{application['id']}/submit")
    stage.tell(f"申报认定 {product.name} / applied for certification")
    return str(application["id"])


def _review(stage: Stage, product: Product, *, application_id: str) -> None:
    for level in LEVELS:
        reviewer = stage.person(f"{product.side}.{level}")
        reviewer.post(
            f"/certification/applications/{application_id}/reviews",
            {"decision": "pass", "opinion": "材料齐全，现场核实属实"},
        )
    stage.tell(f"镇、县、市、省审核通过 {product.name} / passed four levels")


def _see_notice(stage: Stage, product: Product, application_id: str) -> Answer:
    seen = stage.person(f"{product.side}.province").get(
        f"/certification/applications/{application_id}"
    )
    notice: Answer = seen["notice"]
    return notice


def _object_and_reply(stage: Stage, *, notice: Answer, application_id: str) -> None:
    """Somebody of the public objects; nothing is granted before the answer and the last day."""
    objection = stage.anybody.post(
        f"/notices/{notice['id']}/objections",
        {"text": "香芋是否确为本村所产？", "contact": "demo@example.org"},
    )
    province = stage.person("wujiang.province")
    early = province.refused(f"/certification/applications/{application_id}/grant")
    if early not in {"notice_running", "objection_open"}:
        raise StoryStopped(f"the grant before its time was refused as {early}")
    province.post(
        f"/notices/{notice['id']}/objections/{objection['id']}/reply",
        {"reply": "已到村核实：地块、农户与合作社收购台账一致。", "upheld": False},
    )
    stage.tell("公示期间一条异议已核实答复 / an objection was answered")


def _let_notices_run(stage: Stage, notices: list[Answer]) -> None:
    opened = min(date.fromisoformat(notice["opens_on"]) for notice in notices)
    closes = max(date.fromisoformat(notice["closes_on"]) for notice in notices)
    stage.move_clock(closes - opened)
    stage.tell(f"公示期满 {closes.isoformat()} / the notices ran their working days")


def _grant(stage: Stage, product: Product, *, application_id: str) -> None:
    path = f"/certification/applications/{application_id}/grant"
    reviewer = f"{product.side}.province"
    granted = stage.person(reviewer).post(path)
    number = granted["certificate"]["number"]
    stage.certificates[product.key] = stage.anybody.get(f"/certificates/{number}") | {
        "id": granted["certificate"]["id"],
        "number": number,
        "valid_from_on": granted["certificate"]["valid_from_on"],
    }
    stage.tell(f"颁发证书 {number} {product.name} / certificate issued")


def offer(stage: Stage) -> None:
    """List every certified product and record the lot behind it."""
    for product in PRODUCTS:
        clerk = stage.person(f"{product.side}.clerk")
        listing = clerk.post(
            "/listings",
            {
                "certificate_id": stage.certificates[product.key]["id"],
                "title": f"{product.name} {product.specification}",
                "unit": product.unit,
                "step": "1",
                "unit_price_fen": product.unit_price_fen,
            },
        )
        clerk.post("/lots", _lot(stage, product, listing_id=listing["id"]))
        clerk.post(f"/listings/{listing['id']}/publish")
        stage.listings[product.key] = listing
        stage.tell(f"上架并登记批次 {product.name} / listed, with its lot")


def _lot(stage: Stage, product: Product, *, listing_id: str) -> dict[str, Any]:
    ids = stage.household_ids[product.side]
    plans = HOUSEHOLDS[product.side]
    return {
        "listing_id": listing_id,
        "harvested_on": stage.today,
        "unit": product.unit,
        "contributions": [
            {
                "household_id": household_id,
                "quantity": str(product.lot_quantity * plan.contribution // 1000),
                "farm_price_fen": product.farm_price_fen,
            }
            for household_id, plan in zip(ids, plans, strict=True)
        ],
        "own_quantity": str(product.lot_quantity * product.own_parts // 1000),
    }
