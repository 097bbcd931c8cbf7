"""Pages of reviewers: they show what the API gives, decide what it lets, and keep refusals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any

import pytest

from console.reviewer.rules import decisions_of, sentence_of, turn_of, working_days_left
from console.widgets.formats import day, yuan
from console.widgets.pages import SESSION
from kernel import clock
from registry.accounts.models import Role
from tests.builders import certification as build
from tests.builders import inspections as make
from tests.builders import registry
from tests.builders.certification import NOTICE_OVER, NOW
from tests.builders.offers import picture
from tests.conftest import Client
from tests.console.visitor import Visitor

Fields = dict[str, Any]
CHAIN = ["town", "county", "city", "province"]


@pytest.fixture(autouse=True)
def _stopped(client: Client) -> Iterator[None]:
    del client
    with clock.stopped(NOW):
        yield


def test_the_work_list_is_that_of_the_api_and_strangers_see_none(client: Client) -> None:
    people = build.cast()
    application = build.submitted(people)
    town = Visitor.of(client, people.reviewers["town"])
    (item,) = town.ask("/certification/work-list")["items"]
    page = town.open("/reviewer")
    assert item["application"]["number"] in page
    assert day(item["application"]["due_on"]) in page
    path = f"/reviewer/applications/{application.id}"
    assert "等待本单位办理" in Visitor.of(client, people.reviewers["county"]).open("/reviewer")
    Visitor.of(client, people.clerk).open(path, 403)
    elsewhere = registry.user(make.office("360732").organisation, [Role.COUNTY_REVIEWER])
    Visitor.of(client, elsewhere).open(path, 404)
    client.delete_cookie(SESSION)
    assert "/sign-in" in client.get("/reviewer").headers["Location"]


@pytest.mark.parametrize("level", ["town", "county"])
def test_evidence_stands_beside_the_checklist(client: Client, level: str) -> None:
    people = build.cast()
    application = build.submitted(people) if level == "town" else build.passed(people, "town")
    reviewer = Visitor.of(client, people.reviewers[level])
    path = f"/certification/applications/{application.id}"
    shown, checks = reviewer.ask(path), reviewer.ask(path + "/checklist")
    page = reviewer.open(f"/reviewer/applications/{application.id}")
    assert yuan(shown["unit_price_fen"]) in page
    assert shown["holder"]["name"] in page
    for finding in checks["findings"]:
        assert sentence_of(finding) in page
    assert len(shown["document_ids"]) > 0
    for key in shown["document_ids"]:
        address = f"/reviewer/applications/{application.id}/documents/{key}"
        assert address in page
        assert client.get(address).data.startswith(b"%PDF")
    reviewer.open(f"/reviewer/applications/{application.id}/documents/{application.id}", 404)


def test_a_return_names_its_fields_and_a_refused_one_keeps_what_was_typed(client: Client) -> None:
    people = build.cast()
    application = build.submitted(people)
    town = Visitor.of(client, people.reviewers["town"])
    path = f"/reviewer/applications/{application.id}"
    api = f"/certification/applications/{application.id}"
    reason: dict[str, Any] = {
        "reasons__0__pointer": "/specification",
        "reasons__0__text": "写明净含量",
    }
    form = f"applications.review:{application.id}:return"
    refused = town.send(path, form, 422, opinion="", **reason)
    assert 'href="#f-return-opinion"' in refused
    assert "写明净含量" in refused
    assert town.ask(api)["status"] == "submitted"
    town.send(path, form, opinion="请补正", **reason)
    shown = town.ask(api)
    assert shown["status"] == "returned"
    assert shown["steps"][0]["reasons"][0]["pointer"] == "/specification"
    assert "写明净含量" in town.open(path)


def test_a_rejection_has_a_page_of_its_own(client: Client) -> None:
    people = build.cast()
    application = build.submitted(people)
    town = Visitor.of(client, people.reviewers["town"])
    path = f"/reviewer/applications/{application.id}/reject"
    page = town.open(path)
    assert "不能恢复" in page
    assert yuan(application.goods_value_fen) in page
    assert town.send(path, "applications.review", opinion="产地不符").endswith(str(application.id))
    assert town.ask(f"/certification/applications/{application.id}")["status"] == "rejected"


def test_several_are_decided_at_once_each_with_its_opinion(client: Client) -> None:
    people = build.cast()
    both = build.submitted(people), build.submitted(people, product_name="演示香菇")
    first, second = both
    town = Visitor.of(client, people.reviewers["town"])
    path = f"/reviewer/batch?id={first.id}&id={second.id}"
    typed: dict[str, Any] = {"items__0__decision": "pass", "items__0__opinion": "材料齐全"}
    refused = town.send(path, "applications.review_batch", 422, **typed)
    assert "材料齐全" in refused
    api = "/certification/applications/"
    assert town.ask(f"{api}{first.id}")["status"] == "submitted"
    ids: dict[str, Any] = {
        "items__0__application_id": str(first.id),
        "items__1__application_id": str(second.id),
    }
    more: dict[str, Any] = {"items__1__decision": "return", "items__1__opinion": "请补正"}
    town.send(path, "applications.review_batch", **ids, **typed, **more)
    assert town.ask(f"{api}{first.id}")["status"] == "town_checked"
    assert town.ask(f"{api}{second.id}")["status"] == "returned"


def test_a_certificate_is_granted_after_its_notice_and_not_before(client: Client) -> None:
    people = build.cast()
    application = build.in_notice(people)
    province = Visitor.of(client, people.reviewers["province"])
    path = f"/reviewer/applications/{application.id}/grant"
    assert "公示" in province.send(path, "certificates.grant", 409)
    with clock.stopped(NOTICE_OVER):
        province.send(path, "certificates.grant")
    (certificate,) = province.ask("/certificates")["items"]
    assert certificate["number"] in province.open("/reviewer/certificates")


def test_a_suspension_shows_what_is_at_stake_and_wants_a_reason(client: Client) -> None:
    people = build.cast()
    certificate = build.certificate(people.holder)
    province = Visitor.of(client, people.reviewers["province"])
    page = f"/reviewer/certificates/{certificate.number}"
    assert "恢复证书" not in province.open(page)
    assert certificate.product_name in province.open(page + "/suspend")
    province.send(page + "/suspend", "certificates.suspend", 422, reason="")
    assert province.ask(f"/certificates/{certificate.number}")["status"] == "in_force"
    province.send(page + "/suspend", "certificates.suspend", reason="抽检不合格")
    assert province.ask(f"/certificates/{certificate.number}")["status"] == "suspended"
    assert "恢复证书" in province.open(page)
    province.open(page + "/explode", 404)


def test_objections_are_read_whole_answered_and_their_contact_revealed(client: Client) -> None:
    people = build.cast()
    county = Visitor.of(client, people.reviewers["county"])
    notice = registry.notice(opens_on=date(2026, 11, 4), closes_on=date(2026, 11, 12))
    objection = registry.objection(notice)
    page = f"/reviewer/notices/{notice.id}"
    assert "产地存疑" in county.open(page)
    assert "产地存疑" not in Visitor(client).open(f"/notices/{notice.id}")
    place = f"{page}/objections/{objection.id}"
    assert "13800001234" not in county.open(f"{place}/contact")
    county.send(f"{place}/contact", "notices.disclose_contact", 422, purpose="")
    shown = county.send(f"{place}/contact", "notices.disclose_contact", 200, purpose="电话核实产地")
    assert "13800001234" in shown
    county.send(f"{place}/publish", "notices.publish", text="产地存疑")
    assert "产地存疑" in Visitor(client).open(f"/notices/{notice.id}")
    Visitor.of(client, people.clerk).open(f"{place}/contact", 403)


def test_a_posting_is_recorded_with_its_photo(client: Client) -> None:
    people = build.cast()
    county = Visitor.of(client, people.reviewers["county"])
    notice = registry.notice(opens_on=date(2026, 11, 4), closes_on=date(2026, 11, 12))
    typed: dict[str, Any] = {
        "level": "county",
        "place": "县政务大厅公告栏",
        "posted_on": "2026-11-05",
    }
    page = f"/reviewer/notices/{notice.id}"
    assert "县政务大厅公告栏" in county.send(page, "notices.post_notice", 422, **typed)
    assert county.ask("/documents")["items"] == []
    county.send(page, "notices.post_notice", photo=(BytesIO(picture()), "board.jpg"), **typed)
    (posting,) = county.ask(f"/notices/{notice.id}")["postings"]
    assert posting["place"] == "县政务大厅公告栏"


def test_an_inspection_goes_from_the_start_to_a_finding_with_a_photo(client: Client) -> None:
    there = make.office()
    task = make.hidden(there, build.certificate())
    inspector = Visitor.of(client, there.people[2])
    page = f"/reviewer/inspections/tasks/{task.id}"
    inspector.send(page, "inspection_tasks.start")
    found: dict[str, Any] = {"kind": "quality", "severity": "minor", "text": "净含量不足"}
    inspector.send(page, "inspection_tasks.find", 422, **(found | {"kind": ""}))
    photo = (BytesIO(picture()), "bag.jpg")
    broken = (BytesIO(b"no picture"), "bag.jpg")
    refused = inspector.send(page, "inspection_tasks.find", 422, photo=broken, **found)
    assert 'href="#f-find-file"' in refused
    assert 'id="f-find-file"' in refused
    inspector.send(page, "inspection_tasks.find", photo=photo, **found)
    shown = inspector.ask(f"/inspections/tasks/{task.id}")
    assert shown["findings"][0]["finding"]["text"] == "净含量不足"
    assert len(shown["findings"][0]["steps"][0]["document_ids"]) == 1
    inspector.send(page, "inspection_tasks.conclude", summary="一处问题")
    assert "一处问题" in inspector.open(page)
    impose = page + "/impose"
    assert "净含量" not in inspector.open(impose)
    inspector.send(impose, "inspection_tasks.impose", kind="suspension", reason="净含量不足")
    shown = inspector.ask(f"/inspections/tasks/{task.id}")
    assert shown["consequences"][0]["kind"] == "suspension"


def test_a_draw_is_announced_and_anybody_sees_its_commitment(client: Client) -> None:
    there = make.office()
    author = Visitor.of(client, there.people[0])
    typed: dict[str, Any] = {
        "title": "四季度抽查", "region_code": registry.WUJIANG, "as_of_on": "2026-11-05",
        "stratification": "none", "strata__0__code": "all", "strata__0__size": "2",
        "public_source": "演示公报", "public_value_on": "2026-11-20",
    }  # fmt: skip
    where = author.send("/reviewer/inspections/plans/new", "inspection_plans.announce", **typed)
    plan = author.ask("/inspections/plans")["items"][0]
    assert where.endswith(plan["number"])
    assert plan["commitment"] in author.open(where)
    assert plan["commitment"] in Visitor(client).open(f"/draws/{plan['number']}")
    town = Visitor.of(client, build.reviewer_of("town"))
    town.open("/reviewer/inspections/plans/new", 403)


def test_credit_entries_are_added_with_their_consequences(client: Client) -> None:
    people = build.cast()
    county = Visitor.of(client, people.reviewers["county"])
    page = f"/reviewer/organisations/{people.holder.id}"
    typed: dict[str, Any] = {
        "kind": "warning",
        "source": "演示〔2026〕3 号",
        "since_on": "2026-11-01",
    }
    county.send(page, "organisations.add_credit_entry", consequences="more_inspections", **typed)
    shown = county.open(page)
    assert "演示〔2026〕3 号" in shown
    assert (
        "more_inspections"
        in county.ask(f"/organisations/{people.holder.id}/credit-consequences")["consequences"]
    )


def test_coverage_shows_the_counts_of_the_api(client: Client) -> None:
    people = build.cast()
    build.submitted(people)
    county = Visitor.of(client, people.reviewers["county"])
    totals = county.ask(f"/household-coverage/totals?region={registry.WUJIANG}")
    page = county.open("/reviewer/coverage")
    assert f'class="value">{totals["households"]} 户<' in page.replace("\n", "")
    for path in ("double-counts", "reconciliations", "scope-changes", "certificates-nearing",
                 "certificates-ending", "complaints", "objections", "applications",
                 "inspections/tasks", "inspections/plans", "organisations"):  # fmt: skip
        county.open(f"/reviewer/{path}")


def test_a_comparison_is_opened_and_takes_the_survey(client: Client) -> None:
    county = Visitor.of(client, build.reviewer_of("county"))
    typed: Fields = {"region_code": registry.WUJIANG, "survey": "", "surveyed_on": "2026-11-01"}
    page = "/reviewer/reconciliations"
    assert 'href="#f-survey"' in county.send(page, "reconciliations.open_run", 422, **typed)
    where = county.send(page, "reconciliations.open_run", **(typed | {"survey": "秋季摸底"}))
    (run,) = county.ask("/reconciliations")["items"]
    assert "秋季摸底" in county.open(where)
    survey = client.get("/jobs/imports/templates/surveys").data
    assert survey.startswith(b"PK")
    job = county.send(where, "imports.receive", file=(BytesIO(survey), "survey.xlsx"))
    (received,) = county.ask("/imports")["items"]
    assert job.endswith(received["id"])
    assert received["subject_id"] == run["id"]


@pytest.mark.parametrize(
    ("status", "turn"),
    [("submitted", "town"), ("town_checked", "county"), ("city_checked", "province"),
     ("province_checked", None), ("in_notice", "notice"), ("granted", None)],
)  # fmt: skip
def test_the_page_knows_whose_turn_it_is(status: str, turn: str | None) -> None:
    application = {"status": status, "review_chain": CHAIN}
    assert turn_of(application) == turn
    roles = ["province_reviewer"]
    wanted = {"province": ("pass", "return", "reject"), "notice": ("grant", "return", "reject")}
    assert decisions_of(application, roles) == wanted.get(turn or "", ())


def test_days_left_are_working_days_as_corrected() -> None:
    friday, tuesday = date(2026, 11, 6), date(2026, 11, 10)
    assert working_days_left(friday, tuesday, corrected=[]) == 2
    moved = [{"day_on": "2026-11-07", "is_working": True}]
    assert working_days_left(friday, tuesday, corrected=moved) == 3
    assert working_days_left(tuesday, friday, corrected=[]) == 0
