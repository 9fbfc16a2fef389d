"""The engine as a whole, in this process: a run is started, and what happened is on record."""

import pytest

from tests.runs.engine.making import begun, ended, engine, logs, published

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_run_of_pure_nodes_completes() -> None:
    run = begun(published("t:manual_trigger>a>b", a={"value": {"x": 1}}), {"p": 1})
    with engine():
        ended(run)
    assert run.status == "completed"
    assert run.output == {"x": 1}
    assert [line[:3] for line in logs(run)] == [("t", 1, "completed"), ("a", 1, "completed"), ("b", 1, "completed")]
    assert run.logs.get(node_id="t").output == {"p": 1}
    assert (run.owner, run.ready_at, run.epoch) == (None, None, 1)
    assert run.started_at
    assert run.completed_at
    assert run.created_at <= run.started_at <= run.completed_at
