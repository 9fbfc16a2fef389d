"""Registered definitions: each a published version of a workflow of ours, under the name and version it came with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, cast

from django.db import transaction
from django.utils import timezone

from accounts.callers import Caller
from runs.dialects.conductor.definitions import Definition, Json, WorkflowParam, faults_below, invalid, read_definition
from runs.dialects.conductor.drawing import KEPT_AS, Drawing
from runs.dialects.kept import kept_in, nodes_at_work
from wire.problems import Conflict, Invalid, NotFound
from workflows import services
from workflows.document import Document, read_document
from workflows.models import Node, Version, Workflow


def register(caller: Caller, body: Any, *, replaces: bool) -> str:
    """Its name. BadRequest with the path of what cannot be run, Conflict for a version that is taken."""
    definition, drawing = _drawn(caller, body)
    with _faults_of(drawing):
        _register_inner(caller, drawing)
        workflow = _save(caller, definition, _changes(definition, drawing), replaces)
        _name_failure_workflow(workflow, definition)
    return definition.name


def version_for(caller: Caller, body: Any) -> tuple[Workflow, Version]:
    """A definition that is run without being registered: the version that has just it, else one apart of the workflow
    of its name, which is drawn and not published if there is none. Raises BadRequest like `register`."""
    definition, drawing = _drawn(caller, body)
    workflow = Workflow.objects.for_project(caller.project).filter(key=definition.name).first()
    known = versions_of(workflow).get(definition.version or 1) if workflow else None
    if workflow and known and kept_definition(known.id) == body:
        return workflow, known
    if definition.failure_workflow:
        raise invalid("failureWorkflow", "It holds for registered definitions only.")
    changes = _changes(definition, drawing)
    with _faults_of(drawing):
        _register_inner(caller, drawing)
        workflow = workflow or services.create_workflow(caller.membership, changes, key=definition.name)
        document: Document = {"nodes": drawing.nodes, "edges": drawing.edges}
        return workflow, services.version_apart(workflow, document, caller.user)


def is_as_defined(caller: Caller, version: Version) -> bool:
    """Nobody has changed the drawing that was made of its definition."""
    definition = kept_definition(version.id)
    if definition is None:
        return False
    _, drawing = _drawn(caller, definition)
    return services.is_drawn_so(version, {"nodes": drawing.nodes, "edges": drawing.edges})


def _name_failure_workflow(workflow: Workflow, definition: Definition) -> None:
    """It is the alert workflow here; without one in the definition that stays as somebody has set it."""
    if not definition.failure_workflow:
        return
    target = Workflow.objects.for_project(workflow.project).filter(key=definition.failure_workflow).first()
    if target is None or target.pk == workflow.pk:
        raise invalid("failureWorkflow", "must be the name of another workflow, which is there already.")
    services.name_alert_workflow(workflow, target)


def _drawn(caller: Caller, body: Any) -> tuple[Definition, Drawing]:
    definition = read_definition(body)
    drawing = Drawing(definition, body)
    for path, called in drawing.called.items():
        if called.workflow_definition is None:
            _check_version(caller, called, path)
    return definition, drawing


def _register_inner(caller: Caller, drawing: Drawing) -> None:
    """Workflows that are defined where they are called, each under its own name, unless they are there just so."""
    for path, called in drawing.called.items():
        inner = called.workflow_definition
        there = Workflow.objects.for_project(caller.project).filter(key=called.name).first()
        known = kept_definition(there.published_id) if there and there.published_id else None
        if inner is None or inner == known:
            continue
        if there is not None:
            raise invalid(f"{path}.workflowDefinition", f"There is another workflow {called.name!r} already.")
        with faults_below(f"{path}.workflowDefinition"):
            register(caller, inner, replaces=False)


def _changes(definition: Definition, drawing: Drawing) -> services.Changes:
    drawn = {"name": definition.name, "description": definition.description}
    return cast(services.Changes, {**drawn, "nodes": drawing.nodes, "edges": drawing.edges})


@contextmanager
def _faults_of(drawing: Drawing) -> Iterator[None]:
    """What is written within it is written whole or not at all; what is wrong is told by its path."""
    try:
        with transaction.atomic():
            yield
    except (Invalid, NotFound) as problem:
        first: Any = problem.errors[0] if problem.errors else {}
        path = drawing.paths.get(first.get("node_id"), "tasks")
        raise invalid(path, first.get("message") or problem.detail) from None


def _check_version(caller: Caller, called: WorkflowParam, path: str) -> None:
    """What is called runs in its newest version, so no other can be asked for."""
    workflow = Workflow.objects.for_project(caller.project).filter(key=called.name).first()
    newest = workflow.published if workflow else None
    if called.version and newest and version_number(newest) != called.version:
        raise invalid(f"{path}.version", f"The newest version is run, which is {version_number(newest)}.")


def _save(caller: Caller, definition: Definition, changes: services.Changes, replaces: bool) -> Workflow:
    by = caller.user
    workflow = Workflow.objects.for_project(caller.project).filter(key=definition.name).first()
    if workflow is None:
        workflow = services.create_workflow(caller.membership, changes, key=definition.name)
        return services.publish(services.activate(workflow, by), by)
    workflow = services.locked(workflow)
    _refuse_taken(workflow, definition, replaces)
    services.save_draft(workflow, changes, by)
    return services.publish(workflow, by)


def _refuse_taken(workflow: Workflow, definition: Definition, replaces: bool) -> None:
    wanted = definition.version or 1
    named = f"{workflow.key}, version: {wanted}"
    there = versions_of(workflow)
    if wanted in there and not replaces:
        raise Conflict(f"Workflow with name: {named} already exists.")
    if there and wanted < max(there):
        raise Conflict(f"Workflow with name: {named} is older than the newest version {max(there)}, which stays that.")
    if workflow.published and workflow.published.revision != workflow.draft.revision:
        raise Conflict(f"The draft of {workflow.key} has changes that are not published.", code="draft_not_published")


@transaction.atomic
def withdraw(caller: Caller, workflow: Workflow, wanted: int) -> None:
    """One of several versions. When it is the newest, the one before it is published again.

    Raises NotFound, and Conflict when a draft is in the way.
    """
    workflow = services.locked(workflow)
    find_version(workflow, wanted)
    same = ids_of(workflow, wanted)
    was_newest = workflow.published_id in same
    workflow.versions.filter(id__in=same).update(withdrawn_at=timezone.now())
    if was_newest:
        before = versions_of(workflow)
        register(caller, kept_definition(before[max(before)].id), replaces=True)


def versions_of(workflow: Workflow) -> dict[int, Version]:
    """What is published, by the versions' numbers as Conductor's clients gave them; the last of equal ones."""
    published = workflow.versions.filter(state=Version.State.PUBLISHED, withdrawn_at=None).order_by("number")
    return {version_number(each): each for each in published}


def ids_of(workflow: Workflow, wanted: int) -> list[str]:
    """All that had this number; it has several when it was registered again."""
    return [each.id for each in workflow.versions.exclude(state=Version.State.DRAFT) if version_number(each) == wanted]


def find_version(workflow: Workflow, wanted: int | None) -> Version | None:
    """The newest one if none is named. NotFound when there is no such version."""
    if wanted is None:
        return workflow.published
    if (version := versions_of(workflow).get(wanted)) is None:
        raise NotFound(f"No such workflow found by name: {workflow.key}, version: {wanted}")
    return version


def version_number(version: Version) -> int:
    """As its definition has it; ours if it was drawn here, 0 for a draft that was run."""
    return _kept_number(version.id) or version.number or 0


@lru_cache(maxsize=4096)
def _kept_number(version_id: str) -> int | None:
    """Versions that can be run never change, so it is read once."""
    body = kept_definition(version_id)
    number = None if body is None else body.get("version", 1)
    return number if isinstance(number, int) else None


def kept_definition(version_id: str) -> Json | None:
    triggers = Node.objects.filter(version_id=version_id, kind="manual_trigger")
    return kept_in((node.data for node in triggers), KEPT_AS)


@lru_cache(maxsize=256)
def definition_for(version_id: str) -> Json | None:
    """The same, for versions that runs name: these never change."""
    return kept_definition(version_id)


def definition_of(workflow: Workflow, version: Version) -> Json:
    """As it was sent; of a workflow that was drawn here, its nodes as tasks."""
    body = kept_definition(version.id) or _derived(workflow, version)
    created = round(version.created_at.timestamp() * 1000)
    return {"createTime": created, "updateTime": created, **body}


def _derived(workflow: Workflow, version: Version) -> Json:
    tasks = [
        {"name": node["id"], "taskReferenceName": node["id"], "type": node["data"]["componentId"].upper()}
        for node in nodes_at_work(read_document(version))
    ]
    number = version_number(version)
    return {"name": workflow.key, "version": number, "tasks": tasks, "timeoutSeconds": 0, "schemaVersion": 2}


def timeout_of(version: Version | None) -> int | None:
    """Seconds in which a run has to end, if its definition says so and not only wants it to be known."""
    body = (kept_definition(version.id) if version else None) or {}
    seconds = body.get("timeoutSeconds")
    ends_it = isinstance(seconds, int) and seconds > 0 and body.get("timeoutPolicy") != "ALERT_ONLY"
    return seconds if ends_it else None


def is_restartable(version: Version) -> bool:
    return (kept_definition(version.id) or {}).get("restartable") is not False
