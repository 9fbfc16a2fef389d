"""Who has a workflow open at the moment."""

from __future__ import annotations

from typing import Annotated

from drf_spectacular.utils import extend_schema
from pydantic import Field, StringConstraints
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import AnswerModel, RequestModel, read_body
from workflows import presence
from workflows.api.schemas import Actor
from workflows.api.workflows import WorkflowsView


class PresenceSignal(RequestModel):
    client: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")] = Field(
        description="Made up by the tab, the same for as long as it is open."
    )
    node_id: Annotated[str, StringConstraints(max_length=200)] | None = Field(None, description="What is being edited.")
    leaving: bool = False


class Visitor(AnswerModel):
    client: str
    user: Actor
    is_you: bool = Field(description="The same user in another tab.")
    node_id: str | None


class Company(AnswerModel):
    draft_revision: int
    others: list[Visitor]


class PresenceView(WorkflowsView):
    @extend_schema(
        operation_id="signalPresence",
        summary="Say that the workflow is open here, and hear who else has it open",
        request=PresenceSignal,
        responses=Company,
    )
    def post(self, request: Request, workflow_id: str) -> Response:
        """To be sent every few seconds; whoever has been silent for 30 is taken to be gone."""
        workflow = self.find(workflow_id)
        body = read_body(PresenceSignal, request)
        if body.leaving:
            presence.leave(workflow, body.client)
        else:
            presence.stay(workflow, self.caller.user, body.client, body.node_id)
        others = presence.others(workflow, self.caller.user, body.client)
        return Response({"draft_revision": workflow.draft.revision, "others": others})
