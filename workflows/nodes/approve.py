"""Approve: sleeps until somebody decides."""

from __future__ import annotations

from workflows.nodes.base import Context, Node, Output, Params, Text, WaitForEvent, setting
from workflows.nodes.lengths import LONGEST, Unit, length
from workflows.nodes.wait_for_event import TIMEOUT

APPROVED, REJECTED = "approved", "rejected"
DECISION = "decision"
"""The key of the decision in what the node puts out."""


class ApproveSettings(Params):
    message: Text = setting(
        "",
        title="Question",
        description="What is to be decided; shown to who decides.",
        widget="multiline",
        max_length=5000,
    )
    approvers: list[Text] = setting(
        [],
        title="Who may decide",
        description="E-mail addresses of members, who must be signed in; without any whoever has the link.",
        max_length=50,
    )
    at_most: float = setting(
        0, title="At most", description="How long it waits before it leaves by “timeout”; 0 is for ever.", ge=0
    )
    unit: Unit = setting("hours", title="Unit", description="What the time counts.")


class Approve(Node):
    kind = "approve"
    title = "Approve"
    category = "flow"
    description = "Waits until somebody approves or rejects, by link or over the API."
    icon = "stamp"
    keywords = ("approval", "human", "decision", "confirm", "review")
    handles = (APPROVED, REJECTED, TIMEOUT)
    params = ApproveSettings

    async def run(self, params: ApproveSettings, ctx: Context) -> WaitForEvent:
        """Nobody can raise this event from outside: its name is none that the API takes."""
        until = ctx.now() + min(length(params.at_most, params.unit), LONGEST) if params.at_most else None
        about = {"message": params.message, "approvers": [email.strip().lower() for email in params.approvers]}
        otherwise = Output({DECISION: TIMEOUT, "by": None, "comment": ""}, TIMEOUT)
        return WaitForEvent(f"$approval {ctx.token}", None, until, otherwise, exit_by=DECISION, about=about)
