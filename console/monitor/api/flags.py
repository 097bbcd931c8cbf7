"""Pages of red flags: what the rules found, the rows behind each, and what becomes of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template

from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, asked, listed, may
from console.widgets.measures import measured, unit_of_number
from console.widgets.names import learn_names, name_of
from console.widgets.pages import page
from console.widgets.words import N_, _, term

flags = Blueprint("monitor_flags", __name__, url_prefix="/monitor/flags")
SEES = "red_flags.list_flags"
RULES = "red_flags.list_rules"
FEW = "5"
HINT = N_("写明依据；不要写个人信息。")
ACTS = {
    "explain": Act(
        "red_flags.explain", N_("说明疑点"), N_("已说明。"),
        N_("说明后不再提示；说明和当时的数据一并留存，任何人都能复核。"),
        (Entry("reason", N_("理由"), HINT, rows=4),),
    ),
    "demand": Act(
        "red_flags.demand", N_("要求整改"), N_("已要求整改，见督办台账。"),
        N_("将对所选单位立案督办，按规则计算整改期限。"),
        (Entry("unit_id", N_("单位")), Entry("demand", N_("要求"), HINT, rows=4)),
    ),
    "inspect": Act(
        "red_flags.inspect", N_("立案检查"), N_("已立案检查，开始前对外不公开。"),
        N_("将对所选证书开展一次检查；到场开始前供应商看不到。"),
        (Entry("certificate_id", N_("要检查的证书")), Entry("reason", N_("理由"), HINT, rows=4)),
    ),
}  # fmt: skip


@flags.get("/")
@page(flags, allow=SEES, menu=(N_("监测"), N_("疑点")))
def index() -> str:
    """List the flags, each with whom it concerns and what was measured."""
    found, every = listed(SEES), ask(RULES)["items"]
    of = asked("organisation_id").get("organisation_id")
    learn_names([*([of] if of else []), *(key for one in found["items"] for key in _parties(one))])
    return render_template(
        "monitor/flags.html",
        found=found,
        of=of,
        measures={one["rule"]: one["measure"] for one in every},
        looked_at=_looked_at(every),
        parties=_parties,
        said_of=measured,
    )


def newest_flags(**of: str) -> list[dict[str, Any]]:
    """List the newest flags on which nobody decided yet, for who may see them."""
    if not may(SEES):
        return []
    found: list[dict[str, Any]] = ask(SEES, query={"status": "open", "limit": FEW} | of)["items"]
    learn_names([key for one in found for key in _parties(one)])
    return found


@flags.get("/rules")
@page(flags, allow=RULES)
def rules() -> str:
    """Say what each rule looks for, by which numbers, and why it may mean nothing."""
    found = ask(RULES)
    return render_template(
        "monitor/flag_rules.html",
        found=found,
        said_of=measured,
        unit_of=unit_of_number,
        looked_at=_looked_at(found["items"]),
    )


@flags.get("/<uuid:red_flag_id>")
@page(flags, allow=SEES)
def show(red_flag_id: UUID) -> str:
    """Show a flag with the rows behind it, and what may be done about it."""
    found = ask("red_flags.get", red_flag_id=red_flag_id)
    learn_names(_parties(found["flag"]))
    fits = {"explain": True, "demand": found["flag"]["buyer_ids"], "inspect": found["certificates"]}
    acts = [
        (slug, act)
        for slug, act in ACTS.items()
        if found["flag"]["status"] == "open" and fits[slug] and may(act.door)
    ]
    return render_template(
        "monitor/flag.html",
        found=found,
        acts=acts,
        said_of=measured,
        buyers=_named(found["flag"]["buyer_ids"]),
        sellers=_named(found["flag"]["supplier_ids"]),
    )


@flags.route("/<uuid:red_flag_id>/explain", methods=["GET", "POST"])
@page(flags, allow=ACTS["explain"].door)
def explain(red_flag_id: UUID) -> Response | str:
    """Say why a flag means nothing."""
    return _act(red_flag_id, ACTS["explain"])


@flags.route("/<uuid:red_flag_id>/demand", methods=["GET", "POST"])
@page(flags, allow=ACTS["demand"].door)
def demand(red_flag_id: UUID) -> Response | str:
    """Demand of a buyer that it puts something right."""
    return _act(red_flag_id, ACTS["demand"])


@flags.route("/<uuid:red_flag_id>/inspect", methods=["GET", "POST"])
@page(flags, allow=ACTS["inspect"].door)
def inspect(red_flag_id: UUID) -> Response | str:
    """Open an inspection of goods behind a flag."""
    return _act(red_flag_id, ACTS["inspect"])


def _act(red_flag_id: UUID, act: Act) -> Response | str:
    found = ask("red_flags.get", red_flag_id=red_flag_id)
    one = found["flag"]
    learn_names(_parties(one))
    return act_page(
        act,
        Form(act.door, red_flag_id=red_flag_id),
        then=Place("monitor_flags.show", {"red_flag_id": red_flag_id}),
        facts=[
            (_("规则"), term(one["rule"], "flag_rule").text),
            (_("涉及单位"), _named(_parties(one))),
            (_("数值"), measured(one["measured"], found["measure"])),
        ],
        options={
            "unit_id": [(key, name_of(key)) for key in one["buyer_ids"]],
            "certificate_id": [
                (each["id"], f"{each['number']} · {each['product_name']}")
                for each in found["certificates"]
            ],
        },
    )


def _parties(one: dict[str, list[str]]) -> list[str]:
    """Give whom a flag concerns, each once, the buyers first."""
    return list(dict.fromkeys([*one["buyer_ids"], *one["supplier_ids"]]))


def _looked_at(every: list[dict[str, Any]]) -> str | None:
    """Give since when nothing was looked for that is not shown; none while a rule waits."""
    instants = [one["looked_at"] for one in every]
    return None if None in instants else min(instants)


def _named(keys: list[str]) -> str:
    return _("、").join(name_of(key) for key in keys)
