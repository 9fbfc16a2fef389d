"""Starting and steering runs. The engine's journal writes what happens in them; everything else is asked for here.

Every function here may be asked twice: the second time changes nothing. A run that has ended stays as it is.
"""

from runs.services.approvals import approval_at, decide
from runs.services.events import Raised, events_of, raise_by_correlation, raise_event
from runs.services.outcomes import Failure, pending_waits, tell_node, tell_outcome
from runs.services.partial import PartOfDraft, start_partial
from runs.services.purging import Purged, delete_runs, purge_run
from runs.services.retrying import SAME_PAYLOAD, Retry, retry_run
from runs.services.skipping import skip_node
from runs.services.starting import StartOptions, start_run
from runs.services.steering import Steered, resume_run, suspend_run, terminate_run
from runs.services.taking import Offer, Taken, offer_run, take_run, wait_for_news
from runs.services.variables import set_variables
from runs.services.worker_tasks import Report, log_task, report_task, take_tasks

__all__ = [
    "SAME_PAYLOAD",
    "Failure",
    "Offer",
    "PartOfDraft",
    "Purged",
    "Raised",
    "Report",
    "Retry",
    "StartOptions",
    "Steered",
    "Taken",
    "approval_at",
    "decide",
    "delete_runs",
    "events_of",
    "log_task",
    "offer_run",
    "pending_waits",
    "purge_run",
    "raise_by_correlation",
    "raise_event",
    "report_task",
    "resume_run",
    "retry_run",
    "set_variables",
    "skip_node",
    "start_partial",
    "start_run",
    "suspend_run",
    "take_run",
    "take_tasks",
    "tell_node",
    "tell_outcome",
    "terminate_run",
    "wait_for_news",
]
