"""What a reader of the stream is told, piece by piece, is what the run's record says at each moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from runs.models import Log, Run
from runs.story import Story
from runs.telling import News, Telling
from tests.runs.engine.making import begun, ended, engine, published
from workflows.nodes.registry import REGISTRY

pytestmark = pytest.mark.django_db(transaction=True)

SETTINGS: dict[str, dict[str, Any]] = {
    "each": {"items": [1, 2, 3], "concurrency": 2},
    "inner": {"items": "{{ [item] * item }}"},
    "until": {"until": "index == 2"},
    "fails": {"url": "http://127.0.0.1:1/", "retry": {"count": 1, "delay": 0.1}},
    "race": {"wait_for": "any"},
    "slow": {"duration": 1, "unit": "hours"},
    "one": {"variables": {"n": 1, "m": 1}},
    "two": {"variables": {"n": 2}},
    **{name: {"mapping": {"n": 1}} for name in ("a", "b", "c", "d", "e")},
}
DRAWINGS = [
    "a:set>b:set>c:set",
    "each:for_each a@each:set>inner@each:for_each b@inner:set each>c:set",
    "until:repeat_until a@until:set>b@until:set until>c:set",
    "try:try a@try:set>fails@try:http_request>b@try:set try.error>c:set try>d:set",
    "one:set_variables>a:set>two:set_variables",
    "t:manual_trigger>a:set>race:join t>slow:delay>race race>b:set",
]


def ran(drawing: str, **more: dict[str, Any]) -> Run:
    settings = {**SETTINGS, **more}
    run = begun(published(drawing, None, "flow", **{name: settings[name] for name in settings if name in drawing}))
    with engine(kinds=REGISTRY):
        return ended(run)


def moments(run: Run) -> Iterator[Run]:
    """The run after each of its sequence numbers, as far as its logs tell: containers are opened, then closed."""
    containers = {log.seq: log for log in run.logs.exclude(passes=None)}
    free = sorted(set(range(run.seq)) - set(run.logs.values_list("seq", flat=True)))
    for closed in containers.values():
        within = f"{closed.iteration}." if closed.iteration else ""
        inside = run.logs.exclude(iteration=closed.iteration).filter(iteration__startswith=within)
        opened_at = max(seq for seq in free if seq < min([closed.seq, *inside.values_list("seq", flat=True)]))
        free.remove(opened_at)
        unsaid = {"status": "started", "handle": None, "output": None, "error": None, "completed_at": None}
        Log.objects.filter(id=closed.id).update(seq=opened_at, **unsaid)
    for seq in range(run.seq + 1):
        if seq in containers:
            containers[seq].save()
        Run.objects.filter(id=run.id).update(seq=seq, status=run.status if seq == run.seq else "running")
        yield Run.objects.get(id=run.id)


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_piece_by_piece_it_is_the_whole(drawing: str) -> None:
    run = ran(drawing)
    telling = Telling(run.id)
    states: dict[str, Any] = {}
    logs: dict[str, Any] = {}
    variables: dict[str, Any] = {}
    for now in moments(run):
        if (news := telling.news()) is not None:
            states |= news.run["node_states"]
            logs |= {log["id"]: log for log in news.logs}
            variables = news.run.get("variables", variables)
        so_far = list(Log.objects.filter(run=run, seq__lte=now.seq))
        whole = Story(now, so_far)
        assert states == whole.node_states()
        assert variables == whole.variables()
        assert logs == {log.id: whole.log_record(log) for log in so_far}
    assert len(logs) == run.logs.count() > 2


def told(run: Run) -> list[News]:
    telling = Telling(run.id)
    return [news for _ in moments(run) if (news := telling.news()) is not None]


def test_a_long_loop_is_read_and_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of passes must not cost thousands times thousands."""
    run = ran(DRAWINGS[1], each={"items": [1] * 60})
    changes = [*run.logs.values_list("id", flat=True), *run.logs.exclude(passes=None).values_list("id", flat=True)]
    assert len(changes) > 240
    read: list[str] = []
    taken = Story.take

    def counted(story: Story, now: Run, logs: Iterable[Log], *more: Any) -> None:
        read.extend(log.id for log in logs)
        taken(story, now, logs, *more)

    monkeypatch.setattr(Story, "take", counted)
    pieces = told(run)
    assert sorted(read) == sorted(changes), "a log was read again for later news"
    assert sorted(log["id"] for news in pieces for log in news.logs) == sorted(changes)
    assert sum(len(news.run["node_states"]) for news in pieces) < 2 * len(changes), (
        "what had not changed was told again"
    )
    assert [n for n, news in enumerate(pieces) if "trigger_payload" in news.run] == [0]


def test_after_a_pause_everything_is_told_anew_but_the_logs() -> None:
    run = ran(DRAWINGS[0])
    telling = Telling(run.id)
    telling.news()
    Run.objects.filter(id=run.id).update(seq=run.seq + 1)
    telling.forget()
    news = telling.news()
    assert news is not None
    assert (news.logs, set(news.run["node_states"])) == ([], {"a", "b", "c"})
    assert "trigger_payload" in news.run
