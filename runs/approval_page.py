"""The page behind an approval's link: shows what is asked, and takes the answer. A look at it decides nothing."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_protect

from runs.engine.approval_links import place_of
from runs.engine.plan import Place
from runs.models import Run
from runs.services.approvals import Decision, approval_at, decide
from wire.problems import Problem

_POLICY = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_MAX_COMMENT = 1000
_DECISIONS: dict[str, Decision] = {"approved": "approved", "rejected": "rejected"}


@method_decorator(csrf_protect, name="dispatch")
class ApprovalPage(View):
    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        run, place = _meant(token)
        if run is None:
            return _page(request, 404, said="There is no such question.")
        asked = approval_at(run, place)
        if asked is None:
            return _page(request, 410, run, said="It has been decided, or its time is over.")
        return _page(request, 200, run, asked=asked, may=_may(asked["approvers"], _who(request)))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        run, place = _meant(token)
        decision = _DECISIONS.get(request.POST.get("decision", ""))
        if run is None or decision is None:
            return _page(request, 404, said="There is no such question.")
        comment = request.POST.get("comment", "").replace("\0", "")[:_MAX_COMMENT]
        try:
            decide(run, place, decision, by=_who(request), comment=comment)
        except Problem as problem:
            return _page(request, problem.status, run, said=problem.detail)
        return _page(request, 200, run, said=f"You {decision} it.")


def _meant(token: str) -> tuple[Run | None, Place]:
    named = place_of(token)
    if named is None:
        return None, Place("")
    return Run.objects.select_related("workflow").filter(id=named[0]).first(), named[1]


def _who(request: HttpRequest) -> str | None:
    return request.user.email if request.user.is_authenticated else None


def _may(approvers: list[str], who: str | None) -> bool:
    return not approvers or (who or "").lower() in approvers


def _page(request: HttpRequest, status: int, run: Run | None = None, **shown: Any) -> HttpResponse:
    context = {"workflow": run.workflow.name if run else "", "who": _who(request), **shown}
    response = render(request, "approval.html", context, status=status)
    response["Content-Security-Policy"] = _POLICY
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "same-origin"  # the address is the secret
    return response
