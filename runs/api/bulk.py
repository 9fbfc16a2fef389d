"""Many runs, told one thing: each for itself, in a transaction of its own, with an answer of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import read_body
from runs import services
from runs.api import answers, requests
from runs.api.runs import RunsView
from runs.api.steering import retry_of_body
from runs.models import Run
from wire.problems import NotFound, Problem

Tell = Callable[[Run], "Told"]


class Told(TypedDict):
    run_id: str | None
    was: str
    status: str | None


class BulkView(RunsView):
    """A subclass says what to do with one run, and which ones a filter can mean at all."""

    def answer(self, body: requests.Bulk, fit: Q, tell: Tell) -> Response:
        if body.ids is not None:
            outcomes = [self._of_id(run_id, tell) for run_id in dict.fromkeys(body.ids)]
            return Response({"results": outcomes, "more": False})
        runs, more = self._meant(body, fit)
        return Response({"results": [_outcome(run.id, run, tell) for run in runs], "more": more})

    def _of_id(self, run_id: str, tell: Tell) -> dict[str, Any]:
        try:
            run = self.find(run_id)
        except NotFound as problem:
            return _refused(run_id, None, problem)
        return _outcome(run_id, run, tell)

    def _meant(self, body: requests.Bulk, fit: Q) -> tuple[list[Run], bool]:
        """Those whose status the action can change at all: asked again, it comes to the ones that were left."""
        chosen = body.filter or requests.BulkFilter()
        runs = self.filtered(chosen, chosen.metadata).filter(fit).select_related("workflow")
        found = list(runs.order_by("-created_at", "-id")[: body.limit + 1])
        return found[: body.limit], len(found) > body.limit


def _outcome(asked: str, run: Run, tell: Tell) -> dict[str, Any]:
    was = run.status
    try:
        return {"id": asked, **tell(run), "problem": None}
    except Problem as problem:
        return _refused(asked, was, problem)


def _refused(asked: str, status: str | None, problem: Problem) -> dict[str, Any]:
    said = {"status": problem.status, "code": problem.code, "detail": problem.detail}
    return {"id": asked, "run_id": None, "was": status, "status": status, "problem": said}


def _steered(steered: services.Steered) -> Told:
    return {"run_id": steered.run.id, "was": steered.was, "status": steered.run.status}


class BulkSuspendView(BulkView):
    @extend_schema(
        operation_id="suspendRuns", summary="Hold runs", request=requests.BulkSuspend, responses=answers.BulkOutcomes
    )
    def post(self, request: Request) -> Response:
        body = read_body(requests.BulkSuspend, request)
        return self.answer(
            body, Q(status__in=Run.GOING), lambda run: _steered(services.suspend_run(run, reason=body.reason))
        )


class BulkResumeView(BulkView):
    @extend_schema(
        operation_id="resumeRuns", summary="Let runs go on", request=requests.BulkResume, responses=answers.BulkOutcomes
    )
    def post(self, request: Request) -> Response:
        body = read_body(requests.BulkResume, request)
        return self.answer(body, Q(status=Run.Status.SUSPENDED), lambda run: _steered(services.resume_run(run)))


class BulkTerminateView(BulkView):
    @extend_schema(
        operation_id="terminateRuns", summary="End runs", request=requests.BulkTerminate, responses=answers.BulkOutcomes
    )
    def post(self, request: Request) -> Response:
        body = read_body(requests.BulkTerminate, request)

        def end(run: Run) -> Told:
            by = self.caller.user.email
            return _steered(services.terminate_run(run, reason=body.reason, output=body.output, by=by))

        return self.answer(body, Q(status__in=Run.LIVE), end)


class BulkRetryView(BulkView):
    @extend_schema(
        operation_id="retryRuns", summary="Run runs again", request=requests.BulkRetry, responses=answers.BulkOutcomes
    )
    def post(self, request: Request) -> Response:
        """A filter means those that nobody has run again yet; without a status, what failed or was terminated."""
        body = read_body(requests.BulkRetry, request)
        retry = retry_of_body(body)

        def again(run: Run) -> Told:
            new = services.retry_run(run, retry)
            return {"run_id": new.id, "was": run.status, "status": new.status}

        named = body.filter is not None and body.filter.status is not None
        statuses = Run.TERMINAL if named else (Run.Status.FAILED, Run.Status.TERMINATED)
        return self.answer(body, Q(status__in=statuses, retries=None), again)


class BulkPurgeView(BulkView):
    @extend_schema(
        operation_id="purgeRuns", summary="Delete runs", request=requests.BulkPurge, responses=answers.BulkOutcomes
    )
    def post(self, request: Request) -> Response:
        body = read_body(requests.BulkPurge, request)

        def purge(run: Run) -> Told:
            purged = services.purge_run(run, by=self.caller.user.email, force=body.force, patience=0)
            return {"run_id": purged.run_id, "was": purged.was, "status": None}

        return self.answer(body, Q() if body.force else Q(status__in=Run.TERMINAL), purge)
