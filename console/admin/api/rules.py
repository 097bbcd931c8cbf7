"""Pages of the rules: policies, the union's rules, schemes by version, numbers of red flags."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, asked, listed
from console.widgets.pages import page
from console.widgets.words import N_, term
from kernel.http import PUBLIC

rules = Blueprint("admin_rules", __name__, url_prefix="/rules")
PART = N_("规则与依据")
SET_TERM = Act(
    "red_flags.set_term", N_("设定数值"), N_("数值已登记，自生效日起按新数值查找。"),
    N_("全国适用；此前的数值和据此发现的疑点都保留。"),
    (
        Entry("code", N_("规则和数值")),
        Entry(
            "value", N_("新数值"),
            N_("比例按基点填（1% 填 100），金额按分填，其余按天、分钟或个数填。"), type="number",
        ),
        Entry("from_on", N_("生效日"), N_("不填则自今日起。"), type="date"),
        Entry("source", N_("依据"), N_("文件名称和文号，或作出决定的会议；不要写个人信息。"),
              rows=2),
    ),
)  # fmt: skip


@rules.get("/policies")
@page(rules, allow=PUBLIC, menu=(PART, N_("预留份额政策")))
def policies() -> str:
    """List the share policies, each version with its years and source."""
    found = listed("policies.list_policies")
    return render_template("admin/policies.html", found=found)


@rules.get("/union-rules")
@page(rules, allow=PUBLIC, menu=(PART, N_("工会经费规定")))
def union_rules() -> str:
    """List the rules of the union, each version with its years and source."""
    found = listed("policies.list_union_rules")
    return render_template("admin/union_rules.html", found=found)


@rules.get("/schemes")
@page(rules, allow=PUBLIC, menu=(PART, N_("认定方案")))
def schemes() -> str:
    """List the certification schemes in force."""
    return render_template("admin/schemes.html", found=ask("criteria.list_schemes"))


@rules.get("/schemes/<code>")
@page(rules, allow=PUBLIC)
def scheme(code: str) -> str:
    """Show every version of a scheme, the newest first."""
    return render_template("admin/scheme.html", found=ask("criteria.list_versions", code=code))


@rules.route("/flag-numbers", methods=["GET", "POST"])
@page(rules, allow=SET_TERM.door, menu=(PART, N_("疑点数值")))
def flag_numbers() -> Response | str:
    """Set a number that red flags are measured by, from a day on."""
    numbers = {
        each["code"]: one["rule"]
        for one in ask("red_flags.list_rules")["items"]
        for each in one["terms"]
    }
    return act_page(
        SET_TERM,
        Form(SET_TERM.door, start=asked("code")),
        then=Place("monitor_flags.rules"),
        options={
            "code": [
                (code, f"{term(rule, 'flag_rule').text} · {term(code, 'flag_term_code').text}")
                for code, rule in numbers.items()
            ]
        },
    )  # fmt: skip
