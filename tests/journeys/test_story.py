"""The whole story on real servers: `bangfu up --once --demo`, its figures, and nothing left over.

Expected figures are worked out by hand from prices, quantities and the rules' pages, in fen:

- rice 680, farm price 460; oil 9,800, farm price 6,200; taro 960, farm price 600
- households grew 80 % of the Xingguo lots and 75 % of the Wujiang lot
- Guangdong's floor of 2025, carried on: 30 % of the canteen's food total, goods of the 832 only
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

SOURCE = Path(__file__).resolve().parents[2]
STORY_SECONDS = 300
READY_SECONDS = 120
STOP_SECONDS = 60
ROLES = frozenset(
    {
        *("unit_admin", "canteen_buyer", "unit_approver", "unit_finance", "union_officer"),
        *("coop_clerk", "coop_manager", "village_cadre", "finance_supervisor"),
        *("town_checker", "county_reviewer", "city_reviewer", "province_reviewer"),
        *("monitor", "auditor"),
    }
)


@pytest.fixture(scope="module")
def told() -> Iterator[Path]:
    """Give a home in which the story was told to its end."""
    home = Path(tempfile.mkdtemp(prefix="bangfu-story-"))
    home.chmod(0o755)
    ended = subprocess.run(  # noqa: S603 - our own program
        command(home, "--once", "--demo"),
        cwd=SOURCE,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=STORY_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-4000:]
    (home / "said").write_text(ended.stdout, encoding="utf-8")
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def figures(told: Path) -> dict[str, Any]:
    """Give the figures that the story asked from the server."""
    found: dict[str, Any] = json.loads((told / "demo-summary.json").read_text(encoding="utf-8"))
    return found


def command(home: Path, *options: str, port: int | None = None) -> list[str]:
    address = str(port or random.randint(21_000, 31_999))
    start = [sys.executable, "-c", "from bootstrap import main; main()", "up"]
    return [*start, "--home", str(home), "--port", address, *options]


def environment() -> dict[str, str]:
    ours = ("DATABASE_URL", "REDIS_URL", "PROMETHEUS_MULTIPROC_DIR")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("BANGFU_") and name not in ours
    }
    return {**kept, "BANGFU_ARGON2_PROFILE": "test", "COLUMNS": "200"}


def order(figures: dict[str, Any], key: str) -> dict[str, Any]:
    (found,) = (one for one in figures["orders"] if one["key"] == key)
    return dict(found)


def completion(figures: dict[str, Any], unit: str) -> dict[str, Any]:
    (found,) = (one for one in figures["completion"] if one["unit"] == unit)
    return dict(found)


def test_the_towns_of_the_document_add_up(figures: dict[str, Any]) -> None:
    assert figures["town_households"] == 755
    assert figures["town_people"] == 1788
    assert figures["town_villages"] == 7


def test_three_products_are_certified_by_their_origin(figures: dict[str, Any]) -> None:
    kinds = {one["product"]: one["origin_kind"] for one in figures["certified"]}
    assert kinds == {
        "红岭富硒大米": "national_832",
        "红岭山茶油": "national_832",
        "凤田香芋": "provincial_village",
    }
    prefixes = {one["number"][:19] for one in figures["certified"]}
    year = figures["year"]
    assert prefixes == {f"BF-C-{year}-360732-00", f"BF-C-{year}-440203-00"}


def test_an_order_with_a_rejected_kilogram_and_a_refund_adds_up(figures: dict[str, Any]) -> None:
    found = order(figures, "rice_and_oil")
    assert found["ordered_fen"] == 900 * 680 + 30 * 9_800 == 906_000
    assert found["accepted_fen"] == 899 * 680 + 30 * 9_800 == 905_320
    assert found["paid_fen"] == 905_320
    assert found["refunded_fen"] == 2 * 9_800
    # 899 kg × 80 % × 460 and 30 bottles × 80 % × 6,200, of which 2 of 30 went back
    assert found["to_households_fen"] == 330_832 + 148_800 - 9_920
    assert found["to_cooperative_fen"] == 905_320 - 19_600 - 469_712


def test_an_order_above_the_threshold_fulfils_the_school_s_share(figures: dict[str, Any]) -> None:
    found = order(figures, "large")
    assert found["paid_fen"] == 6_500 * 680 + 180 * 9_800 == 6_184_000
    assert found["to_households_fen"] == 2_392_000 + 892_800
    middle = completion(figures, "middle")
    assert middle["floor_bp"] == 3000
    assert middle["reserved_fen"] == 6_000_000
    assert middle["counted_fen"] == 6_184_000
    assert middle["owed_fen"] == 0
    assert middle["rate"] == "1.0307"
    assert middle["not_counted"] == []


def test_goods_of_a_provincial_village_are_paid_but_do_not_fill_the_floor(
    figures: dict[str, Any],
) -> None:
    assert order(figures, "village")["paid_fen"] == 400 * 960
    assert order(figures, "gift")["kind"] == "purchase_instead_of_donation"
    assert order(figures, "gift")["paid_fen"] == 300 * 960
    primary = completion(figures, "primary")
    assert primary["paid_fen"] == 885_720 + 384_000 + 288_000
    assert primary["counted_fen"] == 905_320 - 19_600 == 885_720
    uncounted = {one["order_kind"]: one["amount_fen"] for one in primary["not_counted"]}
    assert uncounted == {"reserved_share": 384_000, "purchase_instead_of_donation": 288_000}
    assert {one["origin_kind"] for one in primary["not_counted"]} == {"provincial_village"}


def test_every_fen_paid_and_not_given_back_was_received_by_somebody(
    figures: dict[str, Any],
) -> None:
    received: dict[str, int] = {"household": 0, "cooperative": 0}
    for one in figures["received"]:
        received[one["party_kind"]] += one["amount_fen"]
    assert received == {"household": 3_754_512 + 315_000, "cooperative": 3_315_208 + 357_000}
    paid = sum(one["paid_fen"] - one["refunded_fen"] for one in figures["orders"])
    assert sum(received.values()) == paid == 7_741_720
    parts = {
        one["name"]: one["amount_fen"]
        for one in figures["received"]
        if one["party_kind"] == "cooperative"
    }
    assert parts == {
        "武江区凤田种养专业合作社（演示）": 357_000,
        "兴国县红岭农产品专业合作社（演示）": 3_315_208,
    }


def test_each_household_received_by_what_it_put_into_the_lots(figures: dict[str, Any]) -> None:
    by_household = [
        one["amount_fen"] for one in figures["received"] if one["party_kind"] == "household"
    ]
    xingguo = [3_754_512 * part / 800 for part in (160, 140, 70, 190, 90, 150)]
    wujiang = [315_000 * part / 750 for part in (170, 110, 80, 180, 210)]
    expected = sorted([*xingguo, *wujiang])
    # every line is split to the fen, so no household is further off than a fen a line
    assert sorted(by_household) == pytest.approx(expected, abs=5)


def test_every_invariant_holds_and_the_summary_was_shown(
    figures: dict[str, Any], told: Path
) -> None:
    assert figures["invariants_hold"] is True
    said = (told / "said").read_text(encoding="utf-8")
    assert "61,840.00" in said
    assert "primary.buyer" in said


def test_there_is_an_account_for_every_role_and_only_the_owner_reads_them(told: Path) -> None:
    file = told / "demo-accounts.json"
    accounts = json.loads(file.read_text(encoding="utf-8"))
    assert {one["role"] for one in accounts} >= ROLES
    wanted = {"role", "username", "password", "organisation", "organisation_id", "region_code"}
    assert all(set(one) == wanted for one in accounts)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_second_start_keeps_what_was_told_and_a_signal_leaves_nothing_behind(told: Path) -> None:
    before = (told / "demo-accounts.json").read_bytes()
    port = random.randint(21_000, 31_999)
    process = subprocess.Popen(  # noqa: S603 - our own program
        command(told, "--demo", port=port), cwd=SOURCE, env=environment(), start_new_session=True
    )
    try:
        wait_until_ready(port, process)
        assert sign_in_works(port, json.loads(before))
        family = descendants(process.pid)
        assert len(family) >= 5, "postgres, valkey, worker, beat and web"
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_SECONDS) in {0, 128 + signal.SIGTERM}
    finally:
        process.kill()
        process.wait()
    assert (told / "demo-accounts.json").read_bytes() == before
    assert [pid for pid in family if is_alive(pid)] == []


def wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError("the second start did not become ready")


def sign_in_works(port: int, accounts: list[dict[str, str]]) -> bool:
    buyer = next(one for one in accounts if one["role"] == "canteen_buyer")
    body = {"username": buyer["username"], "password": buyer["password"]}
    answer = httpx.post(f"http://127.0.0.1:{port}/api/v1/auth/tokens", json=body)
    return answer.status_code == httpx.codes.CREATED


def descendants(pid: int) -> list[int]:
    children = [
        int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    ]
    return children + [grandchild for child in children for grandchild in descendants(child)]


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return not state.startswith(("Z", "X"))
