"""The only writer of workflows: drafts, versions, and whether they are active.

A broken structure is never stored. Unfinished settings may be, where the caller says `allow_incomplete` (the
editor's autosave); publishing is refused until they are finished.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypedDict

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q
from django.utils import timezone
from django.utils.text import slugify

from accounts.models import Membership, Project, User
from wire import strict_json
from wire.problems import Conflict, Invalid, NotFound
from workflows import hook_names, schedules
from workflows.annotations import annotations_of, faults_in, write_annotations
from workflows.calendar import Calendar, CalendarError
from workflows.document import Document, copy_document, read_document, write_document
from workflows.faults import Fault, structural
from workflows.graph import check_document
from workflows.models import Node, Version, Workflow
from workflows.references import WORKFLOW, calling_kinds, reference_faults, references
from workflows.requirements import record_requirement

MAX_KEY_STEM = 100


class Changes(TypedDict, total=False):
    """What a save may bring; what is left out stays as it is."""

    name: str
    description: str | None
    nodes: list[Any]
    edges: list[Any]
    notes: list[dict[str, Any]]
    groups: list[dict[str, Any]]
    tags: list[str]
    max_concurrent_runs: int | None
    deadline_seconds: int | None
    run_days: int | None
    runs_kept: int | None
    node_limits: Mapping[str, int]
    schedule_type: str
    schedule_value: str | None
    is_active: bool


class DraftConflict(Conflict):
    """Somebody saved in between; the answer brings what is stored now."""

    def __init__(self, workflow: Workflow) -> None:
        super().__init__(
            "The draft was changed meanwhile.",
            code="draft_conflict",
            extra={"draft_revision": workflow.draft.revision, "document": read_document(workflow.draft)},
        )


# --- checks ---


def faults_of(project: Project, changes: Mapping[str, Any]) -> list[Fault]:
    """Everything that is wrong with a workflow as it would be saved; nothing is executed and nothing stored."""
    own_type = changes.get("schedule_type", Workflow.ScheduleType.MANUAL)
    faults = _schedule_faults(own_type, changes.get("schedule_value"), project.timezone)
    document = {"nodes": changes.get("nodes", []), "edges": changes.get("edges", [])}
    faults += faults_in(changes)
    faults += check_document(document, own_schedule=own_type != Workflow.ScheduleType.MANUAL)
    if not structural(faults):
        faults += reference_faults(project, document["nodes"])
    return faults


def _schedule_faults(schedule_type: str, value: str | None, zone: str) -> list[Fault]:
    if schedule_type == Workflow.ScheduleType.MANUAL:
        return []
    try:
        Calendar.parse(schedule_type, value, zone)
    except CalendarError as wrong:
        return [Fault(wrong.field, "invalid_parameter" if value else "missing_parameter", wrong.message)]
    return []


def refuse(faults: Iterable[Fault]) -> None:
    """Raises the problem that these faults are: 404 when something named does not exist, else 422."""
    faults = list(faults)
    if not faults:
        return
    missing = [fault for fault in faults if fault.code.endswith("_not_found")]
    first = (missing or faults)[0]
    details: Any = [fault.as_detail() for fault in faults]
    text = f"{first.path}: {first.message}" + (f" ({len(faults) - 1} more)" if len(faults) > 1 else "")
    raise (NotFound if missing else Invalid)(text, code=first.code if missing else None, errors=details)


# --- drafts ---


@transaction.atomic
def create_workflow(
    membership: Membership, changes: Changes, *, key: str | None = None, allow_incomplete: bool = False
) -> Workflow:
    """A new workflow with its first draft. Not published, hence not armed even if active.

    Its key is made from its name, or is the one that is wanted: Conflict when another workflow has it.
    """
    document: Document = {"nodes": changes.get("nodes", []), "edges": changes.get("edges", [])}
    faults = faults_of(membership.project, changes)
    refuse(structural(faults) if allow_incomplete else faults)
    draft = Version.objects.create(state=Version.State.DRAFT, created_by=membership.user)
    workflow = Workflow(
        project=membership.project,
        name=changes["name"],
        description=changes.get("description"),
        authorization=membership,
        draft=draft,
        updated_by=membership.user,
    )
    workflow.tags = changes.get("tags", [])
    _set_limits(workflow, changes)
    _set_schedule(workflow, changes)
    _set_active(workflow, changes.get("is_active", False))
    if key is None:
        _save_under_free_key(workflow)
    else:
        _save_under(workflow, key)
    draft.workflow = workflow
    draft.save(update_fields=["workflow"])
    write_document(draft, document)
    write_annotations(draft, changes, _ids(document))
    return workflow


@transaction.atomic
def save_draft(
    workflow: Workflow,
    changes: Changes,
    by: User,
    *,
    expected_revision: int | None = None,
    allow_incomplete: bool = False,
) -> Workflow:
    """Changes what is given. `expected_revision` is the one the changes were made from: DraftConflict if it passed.

    The revision counts changes of the drawing; one that changes nothing of it does not count.
    """
    workflow = locked(workflow)
    if expected_revision is not None and expected_revision != workflow.draft.revision:
        raise DraftConflict(workflow)
    before = read_document(workflow.draft)
    after = _merged(workflow, before, changes)
    faults = faults_of(workflow.project, after)
    refuse(structural(faults) if allow_incomplete else faults)
    workflow.name, workflow.description = after["name"], after["description"]
    workflow.tags = changes.get("tags", workflow.tags)
    _set_limits(workflow, changes)
    _set_schedule(workflow, changes)
    if "is_active" in changes:
        _set_active(workflow, changes["is_active"])
    _stamp(workflow, by)
    _write_draft(workflow, before, {"nodes": after["nodes"], "edges": after["edges"]}, changes)
    schedules.arm(workflow)
    return workflow


def _merged(workflow: Workflow, before: Document, changes: Changes) -> dict[str, Any]:
    stored = {
        "name": workflow.name,
        "description": workflow.description,
        "schedule_type": workflow.schedule_type,
        "schedule_value": workflow.schedule_value,
    }
    return {**stored, **before, **changes}


def _write_draft(workflow: Workflow, before: Document, after: Document, changes: Changes) -> None:
    draft = workflow.draft
    is_changed = False
    if not _is_same(before, after):
        write_document(draft, after)
        # It may differ only by positions that were left out, as before.
        is_changed = not _is_same(before, read_document(draft))
    if write_annotations(draft, changes, _ids(after)) or is_changed:
        draft.revision += 1
        draft.save(update_fields=["revision"])


def _ids(document: Document) -> list[str]:
    return [node["id"] for node in document["nodes"]]


def _is_same(one: Document, other: Document) -> bool:
    """As text, since true equals 1 in Python."""
    return strict_json.dumps(one) == strict_json.dumps(other)


def _set_limits(workflow: Workflow, changes: Changes) -> None:
    workflow.max_concurrent_runs = changes.get("max_concurrent_runs", workflow.max_concurrent_runs)
    workflow.deadline_seconds = changes.get("deadline_seconds", workflow.deadline_seconds)
    workflow.run_days = changes.get("run_days", workflow.run_days)
    workflow.runs_kept = changes.get("runs_kept", workflow.runs_kept)
    workflow.node_limits = changes.get("node_limits", workflow.node_limits)


def _set_schedule(workflow: Workflow, changes: Changes) -> None:
    if "schedule_type" in changes:
        workflow.schedule_type = changes["schedule_type"]
    if "schedule_value" in changes:
        workflow.schedule_value = changes["schedule_value"]
    if workflow.schedule_type == Workflow.ScheduleType.MANUAL:
        workflow.schedule_value = None


def _save_under(workflow: Workflow, key: str) -> None:
    workflow.key = key
    try:
        with transaction.atomic():
            workflow.save(force_insert=True)
    except IntegrityError:
        raise Conflict(f"There is a workflow “{key}” already.", code="key_taken") from None


def _save_under_free_key(workflow: Workflow) -> None:
    """The key is made from the name; of two workflows with one name the second gets `-2`."""
    stem = slugify(workflow.name)[:MAX_KEY_STEM].strip("-") or "workflow"
    taken = set(Workflow.objects.filter(project=workflow.project, key__startswith=stem).values_list("key", flat=True))
    number = 1
    while True:
        workflow.key = stem if number == 1 else f"{stem}-{number}"
        number += 1
        if workflow.key in taken:
            continue
        try:
            with transaction.atomic():
                workflow.save(force_insert=True)
            return
        except IntegrityError:  # taken by somebody at this very moment
            taken.add(workflow.key)


def locked(workflow: Workflow) -> Workflow:
    """The workflow's row as it is now, held until the transaction ends; NotFound when it was deleted meanwhile."""
    row = (
        Workflow.objects.select_for_update(of=("self",), no_key=True)
        .select_related("project", "draft", "published", "authorization__user", "updated_by")
        .filter(pk=workflow.pk, deleted_at=None)
        .first()
    )
    if row is None:
        raise NotFound("There is no such workflow.")
    return row


def _stamp(workflow: Workflow, by: User) -> None:
    workflow.updated_by = by
    workflow.save()


# --- versions ---


@transaction.atomic
def publish(workflow: Workflow, by: User, note: str = "") -> Workflow:
    """Freezes the draft as the next version and arms it if the workflow is active. An unchanged draft stays the
    version that it is."""
    workflow = locked(workflow)
    if workflow.published and workflow.published.revision == workflow.draft.revision:
        return workflow
    _refuse_unfinished(workflow)
    number = workflow.versions.aggregate(last=Max("number"))["last"] or 0
    workflow.published = _frozen(workflow, Version.State.PUBLISHED, by, number=number + 1, note=note)
    _stamp(workflow, by)
    schedules.arm(workflow)
    hook_names.arm(workflow)
    return workflow


@transaction.atomic
def snapshot_of_draft(workflow: Workflow, by: User | None = None, *, nodes: Collection[str] | None = None) -> Version:
    """The draft as it is now, frozen for a run; the same for all runs until the draft changes.

    Of a run that is about some `nodes` only, the others may be unfinished.
    """
    workflow = locked(workflow)
    _refuse_unfinished(workflow, nodes)
    frozen = workflow.versions.filter(state=Version.State.SNAPSHOT, revision=workflow.draft.revision).first()
    return frozen or _frozen(workflow, Version.State.SNAPSHOT, by)


@transaction.atomic
def version_apart(workflow: Workflow, document: Document, by: User) -> Version:
    """A drawing that is run beside the draft, without becoming it; one that is the same as the last one is that.

    Raises what saving it would raise.
    """
    workflow = locked(workflow)
    refuse(faults_of(workflow.project, _merged(workflow, document, {})))
    last = workflow.versions.filter(state=Version.State.APART).order_by("-created_at", "-id").first()
    if last is not None and is_drawn_so(last, document):
        return last
    version = Version.objects.create(workflow=workflow, state=Version.State.APART, revision=0, created_by=by)
    write_document(version, document)
    return version


def is_drawn_so(version: Version, document: Document) -> bool:
    """Wherever its nodes lie."""
    return _is_same(_unplaced(read_document(version)), _unplaced(document))


def _unplaced(document: Document) -> Document:
    nodes = [{name: value for name, value in node.items() if name != "position"} for node in document["nodes"]]
    return {"nodes": nodes, "edges": document["edges"]}


def _refuse_unfinished(workflow: Workflow, nodes: Collection[str] | None = None) -> None:
    """All faults as 422: the ids were stored before, so a missing one tells nothing."""
    document = read_document(workflow.draft)
    faults = faults_of(workflow.project, _merged(workflow, document, {}))
    if nodes is not None:
        faults = [fault for fault in faults if fault.node_id is None or fault.node_id in nodes]
    if faults:
        details: Any = [fault.as_detail() for fault in faults]
        raise Invalid(errors=details)


def _frozen(workflow: Workflow, state: str, by: User | None, **more: Any) -> Version:
    version = Version.objects.create(
        workflow=workflow,
        state=state,
        revision=workflow.draft.revision,
        created_by=by,
        **annotations_of(workflow.draft),
        **more,
    )
    copy_document(workflow.draft, version)
    record_requirement(version)
    return version


# --- active ---


@transaction.atomic
def activate(workflow: Workflow, by: User) -> Workflow:
    """Lets schedules and webhooks start it, from its published version on."""
    return _switch(workflow, by, active=True)


@transaction.atomic
def deactivate(workflow: Workflow, by: User) -> Workflow:
    return _switch(workflow, by, active=False)


def _switch(workflow: Workflow, by: User, active: bool) -> Workflow:
    workflow = locked(workflow)
    if workflow.is_active != active:
        _set_active(workflow, active)
        _stamp(workflow, by)
        schedules.arm(workflow)
    return workflow


def _set_active(workflow: Workflow, active: bool) -> None:
    if active and not workflow.is_active:
        workflow.activated_at = timezone.now()
    workflow.is_active = active


@transaction.atomic
def name_alert_workflow(workflow: Workflow, target: Workflow | None) -> Workflow:
    """`target` is started from now on when this one fails, stalls or misses a start; None: nothing is."""
    workflow = locked(workflow)
    if target is not None and target.pk == workflow.pk:
        raise Invalid.field("alert_workflow", "A workflow cannot be its own alert workflow.")
    if target is None:
        workflow.alerts_since = None
    elif workflow.alert_workflow_id is None:
        workflow.alerts_since = timezone.now()
    workflow.alert_workflow = target
    workflow.save(update_fields=["alert_workflow", "alerts_since"])
    return workflow


@transaction.atomic
def delete_workflow(workflow: Workflow, by: User) -> None:
    """Takes it out of sight and disarms it; its runs stay. Refused while another workflow calls it, or names it for
    its alerts."""
    workflow = locked(workflow)
    callers = [*_callers_of(workflow), *workflow.alerted_by.filter(deleted_at=None).values_list("name", flat=True)]
    if callers:
        names = ", ".join(f"“{name}”" for name in callers[:3])
        raise Conflict(f"It is called by {names}.", code="workflow_in_use")
    _set_active(workflow, False)
    workflow.deleted_at = timezone.now()
    workflow.key = f"{workflow.key[:60]}~{workflow.id}"  # the name is free again
    _stamp(workflow, by)
    schedules.arm(workflow)
    hook_names.arm(workflow)


def _callers_of(workflow: Workflow) -> Iterable[str]:
    """Names of the project's other workflows whose draft or published version calls this one."""
    current = Q(version=F("version__workflow__draft")) | Q(version=F("version__workflow__published"))
    nodes = (
        Node.objects.filter(current, version__workflow__project=workflow.project, version__workflow__deleted_at=None)
        .exclude(version__workflow=workflow)
        .filter(kind__in=calling_kinds())
        .select_related("version__workflow")
    )
    names = (workflow.id, workflow.key)
    return dict.fromkeys(
        node.version.workflow.name
        for node in nodes
        if node.version.workflow
        and any(
            named.widget == WORKFLOW and named.target in names
            for named in references([{"id": node.node_id, "data": node.data}])
        )
    )
