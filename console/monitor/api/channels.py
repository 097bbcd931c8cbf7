"""Pages of the channels through which goods were sold, each figure opening to its orders."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from console.monitor.rules import narrowed
from console.widgets.asking import ask, asked, filters_of
from console.widgets.names import categories
from console.widgets.pages import page
from console.widgets.words import N_, terms
from kernel import clock

channels = Blueprint("monitor_channels", __name__, url_prefix="/monitor")
WATCHERS = frozenset({
    "auditor", "finance_supervisor", "monitor", "platform_admin",
    "county_reviewer", "city_reviewer", "province_reviewer",
})  # fmt: skip
MOST = {"limit": "50"}


def question() -> dict[str, str]:
    """Give what the page is about, as its address says; without an instant, as of now."""
    return {"as_of": clock.now().isoformat()} | filters_of("statistics.channel_sales")


@channels.get("/channels")
@page(channels, allow=WATCHERS, menu=(N_("监测"), N_("销售渠道")))
def index() -> str:
    """Show what each channel brought, parted as one likes, down to the orders."""
    about = question()
    found = ask("statistics.channel_sales", query=about | MOST)
    return render_template(
        "monitor/channels.html",
        found=found,
        about=about,
        by=about.get("by", "whole"),
        parts=[(key, one.text) for key, one in terms()["sales_axis"].items() if key != "whole"],
        opened=[narrowed(one, about) for one in found["items"]],
        categories=categories(),
    )


@channels.get("/channels/file")
@page(channels, allow=WATCHERS)
def file() -> Response:
    """Give the same as a file."""
    wanted = {key: one for key, one in question().items() if key not in {"cursor", "limit"}}
    given: Response = ask("statistics.export_channel_sales", query=wanted | asked("format"))
    return given
