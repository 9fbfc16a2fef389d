"""The engine as a part of a process: one per data folder, woken from anywhere, quick to look."""

import gc
import subprocess
import sys
import threading
import time
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction

from runs import waiting
from runs.engine import wake
from runs.engine.held import HeldRun
from runs.engine.lines import Entry
from runs.engine.process import AlreadyRunningError, Engine, lock_path
from runs.engine.state import State
from runs.models import Worker
from runs.services import raise_event, terminate_run
from runs.tasks import wake_worker
from tests.runs.engine import making
from tests.runs.engine.making import Kinds, begun, engine, published, until

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_second_engine_on_the_same_data_folder_is_refused() -> None:
    with engine(alone=True), pytest.raises(AlreadyRunningError, match="in use by process"):
        Engine(kinds=Kinds(), alone=True).start()
    with engine(alone=True):
        assert Worker.objects.filter(stopped_at=None).count() == 1


def test_the_data_folder_is_free_again_when_its_holder_was_killed() -> None:
    path = str(lock_path())
    hold = f"import fcntl, time; f = open({path!r}, 'a'); fcntl.flock(f, 2); print(1, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", hold], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.read(1)
        with pytest.raises(AlreadyRunningError):
            Engine(kinds=Kinds(), alone=True).start()
        holder.kill()
    with engine(alone=True) as running:
        assert running.works()


def test_a_start_in_this_process_is_looked_at_at_once() -> None:
    workflow = published("a")
    with engine():
        time.sleep(0.3)
        waits = []
        for _ in range(5):
            began = time.monotonic()
            waiting.wait_for_end(begun(workflow).id, 5)
            waits.append(time.monotonic() - began)
    assert min(waits) < 0.3


def test_nobody_is_woken_before_the_commit() -> None:
    """Who came then would find nothing, and look again a second later."""
    workflow, rung = published("a"), threading.Event()
    unlisten = wake.listen(rung.set)
    try:
        with transaction.atomic():
            run = begun(workflow)
            assert not rung.is_set()
        assert rung.is_set()
        rung.clear()
        with transaction.atomic():
            raise_event(run, "go", {})
            assert not rung.is_set()
        assert rung.is_set()
    finally:
        unlisten()


def test_a_start_that_nobody_told_of_is_found_within_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    workflow = published("a")
    with engine():
        monkeypatch.setattr(wake, "ring", lambda: None)
        assert waiting.wait_for_end(begun(workflow).id, 5).status == "completed"


def test_a_message_from_another_process_rings_here() -> None:
    rung = threading.Event()
    unlisten = wake.listen(rung.set)
    wake_worker()
    unlisten()
    assert rung.is_set()
    rung.clear()
    wake_worker()
    assert not rung.is_set()


def test_a_broker_that_is_away_is_not_the_callers_concern(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1"

    def refused(**_: Any) -> None:
        time.sleep(0.3)
        raise ConnectionError("refused")

    monkeypatch.setattr(wake_worker, "apply_async", refused)
    sender = wake._Sender()
    monkeypatch.setattr(wake, "_sender", sender)
    began = time.monotonic()
    for _ in range(50):
        wake.wake()
    assert time.monotonic() - began < 10  # fifty refusals would take fifteen seconds
    until(lambda: sender.failures >= 1)
    assert sender.failures <= 2


def test_many_wake_ups_are_few_messages(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1"
    sent: list[float] = []
    monkeypatch.setattr(wake_worker, "apply_async", lambda **_: sent.append(time.monotonic()))
    monkeypatch.setattr(wake, "_sender", wake._Sender())
    for _ in range(50):
        wake.wake()
        time.sleep(0.001)
    last = time.monotonic()
    wake.wake()
    until(lambda: bool(sent) and sent[-1] > last)
    assert all(later - earlier >= wake.PAUSE_SECONDS for earlier, later in pairwise(sent))


@pytest.mark.parametrize("wait", [waiting.wait_for_end, waiting.wait_for_answer])
def test_waiting_ends_when_its_time_is_over(wait: Any) -> None:
    run = begun(published("a"))
    began = time.monotonic()
    standing = wait(run.id, 0.2)
    assert 0.2 <= time.monotonic() - began < 20
    assert not standing.has_ended


def test_waiting_sees_what_another_process_did() -> None:
    """Nobody gives notice: the database alone tells."""
    run = begun(published("a"))

    def terminate() -> None:
        time.sleep(0.2)
        terminate_run(run)
        making.forget_connections()

    thread = threading.Thread(target=terminate)
    thread.start()
    assert waiting.wait_for_end(run.id, 10).status == "terminated"
    thread.join()


def test_an_engine_that_holds_waiting_runs_keeps_nothing_of_them() -> None:
    workflow = published("a:sleep", a={"seconds": 600})
    runs = [begun(workflow) for _ in range(30)]
    with engine() as running:
        until(lambda: all(waiting.look(run.id).status == "waiting" for run in runs))
        until(lambda: not running._worker._executor.held)


@pytest.mark.parametrize(
    ("drawing", "settings"),
    [("a>b>c", {}), ("a:effect>b", {}), ("a:sleep", {"a": {"seconds": 600}}), ("a:effect", {"a": {"times": 9}})],
    ids=["pure", "effect", "waiting", "failed"],
)
def test_a_run_that_is_let_go_of_is_gone_without_the_collector(drawing: str, settings: dict[str, Any]) -> None:
    workflow = published(drawing, **settings)
    gc.collect()
    gc.disable()
    try:
        with engine() as running:
            runs = [begun(workflow) for _ in range(3)]
            until(lambda: all(waiting.look(run.id).status not in ("pending", "running") for run in runs))
            until(lambda: not running._worker._executor.held)
            until(lambda: not [each for each in gc.get_objects() if type(each) in (HeldRun, State, Entry)])
    finally:
        gc.enable()
