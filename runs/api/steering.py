"""One run, told what to do: suspend, resume, terminate, retry, purge. Runs that have ended stay as they are."""

from __future__ import annotations

from functools import partial

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import read_body
from runs import services
from runs.api import answers, requests
from runs.api.execute import KEY_PARAMETER, accept, started_response
from runs.api.runs import RunsView
from runs.engine.plan import Place
from runs.models import Run
from runs.records import run_record


class SteerView(RunsView):
    """A view that answers 202 with the run as it stands then."""

    def told(self, run: Run) -> Response:
        return Response(run_record(self.find(run.id)), status=202)


class SuspendView(SteerView):
    @extend_schema(
        operation_id="suspendRun", summary="Hold a run", request=requests.Suspend, responses={202: answers.Run}
    )
    def post(self, request: Request, run_id: str) -> Response:
        """From now on none of its nodes starts; what is under way finishes and is recorded. Its child runs go on."""
        run = self.find(run_id)
        body = read_body(requests.Suspend, request)
        services.suspend_run(run, reason=body.reason)
        return self.told(run)


class ResumeView(SteerView):
    @extend_schema(
        operation_id="resumeRun", summary="Let a run go on", request=requests.Resume, responses={202: answers.Run}
    )
    def post(self, request: Request, run_id: str) -> Response:
        """A run that is not suspended stays as it is."""
        run = self.find(run_id)
        read_body(requests.Resume, request)
        services.resume_run(run)
        return self.told(run)


class TerminateView(SteerView):
    @extend_schema(
        operation_id="terminateRun", summary="End a run", request=requests.Terminate, responses={202: answers.Run}
    )
    def post(self, request: Request, run_id: str) -> Response:
        """From now on none of its nodes starts; what runs is cancelled. A run that has ended stays as it is."""
        run = self.find(run_id)
        body = read_body(requests.Terminate, request)
        services.terminate_run(run, reason=body.reason, output=body.output, by=self.caller.user.email)
        return self.told(run)


class RetryView(RunsView):
    problems = {"post": (409,)}

    @extend_schema(
        operation_id="retryRun",
        summary="Run it again",
        request=requests.RunRetry,
        parameters=[KEY_PARAMETER],
        responses={202: answers.Run},
    )
    def post(self, request: Request, run_id: str) -> HttpResponse:
        """A new run, which names this one in `retry_of`. Only what has ended can be run again."""
        run = self.find(run_id)
        retry = retry_of_body(read_body(requests.RunRetry, request))
        return started_response(
            accept(self.project, request, f"retry:{run.id}", partial(services.retry_run, run, retry))
        )


class PurgeView(RunsView):
    problems = {"post": (409,)}

    @extend_schema(
        operation_id="purgeRun", summary="Delete a run", request=requests.Purge, responses={202: answers.Run}
    )
    def post(self, request: Request, run_id: str) -> Response:
        """With its logs; only what has ended, else 409. `force` terminates it first. Answers the run as it was."""
        run = self.find(run_id)
        body = read_body(requests.Purge, request)
        record = run_record(run)
        services.purge_run(run, by=self.caller.user.email, force=body.force)
        return Response(record, status=202)


def retry_of_body(body: requests.RunRetry) -> services.Retry:
    return services.Retry(
        payload=services.SAME_PAYLOAD if body.context is None else body.context,
        version=None if body.version == "newest" else body.version,
        from_failed=body.from_failed,
        begin_at=[Place(body.begin_at.node_id, body.begin_at.iteration)] if body.begin_at else (),
    )
