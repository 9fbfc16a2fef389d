"""Every dialect keeps to its own OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis.checks import not_a_server_error

from config.openapi import dialect_schema
from runs.dialects.altostrat import runs
from runs.dialects.altostrat.errors import ALTOSTRAT
from runs.dialects.conductor.errors import CONDUCTOR
from runs.dialects.dapr.errors import DAPR
from runs.dialects.functiongraph import executions
from runs.dialects.functiongraph.errors import FUNCTIONGRAPH
from tests.conformance import CHECKS, described, few_examples, one_transaction
from tests.people import Person
from tests.workflows.api.drawings import made

pytestmark = pytest.mark.django_db

conductor = described(dialect_schema(CONDUCTOR))
dapr = described(dialect_schema(DAPR))
altostrat = described(dialect_schema(ALTOSTRAT))
functiongraph = described(dialect_schema(FUNCTIONGRAPH))


@pytest.fixture
def token(alice: Person, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(runs, "SYNC_SECONDS", 0)  # no engine runs here
    monkeypatch.setattr(executions, "EXPRESS_SECONDS", 0)
    made(alice.client(), published=True, active=True)
    with one_transaction():
        yield alice.token()


# A call that waits for a run that nobody works on ends with 504, and a webhook is taken by a connection of its own,
# which this test's transaction keeps waiting until 503: both are errors of the server's.
@altostrat.exclude(operation_id=["runWorkflow", "testNode", "receiveWebhook"]).parametrize()
@few_examples
def test_altostrat(case: schemathesis.Case[Any], token: str) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)


def only_prescribed_errors(ctx: Any, response: Any, case: schemathesis.Case[Any]) -> None:
    """Dapr answers some refusals with 500 and a code of its own; never anything else."""
    if response.status_code >= 500:
        prescribed = [f"ERR_{verb}_WORKFLOW" for verb in ("PAUSE", "RESUME", "PURGE", "RAISE_EVENT")]
        assert response.json()["errorCode"] in prescribed


@dapr.parametrize()
@few_examples
def test_dapr(case: schemathesis.Case[Any], token: str) -> None:
    checks = [only_prescribed_errors, *(check for check in CHECKS if check is not not_a_server_error)]
    case.call_and_validate(headers={"dapr-api-token": token}, checks=checks)


@functiongraph.parametrize()
@few_examples
def test_functiongraph(case: schemathesis.Case[Any], token: str, alice: Person) -> None:
    case.path_parameters["project_id"] = alice.project.id
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)


@conductor.parametrize()
@few_examples
def test_conductor(case: schemathesis.Case[Any], token: str) -> None:
    case.call_and_validate(headers={"X-Authorization": token}, checks=CHECKS)
