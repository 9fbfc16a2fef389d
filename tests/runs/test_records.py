"""What a run's record says of its nodes follows from the drawing and the logs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

import pytest
from django.utils import timezone

from runs import records
from runs.models import Event, Log, Run, Wait
from runs.services import StartOptions, start_run
from runs.telling import Telling
from tests.people import Person
from tests.workflows.api.drawings import edge, hello, made, node
from wire.times import to_wire
from workflows.models import Workflow

pytestmark = pytest.mark.django_db

FORK = hello(
    nodes=[
        node("start", "manual_trigger"),
        node("check", "if", conditions=[{"left": "{{ trigger.n }}", "operator": "gt", "right": 1}]),
        node("yes", "http_request", url="https://example.com/", on_error="error"),
        node("no", "log", message="no"),
        node("oops", "log", message="failed"),
        node("off", "log", message="never", disabled=True),
    ],
    edges=[
        edge("start", "check"),
        edge("check", "yes", sourceHandle="true"),
        edge("check", "no", sourceHandle="false"),
        edge("yes", "oops", sourceHandle="error"),
        edge("oops", "off"),
    ],
    allow_incomplete=True,
)


@pytest.fixture
def run(alice: Person) -> Run:
    workflow = made(alice.client(), FORK)
    row = Workflow.objects.get(pk=workflow["id"])
    row.published = row.draft
    row.save()
    started = start_run(row, {"n": 2}, StartOptions("api"))
    Run.objects.filter(pk=started.pk).update(status="running", epoch=1)
    return Run.objects.get(pk=started.pk)


class Journal:
    """Writes logs as the engine's journal does, a second apart."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.seq = 0
        self.at = timezone.now()

    def log(self, node_id: str, status: str = "completed", attempt: int = 1, **said: Any) -> Log:
        self.seq += 1
        started, ended = self.at, self.at + timedelta(seconds=1)
        self.at = ended
        said.setdefault("handle", "out" if status == "completed" else None)
        return Log.objects.create(
            run=self.run,
            seq=self.seq,
            node_id=node_id,
            kind="x",
            attempt=attempt,
            epoch=1,
            status=status,
            started_at=started,
            completed_at=None if status == "started" else ended,
            **said,
        )


@pytest.fixture
def journal(run: Run) -> Journal:
    return Journal(run)


def states(run: Run) -> dict[str, str]:
    return {name: state["status"] for name, state in records.run_record(run)["node_states"].items()}


def test_before_anything_happened_there_is_nothing_to_tell(run: Run) -> None:
    assert records.run_record(run)["logs"] == []
    assert states(run) == {}


def test_what_was_not_taken_is_skipped_and_what_comes_is_left_out(run: Run, journal: Journal) -> None:
    journal.log("start", output={"n": 2})
    journal.log("check", output={"n": 2}, handle="true")
    assert states(run) == {"start": "completed", "check": "completed", "no": "skipped"}


def test_inputs_are_what_came_over_the_edges(run: Run, journal: Journal) -> None:
    journal.log("start", output={"n": 2})
    journal.log("check", output={"n": 3}, handle="true")
    journal.log("yes", "failed", handle="error", error={"code": "timeout", "message": "too slow"})
    journal.log("oops", output="told")
    logs = {log["node_id"]: log for log in records.run_record(run)["logs"]}
    assert logs["start"]["input"] == {"n": 2}
    assert logs["check"]["input"] == {"n": 2}
    assert logs["yes"]["input"] == {"n": 3}
    assert logs["oops"]["input"] == {"error": {"code": "timeout", "message": "too slow", "node_id": "yes"}}
    assert logs["yes"]["error"] == {"code": "timeout", "message": "too slow"}
    assert (logs["yes"]["duration_ms"], logs["yes"]["messages"]) == (1000, [])
    assert states(run) == {
        "start": "completed",
        "check": "completed",
        "yes": "failed",
        "no": "skipped",
        "oops": "completed",
        "off": "completed",
    }


def test_a_call_that_was_cut_off_and_must_not_be_repeated_leaves_by_its_error_exit(run: Run, journal: Journal) -> None:
    journal.log("start", output={"n": 2})
    journal.log("check", output={"n": 2}, handle="true")
    journal.log("yes", "interrupted", handle="error", error={"code": "interrupted", "message": "gone"})
    journal.log("oops", output="told")
    logs = {log["node_id"]: log for log in records.run_record(run)["logs"]}
    assert logs["oops"]["input"] == {"error": {"code": "interrupted", "message": "gone", "node_id": "yes"}}
    assert states(run)["yes"] == "failed"


def test_a_node_under_way_is_running_and_between_attempts_it_waits(run: Run, journal: Journal) -> None:
    journal.log("start", output={"n": 2})
    journal.log("check", output={"n": 2}, handle="true")
    open_log = journal.log("yes", "started")
    assert states(run)["yes"] == "running"
    Log.objects.filter(pk=open_log.pk).update(status="failed", error={"code": "x", "message": "y"})
    Wait.objects.create(run=run, node_id="yes", attempt=1, kind="backoff")
    assert states(run)["yes"] == "waiting"
    Wait.objects.update(done_at=timezone.now())
    journal.log("yes", "started", attempt=2)
    state = records.run_record(run)["node_states"]["yes"]
    assert (state["status"], state["attempts"], state["completed_at"]) == ("running", 2, None)


def test_what_began_to_wait_after_the_logs_were_read_is_told_next_time(run: Run, journal: Journal) -> None:
    journal.log("start", output={"n": 2})
    Wait.objects.create(run=run, node_id="yes", iteration="0", attempt=1, kind="timer")
    assert states(run) == {"start": "completed"}


@pytest.mark.parametrize("status", ["failed", "interrupted", "terminated"])
def test_an_end_without_a_handle_shows_as_it_is(run: Run, journal: Journal, status: str) -> None:
    journal.log("start", output={"n": 2})
    journal.log("check", output={"n": 2}, handle="true")
    journal.log("yes", status, error={"code": "x", "message": "y"})
    run.status = "failed"
    assert states(run)["yes"] == status
    assert "oops" not in states(run)


def test_the_stream_gets_the_logs_that_changed_since(run: Run, journal: Journal) -> None:
    journal.log("start", output={"n": 2})
    journal.log("check", output={"n": 2}, handle="true")
    logs = list(run.logs.all())
    assert [log["node_id"] for log in records.log_records(run, logs)] == ["start", "check"]
    Run.objects.filter(pk=run.pk).update(seq=2)
    told = Telling(run.id, since=1).news()
    assert told is not None
    assert [(log["node_id"], log["input"]) for log in told.logs] == [("check", {"n": 2})]
    more = {"trigger_payload", "output", "waits", "node_states", "variables"}
    assert set(told.run) == set(records.run_head(run)) | more


def test_who_watches_is_told_variables_when_they_change(run: Run) -> None:
    telling = Telling(run.id)
    assert told_of(telling, run, seq=1)["variables"] == {}
    at, values = timezone.now(), cast(Any, {"n": 1})
    Event.objects.create(run=run, event_id="e", name=Event.VARIABLES, payload=values, received_at=at, seq=2)
    assert told_of(telling, run, seq=2, events=1)["variables"] == {"n": 1}
    assert "variables" not in told_of(telling, run, seq=3)


def told_of(telling: Telling, run: Run, **now: int) -> dict[str, Any]:
    Run.objects.filter(pk=run.pk).update(**now)
    news = telling.news()
    assert news is not None
    return news.run


def test_a_run_that_is_to_start_later_waits_for_its_time(alice: Person) -> None:
    client = alice.client()
    path = f"/workflows/{made(client, published=True)['id']}/execute"
    record = client.post(path, {"delay_seconds": 3600}).json()
    [wait] = record["waits"]
    assert (wait["kind"], wait["node_id"]) == ("start", "")
    assert record["reason"] == f"It starts at {wait['until']}."
    news = Telling(record["id"]).news()
    assert news is not None
    assert [{**told, "until": to_wire(told["until"])} for told in news.run["waits"]] == [wait]
    told = [client.get(f"/runs/{record['id']}{part}").json() for part in ("", "/waits")]
    assert told[0]["waits"] == told[1]["results"] == [wait]
    Run.objects.filter(id=record["id"]).update(ready_at=timezone.now())  # its time has come
    assert client.get(f"/runs/{record['id']}").json()["waits"] == []
    Run.objects.filter(id=record["id"]).update(ready_at=None, status="waiting", epoch=1, started_at=timezone.now())
    assert client.get(f"/runs/{record['id']}/waits").json()["results"] == []


def test_what_waits_for_a_worker_says_for_which_and_who_has_it(run: Run, journal: Journal, alice: Person) -> None:
    client = alice.client()
    journal.log("start", output={"n": 2})
    journal.log("check", "started")
    wait = Wait.objects.create(run=run, node_id="check", attempt=1, kind=Wait.Kind.TASK, name="send_invoice")
    [told] = client.get(f"/runs/{run.id}/waits").json()["results"]
    assert (told["kind"], told["name"], told["lease"]) == ("task", "send_invoice", None)
    polled_at = timezone.now()
    Wait.objects.filter(pk=wait.pk).update(worker="w-1", polls=2, polled_at=polled_at, poll_at=polled_at)
    [told] = client.get(f"/runs/{run.id}/waits").json()["results"]
    at = to_wire(polled_at)
    assert told["lease"] == {"worker": "w-1", "polls": 2, "polled_at": at, "until": at}
    assert told == client.get(f"/runs/{run.id}").json()["waits"][0]


def test_until_when_a_run_is_to_end(run: Run, alice: Person) -> None:
    at = timezone.now() + timedelta(hours=1)
    Run.objects.filter(pk=run.pk).update(deadline_at=at)
    assert alice.client().get(f"/runs/{run.id}").json()["deadline_at"] == to_wire(at)
    assert alice.client().get("/runs").json()["results"][0]["deadline_at"] == to_wire(at)


def test_times_and_errors_of_the_run(run: Run) -> None:
    now = timezone.now()
    run.started_at, run.completed_at = now, now + timedelta(seconds=2.75)
    run.error = {"code": "timeout", "message": "too slow"}
    head = records.run_head(run)
    assert (head["duration_ms"], head["duration_in_seconds"]) == (2750, 2)
    assert head["error_message"] == "too slow"
    assert head["error"] == {"code": "timeout", "message": "too slow", "node_id": None}
