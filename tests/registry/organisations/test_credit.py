"""The credit record: entries with their document, their time and what they lead to."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from kernel import clock
from registry.accounts.models import Role
from registry.organisations.models import Consequence, Organisation, OrganisationKind
from registry.organisations.queries import list_consequences
from tests.builders import registry as build
from tests.conftest import Client

ENTRY: dict[str, Any] = {
    "kind": "penalty",
    "source": "粤市监罚〔2026〕7号",
    "since_on": "2026-01-01",
    "until_on": "2027-01-01",
    "consequences": ["no_new_listings", "more_inspections"],
}


def _reviewer(home: Organisation | None = None) -> str:
    office = home or build.organisation(OrganisationKind.AUTHORITY)
    return build.token_of(build.user(office, [Role.COUNTY_REVIEWER]))


def test_an_entry_has_consequences_while_it_is_in_force(client: Client) -> None:
    coop = build.organisation()
    path, reviewer = f"/api/v1/organisations/{coop.id}/credit-entries", _reviewer()
    made = client.post(path, json=ENTRY, token=reviewer)
    assert made.status_code == 201
    by = build.actor_of(build.user(coop, [Role.COOP_CLERK]))
    in_force = [Consequence.MORE_INSPECTIONS, Consequence.NO_NEW_LISTINGS]
    for day, led_to in (
        (date(2025, 12, 31), []),
        (date(2026, 1, 1), in_force),
        (date(2026, 12, 31), in_force),
        (date(2027, 1, 1), []),
    ):
        assert list_consequences(by, coop.id, on=day) == led_to
        shown = client.get(
            f"/api/v1/organisations/{coop.id}/credit-consequences",
            query_string={"on": day.isoformat()},
            token=reviewer,
        )
        assert (shown.status_code, shown.json) == (
            200,
            {"organisation_id": str(coop.id), "on": day.isoformat(), "consequences": led_to},
        )
    own = client.get(path, token=build.token_of(build.user(coop, [Role.COOP_MANAGER]))).json
    assert own is not None
    assert [one["source"] for one in own["items"]] == [ENTRY["source"]]
    withdrawal = f"/api/v1/credit-entries/{own['items'][0]['id']}/withdraw"
    reason = {"reason": "张冠李戴"}
    assert client.post(withdrawal, json=reason, token=reviewer).status_code == 200
    again = client.post(withdrawal, json=reason, token=reviewer)
    assert (again.status_code, (again.json or {})["code"]) == (409, "credit_entry_withdrawn")
    assert list_consequences(by, coop.id, on=date(2026, 6, 1)) == []


def test_consequences_are_those_of_today_and_of_nobody_out_of_sight(client: Client) -> None:
    coop, far = build.organisation(), build.organisation(region_code=build.XINGGUO)
    entry = {**ENTRY, "until_on": None}
    path = "/api/v1/organisations/{}/credit-{}"
    reviewer = _reviewer()
    client.post(path.format(coop.id, "entries"), json=entry, token=reviewer)
    with clock.stopped(datetime(2025, 12, 31, 15, 59, 59, tzinfo=UTC)):
        before = client.get(path.format(coop.id, "consequences"), token=reviewer).json
    with clock.stopped(datetime(2025, 12, 31, 16, tzinfo=UTC)):
        after = client.get(path.format(coop.id, "consequences"), token=reviewer).json
    assert before is not None
    assert after is not None
    assert (before["on"], before["consequences"]) == ("2025-12-31", [])
    assert (after["on"], after["consequences"]) == (
        "2026-01-01",
        ["more_inspections", "no_new_listings"],
    )
    hidden = client.get(path.format(far.id, "consequences"), token=reviewer)
    assert hidden.status_code == 404
    day = client.get(path.format(coop.id, "consequences"), query_string={"on": "x"}, token=reviewer)
    assert day.status_code == 422


def test_an_entry_ends_after_it_begins_and_is_of_others_in_sight(client: Client) -> None:
    coop, far = build.organisation(), build.organisation(region_code=build.XINGGUO)
    office = build.organisation(OrganisationKind.AUTHORITY)
    reviewer = _reviewer(office)
    path = "/api/v1/organisations/{}/credit-entries"
    backwards = {**ENTRY, "until_on": "2026-01-01"}
    refused = client.post(path.format(coop.id), json=backwards, token=reviewer)
    assert (refused.status_code, (refused.json or {})["code"]) == (422, "credit_period_backwards")
    assert client.post(path.format(far.id), json=ENTRY, token=reviewer).status_code == 404
    own = client.post(path.format(office.id), json=ENTRY, token=reviewer)
    assert (own.status_code, (own.json or {})["code"]) == (403, "own_organisation")
    clerk = build.token_of(build.user(coop, [Role.COOP_CLERK]))
    assert client.post(path.format(coop.id), json=ENTRY, token=clerk).status_code == 403
