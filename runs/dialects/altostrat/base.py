"""What the views of this dialect share: its errors, and the look-ups within the project."""

from __future__ import annotations

from typing import Any

from accounts.models import Membership
from runs.dialects.altostrat.errors import ALTOSTRAT
from runs.dialects.altostrat.schemas import Error
from runs.dialects.views import DialectView, NoSuchRoute
from runs.models import Run
from wire.problems import NotFound
from workflows.models import Workflow
from workflows.records import PATHS_OF_A_RECORD, with_all_it_says


class AltostratView(DialectView):
    dialect = ALTOSTRAT
    error_model = Error
    body_problems = (413, 422)

    def find_workflow(self, workflow_id: str) -> Workflow:
        mine = with_all_it_says(Workflow.objects.for_project(self.project))
        found: Workflow | None = mine.filter(pk=workflow_id).first()
        if found is None:
            raise NotFound("There is no such workflow.")
        found.project = self.project
        return found

    def find_authorization(self, authorization_id: Any) -> Membership:
        """Under whose name something acts: the caller's own, or another one of the project."""
        if authorization_id is None:
            return self.caller.membership
        members = Membership.objects.filter(project=self.project).select_related("project", "user")
        found = members.filter(pk=authorization_id).first() if isinstance(authorization_id, str) else None
        if found is None:
            raise NotFound("There is no such authorization.")
        return found

    def find_run(self, run_id: str) -> Run:
        """By our id, or by the one that another API's caller gave it."""
        related = ("version", *(f"workflow__{path}" for path in PATHS_OF_A_RECORD))
        mine = Run.objects.for_project(self.project).select_related(*related)
        found = mine.filter(handle=run_id).first() or mine.filter(pk=run_id).first()
        if found is None:
            raise NotFound("There is no such run.")
        return found


class NoSuchAltostratRoute(NoSuchRoute):
    dialect = ALTOSTRAT
