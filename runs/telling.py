"""What a reader of the live stream has been told of a run, and what is new to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from runs import records
from runs.models import Log, Run
from runs.story import Story, assignments
from runs.workers import why_nobody_takes


@dataclass(frozen=True, slots=True)
class News:
    """What changed since a sequence number."""

    seq: int
    run: dict[str, Any]
    logs: list[dict[str, Any]]
    is_over: bool


class Telling:
    """Reads of the logs only those that changed, and keeps what they add up to: a piece of news costs what is new in
    it, however long the run is."""

    def __init__(self, run_id: str, since: int = -1) -> None:
        """`since`: the sequence number up to which the reader knows the logs."""
        self._run_id = run_id
        self._since = since
        self._obstacle = ""
        self.forget()

    def forget(self) -> None:
        """A run that stands still costs nothing; with its next news it is read anew."""
        self._story: Story | None = None
        self._read = -1
        self._told: dict[str, Any] = {}
        self._variables: dict[str, Any] | None = None

    def news(self) -> News | None:
        """None when nothing changed. The run is read first: what is committed after it shows at the next look."""
        run = Run.objects.select_related("workflow", "version").get(pk=self._run_id)
        obstacle = why_nobody_takes(run)
        if (run.seq, obstacle) == (self._since, self._obstacle) and not run.is_terminal:
            return None
        self._obstacle = obstacle
        logs = list(Log.objects.filter(run_id=run.id, seq__gt=self._read, seq__lte=run.seq))
        first = {} if self._story else {"trigger_payload": run.trigger_payload}
        story = self._taken(run, logs)
        told = [story.log_record(log) for log in logs if log.seq > self._since]
        self._read = self._since = run.seq
        record = {**records.stream_record(run, self._changed(story)), **self._variables_of(story), **first}
        return News(run.seq, record, told, run.is_terminal)

    def _taken(self, run: Run, logs: list[Log]) -> Story:
        if self._story is None:
            self._story = Story(run, logs)
        else:
            self._story.take(run, logs, assignments(run, seq__gt=self._read, seq__lte=run.seq))
        return self._story

    def _variables_of(self, story: Story) -> dict[str, Any]:
        before, self._variables = self._variables, story.variables()
        return {} if before == self._variables else {"variables": self._variables}

    def _changed(self, story: Story) -> dict[str, Any]:
        before, self._told = self._told, story.node_states()
        return {node_id: state for node_id, state in self._told.items() if before.get(node_id) != state}
