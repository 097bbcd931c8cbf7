"""Every operation answers what it says it answers, whatever is thrown at it, by whomever."""

from __future__ import annotations

import traceback
from itertools import count
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, CheckFunction
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from tests.journeys.conftest import World

_keys = count(1)
EXAMPLES = 6
PARTS = 4
"""So that the operations may be asked by several processes."""
EXCLUDED: list[CheckFunction] = [
    positive_data_acceptance,  # the rules of the trade are not in the schema
    ignored_auth,  # it does not see our token; `test_doors.py` walks every door without one
]


def _operations(world: World) -> list[Any]:
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", world.app)
    return [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]


def _send(world: World, case: Case[Any], *, role: str | None, real: bool) -> None:
    """Send a case as somebody, with ids that exist where `real`, and check the answer."""
    parameters = case.path_parameters or {}
    if real:
        case.path_parameters = {name: world.ids.get(name, v) for name, v in parameters.items()}
    headers = {"X-Request-Id": "fuzz"}
    if role is not None:
        headers["Authorization"] = f"Bearer {world.tokens[role]}"
    if "Idempotency-Key" in (case.headers or {}):
        headers["Idempotency-Key"] = f"fuzz-{next(_keys)}"
    response = case.call(headers=headers)
    assert response.status_code < 500, (case.as_curl_command(), response.text)
    case.validate_response(response, excluded_checks=EXCLUDED)


@pytest.mark.parametrize("part", range(PARTS))
def test_no_operation_breaks_its_word(world: World, part: int) -> None:
    broken: dict[str, str] = {}
    operations = _operations(world)[part::PARTS]
    assert len(operations) * PARTS > 90
    roles = [None, *sorted(world.tokens)]
    for operation in operations:

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy(), st.sampled_from(roles), st.booleans())
        def attempt(case: Case[Any], role: str | None, real: bool) -> None:  # noqa: FBT001
            if case.method == "DELETE":
                role = None  # the token must last
            _send(world, case, role=role, real=real)

        try:
            attempt()
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - all, not the first
            broken[operation.label] = "".join(traceback.format_exception(error))[-1500:]
    for label, message in broken.items():
        print(label, message, sep="\n", end="\n\n")  # noqa: T201 - read in the report
    assert sorted(broken) == []


@pytest.mark.parametrize(
    "path", ["/listings", "/certificates", "/notices", "/regions?parent=440203"]
)
def test_what_the_public_reads_is_of_its_schema(world: World, path: str) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", world.app)
    operation = schema.find_operation_by_path("GET", f"/api/v1{path.split('?', maxsplit=1)[0]}")
    answer = world.app.test_client().get(f"/api/v1{path}")
    assert answer.get_json()["items"]
    assert operation is not None
