"""Values over 256 KiB: stored once, whoever refers to them, and gone with the last who does."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, transaction

from runs.dialects.conductor.search import search
from runs.engine.big_values import kept_values
from runs.models import MOST_IN_ROW, BigValue, BigValueUse, Run
from runs.records import run_record
from runs.services import Retry, StartOptions, delete_runs, purge_run, retry_run, start_run, terminate_run
from tests.people import Person
from tests.runs.engine import making
from tests.runs.engine.making import begun, ended, engine, forget_connections, published, until
from tests.runs.engine.test_takeover import left_behind
from tests.workflows.api.drawings import made

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
