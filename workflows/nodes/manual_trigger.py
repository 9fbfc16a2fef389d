"""Manual trigger: the Run button, and a call of the execute API."""

from __future__ import annotations

from workflows.nodes.base import Alias
from workflows.nodes.trigger import Trigger


class ManualTrigger(Trigger):
    kind = "manual_trigger"
    title = "Manual trigger"
    description = "Starts when somebody presses Run or calls the API. Its output is the context of the call."
    icon = "play"
    keywords = ("start", "run", "button", "api", "execute")
    aliases = (
        Alias("api_trigger", "API trigger"),
        Alias("workflow_trigger", "Workflow trigger"),
        Alias("event_trigger", "Event trigger"),
    )
