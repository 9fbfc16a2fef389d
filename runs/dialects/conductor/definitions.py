"""A workflow's definition as Conductor's clients send it, checked: `WorkflowDef`. Pure.

Fields that we do not know are kept and returned. What is known and cannot be run here is refused, with its path.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from wire.problems import BadRequest
from wire.strict_json import Step, join_path

TYPES = (
    "FORK_JOIN",
    "HTTP",
    "HUMAN",
    "JOIN",
    "NOOP",
    "START_WORKFLOW",
    "SUB_WORKFLOW",
    "SWITCH",
    "TERMINATE",
    "WAIT",
)
VALUE_PARAM = "value-param"

Name = Annotated[str, StringConstraints(pattern=r"^[^/~\x00-\x1f]{1,100}$")]
Json = dict[str, Any]


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True, alias_generator=to_camel)


class WorkflowParam(_Part):
    name: Name
    version: int | None = None
    workflow_definition: Any = None
    input: Json | None = None
    correlation_id: str | None = None


class Task(_Part):
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    task_reference_name: Name
    type: str | None = "SIMPLE"
    input_parameters: Json = Field(default_factory=dict)
    decision_cases: dict[str, list[Task]] | None = None
    default_case: list[Task] | None = None
    evaluator_type: str | None = None
    expression: str | None = None
    fork_tasks: list[list[Task]] | None = None
    join_on: list[str] | None = None
    sub_workflow_param: WorkflowParam | None = None
    optional: bool | None = None
    async_complete: bool | None = None
    start_delay: int | None = None
    retry_count: Annotated[int, Field(ge=0, le=20)] | None = None

    @property
    def ref(self) -> str:
        return self.task_reference_name

    def within(self) -> Iterator[tuple[str, list[Task]]]:
        """The rows of tasks in it, each with its path."""
        for case, row in (self.decision_cases or {}).items():
            yield below("decisionCases", case), row
        yield "defaultCase", self.default_case or []
        for place, row in enumerate(self.fork_tasks or ()):
            yield f"forkTasks[{place}]", row


class Definition(_Part):
    name: Name
    version: Annotated[int, Field(ge=1, le=10**9)] | None = 1
    description: Annotated[str, StringConstraints(max_length=10_000)] | None = None
    tasks: Annotated[list[Task], Field(min_length=1, max_length=500)]
    output_parameters: Json | None = None
    timeout_seconds: Annotated[int, Field(ge=0, le=10**9)] | None = 0
    failure_workflow: str | None = None
    variables: Json | None = None
    input_template: Json | None = None


def invalid(path: str, message: str) -> BadRequest:
    return BadRequest.parameter(path, message)


def below(path: str, *steps: Step) -> str:
    """The path of what stands below another."""
    tail = join_path(steps)
    return f"{path}{tail}" if not tail or tail.startswith("[") else f"{path}.{tail}"


def read_definition(body: Any) -> Definition:
    """Raises BadRequest with the path of the first fault."""
    try:
        definition = Definition.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise invalid(join_path(first["loc"]), first["msg"]) from None
    for name in ("failure_workflow", "variables", "input_template"):
        if getattr(definition, name):
            raise invalid(to_camel(name), "This is not supported here.")
    seen: set[str] = set()
    for path, task in all_tasks(definition):
        if task.ref in seen:
            raise invalid(f"{path}.taskReferenceName", f"{task.ref!r} is there twice.")
        seen.add(task.ref)
        _check_task(task, path)
    _check_forks(definition.tasks, "tasks")
    return definition


def all_tasks(definition: Definition) -> Iterator[tuple[str, Task]]:
    """Every task with its path, those within others behind them."""
    return _tasks(definition.tasks, "tasks")


def _tasks(row: list[Task], path: str) -> Iterator[tuple[str, Task]]:
    for place, task in enumerate(row):
        here = f"{path}[{place}]"
        yield here, task
        for inner, tasks in task.within():
            yield from _tasks(tasks, f"{here}.{inner}")


def _check_task(task: Task, path: str) -> None:
    if task.type not in TYPES:
        raise invalid(f"{path}.type", f"{task.type!r} cannot be run here; {', '.join(TYPES)} can.")
    if task.async_complete:
        raise invalid(f"{path}.asyncComplete", "A task is complete when its work is done.")
    if task.start_delay:
        raise invalid(f"{path}.startDelay", "Put a WAIT with a duration before it.")
    if task.type == "SWITCH":
        _check_switch(task, path)
    if task.type == "FORK_JOIN" and not (task.fork_tasks and all(task.fork_tasks)):
        raise invalid(f"{path}.forkTasks", "A fork needs branches, each with a task.")
    if task.type == "SUB_WORKFLOW":
        if task.sub_workflow_param is None:
            raise invalid(f"{path}.subWorkflowParam", "It names the workflow to run.")
        check_called(task.sub_workflow_param, f"{path}.subWorkflowParam")


def _check_switch(task: Task, path: str) -> None:
    if task.evaluator_type != VALUE_PARAM:
        raise invalid(f"{path}.evaluatorType", f"Only {VALUE_PARAM!r} is supported: no JavaScript is run here.")
    if task.expression not in task.input_parameters:
        raise invalid(f"{path}.expression", "It must be the name of one of the inputParameters.")
    if not task.decision_cases:
        raise invalid(f"{path}.decisionCases", "A switch needs cases.")


def check_called(called: WorkflowParam, path: str) -> None:
    if called.workflow_definition is not None:
        raise invalid(f"{path}.workflowDefinition", "Register that workflow by itself, and name it here.")
    if called.correlation_id is not None:
        raise invalid(f"{path}.correlationId", "This is not supported here.")


def _check_forks(row: list[Task], path: str) -> None:
    """A fork and its join stand side by side, and the join waits for the end of every branch. A fork that is the last
    of its row may go without, as the Python client writes it."""
    for place, task in enumerate(row):
        here = f"{path}[{place}]"
        behind = row[place + 1] if place + 1 < len(row) else None
        if task.type == "FORK_JOIN" and behind is not None:
            if behind.type != "JOIN":
                raise invalid(here, "A JOIN must stand right behind a FORK_JOIN.")
            _check_join(task, behind, f"{path}[{place + 1}].joinOn")
        if task.type == "JOIN" and (place == 0 or row[place - 1].type != "FORK_JOIN"):
            raise invalid(here, "A JOIN must stand right behind a FORK_JOIN.")
        for inner, tasks in task.within():
            _check_forks(tasks, f"{here}.{inner}")


def _check_join(fork: Task, join: Task, path: str) -> None:
    wanted = join.join_on or []
    forked = [task.ref for inner, row in fork.within() for _, task in _tasks(row, inner)]
    for place, ref in enumerate(wanted):
        if ref not in forked:
            raise invalid(f"{path}[{place}]", f"There is no task {ref!r} in the fork before it.")
    for row in fork.fork_tasks or ():
        if row[-1].ref not in wanted and row[-1].type != "TERMINATE":
            raise invalid(path, f"It must wait for the last task of every branch, so for {row[-1].ref!r}.")
