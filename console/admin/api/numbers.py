"""Pages of the numbers that the platform sets: each from a day on, with its source."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, Response, render_template

from console.admin.api.rules import PART
from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, asked, listed
from console.widgets.formats import today
from console.widgets.measures import measured, unit_of_number
from console.widgets.pages import page
from console.widgets.words import N_, _, term, terms
from kernel.errors import NotFound

numbers = Blueprint("admin_numbers", __name__, url_prefix="/rules/numbers")
INDEX = "admin_numbers.index"
TITLE = N_("设定数值")
SOURCE = Entry(
    "source", N_("依据"), N_("文件名称和文号，或作出决定的会议；不要写个人信息。"), rows=2
)
FROM_ON = Entry("from_on", N_("生效日"), N_("不填则自今日起。"), type="date")


class Kind(NamedTuple):
    """One kind of numbers: its name, the door that lists it, what sets it."""

    name: str
    lists: str
    act: Act


NAMED = Entry("code", N_("数值"), kind="term_code")
SAID = N_("数值已登记，自生效日起适用。")


def _set(door: str, code: Entry, hint: str, *, said: str = SAID, note: str) -> Act:
    """Say how a number is set; `hint` tells in which unit."""
    value = Entry("value", N_("新数值"), hint, type="number")
    return Act(door, TITLE, said, note, (code, value, FROM_ON, SOURCE))


KINDS = {
    "flags": Kind(
        N_("疑点规则"), "red_flags.list_terms",
        _set(
            "red_flags.set_term", Entry("code", N_("规则和数值")),
            N_("比例按基点填（1% 填 100），金额按分填，其余按天、分钟或个数填。"),
            said=N_("数值已登记，自生效日起按新数值查找。"),
            note=N_("全国适用；此前的数值和据此发现的疑点都保留。"),
        ),
    ),
    "approvals": Kind(
        N_("审批"), "approvals.list_terms",
        _set(
            "approvals.set_term", NAMED, N_("按小时或天填。"),
            note=N_("全国适用；已开始的等待保留开始时的时限。"),
        ),
    ),
    "deliveries": Kind(
        N_("交货"), "delivery_terms.list_terms",
        _set(
            "delivery_terms.set_term", NAMED, N_("按基点填：1% 填 100。"),
            note=N_("全国适用；此前的称重保留当时的允差。"),
        ),
    ),
}  # fmt: skip


@numbers.get("/")
@page(numbers, allow=KINDS["flags"].lists, menu=(PART, N_("各项数值")))
def index() -> str:
    """List the numbers of a kind, the last to begin first."""
    of = asked("of").get("of", "flags")
    kind = _kind(of)
    return render_template(
        "admin/numbers.html",
        found=listed(kind.lists),
        of=of,
        kinds=KINDS,
        names=_names() if of == "flags" else {},
        said_of=measured,
        unit_of=unit_of_number,
        today=today().isoformat(),
    )


@numbers.route("/<of>", methods=["GET", "POST"])
@page(numbers, allow=KINDS["flags"].act.door)
def new(of: str) -> Response | str:
    """Set a number from a day on."""
    kind = _kind(of)
    return act_page(
        kind.act,
        Form(kind.act.door, start=asked("code")),
        then=Place(INDEX, {"of": of}),
        facts=[(_("类别"), _(kind.name))],
        options={"code": _names().items()} if of == "flags" else {},
    )


def _kind(of: str) -> Kind:
    """Give one kind of numbers (NotFound)."""
    if of not in KINDS:
        raise NotFound
    return KINDS[of]


def _names() -> dict[str, str]:
    """Give by its code each number of a flag, behind the rules that measure by it."""
    behind: dict[str, list[str]] = {code: [] for code in terms()["flag_term_code"]}
    for one in ask("red_flags.list_rules")["items"]:
        for each in one["terms"]:
            behind[each["code"]].append(term(one["rule"], "flag_rule").text)
    comma, every = _("、"), _("所有规则")
    return {
        code: f"{comma.join(rules) or every} · {term(code, 'flag_term_code').text}"
        for code, rules in behind.items()
    }
