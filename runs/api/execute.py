"""Starting a run over the API, once per Idempotency-Key."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from accounts.api.base import query_parameters, read_body, read_query
from accounts.models import Project
from runs import idempotency
from runs.api import answers, requests
from runs.api.runs import WITH_RECORD
from runs.engine.reception import Sight
from runs.idempotency import Answer
from runs.models import Run
from runs.records import run_record
from runs.services import (
    Offer,
    PartOfDraft,
    StartOptions,
    offer_run,
    start_partial,
    start_run,
    take_run,
    wait_for_news,
)
from runs.waiting import free_connection
from wire.prepared import Prepared
from wire.problems import BadRequest
from wire.rest import JSONRenderer
from wire.threads import AWAITS
from workflows.api.workflows import WorkflowsView
from workflows.models import Workflow

_PRINTABLE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_WAIT = re.compile(r"[0-9]{1,2}(\.[0-9]{1,3})?", re.ASCII)

KEY_PARAMETER = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": idempotency.MAX_KEY_LENGTH, "pattern": r"^[\x21-\x7e]+$"},
    OpenApiParameter.HEADER,
    description="The same key within 24 hours gives the first answer again and starts nothing.",
)


class ExecuteView(WorkflowsView):
    problems = {"post": (409,)}

    @extend_schema(
        operation_id="executeWorkflow",
        summary="Run a workflow",
        tags=["runs"],
        request=requests.Execute,
        parameters=[KEY_PARAMETER, *query_parameters(requests.ExecuteQuery)],
        responses={202: answers.Run, 200: answers.Run},
    )
    def post(self, request: Request, workflow_id: str) -> HttpResponse:
        """202 with the record, once it is stored. With `wait` as it stands when it has ended (200) or a respond node
        has answered. Also for inactive workflows."""
        workflow = self.find(workflow_id)
        query = read_query(requests.ExecuteQuery, request)
        seconds = _seconds(query.wait)
        body = read_body(requests.Execute, request)
        options = self._options(body)
        if body.partial is not None or read_key(request) is not None:
            start = partial(_started, workflow, body, options)
            scope, waits = f"execute:{workflow.id}", bool(seconds)
            answer, sight = accept(self.project, request, scope, start, waits=waits), None
        elif seconds:
            taken = take_run(workflow, body.context, options, waits=True)
            answer, sight = Answer(202, b"", taken.run.id, replayed=False), taken.sight
        else:
            return _offered(workflow, body.context, options, may_await=AWAITS in request.META)
        return started_response(_after_waiting(answer, seconds, sight, with_logs=query.logs == "true"))

    def _options(self, body: requests.Execute) -> StartOptions:
        return StartOptions(
            trigger_type=Run.Trigger.MANUAL if self.identity.is_browser else Run.Trigger.API,
            version=body.version,
            correlation_id=body.correlation_id,
            priority=body.priority,
            metadata=body.metadata,
            handle=body.run_id,
            deadline_seconds=body.deadline_seconds,
            start_at=_start_of(body),
        )


def _start_of(body: requests.Execute) -> datetime | None:
    return timezone.now() + timedelta(seconds=body.delay_seconds) if body.delay_seconds else body.start_at


def _started(workflow: Workflow, body: requests.Execute, options: StartOptions) -> Run:
    if body.partial is None:
        return _of(workflow, start_run(workflow, body.context, options))
    return _of(workflow, start_partial(workflow, body.context, _part(body.partial), options))


def _of(workflow: Workflow, run: Run) -> Run:
    """Spares the run's record to read them again."""
    run.workflow = workflow
    if workflow.published is not None and workflow.published.id == run.version_id:
        run.version = workflow.published
    return run


def _offered(workflow: Workflow, payload: Any, options: StartOptions, *, may_await: bool) -> HttpResponse:
    """The answer, which is sent once the run is on disk. `may_await`: the thread need not wait for that."""
    if may_await:
        offer = offer_run(workflow, payload, options)
    else:
        offer = Offer(take_run(workflow, payload, options, waits=False).run)
    content = _rendered(_of(workflow, offer.run))
    response = started_response(Answer(202, content, offer.run.id, replayed=False))
    response.awaited = offer.take  # type: ignore[attr-defined]
    return response


def _part(body: requests.Partial) -> PartOfDraft:
    outcomes = {node_id: pin.as_pinned() for node_id, pin in body.outcomes.items()}
    return PartOfDraft(body.scope, body.node_id, body.iteration, outcomes)


def accept(project: Project, request: Request, scope: str, start: Callable[[], Run], *, waits: bool = False) -> Answer:
    """Starts the run, once if the request has an Idempotency-Key. For who `waits` the first answer is made only to be
    kept with the key."""
    key = read_key(request)
    if key is not None:
        fingerprint = idempotency.fingerprint_of("POST", request.path, request.data)
        return idempotency.start_once(project, scope, key, fingerprint, partial(_accepted, start))
    with transaction.atomic():
        run = start()
        content = b"" if waits else _rendered(run)
    return Answer(202, content, run.id, replayed=False)


def _accepted(start: Callable[[], Run]) -> tuple[Run, int, bytes]:
    """The run with its first answer, made in the transaction that stores it: nothing has happened in it yet."""
    run = start()
    return run, 202, _rendered(run)


def _rendered(run: Run, *, with_logs: bool = True) -> bytes:
    return JSONRenderer().render(run_record(run, with_logs=with_logs))


_with_record = Prepared(lambda run_id: Run.objects.select_related(*WITH_RECORD).filter(pk=run_id), 1)


def _after_waiting(answer: Answer, seconds: float, sight: Sight | None, *, with_logs: bool) -> Answer:
    """Who asks to wait gets the run as it stands then, also on a replay."""
    if not seconds or answer.run_id is None:
        return answer
    free_connection()
    wait_for_news(answer.run_id, seconds, sight)
    run = _with_record.one(answer.run_id)
    content = _rendered(run, with_logs=with_logs)
    return Answer(200 if run.is_terminal else 202, content, run.id, answer.replayed)


def started_response(answer: Answer) -> HttpResponse:
    response = HttpResponse(answer.body, status=answer.status, content_type="application/json")
    if answer.run_id:
        response["Location"] = f"{settings.PUBLIC_URL}/api/v1/runs/{answer.run_id}"
    if answer.replayed:
        response["Idempotent-Replayed"] = "true"
    return response


def _seconds(text: str | None) -> float:
    if text is None:
        return 0
    if not _WAIT.fullmatch(text) or float(text) > requests.MAX_WAIT_SECONDS:
        raise BadRequest.parameter("wait", f"must be a number of seconds from 0 to {requests.MAX_WAIT_SECONDS}.")
    return float(text)


def read_key(request: Request) -> str | None:
    key: str | None = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is not None and (len(key) > idempotency.MAX_KEY_LENGTH or not _PRINTABLE.fullmatch(key)):
        message = f"must be 1 to {idempotency.MAX_KEY_LENGTH} printable characters."
        raise BadRequest.parameter("Idempotency-Key", message)
    return key
