"""A workflow's definition as Conductor's clients send it, checked: `WorkflowDef`. Pure.

Fields that we do not know are kept and returned. What is known and cannot be run here is refused, with its path.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from wire.problems import BadRequest
from wire.strict_json import Step, join_path
from workflows.nodes.base import TASK_TIMEOUT, Retry, RetryRule

TYPES = (
    "DECISION",
    "DO_WHILE",
    "DYNAMIC",
    "EVENT",
    "EXCLUSIVE_JOIN",
    "FORK_JOIN",
    "FORK_JOIN_DYNAMIC",
    "HTTP",
    "HUMAN",
    "INLINE",
    "JOIN",
    "JSON_JQ_TRANSFORM",
    "LAMBDA",
    "NOOP",
    "SET_VARIABLE",
    "SIMPLE",
    "START_WORKFLOW",
    "SUB_WORKFLOW",
    "SWITCH",
    "TERMINATE",
    "WAIT",
)
JOINS = ("JOIN", "EXCLUSIVE_JOIN")
FORKS = ("FORK_JOIN", "FORK_JOIN_DYNAMIC")
VALUE_PARAM = "value-param"
JAVASCRIPT = ("javascript", "graaljs")
_BACKOFFS: dict[str, Literal["fixed", "exponential", "linear"]] = {
    "FIXED": "fixed",
    "EXPONENTIAL_BACKOFF": "exponential",
    "LINEAR_BACKOFF": "linear",
}

Name = Annotated[str, StringConstraints(pattern=r"^[^/~\x00-\x1f]{1,100}$")]
MAX_RETRIES, MAX_DELAY, MAX_SECONDS = 20, 24 * 60 * 60, 10**9
Seconds = Annotated[int, Field(ge=0, le=MAX_SECONDS)]
Json = dict[str, Any]


class Part(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True, alias_generator=to_camel)


class TaskRules(Part):
    """How tasks are made again and how long they may take, as a type of tasks says it, or a task itself."""

    retry_count: Annotated[int, Field(ge=0)] | None = 3
    retry_logic: Literal["FIXED", "EXPONENTIAL_BACKOFF", "LINEAR_BACKOFF"] | None = "FIXED"
    retry_delay_seconds: Annotated[int, Field(ge=0)] | None = 60
    backoff_scale_factor: Annotated[int, Field(ge=1)] | None = 1
    timeout_seconds: Annotated[int, Field(ge=0, le=MAX_SECONDS)] | None = 0
    timeout_policy: Literal["RETRY", "TIME_OUT_WF", "ALERT_ONLY"] | None = "TIME_OUT_WF"
    response_timeout_seconds: Annotated[int, Field(ge=0, le=MAX_SECONDS)] | None = 3600

    @property
    def retry(self) -> Retry:
        is_linear, delay = self.retry_logic == "LINEAR_BACKOFF", self.retry_delay_seconds or 0
        only_once = {} if self.timeout_policy == "RETRY" else {TASK_TIMEOUT: RetryRule(count=0)}
        return Retry(
            codes=only_once,
            count=min(self.retry_count or 0, MAX_RETRIES),
            delay=min(delay * (self.backoff_scale_factor or 1) if is_linear else delay, MAX_DELAY),
            backoff=_BACKOFFS[self.retry_logic or "FIXED"],
        )

    @property
    def lease(self) -> int | None:
        return self.response_timeout_seconds or None

    @property
    def timeout(self) -> int | None:
        return (self.timeout_seconds or None) if self.timeout_policy != "ALERT_ONLY" else None


class WorkflowParam(Part):
    name: Name
    version: int | None = None
    workflow_definition: Any = None
    input: Json | None = None
    correlation_id: str | None = None


class Task(Part):
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    task_reference_name: Name
    type: str | None = "SIMPLE"
    input_parameters: Annotated[Json, BeforeValidator(lambda given: {} if given is None else given)] = {}
    decision_cases: dict[str, list[Task]] | None = None
    default_case: list[Task] | None = None
    evaluator_type: str | None = None
    expression: str | None = None
    case_value_param: str | None = None
    case_expression: str | None = None
    fork_tasks: list[list[Task]] | None = None
    join_on: list[str] | None = None
    default_exclusive_join_task: list[str] | None = None
    loop_condition: str | None = None
    loop_over: list[Task] | None = None
    items: Any = None
    dynamic_task_name_param: str | None = None
    sink: str | None = None
    dynamic_fork_tasks_param: str | None = None
    dynamic_fork_tasks_input_param_name: str | None = None
    sub_workflow_param: WorkflowParam | None = None
    optional: bool | None = None
    async_complete: bool | None = None
    start_delay: Seconds | None = None
    retry_count: Annotated[int, Field(ge=0, le=20)] | None = None
    task_definition: TaskRules | None = None
    stands_for: Json | None = None
    """Of a test, in which workers' tasks stand for what reaches out: the task as it is otherwise."""

    @property
    def ref(self) -> str:
        return self.task_reference_name

    @property
    def written_type(self) -> str:
        return (self.stands_for["type"] if self.stands_for else self.type) or "SIMPLE"

    @property
    def goes_over_items(self) -> bool:
        """A loop over a list, whatever its condition says."""
        return self.items is not None or "items" in self.input_parameters

    def within(self) -> Iterator[tuple[str, list[Task]]]:
        """The rows of tasks in it, each with its path."""
        for case, row in (self.decision_cases or {}).items():
            yield below("decisionCases", case), row
        yield "defaultCase", self.default_case or []
        for place, row in enumerate(self.fork_tasks or ()):
            yield f"forkTasks[{place}]", row
        yield "loopOver", self.loop_over or []


class Definition(Part):
    name: Name
    version: Annotated[int, Field(ge=1, le=10**9)] | None = 1
    description: Annotated[str, StringConstraints(max_length=10_000)] | None = None
    tasks: Annotated[list[Task], Field(min_length=1, max_length=500)]
    output_parameters: Json | None = None
    timeout_seconds: Seconds | None = 0
    failure_workflow: str | None = None
    variables: Json | None = None
    input_template: Json | None = None


def invalid(path: str, message: str) -> BadRequest:
    return BadRequest.parameter(path, message)


@contextmanager
def faults_below(path: str) -> Iterator[None]:
    """What is found within it is told with its path from further out."""
    try:
        yield
    except BadRequest as problem:
        fault = problem.errors[0]
        raise invalid(f"{path}.{fault['path']}".rstrip("."), fault["message"]) from None


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
    if (task.type or "SIMPLE") not in TYPES:
        raise invalid(f"{path}.type", f"{task.type!r} cannot be run here; {', '.join(TYPES)} can.")
    if task.async_complete and task.type not in ("HTTP", "HUMAN", "WAIT"):
        raise invalid(f"{path}.asyncComplete", "Only an HTTP task can be completed from outside.")
    if task.type in ("SWITCH", "DECISION") and not task.decision_cases:
        raise invalid(f"{path}.decisionCases", "A switch needs cases.")
    if task.type == "FORK_JOIN" and not (task.fork_tasks and all(task.fork_tasks)):
        raise invalid(f"{path}.forkTasks", "A fork needs branches, each with a task.")
    if task.type == "DO_WHILE":
        _check_loop(task, path)
    if task.type == "SUB_WORKFLOW":
        if task.sub_workflow_param is None:
            raise invalid(f"{path}.subWorkflowParam", "It names the workflow to run.")
        check_called(task.sub_workflow_param, f"{path}.subWorkflowParam")


def _check_loop(task: Task, path: str) -> None:
    if not task.loop_over:
        raise invalid(f"{path}.loopOver", "A loop needs tasks.")
    if not (task.loop_condition or task.goes_over_items):
        raise invalid(f"{path}.loopCondition", "It says whether the loop goes on.")


def check_called(called: WorkflowParam, path: str) -> None:
    given = called.workflow_definition
    if isinstance(given, dict):
        with faults_below(f"{path}.workflowDefinition"):
            if read_definition(given).name != called.name:
                raise invalid("name", f"It must be that of the workflow, {called.name!r}.")
    elif given is not None:
        raise invalid(f"{path}.workflowDefinition", "must be a definition; references cannot be followed here.")
    if called.correlation_id is not None:
        raise invalid(f"{path}.correlationId", "This is not supported here.")


def _check_forks(row: list[Task], path: str) -> None:
    """A fork and its join stand side by side. A fork that is the last of its row may go without, as the Python client
    writes it."""
    for place, task in enumerate(row):
        here = f"{path}[{place}]"
        behind = row[place + 1] if place + 1 < len(row) else None
        is_behind_fork = place > 0 and row[place - 1].type in FORKS
        if task.type in FORKS and behind is not None:
            if behind.type not in JOINS:
                raise invalid(here, f"A JOIN must stand right behind a {task.type}.")
            if task.type == "FORK_JOIN" and behind.type == "JOIN":
                _check_join(task, behind, f"{path}[{place + 1}].joinOn")
        if task.type == "JOIN" and not is_behind_fork:
            raise invalid(here, "A JOIN must stand right behind a fork.")
        if task.type == "EXCLUSIVE_JOIN" and not (is_behind_fork or task.join_on):
            raise invalid(f"{here}.joinOn", "It names the tasks of which one has run.")
        for inner, tasks in task.within():
            _check_forks(tasks, f"{here}.{inner}")


def _check_join(fork: Task, join: Task, path: str) -> None:
    """Without names it waits for the end of every branch. What it names may lie anywhere in the fork but in a loop."""
    wanted = join.join_on or []
    forked = [task.ref for row in fork.fork_tasks or () for task in _outside_loops(row)]
    for place, ref in enumerate(wanted):
        if ref not in forked:
            raise invalid(f"{path}[{place}]", f"There is no task {ref!r} in the fork before it.")


def _outside_loops(row: list[Task]) -> Iterator[Task]:
    for task in row:
        yield task
        for _, tasks in task.within() if task.type != "DO_WHILE" else ():
            yield from _outside_loops(tasks)
