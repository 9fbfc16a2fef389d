"""Values over 256 KiB: stored once, whoever refers to them, and gone with the last who does."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.db import connection, transaction

from runs.dialects.conductor.search import search
from runs.engine.big_values import kept_values
from runs.engine.messages import LEFT_OUT
from runs.models import MOST_IN_ROW, BigValue, BigValueUse, Run
from runs.records import run_head, run_record
from runs.services import (
    Report,
    Retry,
    StartOptions,
    delete_runs,
    purge_run,
    raise_event,
    report_task,
    retry_run,
    set_variables,
    start_run,
    terminate_run,
)
from runs.waiting import look
from tests.people import Person
from tests.runs.engine import making
from tests.runs.engine.making import begun, ended, engine, forget_connections, published, until
from tests.runs.engine.test_takeover import left_behind
from tests.workflows.api.drawings import made
from wire.problems import Invalid

pytestmark = pytest.mark.django_db(transaction=True)

BIG: Any = {"text": "x" * MOST_IN_ROW}
CHAIN = "t:manual_trigger>a:set>b:effect>c:set>d:effect"


def rows(table: str, column: str) -> list[str]:
    """What the rows themselves hold."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL")  # noqa: S608 - names from below
        return [text for (text,) in cursor.fetchall()]


def test_one_value_that_flows_through_five_nodes_is_stored_once() -> None:
    run = begun(published(CHAIN), BIG)
    with engine():
        ended(run)
    assert BigValue.objects.count() == BigValueUse.objects.count() == 1
    held = [*rows("runs_log", "output"), *rows("runs_run", "trigger_payload"), *rows("runs_run", "output")]
    assert (len(held), set(held)) == (7, {BigValue.objects.get().reference})
    record = run_record(Run.objects.select_related("version", "workflow").get(id=run.id))
    assert record["trigger_payload"] == record["output"] == BIG
    assert [log["output"] for log in record["logs"]] == [BIG] * 5
    assert [log["input"] for log in record["logs"][1:]] == [BIG] * 4


def test_small_values_stay_in_their_rows() -> None:
    just_fits = "x" * (MOST_IN_ROW - 2)
    run = begun(published("a"), just_fits)
    with engine():
        ended(run)
    assert not BigValue.objects.exists()
    assert (run.trigger_payload, run.output) == (just_fits, just_fits)


def test_text_that_looks_like_a_reference_is_a_value() -> None:
    run = begun(published("a"), "@" + 64 * "0")
    with engine():
        ended(run)
    assert run.output == "@" + 64 * "0"


def test_who_takes_a_run_over_goes_on_with_the_value() -> None:
    run = begun(published("a:effect>b:effect"), BIG)
    [kept] = kept_values(run.id, [BIG])
    left_behind(run, ("a", "completed", kept))
    with engine():
        ended(run)
    assert (making.calls.begun, run.output) == (["b"], BIG)
    assert BigValue.objects.count() == 1


def test_a_loop_over_many_items_is_taken_up_over_the_same() -> None:
    items = [letter * 100_000 for letter in "abc"]
    loop = {"items": "{{ trigger }}", "concurrency": 3}
    run = begun(published("each:for_each s@each:sleep", each=loop, s={"seconds": 1.5}), items)
    with engine():
        until(lambda: Run.objects.get(id=run.id).status == "waiting")
    with engine():
        assert ended(run).output == items
    [passes] = rows("runs_log", "passes")
    assert passes.startswith("@")


def test_child_runs_share_the_value_and_give_it_back() -> None:
    child = published("a>b", key="child")
    run = begun(published("a>c:child", child.project, c={"name": "child"}), BIG)
    with engine():
        ended(run)
    assert run.output == BIG
    assert (BigValue.objects.count(), BigValueUse.objects.count()) == (1, 2)


def test_retries_and_replays_refer_to_it_too() -> None:
    run = begun(published("a:effect>b:crash"), BIG)
    with engine():
        ended(run)
        again = retry_run(run, Retry(from_failed=True))
        ended(again)
    assert again.logs.get(node_id="a").output == again.trigger_payload == BIG
    assert (BigValue.objects.count(), BigValueUse.objects.count()) == (1, 2)


def test_an_output_that_somebody_gives_may_be_big() -> None:
    run = begun(published("a"))
    terminate_run(run, output=BIG)
    run.refresh_from_db()
    assert (run.output, BigValueUse.objects.get().run_id) == (BIG, run.id)


def test_the_last_run_that_goes_takes_it_along() -> None:
    workflow = published("a>b:effect")
    first, second = begun(workflow, BIG), begun(workflow, BIG)
    with engine():
        ended(first)
        ended(second)
    purge_run(first, by="ada")
    second.refresh_from_db()
    assert second.output == BIG
    purge_run(second, by="ada")
    assert not BigValue.objects.exists()


def test_a_run_that_begins_while_the_last_one_is_purged_has_its_value() -> None:
    """Whichever of the two comes first: nothing is refused, and nothing is lost."""
    workflow = published("a")
    old = begun(workflow, BIG)
    Run.objects.filter(id=old.id).update(status="completed")
    started: list[Run] = []

    def start() -> None:
        started.append(start_run(workflow, BIG, StartOptions("api")))
        forget_connections()

    starting = threading.Thread(target=start)
    with transaction.atomic():
        assert delete_runs([old.id], by="ada") == 1
        starting.start()
        starting.join(0.3)
    starting.join(30)
    [new] = started
    new.refresh_from_db()
    assert new.trigger_payload == BIG


def test_a_purge_that_comes_while_a_run_begins_leaves_the_value() -> None:
    workflow = published("a")
    old = begun(workflow, BIG)
    Run.objects.filter(id=old.id).update(status="completed")

    def purge() -> None:
        delete_runs([old.id], by="ada")
        forget_connections()

    purging = threading.Thread(target=purge)
    with transaction.atomic():
        new = start_run(workflow, BIG, StartOptions("api"))
        purging.start()
        purging.join(0.3)
    purging.join(30)
    new.refresh_from_db()
    assert (new.trigger_payload, Run.objects.count()) == (BIG, 1)


def test_many_runs_with_one_value_at_once() -> None:
    workflow = published("a>b:effect")
    runs = [begun(workflow, BIG) for _ in range(10)]
    with engine():
        for run in runs:
            ended(run)
    assert {run.status for run in runs} == {"completed"}
    assert (BigValue.objects.count(), BigValueUse.objects.count()) == (1, 10)
    assert delete_runs([run.id for run in runs], by="ada") == 10
    assert not BigValue.objects.exists()


def everywhere() -> list[str]:
    """All columns that may hold a value, as they are."""
    places = {
        "runs_run": ("trigger_payload", "output", "response", "error", "extra", "partial"),
        "runs_log": ("output", "error", "passes", "progress"),
        "runs_wait": ("outcome", "progress"),
        "runs_event": ("payload", "error"),
    }
    return [text for table, columns in places.items() for column in columns for text in rows(table, column)]


def nothing_is_big_in_rows() -> bool:
    return all(len(text) <= MOST_IN_ROW for text in everywhere())


def test_an_event_that_wakes_a_wait_and_flows_on_is_stored_once() -> None:
    event = {"text": "x" * 5_000_000}
    run = begun(published("w:await>a>b:effect>c>d:effect>e", w={"name": "go"}))
    with engine():
        until(lambda: run.waits.filter(done_at=None).exists())
        assert raise_event(run, "go", event).event.payload == event
        ended(run)
    assert (run.status, run.output, run.inbox.get().payload) == ("completed", event, event)
    assert [log.output for log in run.logs.all()] == [event] * 6
    assert nothing_is_big_in_rows()
    assert json.loads(BigValue.objects.get().text) == event
    purge_run(run, by="ada")
    assert not BigValue.objects.exists()


def test_a_delay_hands_on_what_it_kept() -> None:
    run = begun(published("a>s:sleep>b", s={"seconds": 1.5}), BIG)
    with engine():
        until(lambda: Run.objects.get(id=run.id).status == "waiting")
        assert run.waits.get().outcome["value"] == BIG
        assert nothing_is_big_in_rows()
    with engine():
        assert ended(run).output == BIG


def test_an_event_that_lies_in_the_inbox_is_found_by_who_takes_the_run_over() -> None:
    run = begun(published("a:effect>w:await", w={"name": "go"}))
    raise_event(run, "go", BIG)
    with engine():
        ended(run)
    assert run.output == BIG
    assert BigValue.objects.count() == 1


def test_an_event_that_is_raised_again_is_compared_by_its_value() -> None:
    run = begun(published("w:await", w={"name": "go"}))
    raise_event(run, "go", BIG, event_id="1")
    assert not raise_event(run, "go", BIG, event_id="1").is_new
    with pytest.raises(Invalid):
        raise_event(run, "go", {**BIG, "more": 1}, event_id="1")


def test_big_variables_are_read_and_handed_on() -> None:
    run = begun(published("a:effect>w:await>c:crash", w={"name": "go"}))
    set_variables(run, BIG)
    raise_event(run, "go", None)
    with engine():
        ended(run)
        again = retry_run(run, Retry(from_failed=True))
        ended(again)
    assert run_record(again)["variables"] == run_record(run)["variables"] == BIG
    assert nothing_is_big_in_rows()


def test_a_big_answer_is_given_whole_and_stored_apart() -> None:
    answer = {"text": "x" * 5_000_000}
    run = begun(published("a:answer>b:effect", a={"value": answer}))
    with engine():
        ended(run)
    assert look(run.id).response == {"status": 201, "headers": [["x-a", "b"]], "body": answer, "more": False}
    assert nothing_is_big_in_rows()


def test_a_big_failure_is_on_the_nodes_log_and_goes_by_its_exit() -> None:
    details = {"body": "x" * 1_000_000}
    refused = {"name": "no", "value": details}
    run = begun(published("a:refuse a.error>b", a={**refused, "on_error": "error"}))
    lost = begun(published("a:refuse", run.project, "lost", a={**refused, "name": "n" * 1_000_000}))
    with engine():
        assert ended(run).output["error"]["details"] == details
        ended(lost)
    error: Any = lost.logs.get().error
    assert error["details"] == details
    assert error["message"] == f"{'n' * 10_000}… (990,000 more characters)"
    told: Any = run_head(Run.objects.select_related("workflow", "version").get(id=lost.id))["error"]
    assert (told["code"], told["node_id"]) == ("refused", "a")
    assert told["details"].endswith("the node's log has them.")
    assert nothing_is_big_in_rows()


def test_a_retry_keeps_a_failure_that_was_handled() -> None:
    details = {"body": "x" * 1_000_000}
    run = begun(published("a:refuse a.error>b:crash", a={"name": "no", "value": details, "on_error": "error"}))
    with engine():
        ended(run)
        again = retry_run(run, Retry(from_failed=True))
        ended(again)
    assert again.logs.get(node_id="a").error == run.logs.get(node_id="a").error
    assert (BigValue.objects.count(), nothing_is_big_in_rows()) == (1, True)
    purge_run(run, by="ada")
    assert again.logs.get(node_id="a").error["details"] == details


def test_who_says_too_much_is_cut_short_and_it_says_so() -> None:
    often = begun(published("a:refuse", a={"name": "again", "times": 2_000}))
    long = begun(published("a:refuse", often.project, "long", a={"name": "x" * 9_000, "times": 100}))
    with engine():
        ended(often)
        ended(long)
    for run, most in ((often, 1_000), (long, 29)):
        said: Any = run.logs.get().messages
        assert (len(said), said[-1]["level"], said[-1]["text"]) == (most + 1, "warning", LEFT_OUT)


def test_what_a_worker_reports_may_be_big() -> None:
    run = begun(published("a:worker_task>b", a={"parameters": {"task_type": "t", "input": "{{ trigger }}"}}), BIG)
    with engine():
        until(lambda: run.waits.filter(done_at=None).exists())
        wait = run.waits.get()
        assert wait.outcome["input"] == BIG
        report_task(wait, Report("in_progress", BIG))
        wait.refresh_from_db()
        assert wait.progress == BIG
        report_task(wait, Report("completed", {"more": [BIG]}))
        ended(run)
    assert run.output == {"more": [BIG]}
    assert nothing_is_big_in_rows()


def test_what_a_dialect_keeps_of_a_run_may_be_big() -> None:
    text = "x" * 1_000_000
    run = begun(published("a:effect>c:child", c={"name": "child"}), extra={"input": text, "taskToDomain": {"t": "d"}})
    published("b", run.project, key="child")
    with engine():
        ended(run)
    run.refresh_from_db()
    assert run.extra == {"input": text, "taskToDomain": {"t": "d"}}
    assert Run.objects.get(parent=run).extra == {"taskToDomain": {"t": "d"}}
    assert nothing_is_big_in_rows()


def test_the_list_reads_none_of_it(alice: Person, django_assert_max_num_queries: Any) -> None:
    client = alice.client()
    workflow_id = made(client, published=True)["id"]
    text = "x" * 300_000
    run_id = client.post(f"/workflows/{workflow_id}/execute", {"context": {"text": text}}).json()["id"]
    assert client.get(f"/runs/{run_id}").json()["trigger_payload"] == {"text": text}
    with django_assert_max_num_queries(20) as asked:
        assert text not in client.get("/runs").content.decode()
    assert not [query for query in asked.captured_queries if "bigvalue" in query["sql"]]


def test_conductors_search_finds_what_is_in_it() -> None:
    run = begun(published("a"), {"text": f"{'x' * MOST_IN_ROW} needle"})
    assert [found.id for found in search(run.project, None, "needle", None)] == [run.id]
    assert not search(run.project, None, "haystack", None)
